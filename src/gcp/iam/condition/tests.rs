use time::macros::datetime;

use super::*;

mod documented;

fn of(expression: &str, object: Option<&str>) -> Held {
    holds(
        expression,
        &Asked {
            bucket: "acme-images",
            object,
            now: datetime!(2026-11-25 12:00 UTC),
            permission: "storage.objects.get",
        },
    )
}

#[test]
fn every_object_and_one_object() {
    for (expression, every, photo) in [
        ("true", Tri::Yes, Tri::Yes),
        ("false", Tri::No, Tri::No),
        (
            r#"resource.name.startsWith("projects/_/buckets/acme-images/objects/")"#,
            Tri::Yes,
            Tri::Yes,
        ),
        (
            r#"resource.name.startsWith("projects/_/buckets/acme-images")"#,
            Tri::Yes,
            Tri::Yes,
        ),
        (
            r#"resource.name.startsWith("projects/_/buckets/acme-images/objects/photos/")"#,
            Tri::Maybe,
            Tri::Yes,
        ),
        (
            r#"resource.name.startsWith("projects/_/buckets/acme-images/objects/scans/")"#,
            Tri::Maybe,
            Tri::No,
        ),
        (
            r#"resource.name.startsWith("projects/_/buckets/other/objects/")"#,
            Tri::No,
            Tri::No,
        ),
        (r#"resource.name.endsWith(".jpg")"#, Tri::Maybe, Tri::Yes),
        (
            r#"resource.name == "projects/_/buckets/acme-images/objects/photos/1.jpg""#,
            Tri::Maybe,
            Tri::Yes,
        ),
        (
            r#"resource.name != "projects/_/buckets/acme-images/objects/photos/1.jpg""#,
            Tri::Maybe,
            Tri::No,
        ),
        (
            r#"resource.name == "projects/_/buckets/acme-images""#,
            Tri::No,
            Tri::No,
        ),
        (
            r#"resource.type == "storage.googleapis.com/Object""#,
            Tri::Yes,
            Tri::Yes,
        ),
        (
            r#""storage.googleapis.com/Bucket" == resource.type"#,
            Tri::No,
            Tri::No,
        ),
        (
            r#"resource.service != "storage.googleapis.com""#,
            Tri::No,
            Tri::No,
        ),
        (
            r#"request.time < timestamp("2027-01-01T00:00:00Z")"#,
            Tri::Yes,
            Tri::Yes,
        ),
        (
            r#"timestamp("2026-01-01T00:00:00Z") > request.time"#,
            Tri::No,
            Tri::No,
        ),
        (
            r#"!(request.time >= timestamp("2026-11-25T12:00:00Z"))"#,
            Tri::No,
            Tri::No,
        ),
    ] {
        assert_eq!(of(expression, None).answer, every, "{expression}");
        assert_eq!(
            of(expression, Some("photos/1.jpg")).answer,
            photo,
            "{expression}"
        );
    }
}

#[test]
fn what_is_not_known_is_named_where_it_matters() {
    for (expression, name) in [
        (
            r#"resource.matchTag("1/env", "prod")"#,
            "`resource.matchTag`",
        ),
        (
            r#"!(resource.matchTagId("tagKeys/1", "tagValues/2"))"#,
            "`resource.matchTagId`",
        ),
        (r#"request.auth.claims == "x""#, "`request.auth.claims`"),
        (
            r#"api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("a")"#,
            "`api.getAttribute.startsWith`",
        ),
        (
            "request.time.getHours(\"Europe/Brussels\") < 9",
            "`request.time.getHours`",
        ),
        (
            r#"resource.type.startsWith("storage.googleapis.com/")"#,
            "`resource.type.startsWith`",
        ),
        (r#"resource.name < "projects/_""#, "`resource.name`"),
        ("x in [1]", "`x`"),
        (
            "'x' in request.auth.access_levels",
            "`request.auth.access_levels`",
        ),
        ("a ? b : c", "`a ? b : c`"),
        (
            r#"request.time < timestamp("2026-12-01T00:00:00+01:00")"#,
            "`timestamp(\"2026-12-01T00:00:00+01:00\")`",
        ),
        (
            r#"request.time < timestamp("2026-12-01T00:00:00Z") + duration("1h")"#,
            "`duration`",
        ),
    ] {
        let held = of(expression, None);
        assert_eq!(held.answer, Tri::Maybe, "{expression}");
        assert_eq!(held.unknown, [name], "{expression}");
        assert_eq!(held.parts, [""; 0], "{expression}");
        for (before, after, answer) in [("false && ", "", Tri::No), ("", " || true", Tri::Yes)] {
            let decided = of(&format!("{before}{expression}{after}"), None);
            if expression != "a ? b : c" {
                assert_eq!(decided.answer, answer, "{before}{expression}{after}");
                assert_eq!(decided.unknown, [""; 0], "{before}{expression}{after}");
            }
        }
    }
}

#[test]
fn a_time_that_is_none_lets_nobody_in() {
    for (expression, answer) in [
        (r#"request.time < timestamp("June")"#, Tri::No),
        (
            r#"!(request.time < timestamp("2026-06-31T00:00:00Z"))"#,
            Tri::No,
        ),
        (r#"true && date("2026-1-1") < request.time"#, Tri::No),
        (
            r#"false || timestamp("2026-06-30") > request.time"#,
            Tri::No,
        ),
        (r#"true || request.time < timestamp("June")"#, Tri::Maybe),
        (
            r#"request.time > date(resource.name.extract("/date={date}/"))"#,
            Tri::No,
        ),
    ] {
        let held = of(expression, Some("photos/1.jpg"));
        assert_eq!(held.answer, answer, "{expression}");
        assert_eq!(held.never, answer == Tri::No, "{expression}");
    }
}

#[test]
fn the_parts_are_told_as_the_condition_joins_them() {
    let photos = r#"resource.name.startsWith("projects/_/buckets/acme-images/objects/photos/")"#;
    let jpg = r#"resource.name.endsWith(".jpg")"#;
    for (expression, parts) in [
        (
            format!("!{photos}"),
            "objects that do not begin with `photos/`",
        ),
        (
            format!("{photos} && {jpg}"),
            "objects that begin with `photos/`, of these only objects that end with `.jpg`",
        ),
        (
            format!("{photos} || {jpg}"),
            "objects that begin with `photos/` and objects that end with `.jpg`",
        ),
        (
            format!("{photos} && false || {jpg}"),
            "objects that end with `.jpg`",
        ),
    ] {
        let held = of(&expression, None);
        assert_eq!(held.answer, Tri::Maybe, "{expression}");
        assert_eq!(held.parts, [parts], "{expression}");
    }
    // Which objects is not certain where something else is not known.
    let mixed = of(&format!("{photos} || resource.matchTag('a', 'b')"), None);
    assert_eq!(mixed.parts, [""; 0]);
    assert_eq!(mixed.unknown, ["`resource.matchTag`"]);
}

#[test]
fn the_end_of_a_grant_is_found_in_every_form() {
    for (expression, until) in [
        (
            r#"!(request.time >= timestamp("2027-01-01T00:00:00Z"))"#,
            Some("2027-01-01T00:00:00Z"),
        ),
        (
            r#"timestamp("2027-01-01T00:00:00Z") > request.time && request.time > date("2026-01-01")"#,
            Some("2027-01-01T00:00:00Z"),
        ),
        (
            r#"request.time < date("2027-01-01") && request.time < date("2026-12-01")"#,
            Some("2026-12-01"),
        ),
        (
            r#"request.time - duration("86400s") < timestamp("2027-01-01T00:00:00Z")"#,
            Some("2027-01-02T00:00:00Z"),
        ),
        (r#"request.time < date("2027-01-01") || true"#, None),
        (r#"request.time > date("2026-01-01")"#, None),
    ] {
        let held = of(expression, None);
        assert_eq!(held.answer, Tri::Yes, "{expression}");
        assert_eq!(held.until.as_deref(), until, "{expression}");
    }
}

#[test]
fn the_end_of_a_grant_and_its_part_are_told() {
    let held = of(
        r#"request.time < timestamp("2027-01-01T00:00:00Z") && resource.name.startsWith("projects/_/buckets/acme-images/objects/photos/")"#,
        None,
    );
    assert_eq!(held.until.as_deref(), Some("2027-01-01T00:00:00Z"));
    assert_eq!(held.parts, ["objects that begin with `photos/`"]);
}

#[test]
fn three_valued_logic() {
    use Tri::{Maybe, No, Yes};
    for (one, other, both, either) in [
        (Yes, Yes, Yes, Yes),
        (Yes, No, No, Yes),
        (Yes, Maybe, Maybe, Yes),
        (No, No, No, No),
        (No, Maybe, No, Maybe),
        (Maybe, Maybe, Maybe, Maybe),
    ] {
        assert_eq!((one.and(other), other.and(one)), (both, both));
        assert_eq!((one.or(other), other.or(one)), (either, either));
    }
}
