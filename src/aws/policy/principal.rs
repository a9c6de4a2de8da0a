//! Whether the principal of a question is among those of a statement.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>.
//! It looks at names only: what an account lets its own users do is not known here.

use super::glob::Glob;
use super::outcome::{Question, Through, Tri};
use super::statement::{Clause, Effect, Principal};

/// What was found for the principal element of a statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Whether the statement is about the principal.
    pub(super) answer: Tri,
    /// As whom, where it is.
    pub(super) through: Option<Through>,
    /// What decides it.
    pub(super) value: String,
    /// Why.
    pub(super) why: String,
    /// The catalogue's code of what this may be.
    pub(super) suspected: Option<&'static str>,
}

/// Whether a statement of this effect is about the principal of the question.
pub(super) fn judge(
    clause: &Clause<Principal<'_>>,
    effect: Effect,
    question: &Question<'_>,
) -> Found {
    match clause {
        Clause::Only(entries) => only(entries, question),
        Clause::AllBut(entries) => all_but(entries, effect, question),
        Clause::Unclear(what) => found(Tri::Maybe, None, String::new(), what.clone()),
    }
}

/// The text of an entry as it can be written in a policy.
pub(super) fn text<'a>(entry: &Principal<'a>) -> &'a str {
    match entry {
        Principal::Everyone => "*",
        Principal::Account(text)
        | Principal::Arn(text)
        | Principal::UniqueId(text)
        | Principal::Canonical(text)
        | Principal::Federated(text)
        | Principal::Service(text) => text,
    }
}

fn found(answer: Tri, through: Option<Through>, value: String, why: impl Into<String>) -> Found {
    Found {
        answer,
        through,
        value,
        why: why.into(),
        suspected: None,
    }
}

