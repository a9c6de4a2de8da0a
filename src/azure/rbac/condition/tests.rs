//! Conditions as Microsoft's page shows them, and hostile ones.
//!
//! <https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-examples>

use proptest::prelude::*;

use super::super::role::{READ_BLOB, SIGN_LINKS};
use super::*;

const READ: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
const WRITE: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write";

fn read(sample: Option<Sample<'static>>) -> Asked<'static> {
    Asked {
        action: READ_BLOB,
        account: "acme",
        sample,
    }
}

fn at(container: &'static str, path: &'static str) -> Asked<'static> {
    read(Some(Sample { container, path }))
}

const SIGN: Asked<'static> = Asked {
    action: SIGN_LINKS,
    account: "acme",
    sample: None,
};

fn guarded(expression: &str) -> String {
    format!(
        "((!(ActionMatches{{'{READ}'}} AND NOT SubOperationMatches{{'Blob.List'}})) OR ({expression}))"
    )
}

fn named(name: &str) -> String {
    format!("{CONTAINER} StringEquals '{name}'")
}

fn admits(text: &str, asked: &Asked<'_>) -> Tri {
    decide(text, asked).admits
}

/// "Read, write, or delete blobs in named containers".
#[test]
fn a_condition_on_the_container_decides_for_a_blob_and_for_no_other() {
    let condition = format!(
        "(
            (
                !(ActionMatches{{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete'}})
                AND
                !(ActionMatches{{'{READ}'}})
                AND
                !(ActionMatches{{'{WRITE}'}})
            )
            OR
            (
                {CONTAINER} StringEquals 'blobs-example-container'
            )
        )"
    );
    assert_eq!(
        admits(&condition, &at("blobs-example-container", "Example5.txt")),
        Tri::Yes
    );
    assert_eq!(
        admits(&condition, &at("ungranted", "Example5.txt")),
        Tri::No
    );
    let whole = decide(&condition, &read(None));
    assert_eq!(whole.admits, Tri::Maybe);
    assert!(whole.on_place_alone);
    assert_eq!(whole.depends_on, [CONTAINER]);
    // Signing is none of the actions that it is about.
    assert_eq!(admits(&condition, &SIGN), Tri::Yes);
}

/// "Read or list blobs in named containers with a path": two parts, of which one is about listing.
#[test]
fn a_condition_on_the_path_takes_patterns_and_lets_listing_be() {
    let condition = format!(
        "((!(ActionMatches{{'{READ}'}} AND NOT SubOperationMatches{{'Blob.List'}})) OR ({CONTAINER} StringEquals 'blobs-example-container' AND {PATH} StringStartsWith 'readonly/'))
        AND
        ((!(ActionMatches{{'{READ}'}} AND SubOperationMatches{{'Blob.List'}})) OR ({CONTAINER} StringEquals 'blobs-example-container' AND @Request[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:prefix] StringStartsWith 'readonly/'))"
    );
    for (container, path, expected) in [
        ("blobs-example-container", "readonly/Example6.txt", Tri::Yes),
        ("blobs-example-container", "Ungranted.txt", Tri::No),
        ("other", "readonly/Example6.txt", Tri::No),
    ] {
        assert_eq!(
            admits(&condition, &at(container, path)),
            expected,
            "{container} {path}"
        );
    }
    let like = guarded(&format!(
        "{CONTAINER} StringEquals 'blobs-example-container' AND {PATH} StringLike 'readonly/*'"
    ));
    assert_eq!(
        admits(&like, &at("blobs-example-container", "readonly/a/b")),
        Tri::Yes
    );
    assert_eq!(
        admits(&like, &at("blobs-example-container", "a/readonly/")),
        Tri::No
    );
    assert!(decide(&like, &read(None)).on_place_alone);
}

/// "Read or write blobs in named storage account with specific encryption scope".
#[test]
fn the_name_of_the_account_is_known_and_its_encryption_scope_is_not() {
    let condition = |name: &str| {
        guarded(&format!(
            "@Resource[Microsoft.Storage/storageAccounts:name] StringEquals '{name}' AND @Resource[Microsoft.Storage/storageAccounts/encryptionScopes:name] ForAnyOfAnyValues:StringEquals {{'scope1'}}"
        ))
    };
    assert_eq!(admits(&condition("sampleaccount"), &read(None)), Tri::No);
    let own = decide(&condition("acme"), &read(None));
    assert_eq!(own.admits, Tri::Maybe);
    assert!(!own.on_place_alone);
    assert!(own.depends_on.concat().contains("encryptionScopes:name"));
}

#[test]
fn a_condition_on_another_action_says_nothing_about_reading() {
    for condition in [
        format!("((!(ActionMatches{{'{WRITE}'}})) OR (@Resource[x] StringEquals 'y'))"),
        format!(
            "((!(ActionMatches{{'{WRITE}'}})) OR (@Request[x] ForAnyOfAnyValues:NumericEquals {{1, 2}}))"
        ),
        format!(
            "(!(ActionMatches{{'{READ}'}} AND SubOperationMatches{{'Blob.List'}})) OR (@Request[prefix] StringStartsWith 'a')"
        ),
    ] {
        assert_eq!(admits(&condition, &read(None)), Tri::Yes, "{condition}");
    }
}

#[test]
fn a_condition_without_an_action_is_about_signing_too_and_does_not_decide_there() {
    let condition = named("photos");
    assert_eq!(admits(&condition, &at("photos", "a")), Tri::Yes);
    let signing = decide(&condition, &SIGN);
    assert_eq!(signing.admits, Tri::Maybe);
    assert!(!signing.on_place_alone);
    assert_eq!(
        admits(
            "!(ActionMatches{'*/generateUserDelegationKey/action'})",
            &SIGN
        ),
        Tri::No
    );
}

/// Tags, versions, private links, moments, the principal's own attributes: each has an example on the page.
#[test]
fn tags_environment_and_principals_are_named() {
    for (expression, name) in [
        (
            "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags:Project<$key_case_sensitive$>] StringEquals 'Cascade'",
            "tags:Project",
        ),
        (
            "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags&$keys$&] ForAllOfAnyValues:StringEquals {'Project', 'Program'}",
            "tags&$keys$&",
        ),
        (
            "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:isCurrentVersion] BoolEquals true",
            "isCurrentVersion",
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
        ("NOT Exists @Request[snapshot]", "snapshot"),
        (
            "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Engineering_Project] ForAnyOfAnyValues:StringEquals @Resource[b]",
            "Engineering_Project",
        ),
        (
            "SubOperationMatches{'Blob.Read.WithTagConditions'}",
            "WithTagConditions",
        ),
    ] {
        let decision = decide(&guarded(expression), &at("photos", "a.jpg"));
        assert_eq!(decision.admits, Tri::Maybe, "{expression}");
        assert!(!decision.on_place_alone);
        assert!(
            decision.depends_on.concat().contains(name),
            "{:?}",
            decision.depends_on
        );
    }
}

#[test]
fn a_maybe_does_not_hide_what_is_certain() {
    let photos = named("photos");
    let never = guarded(&format!("@Environment[x] BoolEquals true AND {photos}"));
    assert_eq!(admits(&never, &at("videos", "a")), Tri::No);
    let always = guarded(&format!("@Environment[x] BoolEquals true || {photos}"));
    assert_eq!(admits(&always, &at("photos", "a")), Tri::Yes);
}

/// "If you have three or more expressions for a targeted action, you must add parentheses".
#[test]
fn an_order_that_is_not_documented_is_not_guessed() {
    let (yes, no) = (named("photos"), named("videos"));
    let here = at("photos", "a");
    for (text, expected) in [
        (format!("{no} AND {no} OR {yes}"), Tri::Maybe),
        (format!("({no} AND {no}) OR {yes}"), Tri::Yes),
        (format!("{no} AND ({no} OR {yes})"), Tri::No),
        (format!("{yes} AND {yes} OR {no}"), Tri::Yes),
        (format!("{yes} OR {no} AND {no}"), Tri::Maybe),
        (format!("{no} || {no} || {yes}"), Tri::Yes),
        (format!("{yes} && {yes} && !{yes}"), Tri::No),
    ] {
        let decision = decide(&text, &here);
        assert_eq!(decision.admits, expected, "{text}");
        assert_eq!(
            decision.depends_on.concat().contains("without parentheses"),
            expected == Tri::Maybe
        );
    }
}

#[test]
fn what_is_not_understood_is_a_maybe_with_its_name() {
    for (text, name) in [
        ("", "an end"),
        ("(", "an end"),
        ("(ActionMatches{'x'}", "not closed"),
        ("ActionMatches{'x'} ActionMatches{'x'}", "more text"),
        ("@Resource[x", "not closed"),
        ("'text", "not closed"),
        (r"@Resource[x] StringEquals 'a\'", "a backslash before"),
        ("@Resource[x] StringEquals", "an end"),
        ("@Resource[x] StringEquals {'a' 'b'}", "in braces"),
        ("@Resource[x] StringEquals {}", "in braces"),
        ("@Resource[x] 'y'", "no operator"),
        ("ActionMatches 'x'", "no braces"),
        ("#", "the character"),
        ("Perhaps{'x'}", "Perhaps"),
    ] {
        let decision = decide(text, &read(None));
        assert_eq!(decision.admits, Tri::Maybe, "{text}");
        assert!(
            decision.depends_on.concat().contains(name),
            "{text}: {:?}",
            decision.depends_on
        );
    }
    let deep = "(".repeat(5000);
    assert!(
        decide(&deep, &read(None))
            .depends_on
            .concat()
            .contains("too deep")
    );
}

/// Expressions over the container, the path and what is not known, with every parenthesis.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[ab]{1,2}".prop_map(|name| named(&name)),
        "[ab*?]{0,3}".prop_map(|pattern| format!("{PATH} StringLike '{pattern}'")),
        "[ab]{0,2}".prop_map(|start| format!("{PATH} StringNotStartsWith '{start}'")),
        Just("@Environment[isPrivateLink] BoolEquals true".to_owned()),
        Just(format!("ActionMatches{{'{READ}'}}")),
        Just(format!("ActionMatches{{'{WRITE}'}}")),
        Just("SubOperationMatches{'Blob.List'}".to_owned()),
    ];
    leaf.prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("!({one})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} AND {other})")),
            (inner.clone(), inner).prop_map(|(one, other)| format!("({one} OR {other})")),
        ]
    })
}

proptest! {
    #[test]
    fn every_text_has_an_answer(text in "\\PC{0,80}") {
        let _ = decide(&text, &at("c", "p"));
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
        let _ = decide(&words.join(" "), &read(None));
    }

    // What is decided without knowing the blob holds for every blob; and what is decided without knowing the rest is
    // turned by a NOT.
    #[test]
    fn what_is_certain_of_all_is_certain_of_each(text in expression(), container in "[ab]{1,2}", path in "[ab]{0,3}") {
        let whole = decide(&text, &read(None));
        let sample = Some(Sample { container: &container, path: &path });
        let one = decide(&text, &Asked { action: READ_BLOB, account: "acme", sample });
        prop_assert!(whole.admits == Tri::Maybe || whole.admits == one.admits, "{text}");
        prop_assert!(!whole.on_place_alone || one.admits != Tri::Maybe, "{text}");
        prop_assert_eq!(whole.depends_on.is_empty(), whole.admits != Tri::Maybe);
        prop_assert_eq!(admits(&format!("NOT {text}"), &read(None)), whole.admits.not());
    }
}
