use super::*;

fn holds_for_the_photo(text: &str) -> bool {
    let tags = BTreeMap::from([("123/env".to_owned(), "prod".to_owned())]);
    let subject = Subject {
        name: "projects/_/buckets/acme-images/objects/photos/cat.png".to_owned(),
        kind: "storage.googleapis.com/Object",
        tags: &tags,
        now: OffsetDateTime::parse("2026-03-04T05:06:07Z", &Rfc3339).unwrap(),
        list_prefix: "photos/",
    };
    holds(text, &subject) == Some(true)
}

#[test]
fn documented_forms_are_evaluated() {
    for (text, expected) in [
        ("true", true),
        ("!false && (true || false)", true),
        ("request.time < timestamp('2026-03-04T05:06:08Z')", true),
        ("request.time < timestamp(\"2026-03-04T05:06:07Z\")", false),
        ("request.time >= date(\"2026-03-04\")", true),
        (
            "timestamp('2026-03-04T05:06:07Z') - duration('7s') == timestamp('2026-03-04T05:06:00Z')",
            true,
        ),
        (
            "request.time < date('2026-03-03') + duration('86400s')",
            false,
        ),
        ("'a' in ['a', 'b'] && !('c' in [])", true),
        (
            "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/viewer'])",
            true,
        ),
        (
            "request.time.getDate() == 4 && request.time.getDayOfYear() == 62",
            true,
        ),
        ("request.time.getFullYear() == 2026", true),
        (
            "request.time.getMonth() == 2 && request.time.getDayOfMonth() == 3",
            true,
        ),
        (
            "request.time.getDayOfWeek(\"UTC\") == 3 && request.time.getHours() < 6",
            true,
        ),
        (
            "resource.name.startsWith(\"projects/_/buckets/acme-images/objects/photos/\")",
            true,
        ),
        (
            "resource.name.startsWith('projects/_/buckets/acme-images/objects/other/')",
            false,
        ),
        ("resource.name.endsWith('.png')", true),
        (
            "resource.name.extract('/objects/{folder}/') == 'photos'",
            true,
        ),
        ("resource.name.extract('/objects/{rest}') != ''", true),
        ("resource.name.extract('/nowhere/{x}/') == ''", true),
        ("resource.type == 'storage.googleapis.com/Object'", true),
        ("resource.service != 'storage.googleapis.com'", false),
        ("resource.matchTag('123/env', 'prod')", true),
        (
            "resource.matchTag('123/env', 'test') || resource.hasTagKey('123/other')",
            false,
        ),
        (
            "api.getAttribute('storage.googleapis.com/objectListPrefix', '').startsWith('photos/')",
            true,
        ),
    ] {
        assert_eq!(holds_for_the_photo(text), expected, "{text}");
        assert_eq!(fault(text), None, "{text}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_and_holds_for_nobody() {
    for text in [
        "",
        "true &&",
        "(true",
        "resource.name.startsWith('a'",
        "'unfinished",
        "true true",
        "resource.owner == 'me'",
        "resource.name.matches('.*')",
        "size(resource.name) > 3",
    ] {
        assert!(fault(text).is_some(), "{text}");
        assert!(!holds_for_the_photo(text), "{text}");
    }
    for text in [
        "1 == 'one'",
        "resource.name",
        "timestamp('soon') > request.time",
        "!(timestamp('2026-01-01') < request.time)",
        "date('2026-01-01T00:00:00Z') < request.time",
        "request.time + 1 > request.time",
        "'a' in 'abc'",
    ] {
        assert!(!holds_for_the_photo(text), "{text}");
    }
}
