//! At a terminal: what is asked about a storage account, and what the answers do.

#![cfg(unix)]

use segments_connect::sandbox::azure::{ACCOUNT, STORAGE_OWNER, TENANT};

use crate::support::azure::AzureStage;
use crate::support::terminal::{Terminal, cursor_is_shown};

#[test]
fn three_changes_are_shown_with_how_far_they_reach_and_asked_for() {
    let stage = AzureStage::fresh();
    let mut terminal =
        Terminal::of(stage.command(&["azure", "--storage-account", ACCOUNT, "--wait", "0"]));
    terminal.shows("3 changes; nothing is written yet.");
    terminal.shows("Make these 3 changes?");
    assert_eq!(stage.writes(), [""; 0]);
    terminal.types("y");
    let (status, screen) = terminal.ends();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.contains(TENANT), "{screen}");
    assert!(cursor_is_shown(&screen), "{screen:?}");
    stage.is_connected(&[]);
}

#[test]
fn the_question_names_the_tenant_and_the_storage_account() {
    let stage = AzureStage::fresh();
    let mut terminal =
        Terminal::of(stage.command(&["azure", "connect", "--storage-account", ACCOUNT]));
    terminal.shows("They reach the whole tenant and the whole storage account.");
    terminal.types("n");
    let (status, screen) = terminal.ends();
    assert_eq!(status, 130, "{screen}");
    assert!(screen.contains("nothing was written"), "{screen}");
    assert_eq!(stage.writes(), [""; 0]);
    assert!(!stage.backups().exists());
}

#[test]
fn what_is_left_to_somebody_else_is_not_asked_for() {
    let stage = AzureStage::fresh();
    let arguments = [
        "azure",
        "connect",
        "--storage-account",
        ACCOUNT,
        "--wait",
        "0",
    ];
    stage.world(|world| world.install_segments(TENANT));
    let owner = segments_connect::sandbox::azure::READER;
    stage.world(|world| {
        let scope = crate::support::azure::scope();
        world.assign(owner, "Storage Account Contributor", &scope);
    });
    let mut terminal = Terminal::of(stage.command_as(owner, &arguments));
    terminal.shows("left to somebody else");
    terminal.shows("Make this change?");
    terminal.types("y");
    let (status, screen) = terminal.ends();
    assert_eq!(status, 5, "{screen}");
    assert_eq!(stage.writes(), ["PutBlobServices"]);
}

#[test]
fn a_removal_of_the_app_is_asked_for_with_its_reach() {
    let stage = AzureStage::connected();
    let arguments = [
        "azure",
        "disconnect",
        "--storage-account",
        ACCOUNT,
        "--delete-service-principal",
    ];
    let mut terminal = Terminal::of(stage.command(&arguments));
    terminal.shows("every other storage account of this tenant");
    terminal.shows("Make these 3 removals?");
    terminal.presses_control_c();
    let (status, screen) = terminal.ends();
    assert_eq!(status, 130, "{screen}");
    assert_eq!(stage.writes(), [""; 0]);
    assert!(stage.app().is_some());
}

#[test]
fn an_account_that_was_left_out_is_asked_for() {
    let stage = AzureStage::connected();
    let mut terminal = Terminal::of(stage.command_as(STORAGE_OWNER, &["azure", "verify"]));
    terminal.shows("--storage-account");
    assert_eq!(stage.sandbox.log(), []);
    terminal.types(&format!("{ACCOUNT}\r"));
    let (status, screen) = terminal.ends();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.contains("Nothing found wrong."), "{screen}");
}
