//! Whether the samples are encrypted alike. Where they are not, one that can be read says nothing of the others.
//!
//! The bucket's default encryption is for new objects alone:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html>. Pure.

use crate::aws::reads::Head;
use crate::catalogue::Cause;
use crate::finding::{CheckResult, Status};

/// What whoever reads an object needs for its encryption.
#[derive(Debug, PartialEq, Eq)]
enum Need<'a> {
    /// Nothing: S3 holds the key, or there is none.
    Nothing,
    /// The right to decrypt with this key of KMS; where S3 does not say with which, that of some key.
    Decrypt(Option<&'a str>),
}

impl<'a> Need<'a> {
    fn of(head: &'a Head) -> Self {
        match head.encryption.as_deref() {
            Some("aws:kms" | "aws:kms:dsse") => Self::Decrypt(head.kms_key.as_deref()),
            Some(_) | None => Self::Nothing,
        }
    }

    fn in_words(&self) -> String {
        match self {
            Self::Nothing => "without a key of KMS".to_owned(),
            Self::Decrypt(Some(key)) => format!("with the key `{key}`"),
            Self::Decrypt(None) => "with a key of KMS".to_owned(),
        }
    }
}

/// The results of the samples, each of which passed with a warning where others are encrypted in another way.
pub fn compared(samples: Vec<(Option<Head>, CheckResult)>) -> Vec<CheckResult> {
    let mut others: Vec<Option<String>> = Vec::new();
    for (head, result) in &samples {
        let Some(head) = head else {
            others.push(None);
            continue;
        };
        let need = Need::of(head);
        let other = samples.iter().find_map(|(other, named)| {
            let theirs = Need::of(other.as_ref()?);
            let name = named.subject.as_deref()?;
            (theirs != need && result.status == Status::Pass)
                .then(|| format!("`{name}` is encrypted {}", theirs.in_words()))
        });
        others.push(other);
    }
    samples
        .into_iter()
        .zip(others)
        .map(|((_, result), other)| match other {
            None => result,
            Some(other) => warned(result, &other),
        })
        .collect()
}

fn warned(mut result: CheckResult, other: &str) -> CheckResult {
    result.status = Status::Warn;
    result.cause = Some(Cause::A27);
    result.detail = format!(
        "{}; but {other}, so what holds for one object does not hold for all",
        result.detail
    );
    result.fix = Some(Cause::A27.entry().remedy.to_owned());
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(
        name: &str,
        encryption: Option<&str>,
        key: Option<&str>,
    ) -> (Option<Head>, CheckResult) {
        let head = Head {
            size: 1,
            encryption: encryption.map(str::to_owned),
            kms_key: key.map(str::to_owned),
            bucket_key: None,
            storage_class: None,
            archive_status: None,
            restored: false,
        };
        let result = CheckResult::pass("aws.object.protection", "fine").on(name);
        (Some(head), result)
    }

    fn causes(samples: Vec<(Option<Head>, CheckResult)>) -> Vec<Option<Cause>> {
        compared(samples)
            .into_iter()
            .map(|result| result.cause)
            .collect()
    }

    #[test]
    fn only_samples_that_need_different_rights_are_a27() {
        let one = || sample("a", Some("AES256"), None);
        let kms = |name: &str, key: &str| sample(name, Some("aws:kms"), Some(key));
        assert_eq!(causes(vec![one()]), [None]);
        assert_eq!(causes(vec![one(), sample("b", None, None)]), [None, None]);
        assert_eq!(causes(vec![kms("a", "k"), kms("b", "k")]), [None, None]);
        assert_eq!(
            causes(vec![kms("a", "k"), kms("b", "l")]),
            [Some(Cause::A27), Some(Cause::A27)]
        );
        let told = compared(vec![one(), kms("b", "k")]);
        assert_eq!(
            told[0].detail,
            "fine; but `b` is encrypted with the key `k`, so what holds for one object does not hold for all"
        );
    }

    #[test]
    fn what_blocks_keeps_its_own_cause_and_what_is_not_known_says_nothing() {
        let (head, _) = sample("b", Some("aws:kms"), Some("k"));
        let blocked = CheckResult::fail("aws.object.protection", Cause::A26, "no").on("b");
        let unread = CheckResult::unknown("aws.object.protection", "no answer").on("c");
        let told = causes(vec![
            sample("a", None, None),
            (head, blocked),
            (None, unread),
        ]);
        assert_eq!(told, [Some(Cause::A27), Some(Cause::A26), None]);
    }
}