fn only(entries: &[Principal<'_>], question: &Question<'_>) -> Found {
    let matched = |wanted: Through| {
        entries
            .iter()
            .find(|entry| names(entry, question) == (Tri::Yes, Some(wanted)))
            .map(|entry| text(entry).to_owned())
    };
    for (through, why) in [
        (Through::Itself, "it names the principal itself"),
        (Through::Everyone, "it names everyone"),
        (
            Through::Account,
            "it names the whole account of the principal",
        ),
    ] {
        if let Some(value) = matched(through) {
            return found(Tri::Yes, Some(through), value, why);
        }
    }
    match entries
        .iter()
        .find(|entry| names(entry, question).0 == Tri::Maybe)
    {
        Some(entry) => found(
            Tri::Maybe,
            None,
            text(entry).to_owned(),
            format!(
                "whether it names `{}` cannot be decided",
                question.principal
            ),
        ),
        None => found(
            Tri::No,
            None,
            listed(entries),
            format!("it does not name `{}`", question.principal),
        ),
    }
}

/// A `NotPrincipal`. With Deny it must except the account as well as the user, or AWS may still deny the
/// user; with Allow it is not supported, and what it does then is not documented.
fn all_but(entries: &[Principal<'_>], effect: Effect, question: &Question<'_>) -> Found {
    let excepted = |through: Through| {
        entries
            .iter()
            .any(|entry| names(entry, question) == (Tri::Yes, Some(through)))
    };
    let doubtful = entries
        .iter()
        .any(|entry| names(entry, question).0 == Tri::Maybe);
    let user = excepted(Through::Itself);
    let account = excepted(Through::Account);
    let (answer, why) = match effect {
        Effect::Deny if user && account => (Tri::No, "it excepts the user and its account"),
        Effect::Deny if user => (
            Tri::Maybe,
            "it excepts the user but not its account, and may deny the user nevertheless",
        ),
        Effect::Deny if doubtful || excepted(Through::Everyone) => {
            (Tri::Maybe, "whether it excepts the user cannot be decided")
        }
        Effect::Deny => (Tri::Yes, "it does not except the user"),
        Effect::Allow if user => (Tri::No, "it excepts the user"),
        Effect::Allow | Effect::Unclear => {
            (Tri::Maybe, "`NotPrincipal` is supported with Deny only")
        }
    };
    Found {
        suspected: (answer != Tri::No && effect == Effect::Deny).then_some("A09"),
        ..found(answer, None, listed(entries), why)
    }
}

/// Whether one entry names the principal, and as whom.
fn names(entry: &Principal<'_>, question: &Question<'_>) -> (Tri, Option<Through>) {
    let yes = |through| (Tri::Yes, Some(through));
    match entry {
        Principal::Everyone => yes(Through::Everyone),
        Principal::Account(account) if *account == question.account => yes(Through::Account),
        Principal::Arn(arn) if *arn == question.principal => yes(Through::Itself),
        // An ARN cannot have wildcards here, so a policy that has one is of an unknown kind.
        Principal::Arn(arn) if arn.contains(['*', '?']) => {
            match Glob::literal(question.principal).intersects(&Glob::pattern(arn)) {
                Some(false) => (Tri::No, None),
                Some(true) | None => (Tri::Maybe, None),
            }
        }
        // S3 takes a canonical user id for its account:
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html
        Principal::Canonical(id) => match question.canonical_id {
            Some(own) if own == *id => yes(Through::Account),
            // Whether its letters have a case is not documented.
            Some(own) if own.eq_ignore_ascii_case(id) => (Tri::Maybe, None),
            Some(_) => (Tri::No, None),
            None => (Tri::Maybe, None),
        },
        Principal::Account(_)
        | Principal::Arn(_)
        | Principal::UniqueId(_)
        | Principal::Federated(_)
        | Principal::Service(_) => (Tri::No, None),
    }
}

fn listed(entries: &[Principal<'_>]) -> String {
    entries.iter().map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::policy::Asked;
    use crate::aws::policy::generate::LINK;

    const USER: &str = "arn:aws:iam::931508227573:user/segmentsai-prod-user";
    const ACCOUNT: &str = "931508227573";
    const ROOT: Principal<'static> = Principal::Account(ACCOUNT);
    const ITSELF: Principal<'static> = Principal::Arn(USER);

    fn question() -> Question<'static> {
        Question {
            principal: USER,
            account: ACCOUNT,
            canonical_id: Some("a2c85e"),
            sid: None,
            action: "s3:GetObject",
            resource: Asked::Every("arn:aws:s3:::acme/*"),
            circumstances: &LINK,
        }
    }

    fn among(entries: &[Principal<'_>]) -> (Tri, Option<Through>) {
        let found = judge(&Clause::Only(entries.to_vec()), Effect::Allow, &question());
        (found.answer, found.through)
    }

    #[test]
    fn a_principal_is_named_by_itself_by_its_account_or_as_everyone() {
        for (entries, wanted) in [
            (vec![ITSELF], (Tri::Yes, Some(Through::Itself))),
            (vec![ROOT], (Tri::Yes, Some(Through::Account))),
            (
                vec![Principal::Everyone],
                (Tri::Yes, Some(Through::Everyone)),
            ),
            (
                vec![ROOT, Principal::Everyone, ITSELF],
                (Tri::Yes, Some(Through::Itself)),
            ),
            (
                vec![Principal::Canonical("a2c85e")],
                (Tri::Yes, Some(Through::Account)),
            ),
            (vec![Principal::Canonical("A2C85E")], (Tri::Maybe, None)),
            (vec![Principal::Canonical("b")], (Tri::No, None)),
            (vec![Principal::Account("111122223333")], (Tri::No, None)),
            (
                vec![Principal::Arn(
                    "arn:aws:iam::931508227573:user/Segmentsai-prod-user",
                )],
                (Tri::No, None),
            ),
            (
                vec![Principal::Arn(
                    "arn:aws-cn:iam::931508227573:user/segmentsai-prod-user",
                )],
                (Tri::No, None),
            ),
            (
                vec![Principal::Arn("arn:aws:iam::931508227573:user/*")],
                (Tri::Maybe, None),
            ),
            (
                vec![Principal::Arn("arn:aws:iam::111122223333:user/*")],
                (Tri::No, None),
            ),
            (
                vec![Principal::UniqueId("AIDACKCEVSQ6C2EXAMPLE")],
                (Tri::No, None),
            ),
            (
                vec![
                    Principal::Service("s3.amazonaws.com"),
                    Principal::Federated("x"),
                ],
                (Tri::No, None),
            ),
        ] {
            assert_eq!(among(&entries), wanted, "{entries:?}");
        }
        let unknown = Question {
            canonical_id: None,
            ..question()
        };
        let found = judge(
            &Clause::Only(vec![Principal::Canonical("b")]),
            Effect::Allow,
            &unknown,
        );
        assert_eq!(found.answer, Tri::Maybe);
    }

    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>: "you
    /// must also specify the account ARN of the not-denied principal".
    #[test]
    fn a_not_principal_excepts_only_with_the_account() {
        let other = Principal::Account("111122223333");
        for (entries, deny, allow) in [
            (vec![other], Tri::Yes, Tri::Maybe),
            (vec![ROOT], Tri::Yes, Tri::Maybe),
            (vec![ITSELF], Tri::Maybe, Tri::No),
            (vec![other, ITSELF, ROOT], Tri::No, Tri::No),
            (vec![Principal::Everyone], Tri::Maybe, Tri::Maybe),
            (
                vec![Principal::Arn("arn:aws:iam::*:user/segmentsai-prod-user")],
                Tri::Maybe,
                Tri::Maybe,
            ),
        ] {
            let answer =
                |effect| judge(&Clause::AllBut(entries.clone()), effect, &question()).answer;
            assert_eq!(
                (answer(Effect::Deny), answer(Effect::Allow)),
                (deny, allow),
                "{entries:?}"
            );
        }
        let found = judge(&Clause::AllBut(vec![other]), Effect::Deny, &question());
        assert_eq!(found.suspected, Some("A09"));
    }
}
