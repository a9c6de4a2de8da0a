//! What a run has read of a bucket, as it goes into a report, and looking at it again on another machine.
//!
//! Nothing is asked here, and nothing of what is in a report is sent anywhere.

use serde_json::{Value, json};

use super::documents::Documents;
use super::facts::Facts;
use super::place::Place;
use super::target::BucketName;
use super::view::View;
use crate::error::{ErrorCode, Failure};

/// What is written into a report.
#[must_use]
pub fn inputs(facts: &Facts) -> Value {
    let place = facts.place();
    json!({
        "cloud": "aws",
        "bucket": place.bucket.as_str(),
        "region": place.region,
        "region_observed": place.region_observed,
        "owner": place.owner,
        "may_list": place.may_list,
        "objects": facts.samples.keys(),
        "read": facts.documents().to_value(),
    })
}

/// The view of a bucket that a report gives, and the objects that were tested with.
///
/// # Errors
/// When the report's part about AWS has another form than this program writes.
pub fn view(inputs: &Value) -> Result<(View, Vec<String>), Failure> {
    let odd = |what: &str| {
        Failure::new(
            ErrorCode::File,
            "the report does not hold what was read of the bucket",
        )
        .cause(what)
        .hint("let it be written again, by this version of the program")
    };
    let text = |name: &str| inputs.get(name).and_then(Value::as_str).map(str::to_owned);
    let bucket = text("bucket").ok_or_else(|| odd("it names no bucket"))?;
    let objects = inputs
        .get("objects")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|key| key.as_str().map(str::to_owned))
        .collect();
    let place = Place {
        bucket: BucketName::parse(&bucket).map_err(|failure| odd(&failure.message))?,
        region: text("region"),
        region_observed: inputs.get("region_observed").and_then(Value::as_bool) == Some(true),
        owner: text("owner"),
        may_list: inputs.get("may_list").and_then(Value::as_bool),
        flags: Vec::new(),
    };
    let read = inputs
        .get("read")
        .ok_or_else(|| odd("it does not hold what was read"))?;
    let documents = Documents::from_value(read).map_err(|what| odd(&what))?;
    Ok((View::in_documents(place, documents), objects))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::aws::bucket_policy::Stored;
    use crate::aws::facts::Samples;
    use crate::aws::grants::Grant;
    use crate::aws::reads::{Head, Key, PublicAccessBlock, StoredCors};
    use crate::aws::{Shared, checks, templates};
    use crate::finding::{CheckResult, Status, verdict};
    use crate::probe::Prober;

    fn facts(view: View, objects: Vec<String>) -> Facts {
        let samples = Shared::new(Samples::new(&view, objects));
        Facts::new(
            Shared::new(view),
            samples,
            Shared::new(Prober::new(Duration::ZERO)),
        )
    }

    fn judged(facts: &Facts) -> Vec<CheckResult> {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime")
            .block_on(checks::all(facts))
    }

    fn read_before(key_policy: &Value, grants: Option<&Value>) -> Facts {
        let place = Place {
            bucket: BucketName::parse("acme-images").expect("a name"),
            region: Some("eu-west-1".to_owned()),
            region_observed: true,
            owner: Some("111122223333".to_owned()),
            may_list: Some(true),
            flags: Vec::new(),
        };
        let key = "arn:aws:kms:eu-west-1:111122223333:key/k".to_owned();
        let head = Head {
            encryption: Some("aws:kms".to_owned()),
            kms_key: Some(key.clone()),
            ..Head::default()
        };
        let found = Key {
            managed_by_aws: false,
            state: "Enabled".to_owned(),
            enabled: true,
        };
        let documents = Documents {
            policy: Some(Ok(Stored::Policy(templates::bucket_policy("acme-images")))),
            public: Some(Ok(Some(false))),
            block: Some(Ok(PublicAccessBlock::default())),
            cors: Some(Ok(StoredCors {
                rules: Some(vec![templates::cors_rule()]),
                unknown: Vec::new(),
            })),
            ownership: Some(Ok(Some("BucketOwnerEnforced".to_owned()))),
            requester_pays: Some(Ok(false)),
            heads: [("a.jpg".to_owned(), head)].into(),
            keys: [(key.clone(), found)].into(),
            key_policies: [(key.clone(), Some(key_policy.to_string()))].into(),
            grants: grants
                .map(|grants| {
                    let all = grants.as_array().expect("grants");
                    let read = all.iter().map(|one| Grant::read(one).expect("a grant"));
                    (key, Ok(read.collect()))
                })
                .into_iter()
                .collect(),
            ..Documents::default()
        };
        facts(
            View::in_documents(place, documents),
            vec!["a.jpg".to_owned()],
        )
    }

    #[test]
    fn looking_again_at_a_report_says_the_same() {
        let shared = json!({ "Statement": [{
            "Effect": "Allow", "Principal": { "AWS": templates::PRINCIPAL }, "Action": "kms:Decrypt", "Resource": "*"
        }] });
        let closed = json!({ "Statement": [] });
        let none = json!([]);
        let grant = json!([{ "GrantId": "1f2e", "GranteePrincipal": templates::PRINCIPAL, "Operations": ["Decrypt"] }]);
        // The report of an older run does not hold the grants.
        for (policy, grants, expected) in [
            (&shared, None, Status::Pass),
            (&closed, Some(&none), Status::Fail),
            (&closed, Some(&grant), Status::Pass),
            (&closed, None, Status::Unknown),
        ] {
            let first = read_before(policy, grants);
            let results = judged(&first);
            let of_photo = results
                .iter()
                .find(|result| {
                    result.subject.as_deref() == Some("a.jpg")
                        && result.id == "aws.object.protection"
                })
                .expect("a result");
            assert_eq!(of_photo.status, expected, "{of_photo:#?}");
            let (view, objects) = view(&inputs(&first)).expect("a report of ours");
            let again = judged(&facts(view, objects));
            assert_eq!(verdict(&again), verdict(&results));
            assert_eq!(again, results);
        }
    }

    #[test]
    fn a_report_of_another_form_is_refused_with_the_reason() {
        for (report, said) in [
            (Value::Null, "no bucket"),
            (json!({ "bucket": "No Name" }), "No Name"),
            (json!({ "bucket": "acme-images" }), "what was read"),
            (json!({ "bucket": "acme-images", "read": [] }), "no object"),
            (
                json!({ "bucket": "acme-images", "read": { "policy": 1 } }),
                "policy",
            ),
        ] {
            let Err(failure) = view(&report) else {
                panic!("{report} was taken");
            };
            let why = failure.causes.join(" ");
            assert!(why.contains(said), "{report}: {why}");
        }
    }
}
