//! Chooses from where a bucket is looked at, and gets there.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Shared;
use super::access::Access;
use super::account::ServiceAccount;
use super::endpoints::Endpoints;
use super::handed_in;
use super::identity::{Identity, Kind};
use super::inputs::{Given, Inputs};
use super::place::{BucketProject, Place};
use super::samples::{Found, Samples};
use super::target::{BucketName, RoleId};
use super::view::{View, owner_only};
use crate::error::{ErrorCode, Failure};
use crate::settings::{Action, DEFAULT_TIMEOUT, GcpSettings, Look};

/// Looks at the bucket as the settings say.
///
/// # Errors
/// Why it cannot be looked at from there.
pub async fn view(settings: &GcpSettings, action: Action) -> Result<View, Failure> {
    match settings.look {
        Look::Owner => {
            let access = Access::open(settings, action).await?;
            Ok(as_owner(access))
        }
        Look::Segments => {
            let access = Access::open(settings, action).await?;
            let place = access.place.clone();
            Ok(View::as_segments(
                place,
                Ok(Shared::new(access)),
                owner_only(),
            ))
        }
        Look::Anyone => anyone(settings, action).await,
        Look::Documents => {
            let inputs = Inputs::clone(&settings.documents);
            Ok(View::in_documents(written_down(settings)?, inputs))
        }
    }
}

fn as_owner(access: Access) -> View {
    let place = access.place.clone();
    View::as_owner(Shared::new(access), place)
}

/// As whoever is signed in; from outside where nobody is, or somebody who may not even look the bucket up.
async fn anyone(settings: &GcpSettings, action: Action) -> Result<View, Failure> {
    let why = match Access::open(settings, action).await {
        Ok(access) => return Ok(as_owner(access)),
        Err(why) => why,
    };
    // Without a credential file there is nobody but a machine's own account, and where that cannot be had there is nobody.
    let nobody = Identity::find().is_ok_and(|found| found.kind == Kind::Machine);
    match why.code {
        // What is certain, and what the values given are at fault for.
        ErrorCode::TargetNotFound | ErrorCode::WrongAccount | ErrorCode::Unsupported => Err(why),
        _ if nobody || is_about_signing_in(why.code) => {
            let said = Failure {
                message: "you are not signed in".to_owned(),
                ..why
            };
            Ok(View::from_outside(written_down(settings)?, said))
        }
        _ => Ok(View::from_outside(written_down(settings)?, why)),
    }
}

fn is_about_signing_in(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::NotSignedIn | ErrorCode::CredentialsExpired)
}

/// What is known of a bucket of which nobody is asked: what the caller says, and what a policy names.
fn written_down(settings: &GcpSettings) -> Result<Place, Failure> {
    let mut project = BucketProject::given(settings.project.as_ref());
    if let (true, Some(Given::Read(policy))) =
        (project.id.is_empty(), &settings.documents.iam_policy)
    {
        project.id = handed_in::project_of(policy, settings.role.as_str()).unwrap_or_default();
    }
    Ok(Place {
        bucket: settings.bucket.clone(),
        project,
        account: settings.account.clone(),
        role: settings.role.clone(),
        literal_origin: settings.literal_origin,
        project_given: settings.project.is_some(),
        endpoints: Endpoints::from_environment()?,
        timeout: settings.timeout,
    })
}

/// Everything that a look was made from, to be looked at again elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Handover {
    bucket: String,
    project: String,
    project_number: Option<String>,
    service_account: Option<String>,
    role_id: String,
    #[serde(default)]
    literal_origin: bool,
    #[serde(default)]
    objects: Vec<String>,
    #[serde(default)]
    answers: Inputs,
}

/// What was looked at and what was read, as a document. Nothing secret and no content of an object is in it.
#[must_use]
pub fn inputs(place: &Place, samples: &Samples, answers: Inputs) -> Value {
    let handover = Handover {
        bucket: place.bucket.to_string(),
        project: place.project.id.clone(),
        project_number: place.project.number.clone(),
        service_account: place.account.is_known().then(|| place.account.to_string()),
        role_id: place.role.to_string(),
        literal_origin: place.literal_origin,
        objects: match samples.found() {
            Some(Found::Names(names)) => names.clone(),
            Some(Found::Empty | Found::Unlisted(_)) | None => samples.named().to_vec(),
        },
        answers,
    };
    serde_json::to_value(handover).unwrap_or_default()
}

/// The same look again, at that document alone; and the objects to test with.
///
/// # Errors
/// When it is no such document.
pub fn look_again(document: &Value) -> Result<(View, Vec<String>), Failure> {
    let handover: Handover = serde_json::from_value(document.clone()).map_err(|error| {
        Failure::usage(
            "the report's `inputs` are none of a bucket on Google Cloud",
            "give a report as `verify --report FILE` wrote it",
        )
        .cause(crate::redact::text(&error.to_string()))
    })?;
    let place = Place {
        bucket: BucketName::parse(&handover.bucket)?,
        project: BucketProject {
            number: handover.project_number,
            id: handover.project,
            ..BucketProject::given(None)
        },
        account: match &handover.service_account {
            Some(email) => ServiceAccount::parse(email)?,
            None => ServiceAccount::unknown(),
        },
        role: RoleId::parse(&handover.role_id)?,
        literal_origin: handover.literal_origin,
        project_given: false,
        endpoints: Endpoints::from_environment()?,
        timeout: DEFAULT_TIMEOUT,
    };
    Ok((
        View::in_documents(place, handover.answers),
        handover.objects,
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "bucket": "acme-images",
            "project": "acme-vision",
            "project_number": "1",
            "service_account": "acme@segments-prod.iam.gserviceaccount.com",
            "role_id": "segments_object_reader",
            "literal_origin": false,
            "objects": ["photos/0001.jpg"],
            "answers": {
                "iam_policy": {"read": {"bindings": []}},
                "project_policy": {"unread": "you may not"},
                "roles": {"roles/x": {"enabled": {"permissions": ["storage.objects.get"]}}, "roles/y": "deleted"},
            },
        })
    }

    #[test]
    fn what_is_handed_over_is_looked_at_again_as_it_was() {
        let (view, objects) = look_again(&document()).expect("a document");
        let view = Shared::new(view);
        let samples = Samples::new(view.clone(), objects);
        let again = inputs(&view.place, &samples, view.inputs.clone());
        assert_eq!(again, document());
    }

    #[test]
    fn a_document_that_lacks_a_member_is_refused() {
        for member in ["bucket", "project", "role_id"] {
            let mut document = document();
            document.as_object_mut().expect("an object").remove(member);
            let failure = look_again(&document).err().expect("refused");
            assert_eq!(failure.code, ErrorCode::Usage, "{member}");
        }
    }

    proptest! {
        #[test]
        fn any_member_may_be_anything(member in "[a-z_]{1,12}", value in "\\PC{0,40}") {
            let mut document = document();
            document[member.as_str()] = json!(value);
            document["answers"][member.as_str()] = json!({ "read": value });
            let _ = look_again(&document);
        }
    }
}
