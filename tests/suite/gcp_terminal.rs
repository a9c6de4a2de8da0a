//! At a terminal on Google Cloud: what is asked, in which words, and how far a change reaches.

#![cfg(unix)]

use segments_connect::sandbox::gcp::{BUCKET, SEGMENTS};

use crate::gcp_support::{GcpStage, ROLE, member};
use crate::support::terminal::Terminal;

#[test]
fn the_bucket_and_the_service_account_are_asked_for_with_where_it_comes_from() {
    let stage = GcpStage::fresh();
    let mut terminal = Terminal::of(stage.command(&["gcp"]));
    terminal.shows("--bucket");
    terminal.types(&format!("{BUCKET}\r"));
    terminal.shows("which Segments.ai hands out");
    terminal.types("allUsers\r");
    terminal.shows("everyone on the internet");
    // What was typed stays to be edited.
    terminal.types("\u{15}");
    terminal.types(&"\u{8}".repeat(8));
    terminal.types(&format!("{SEGMENTS}\r"));
    terminal.shows("Make these 3 changes?");
    terminal.shows("the whole project");
    terminal.types("y");
    let (status, screen) = terminal.ends();
    assert_eq!(status, 0, "{screen}");
    assert!(stage.policy().has(ROLE, &member()));
}

#[test]
fn no_writes_nothing() {
    let stage = GcpStage::fresh();
    let words = ["gcp", "--bucket", BUCKET, "--service-account", SEGMENTS];
    let mut terminal = Terminal::of(stage.command(&words));
    terminal.shows("Make these 3 changes?");
    terminal.types("n");
    let (status, screen) = terminal.ends();
    assert_eq!(status, 130, "{screen}");
    assert_eq!(stage.writes(), Vec::<String>::new());
    assert_eq!(stage.role(), None);
}
