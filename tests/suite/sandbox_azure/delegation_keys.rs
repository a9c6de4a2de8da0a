//! User delegation keys: who may have one, and for how long it is good.

use segments_connect::sandbox::azure::{BOTH, READER, STORAGE_OWNER};
use time::Duration;

use super::signing::{Link, ask_for_key, fetch, key, key_info};
use super::*;

#[tokio::test]
async fn a_key_needs_the_right_at_the_account() {
    let sandbox = acme();
    let body = key_info(-Duration::minutes(5), Duration::days(1));
    let ask = async |who: &str| ask_for_key(&sandbox, &token(&sandbox, who, STORAGE), &body).await;
    let mismatch = (403, "AuthorizationPermissionMismatch".to_owned());
    assert_eq!(ask(READER).await.storage(), mismatch);
    world(&sandbox, |world| {
        let container = format!(
            "{}/blobServices/default/containers/{CONTAINER}",
            account_path()
        );
        world.assign(READER, "Storage Blob Data Reader", &container);
    });
    let read = reply(as_bearer(&sandbox, READER, Method::GET, &cat(&sandbox))).await;
    assert_eq!(read.status, 200);
    assert_eq!(
        ask(READER).await.storage(),
        mismatch,
        "a container is too little"
    );
    assert_eq!(ask(STORAGE_OWNER).await.status, 200);
    // An owner of resources has the key, and nothing to read with it.
    let key = key(&sandbox, STORAGE_OWNER).await;
    assert_eq!(
        fetch(&sandbox, &Link::default().sign(&key)).await.storage(),
        mismatch
    );
    assert_eq!(sandbox.log()[0].operation.as_str(), "GetUserDelegationKey");
}

#[tokio::test]
async fn a_key_is_good_for_seven_days_at_most() {
    let sandbox = acme();
    let bearer = token(&sandbox, BOTH, STORAGE);
    let zero = Duration::ZERO;
    for (start, expiry, expected) in [
        (zero, Duration::days(7) - Duration::minutes(1), None),
        (
            zero,
            Duration::days(7) + Duration::minutes(1),
            Some("InvalidXmlNodeValue"),
        ),
        (
            Duration::hours(2),
            Duration::hours(1),
            Some("InvalidXmlNodeValue"),
        ),
        (
            -Duration::hours(2),
            -Duration::hours(1),
            Some("InvalidXmlNodeValue"),
        ),
    ] {
        let given = ask_for_key(&sandbox, &bearer, &key_info(start, expiry)).await;
        match expected {
            None => assert_eq!(given.status, 200, "{}", given.text),
            Some(code) => assert_eq!(given.storage(), (400, code.to_owned())),
        }
    }
    for body in [
        "",
        "<KeyInfo></KeyInfo>",
        "<Other/>",
        "<KeyInfo><Expiry>2099-01-01T00:00:00Z</Expiry><Colour/></KeyInfo>",
    ] {
        let refused = ask_for_key(&sandbox, &bearer, body).await;
        assert_eq!(
            refused.storage(),
            (400, "InvalidXmlDocument".to_owned()),
            "{body}"
        );
    }
    let odd = "<KeyInfo><Start>tomorrow</Start><Expiry>2099-01-01T00:00:00Z</Expiry></KeyInfo>";
    let refused = ask_for_key(&sandbox, &bearer, odd).await;
    assert_eq!(refused.storage(), (400, "InvalidXmlNodeValue".to_owned()));
    assert_eq!(refused.element("XmlNodeName").unwrap(), "Start");
}
