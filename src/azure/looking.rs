//! Chooses from where a storage account is looked at, and gets there.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Shared;
use super::access::Access;
use super::account::Account;
use super::endpoints::Endpoints;
use super::inputs::{Given, Inputs};
use super::place::Place;
use super::samples::Samples;
use super::target::{BlobName, StorageAccountName};
use super::templates::APP_ID;
use super::view::{View, owner_only};
use crate::error::{ErrorCode, Failure};
use crate::settings::{AzureSettings, DEFAULT_TIMEOUT, Look};

/// Looks at the account as the settings say.
///
/// # Errors
/// Why it cannot be looked at from there.
pub async fn view(settings: &AzureSettings) -> Result<View, Failure> {
    match settings.look {
        Look::Owner => {
            let access = Access::open(settings).await?;
            Ok(as_owner(access))
        }
        Look::Segments => segments(settings).await,
        Look::Anyone => anyone(settings).await,
        Look::Documents => Ok(View::in_documents(
            written_down(settings)?,
            Inputs::clone(&settings.documents),
        )),
    }
}

fn as_owner(access: Access) -> View {
    let place = access.place.clone();
    View::as_owner(Shared::new(access), place)
}

/// A place in which the account was not looked up, for this reason.
fn unseen(place: Place, why: &Failure) -> Place {
    Place {
        account: Err(Box::new(why.brief())),
        ..place
    }
}

/// As Segments.ai. That the tenant does not know its app, or disabled it, is what was to be found out, and no failure to
/// sign in.
async fn segments(settings: &AzureSettings) -> Result<View, Failure> {
    match Access::open_as_segments(settings).await {
        Ok(access) => {
            let place = access.place.clone();
            Ok(View::as_segments(
                place,
                Ok(Shared::new(access)),
                owner_only(),
            ))
        }
        Err(why) if refusal_of_the_app(&why).is_some() && is_announced() => {
            let place = Place::of(settings, Endpoints::from_environment()?);
            Ok(View::as_segments(
                unseen(place, &owner_only()),
                Err(why),
                owner_only(),
            ))
        }
        Err(why) => Err(why),
    }
}

/// Whether the environment's own credentials are those of Segments.ai's app.
fn is_announced() -> bool {
    std::env::var("AZURE_CLIENT_ID").is_ok_and(|id| id.trim().eq_ignore_ascii_case(APP_ID))
}

/// Why Entra gives the app no token for a tenant, where that is the tenant's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedApp {
    /// It is not installed there.
    NotInstalled,
    /// It was disabled there.
    Disabled,
}

/// What Entra's number says of the app: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
#[must_use]
pub fn refusal_of_the_app(why: &Failure) -> Option<RefusedApp> {
    let said = why.one_line();
    let says = |number: &str| said.contains(&format!("AADSTS{number}:"));
    if says("7000229") || says("700016") {
        Some(RefusedApp::NotInstalled)
    } else if says("7000112") {
        Some(RefusedApp::Disabled)
    } else {
        None
    }
}

/// As whoever is signed in; from outside where nobody is, or somebody who may not even look the account up.
async fn anyone(settings: &AzureSettings) -> Result<View, Failure> {
    let why = match Access::open(settings).await {
        Ok(access) => return Ok(as_owner(access)),
        Err(why) => why,
    };
    match why.code {
        // What is certain, and what the values given are at fault for.
        ErrorCode::TargetNotFound | ErrorCode::WrongAccount | ErrorCode::Unsupported => {
            return Err(why);
        }
        _ => {}
    }
    let said = if matches!(
        why.code,
        ErrorCode::NotSignedIn | ErrorCode::CredentialsExpired
    ) {
        Failure {
            message: "you are not signed in".to_owned(),
            ..why
        }
    } else {
        why
    };
    let place = Place::of(settings, Endpoints::from_environment()?);
    Ok(View::from_outside(unseen(place, &said), said))
}

/// What is known of an account of which nobody is asked: what the caller says, and what the documents name.
fn written_down(settings: &AzureSettings) -> Result<Place, Failure> {
    let mut place = Place::of(settings, Endpoints::from_environment()?);
    place.account = account_in(settings).ok_or_else(|| Box::new(unplaced()));
    Ok(place)
}

fn unplaced() -> Failure {
    Failure::new(
        ErrorCode::NotPermitted,
        "in which subscription and resource group the storage account is, does not stand in the documents; give `--subscription ID --resource-group NAME`",
    )
}

/// The account as the documents name it: names are one for all of Azure, so there is no second one.
fn account_in(settings: &AzureSettings) -> Option<Box<Account>> {
    let given = &settings.documents;
    if let (Some(subscription), Some(group)) = (&settings.subscription, &settings.resource_group) {
        let id = format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{}",
            settings.account
        );
        return Account::of_id(&id).map(Box::new);
    }
    let assignments = match &given.assignments {
        Some(Given::Read(assignments)) => assignments.as_slice(),
        Some(Given::Unread(_)) | None => &[],
    };
    let scopes = assignments
        .iter()
        .filter_map(|one| one.get("properties")?.get("scope")?.as_str());
    scopes
        .filter_map(Account::of_id)
        .find(|account| account.name.eq_ignore_ascii_case(settings.account.as_str()))
        .map(Box::new)
}

/// Everything that a look was made from, to be looked at again elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Handover {
    storage_account: String,
    /// The account's resource ID, where it was seen.
    #[serde(default)]
    account_id: Option<String>,
    #[serde(default)]
    tenant: Option<String>,
    #[serde(default)]
    service_principal_id: Option<String>,
    /// `CONTAINER/BLOB`.
    #[serde(default)]
    objects: Vec<String>,
    #[serde(default)]
    answers: Inputs,
}

