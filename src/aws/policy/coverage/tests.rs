use super::*;
use crate::aws::policy::Version;
use crate::aws::policy::generate::LINK;

const BUCKET: Asked<'static> = Asked::Every("arn:aws:s3:::acme/*");

fn reach(patterns: &[&str], asked: Asked<'_>, version: Version) -> (&'static str, &'static str) {
    let word = |covers: &Covers| match covers {
        Covers::All => "all",
        Covers::Some(_) => "some",
        Covers::Nothing => "nothing",
        Covers::Unknown(..) => "unknown",
    };
    let asked = Subject::of(asked);
    let variables = Variables {
        version,
        circumstances: &LINK,
    };
    (
        word(&covers(
            &Clause::Only(patterns.to_vec()),
            &asked,
            &variables,
        )),
        word(&covers(
            &Clause::AllBut(patterns.to_vec()),
            &asked,
            &variables,
        )),
    )
}

/// Wildcards: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>.
#[test]
fn resources_cover_the_whole_bucket_some_of_it_or_nothing() {
    for (patterns, wanted) in [
        (vec!["arn:aws:s3:::acme/*"], ("all", "nothing")),
        (
            vec!["arn:aws:s3:::acme", "arn:aws:s3:::acme/*"],
            ("all", "nothing"),
        ),
        (vec!["*"], ("all", "nothing")),
        (vec!["arn:aws:s3:::*"], ("all", "nothing")),
        (vec!["arn:*:s3:::acme/*"], ("all", "nothing")),
        (vec!["arn:aws:s3:*:*:acme/*"], ("all", "nothing")),
        (
            vec!["arn:aws:s3:::acme/?*", "arn:aws:s3:::acme/"],
            ("all", "nothing"),
        ),
        (vec!["arn:aws:s3:::acme"], ("nothing", "all")),
        (vec!["arn:aws:s3:::ACME/*"], ("nothing", "all")),
        (
            vec!["arn:aws:s3:::other/*", "arn:aws:kms:*"],
            ("nothing", "all"),
        ),
        (vec!["arn:aws:s3:::acme/public/*"], ("some", "some")),
        (vec!["arn:aws:s3:::*/public/*"], ("some", "some")),
        (vec!["arn:aws:s3*acme/*"], ("unknown", "unknown")),
        (vec!["*acme/*"], ("unknown", "unknown")),
        (vec!["arn:aws:?3:::acme/*"], ("unknown", "unknown")),
        (vec!["arn:aws:*:::acme/*"], ("unknown", "unknown")),
        (vec!["arn:aws:*:::acme/*", "*"], ("all", "nothing")),
        (vec!["arn:aws:s3:*"], ("all", "nothing")),
        (vec!["arn:aws:s3*"], ("unknown", "unknown")),
        (vec!["arn:aws:*"], ("unknown", "unknown")),
        (vec!["arn:*"], ("unknown", "unknown")),
        (vec!["arn:aws:kms:*"], ("nothing", "all")),
        (vec!["arn:aw?:s3:::acme/*"], ("all", "nothing")),
        (vec!["arn:*:s3:::acme/public/*"], ("unknown", "unknown")),
        (vec!["arn:*:s3:::other/*"], ("unknown", "unknown")),
    ] {
        assert_eq!(
            reach(&patterns, BUCKET, Version::Of2012),
            wanted,
            "{patterns:?}"
        );
    }
}

#[test]
fn one_key_is_covered_or_not_and_its_own_wildcards_are_plain() {
    let key = Asked::One("arn:aws:s3:::acme/a*b?.jpg");
    for (pattern, wanted) in [
        ("arn:aws:s3:::acme/*", ("all", "nothing")),
        ("arn:aws:s3:::acme/a?b*", ("all", "nothing")),
        ("arn:aws:s3:::acme/axb1.jpg", ("nothing", "all")),
    ] {
        assert_eq!(reach(&[pattern], key, Version::Of2012), wanted, "{pattern}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
#[test]
fn variables_live_only_in_the_current_version() {
    let own = ["arn:aws:s3:::acme/${aws:username}/*"];
    let other = ["arn:aws:s3:::other/${aws:username}/*"];
    let tag = ["arn:aws:s3:::acme/${aws:PrincipalTag/team}/*"];
    assert_eq!(reach(&tag, BUCKET, Version::Of2012), ("unknown", "unknown"));
    assert_eq!(reach(&own, BUCKET, Version::Of2012), ("some", "some"));
    let home = Asked::One("arn:aws:s3:::acme/segmentsai-prod-user/1.jpg");
    assert_eq!(reach(&own, home, Version::Of2012), ("all", "nothing"));
    assert_eq!(
        reach(&own, BUCKET, Version::Unclear),
        ("unknown", "unknown")
    );
    assert_eq!(reach(&other, BUCKET, Version::Of2012), ("nothing", "all"));
    for old in [Version::Of2008, Version::Absent] {
        assert_eq!(reach(&own, BUCKET, old), ("some", "some"));
        let key = Asked::One("arn:aws:s3:::acme/ana/1.jpg");
        assert_eq!(reach(&own, key, old), ("nothing", "all"));
    }
}

#[test]
fn parts_are_put_together() {
    let only =
        |patterns: &[&str]| Part::Only(patterns.iter().map(|one| (*one).to_owned()).collect());
    let but =
        |patterns: &[&str]| Part::AllBut(patterns.iter().map(|one| (*one).to_owned()).collect());
    let asked = Glob::pattern("b/*");
    for (parts, wanted) in [
        (vec![], Tri::No),
        (vec![only(&["b/x*"])], Tri::No),
        (vec![only(&["b/?*"]), only(&["b/"])], Tri::Yes),
        (vec![but(&["b/x*"])], Tri::No),
        (vec![but(&["b/x*"]), only(&["b/x*"])], Tri::Yes),
        (vec![but(&["b/x*"]), but(&["b/y*"])], Tri::Yes),
        (vec![but(&["b/x*"]), but(&["b/*y"])], Tri::Maybe),
        (vec![but(&["b/x*"]), only(&["b/y*"])], Tri::Maybe),
    ] {
        let borrowed: Vec<&Part> = parts.iter().collect();
        assert_eq!(together(&borrowed, &asked), wanted, "{parts:?}");
    }
}
