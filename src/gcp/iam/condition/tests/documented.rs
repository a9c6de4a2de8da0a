//! Google's own documented conditions, each with its page, an object, and what Google says comes of it. Where the answer
//! stays open, the row says why.

use time::macros::datetime;

use super::super::{Asked, Tri, holds};
use Tri::{Maybe, No, Yes};

/// One condition, the page, and whether it holds: for reading this object of this bucket.
type Row = (&'static str, &'static str, &'static str, Tri);

const REFERENCE: &str = "https://cloud.google.com/iam/docs/conditions-attribute-reference";
const OVERVIEW: &str = "https://cloud.google.com/iam/docs/conditions-overview";

#[test]
#[expect(clippy::too_many_lines, reason = "it is one table")]
fn conditions_on_the_resource() {
    let rows: &[Row] = &[
        (
            r#"resource.service == "compute.googleapis.com""#,
            "b",
            "o",
            No,
        ),
        (
            r#"resource.type != "compute.googleapis.com/Image""#,
            "b",
            "o",
            Yes,
        ),
        (
            r#"(resource.type == "compute.googleapis.com/Image" || resource.type == "compute.googleapis.com/Disk")"#,
            "b",
            "o",
            No,
        ),
        // Whatever is of another type need not have a name.
        (
            "resource.type != 'compute.googleapis.com/Disk' || resource.name.endsWith('devResource')",
            "b",
            "o",
            Yes,
        ),
        // Of buckets and objects, one bucket and what is in it.
        (
            "(resource.type != 'storage.googleapis.com/Bucket' && resource.type != 'storage.googleapis.com/Object') || resource.name.startsWith('projects/_/buckets/example-bucket')",
            "example-bucket",
            "o",
            Yes,
        ),
        (
            "(resource.type != 'storage.googleapis.com/Bucket' && resource.type != 'storage.googleapis.com/Object') || resource.name.startsWith('projects/_/buckets/example-bucket')",
            "another",
            "o",
            No,
        ),
        (
            r#"resource.name != "projects/_/buckets/secret-bucket-123""#,
            "secret-bucket-123",
            "o",
            Yes,
        ),
        (
            r#"resource.name.startsWith("projects/project-123/zones/us-east1-b/instances/prod-")"#,
            "b",
            "prod-1",
            No,
        ),
        (
            r#"resource.name.startsWith("projects/_/buckets/my_bucket/objects/test-object-")"#,
            "my_bucket",
            "test-object-1",
            Yes,
        ),
        (
            r#"resource.name.startsWith("projects/_/buckets/my_bucket/objects/test-object-")"#,
            "my_bucket",
            "object-1",
            No,
        ),
        (r#"resource.name.endsWith(".jpg")"#, "b", "a.jpg", Yes),
        (r#"resource.name.endsWith(".jpg")"#, "b", "a.png", No),
        // Objects have `_` where others have their project.
        (
            r#"resource.name.extract("projects/{project}/") == "_""#,
            "b",
            "o",
            Yes,
        ),
        // What is taken out of a name can be a date.
        (
            r#"date(resource.name.extract("/order_date={date}/")) < request.time"#,
            "acme-orders-aaa",
            "data_lake/orders/order_date=2019-11-03/aef87g87ae0876",
            Yes,
        ),
        // Tags are not among what is read of a bucket.
        ("resource.hasTagKey('123456789012/env')", "b", "o", Maybe),
        (
            "resource.hasTagKeyId('tagKeys/123456789012')",
            "b",
            "o",
            Maybe,
        ),
        (
            "resource.matchTag('123456789012/env', 'prod')",
            "b",
            "o",
            Maybe,
        ),
        (
            "resource.matchTagId('tagKeys/123456789012', 'tagValues/567890123456')",
            "b",
            "o",
            Maybe,
        ),
    ];
    holds_as_documented(REFERENCE, rows);
    holds_as_documented(
        OVERVIEW,
        &[
            (
                r#"resource.type == "compute.googleapis.com/Instance""#,
                "b",
                "o",
                No,
            ),
            (
                r#"resource.type == "storage.googleapis.com/Object" && resource.name.startsWith("projects/_/buckets/exampleco-site-assets/")"#,
                "exampleco-site-assets",
                "o",
                Yes,
            ),
            (
                r#"resource.type == "storage.googleapis.com/Object" && resource.name.startsWith("projects/_/buckets/exampleco-site-assets/")"#,
                "exampleco-site-assets-2",
                "o",
                No,
            ),
        ],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is one table")]
fn conditions_on_the_time() {
    holds_as_documented(
        REFERENCE,
        &[
            (
                r#"request.time < timestamp("2022-04-12T00:00:00.00Z")"#,
                "b",
                "o",
                No,
            ),
            (
                r#"request.time <= timestamp("2022-04-12T00:00:00.00Z")"#,
                "b",
                "o",
                No,
            ),
            (
                r#"request.time > timestamp("2022-04-12T00:00:00.00Z")"#,
                "b",
                "o",
                Yes,
            ),
            (
                r#"request.time >= timestamp("2022-04-12T00:00:00.00Z")"#,
                "b",
                "o",
                Yes,
            ),
            (
                r#"request.time < timestamp("2023-04-12T23:20:50.52Z")"#,
                "b",
                "o",
                Yes,
            ),
            // A date is its midnight in UTC.
            (r#"request.time > date("2023-02-01")"#, "b", "o", Yes),
            (
                r#"date("2023-02-01") == timestamp("2023-02-01T00:00:00Z")"#,
                "b",
                "o",
                Yes,
            ),
            (
                r#"request.time < date("2023-02-01") + duration("2592000s")"#,
                "b",
                "o",
                Yes,
            ),
            // 30 minutes after half past two, and 60 days before it.
            (
                r#"timestamp("2024-04-12T14:30:00.00Z") + duration("1800s") == timestamp("2024-04-12T15:00:00Z")"#,
                "b",
                "o",
                Yes,
            ),
            (
                r#"timestamp("2024-04-12T14:30:00.00Z") - duration("5184000s") == timestamp("2024-02-12T14:30:00Z")"#,
                "b",
                "o",
                Yes,
            ),
            // With a time that is none, nobody is let in.
            (r#"request.time < timestamp("tomorrow")"#, "b", "o", No),
            // What a clock shows when a link is used, up to a day after it was made, is not known when it is made.
            ("request.time.getDate() > 15", "b", "o", Maybe),
            ("request.time.getDayOfMonth() > 14", "b", "o", Maybe),
            (
                r#"request.time.getDayOfWeek("Europe/Berlin") > 0 && request.time.getDayOfWeek("Europe/Berlin") < 6"#,
                "b",
                "o",
                Maybe,
            ),
            (
                r#"request.time.getDayOfYear("America/Los_Angeles") >= 0 && request.time.getDayOfYear("America/Los_Angeles") < 5"#,
                "b",
                "o",
                Maybe,
            ),
            (
                r#"request.time.getFullYear("America/Los_Angeles") == 2023"#,
                "b",
                "o",
                Maybe,
            ),
            ("request.time.getFullYear() == 2022", "b", "o", Maybe),
            (
                r#"request.time.getHours("Europe/Berlin") >= 9 && request.time.getMinutes("Europe/Berlin") >= 30"#,
                "b",
                "o",
                Maybe,
            ),
            (
                r#"request.time.getMonth("America/Los_Angeles") == 3"#,
                "b",
                "o",
                Maybe,
            ),
        ],
    );
    holds_as_documented(
        "https://cloud.google.com/iam/docs/configuring-temporary-access",
        &[
            (
                r#"request.time < timestamp("2019-12-31T12:00:00.000Z")"#,
                "b",
                "o",
                No,
            ),
            (
                r#"request.time.getHours("Europe/Berlin") >= 9 && request.time.getHours("Europe/Berlin") <= 17 && request.time.getDayOfWeek("Europe/Berlin") >= 1 && request.time.getDayOfWeek("Europe/Berlin") <= 5"#,
                "b",
                "o",
                Maybe,
            ),
        ],
    );
}

#[test]
fn conditions_on_what_only_other_services_have() {
    holds_as_documented(
        REFERENCE,
        &[
            // Of Identity-Aware Proxy and Cloud Run: a part about what a request does not have grants nothing.
            (r#"destination.ip == "10.0.0.1""#, "b", "o", No),
            (r#"destination.ip != "10.0.0.1""#, "b", "o", No),
            ("destination.port == 21", "b", "o", No),
            ("destination.port < 3001", "b", "o", No),
            (r#"request.path == "/admin""#, "b", "o", No),
            (r#"!request.path.startsWith("/admin")"#, "b", "o", No),
            (r#"request.path.endsWith("/payroll.js")"#, "b", "o", No),
            (r#"request.host == "hr.example.com""#, "b", "o", No),
            (r#"request.host.endsWith("example.com")"#, "b", "o", No),
            // Other permissions are said not to work correctly with it, which is neither yes nor no.
            (
                r#""accessPolicies/199923665455/accessLevels/CorpNet" in request.auth.access_levels"#,
                "b",
                "o",
                Maybe,
            ),
            // For principal access boundaries alone; what it does in a binding is not written.
            (
                r#"principal.type == "iam.googleapis.com/ServiceAccount""#,
                "b",
                "o",
                Maybe,
            ),
            (
                r#"principal.subject.endsWith("@example.com")"#,
                "b",
                "o",
                Maybe,
            ),
            // For credential access boundaries alone; in a binding it is said to make requests fail in unexpected ways.
            (
                r#"api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("o")"#,
                "b",
                "o",
                Maybe,
            ),
            // About changes of policies; nothing here reads what it comes to for other requests.
            (
                "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/pubsub.editor', 'roles/pubsub.publisher'])",
                "b",
                "o",
                Maybe,
            ),
            (
                "!compute.isForwardingRuleCreationOperation() || (compute.isForwardingRuleCreationOperation() && compute.matchLoadBalancingSchemes(['INTERNAL', 'INTERNAL_MANAGED', 'INTERNAL_SELF_MANAGED']))",
                "b",
                "o",
                Maybe,
            ),
        ],
    );
}

#[track_caller]
fn holds_as_documented(page: &str, rows: &[Row]) {
    for (expression, bucket, object, expected) in rows {
        let held = holds(
            expression,
            &Asked {
                bucket,
                object: Some(object),
                now: datetime!(2023-02-01 12:00 UTC),
                permission: "storage.objects.get",
            },
        );
        assert_eq!(
            held.answer, *expected,
            "{page}: {expression} for {object} of {bucket}"
        );
    }
}