/// What was looked at and what was read, as a document. Nothing secret and nothing of a blob's contents is in it.
#[must_use]
pub fn inputs(place: &Place, samples: &Samples, answers: Inputs) -> Value {
    let handover = Handover {
        storage_account: place.name.to_string(),
        account_id: place.account().ok().map(|account| account.id.clone()),
        tenant: place.tenant.clone(),
        service_principal_id: place.principal.clone(),
        objects: samples.known().iter().map(BlobName::to_string).collect(),
        answers,
    };
    bare(serde_json::to_value(handover).unwrap_or_default())
}

/// Without what people wrote for people, and what a key vault is called: no check looks at it.
fn bare(value: Value) -> Value {
    const LEFT_OUT: [&str; 5] = [
        "tags",
        "description",
        "identity",
        "systemdata",
        "keyvaultproperties",
    ];
    match value {
        Value::Array(items) => items.into_iter().map(bare).collect(),
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, _)| !LEFT_OUT.contains(&name.to_ascii_lowercase().as_str()))
            .map(|(name, value)| (name, bare(value)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// The same look again, at that document alone; and the blobs to test with.
///
/// # Errors
/// When it is no such document.
pub fn look_again(document: &Value) -> Result<(View, Vec<BlobName>), Failure> {
    let handover: Handover = serde_json::from_value(document.clone()).map_err(|error| {
        Failure::usage(
            "the report's `inputs` are none of a storage account on Azure",
            "give a report as `verify --report FILE` wrote it",
        )
        .cause(crate::redact::text(&error.to_string()))
    })?;
    let name = StorageAccountName::parse(&handover.storage_account)?;
    let mut place = Place::named(name, Endpoints::from_environment()?, DEFAULT_TIMEOUT);
    place.tenant = handover.tenant;
    place.principal = handover.service_principal_id;
    let described = match &handover.answers.account {
        Some(Given::Read(document)) => Account::of_document(document),
        Some(Given::Unread(_)) | None => None,
    };
    let named = || handover.account_id.as_deref().and_then(Account::of_id);
    if let Some(account) = described.or_else(named) {
        place.account = Ok(Box::new(account));
    }
    let objects = handover
        .objects
        .iter()
        .filter_map(|name| {
            let (container, blob) = name.split_once('/')?;
            Some(BlobName {
                container: container.to_owned(),
                blob: blob.to_owned(),
            })
        })
        .collect();
    Ok((View::in_documents(place, handover.answers), objects))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ID: &str =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acmeimages";

    fn document() -> Value {
        json!({
            "storage_account": "acmeimages",
            "account_id": ID,
            "tenant": "7e4a9c1d-3b52-4f60-8a11-0acce5500001",
            "service_principal_id": null,
            "objects": ["photos/2024/one dog.png"],
            "answers": {
                "account": {"unread": "you may not"},
                "blob_service": {"read": {"cors": {"corsRules": []}}},
                "principal": {"read": null},
                "assignments": {"read": []},
                "listed": "for-the-principal",
                "definitions": {"x": {"unread": "you may not"}},
                "denials": {"read": []},
                "containers": {"read": {"names": [{"name": "photos", "public": null}], "more": false}},
            },
        })
    }

    #[test]
    fn what_is_handed_over_is_looked_at_again_as_it_was() {
        let (view, blobs) = look_again(&document()).expect("a document");
        assert_eq!(view.place.account().expect("it was seen").id, ID);
        let view = Shared::new(view);
        let samples = Samples::new(view.clone(), blobs, None);
        let again = inputs(&view.place, &samples, view.inputs.clone());
        assert_eq!(again, document());
    }

    #[test]
    fn what_people_wrote_for_people_is_left_out() {
        let mut with = document();
        with["answers"]["account"] = json!({"read": {
            "id": ID, "name": "acmeimages", "location": "westeurope", "tags": {"project": "Falcon"},
            "properties": {"encryption": {"keyvaultproperties": {"keyname": "falcon"}, "keySource": "Microsoft.Keyvault"}},
        }});
        with["answers"]["assignments"] =
            json!({"read": [{"properties": {"description": "for Falcon"}}]});
        let (view, blobs) = look_again(&with).expect("a document");
        let view = Shared::new(view);
        let samples = Samples::new(view.clone(), blobs, None);
        let told = inputs(&view.place, &samples, view.inputs.clone()).to_string();
        assert!(!told.to_lowercase().contains("falcon"), "{told}");
        assert!(told.contains("keySource"), "{told}");
    }

    #[test]
    fn entra_says_by_a_number_that_the_tenant_refuses_the_app() {
        for (said, expected) in [
            (
                "AADSTS7000229: The client application is missing service principal in the tenant.",
                Some(RefusedApp::NotInstalled),
            ),
            (
                "AADSTS700016: Application with identifier was not found in the directory.",
                Some(RefusedApp::NotInstalled),
            ),
            (
                "AADSTS7000112: Application is disabled.",
                Some(RefusedApp::Disabled),
            ),
            ("AADSTS7000215: Invalid client secret provided.", None),
            ("AADSTS70001123: something else", None),
        ] {
            let why = Failure::new(ErrorCode::NotSignedIn, "could not sign in").cause(said);
            assert_eq!(refusal_of_the_app(&why), expected, "{said}");
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
