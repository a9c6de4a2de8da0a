//! Files that are made by the program itself: the completions, the man page, and what every `--help` says.
//!
//! `UPDATE_GENERATED=1 cargo test --test suite generated::` writes them anew.

use std::path::{Path, PathBuf};

use segments_connect::cli::CompletionsArg;
use segments_connect::command::completions_text;

use crate::support::{program, ran};

/// The file of a shell's completions, under the name that the shell looks for.
const COMPLETIONS: [(CompletionsArg, &str, &str); 6] = [
    (CompletionsArg::Bash, "bash", "segments-connect.bash"),
    (CompletionsArg::Zsh, "zsh", "_segments-connect"),
    (CompletionsArg::Fish, "fish", "segments-connect.fish"),
    (
        CompletionsArg::PowerShell,
        "powershell",
        "_segments-connect.ps1",
    ),
    (CompletionsArg::Elvish, "elvish", "segments-connect.elv"),
    (CompletionsArg::Man, "man", "segments-connect.1"),
];

/// Every command that has a help of its own.
const COMMANDS: &[&[&str]] = &[
    &[],
    &["aws"],
    &["aws", "connect"],
    &["aws", "plan"],
    &["aws", "render"],
    &["aws", "verify"],
    &["aws", "disconnect"],
    &["gcp"],
    &["gcp", "connect"],
    &["gcp", "plan"],
    &["gcp", "render"],
    &["gcp", "verify"],
    &["gcp", "disconnect"],
    &["azure"],
    &["azure", "connect"],
    &["azure", "plan"],
    &["azure", "render"],
    &["azure", "verify"],
    &["azure", "disconnect"],
    &["verify"],
    &["explain"],
    &["sandbox"],
    &["completions"],
];

fn completions_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("completions")
        .join(name)
}

#[test]
fn the_completions_that_are_kept_are_the_ones_that_the_program_makes() {
    for (shell, _, name) in COMPLETIONS {
        let made = completions_text(shell).expect("completions");
        let path = completions_file(name);
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            std::fs::write(&path, &made).expect("the file can be written");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == made,
            "{} is not what the program makes; write it anew with UPDATE_GENERATED=1",
            path.display()
        );
    }
}

#[test]
fn the_command_prints_the_completions_that_are_kept() {
    let home = tempfile::tempdir().expect("a temporary directory");
    for (_, word, name) in COMPLETIONS {
        let ran = ran(&mut program(home.path(), &["completions", word]));
        assert_eq!(ran.status, Some(0), "{word}");
        assert_eq!(ran.stderr, "", "{word}");
        let kept = std::fs::read_to_string(completions_file(name)).expect("a kept file");
        assert!(ran.stdout == kept, "{word}");
    }
}

#[test]
fn every_help_is_as_it_was_agreed() {
    let home = tempfile::tempdir().expect("a temporary directory");
    for command in COMMANDS {
        let mut arguments = command.to_vec();
        arguments.push("--help");
        let ran = ran(&mut program(home.path(), &arguments));
        assert_eq!(ran.status, Some(0), "{arguments:?}");
        assert_eq!(ran.stderr, "", "{arguments:?}");
        assert!(
            ran.stdout.starts_with("Examples:"),
            "{arguments:?} does not lead with examples"
        );
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/snapshots");
            std::fs::create_dir_all(path).expect("the directory can be made");
        }
        let name = if command.is_empty() {
            "help".to_owned()
        } else {
            format!("help-{}", command.join("-"))
        };
        settings.bind(|| insta::assert_snapshot!(name, ran.stdout));
    }
}

#[test]
fn no_command_is_without_a_snapshot_of_its_help() {
    use clap::CommandFactory;
    let mut known: Vec<Vec<String>> = Vec::new();
    let mut open = vec![(Vec::new(), segments_connect::cli::Cli::command())];
    while let Some((words, command)) = open.pop() {
        for inner in command.get_subcommands() {
            let mut words: Vec<String> = words.clone();
            words.push(inner.get_name().to_owned());
            open.push((words, inner.clone()));
        }
        known.push(words);
    }
    for words in known {
        assert!(
            COMMANDS.iter().any(|command| **command == words[..]),
            "{words:?} has no snapshot"
        );
    }
}
