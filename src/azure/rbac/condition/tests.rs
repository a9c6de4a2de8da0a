//! Conditions as Microsoft's page shows them, and hostile ones.
//!
//! <https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-examples>

use proptest::prelude::*;

use super::*;

const READ: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";

fn guarded(expression: &str) -> String {
    format!(
        "((!(ActionMatches{{'{READ}'}} AND NOT SubOperationMatches{{'Blob.List'}})) OR ({expression}))"
    )
}

fn in_container(name: &str) -> String {
    guarded(&format!(
        "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals '{name}'"
    ))
}

fn sample<'a>(container: &'a str, path: &'a str) -> Sample<'a> {
    Sample { container, path }
}

#[test]
fn a_condition_on_the_container_decides_for_a_blob_and_for_no_other() {
    let condition = in_container("photos");
    assert_eq!(
        decide(&condition, Some(sample("photos", "a.jpg"))).admits,
        Tri::Yes
    );
    assert_eq!(
        decide(&condition, Some(sample("videos", "a.jpg"))).admits,
        Tri::No
    );
    let whole = decide(&condition, None);
    assert_eq!(whole.admits, Tri::Maybe);
    assert!(whole.on_place_alone);
    assert_eq!(whole.depends_on, [CONTAINER]);
}

#[test]
fn a_condition_on_the_path_takes_patterns() {
    let condition = guarded(
        "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path] StringLike 'readonly/*'",
    );
    assert_eq!(
        decide(&condition, Some(sample("c", "readonly/a"))).admits,
        Tri::Yes
    );
    assert_eq!(
        decide(&condition, Some(sample("c", "other/a"))).admits,
        Tri::No
    );
}

#[test]
fn a_condition_on_another_action_says_nothing_about_reading() {
    let condition = "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'})) OR (@Resource[x] StringEquals 'y'))";
    assert_eq!(decide(condition, None).admits, Tri::Yes);
}

#[test]
fn a_condition_on_listing_alone_lets_reading_be() {
    let condition = format!(
        "(!(ActionMatches{{'{READ}'}} AND SubOperationMatches{{'Blob.List'}})) OR (@Request[prefix] StringStartsWith 'a')"
    );
    assert_eq!(decide(&condition, None).admits, Tri::Yes);
}

#[test]
fn tags_environment_and_principals_are_named() {
    for (expression, named) in [
        (
            "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags:Project<$key_case_sensitive$>] StringEquals 'Cascade'",
            "tags:Project",
        ),
        (
            "@Environment[isPrivateLink] BoolEquals true",
            "isPrivateLink",
        ),
        (
            "@Environment[UtcNow] DateTimeGreaterThan '2026-01-01T00:00:00.000Z'",
            "UtcNow",
        ),
        ("Exists @Request[snapshot]", "snapshot"),
        ("@Principal[a] StringEquals @Resource[b]", "@Principal[a]"),
    ] {
        let decision = decide(&guarded(expression), Some(sample("photos", "a.jpg")));
        assert_eq!(decision.admits, Tri::Maybe, "{expression}");
        assert!(!decision.on_place_alone);
        assert!(
            decision.depends_on.concat().contains(named),
            "{:?}",
            decision.depends_on
        );
    }
}

#[test]
fn a_maybe_does_not_hide_what_is_certain() {
    let never = guarded(
        "@Environment[x] BoolEquals true AND @Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'photos'",
    );
    assert_eq!(decide(&never, Some(sample("videos", "a"))).admits, Tri::No);
    let always = guarded(
        "@Environment[x] BoolEquals true || @Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'photos'",
    );
    assert_eq!(
        decide(&always, Some(sample("photos", "a"))).admits,
        Tri::Yes
    );
}

#[test]
fn what_is_not_understood_is_a_maybe_with_its_name() {
    for (text, named) in [
        ("", "an end"),
        ("(", "an end"),
        ("(ActionMatches{'x'}", "not closed"),
        ("ActionMatches{'x'} ActionMatches{'x'}", "more text"),
        ("@Resource[x", "not closed"),
        ("'text", "not closed"),
        ("@Resource[x] StringEquals", "an end"),
        ("@Resource[x] 'y'", "no operator"),
        ("ActionMatches 'x'", "no braces"),
        ("#", "the character"),
        ("Perhaps{'x'}", "Perhaps"),
    ] {
        let decision = decide(text, None);
        assert_eq!(decision.admits, Tri::Maybe, "{text}");
        assert!(
            decision.depends_on.concat().contains(named),
            "{text}: {:?}",
            decision.depends_on
        );
    }
    let deep = "(".repeat(5000);
    assert!(decide(&deep, None).depends_on.concat().contains("too deep"));
}

proptest! {
    #[test]
    fn every_text_has_an_answer(text in "\\PC{0,80}") {
        let _ = decide(&text, Some(Sample { container: "c", path: "p" }));
    }

    #[test]
    fn every_mixture_of_words_has_an_answer(
        words in proptest::collection::vec(
            prop_oneof![
                Just("("), Just(")"), Just("!"), Just("AND"), Just("OR"), Just("&&"), Just("||"), Just("NOT"),
                Just("ActionMatches{'*/read'}"), Just("SubOperationMatches{'Blob.List'}"),
                Just("@Resource[x]"), Just("StringEquals"), Just("'a'"), Just("{'a', 'b'}"), Just("Exists"),
            ],
            0..24,
        )
    ) {
        let _ = decide(&words.join(" "), None);
    }

    // What is decided without knowing the blob holds for every blob.
    #[test]
    fn what_is_certain_of_all_is_certain_of_each(container in "[a-z]{3,6}", path in "[a-z/]{1,8}", wanted in "[a-z]{3,6}", negate in any::<bool>()) {
        let term = in_container(&wanted);
        let text = if negate { format!("!({term})") } else { term };
        let whole = decide(&text, None).admits;
        let one = decide(&text, Some(Sample { container: &container, path: &path })).admits;
        prop_assert!(whole == Tri::Maybe || whole == one);
    }
}
