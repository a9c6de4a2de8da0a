use super::*;

#[test]
fn every_written_form_of_a_bucket_is_understood() {
    for (text, name, object) in [
        ("acme-images", "acme-images", None),
        (" acme_images ", "acme_images", None),
        ("gs://acme-images", "acme-images", None),
        ("gs://acme-images/", "acme-images", None),
        (
            "gs://acme-images/a b/c.jpg",
            "acme-images",
            Some("a b/c.jpg"),
        ),
        (
            "https://storage.googleapis.com/acme-images/a%20b/c.jpg?X-Goog-Signature=x",
            "acme-images",
            Some("a b/c.jpg"),
        ),
        (
            "https://acme-images.storage.googleapis.com/photos/1.jpg",
            "acme-images",
            Some("photos/1.jpg"),
        ),
        (
            "https://storage.googleapis.com/acme-images",
            "acme-images",
            None,
        ),
        ("images.acme.example", "images.acme.example", None),
        ("projects/_/buckets/acme-images", "acme-images", None),
    ] {
        let parsed = BucketName::parse(text).expect(text);
        assert_eq!(parsed.as_str(), name, "{text}");
        assert_eq!(parsed.object_in_url.as_deref(), object, "{text}");
    }
}

#[test]
fn what_is_no_bucket_is_refused_with_the_reason() {
    for (text, part) in [
        ("", "empty"),
        ("ab", "too short"),
        ("Acme", "upper-case"),
        ("acme/photos", "no slash"),
        ("acme images", "characters"),
        ("-acme", "begins and ends"),
        ("acme_", "begins and ends"),
        ("192.168.5.4", "IP address"),
        ("acme..images", "between dots"),
        ("goog-acme", "for itself"),
        ("my-google-bucket", "for itself"),
        ("s3://acme", "another cloud"),
        (
            "https://acme.s3.eu-west-1.amazonaws.com/k",
            "not one of Google",
        ),
        ("https://storage.cloud.google.com/acme/k", "console"),
        ("https://storage.cloud.google.com/acme/k", "(G25)"),
        (
            "https://console.cloud.google.com/storage/browser/acme",
            "page of the console",
        ),
        (
            "https://storage.googleapis.com/storage/v1/b/acme/o/k?alt=media",
            "JSON interface",
        ),
        ("https://storage.googleapis.com/acme/%ff", "not UTF-8"),
    ] {
        let failure = BucketName::parse(text).expect_err(text);
        assert!(
            failure.message.contains(part),
            "{text}: {}",
            failure.message
        );
        assert!(!failure.hints.is_empty(), "{text}");
    }
}

#[test]
fn dotted_names_may_be_longer() {
    let part = "a".repeat(63);
    assert!(BucketName::parse(&part).is_ok());
    assert!(BucketName::parse(&format!("{part}a")).is_err());
    let dotted = format!("{part}.{part}.{part}");
    let parsed = BucketName::parse(&dotted).expect("dotted");
    assert!(parsed.is_dotted());
    assert!(BucketName::parse(&format!("{dotted}.{part}")).is_err());
}

#[test]
fn projects_are_ids_or_numbers() {
    for (text, number) in [
        ("acme-vision", false),
        ("projects/acme-vision", false),
        ("example.com:acme-vision", false),
        ("123456789012", true),
    ] {
        assert_eq!(
            Project::parse(text).expect(text).is_number(),
            number,
            "{text}"
        );
    }
    for text in [
        "",
        "acme",
        "Acme Vision",
        "1acme-vision",
        "acme-vision-",
        "a_b_c_d",
    ] {
        let failure = Project::parse(text).expect_err(text);
        assert!(failure.message.contains("no project"), "{text}");
    }
}

#[test]
fn role_ids_have_their_own_rule() {
    for text in [
        "abc",
        "segments_object_reader",
        "Segments.Reader1",
        &"r".repeat(64),
    ] {
        assert!(RoleId::parse(text).is_ok(), "{text}");
    }
    for (text, part) in [
        ("ab", "3 to 64"),
        (&"r".repeat(65) as &str, "3 to 64"),
        ("segments-reader", "no hyphens"),
        ("roles/storage.objectViewer", "predefined"),
        ("projects/p/roles/r", "ID alone"),
    ] {
        let failure = RoleId::parse(text).expect_err(text);
        assert!(
            failure.hints[0].contains(part),
            "{text}: {:?}",
            failure.hints
        );
    }
    assert_eq!(
        RoleId::default().in_project("acme-vision"),
        "projects/acme-vision/roles/segments_object_reader"
    );
}
