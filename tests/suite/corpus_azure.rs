//! Broken storage accounts as customers have them: what was done, what Segments.ai and its page then meet in the local
//! Azure, and the causes that `verify` must tell, the gravest first.
//!
//! Each story is told twice: by the program, which knows the owner's side, and by a link that Segments.ai's own app signs
//! and that is fetched as a browser elsewhere would. So a story that is not true fails too.

mod stories;

use segments_connect::sandbox::azure::{ACCOUNT, TENANT};

use crate::sandbox_azure::signing::{Link, access_token, app_signs_in, key_for_two_days, read_key};
use crate::support::azure::{AzureStage, ORIGIN};

/// An account that a customer brought into some state.
struct Story {
    /// What became of it, in a few words.
    name: &'static str,
    /// Does it, to an account that was connected.
    act: fn(&AzureStage),
    /// The container and the blob.
    blob: (&'static str, &'static str),
    /// What Segments.ai and its page meet.
    met: Met,
    /// The causes in the order in which people read them: the first leads. None where nothing is wrong.
    causes: &'static [&'static str],
    exit: i32,
}

/// What becomes of a link in Segments.ai's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    /// It shows.
    Shown,
    /// Segments.ai's app cannot sign in.
    NoToken,
    /// It is given no key to sign links with.
    NoKey(u16),
    /// Azure refuses the link, with this status.
    Refused(u16),
    /// Azure gives it, and the browser keeps it from the page.
    KeptByBrowser,
}

/// From somewhere on the internet: neither the office nor this machine.
async fn meets(stage: &AzureStage, story: &Story) -> Met {
    let elsewhere = "198.51.100.7".parse().expect("an address");
    stage.world(|world| world.source_ip = Some(elsewhere));
    let met = from_elsewhere(stage, story).await;
    stage.world(|world| world.source_ip = None);
    met
}

async fn from_elsewhere(stage: &AzureStage, story: &Story) -> Met {
    let signed_in = app_signs_in(&stage.sandbox, TENANT).await;
    let Some(token) = access_token(&signed_in) else {
        return Met::NoToken;
    };
    let given = key_for_two_days(&stage.sandbox, &token).await;
    if given.status != 200 {
        return Met::NoKey(given.status);
    }
    let link = Link {
        blob: story.blob,
        ..Link::default()
    };
    let (container, blob) = story.blob;
    let query = link.sign(&read_key(&given));
    let url = format!(
        "{}/{ACCOUNT}/{container}/{blob}?{query}",
        stage.sandbox.endpoint()
    );
    let browser = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let request = browser.get(url).header("origin", ORIGIN);
    let answer = request.send().await.expect("an answer");
    let allowed = answer.headers().get("access-control-allow-origin");
    match (answer.status().as_u16(), allowed) {
        (200, Some(allowed)) if allowed == "*" || allowed == ORIGIN => Met::Shown,
        (200, Some(_) | None) => Met::KeptByBrowser,
        (status, _) => Met::Refused(status),
    }
}

/// The causes in the order in which people read them, each once.
fn told(report: &str) -> Vec<&str> {
    let mut codes = Vec::new();
    for line in report.lines() {
        let code = line
            .split_once("  [")
            .and_then(|(_, rest)| rest.split_once("] "))
            .map(|(code, _)| code);
        codes.extend(code.filter(|code| !codes.contains(code)));
    }
    codes
}

#[test]
fn the_report_leads_with_what_blocks_and_the_rest_follows_by_harm() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let stories = stories::all();
    assert!(stories.len() >= 50, "{} stories", stories.len());
    let mut wrong = Vec::new();
    for story in &stories {
        let stage = AzureStage::connected();
        (story.act)(&stage);
        let met = runtime.block_on(meets(&stage, story));
        assert_eq!(met, story.met, "{}: the story is not true", story.name);
        let (container, blob) = story.blob;
        let words = ["azure", "verify", "--storage-account", ACCOUNT];
        let words = [&words[..], &["--container", container, "--object", blob]].concat();
        let plain = stage.run(&words);
        let (ran, document) = stage.json(&words);
        let leads = document["leads"]["cause"].as_str();
        let right = told(&plain.stdout) == story.causes
            && leads == story.causes.first().copied()
            && (plain.status, ran.status) == (Some(story.exit), Some(story.exit));
        if !right {
            let unlike: Vec<&str> = plain
                .stdout
                .lines()
                .filter(|line| !line.starts_with("pass"))
                .collect();
            wrong.push(format!(
                "{}: {leads:?} leads, then {:?}, and {:?} instead of {:?} and {}\n{}\n{}{}",
                story.name,
                told(&plain.stdout),
                ran.status,
                story.causes,
                story.exit,
                unlike.join("\n"),
                plain.stderr,
                document["error"]
            ));
        }
        assert_eq!(stage.writes(), [""; 0], "{}", story.name);
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        stories.len(),
        wrong.join("\n")
    );
    // Blocked, not to be told, and not broken after all: each is among them.
    for exit in [0, 4, 6] {
        assert!(stories.iter().any(|story| story.exit == exit), "{exit}");
    }
}

#[test]
fn every_blocking_cause_that_a_check_can_find_has_a_story() {
    let stories = stories::all();
    for code in [
        "Z01", "Z02", "Z03", "Z04", "Z05", "Z06", "Z07", "Z08", "Z10", "Z11", "Z12", "Z14", "Z15",
        "Z18", "Z19", "Z20", "Z22", "Z24", "Z25", "Z31", "Z35",
    ] {
        let led = |story: &Story| story.causes.first() == Some(&code);
        assert!(stories.iter().any(led), "{code}");
    }
}
