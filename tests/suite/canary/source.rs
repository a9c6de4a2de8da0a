//! The places from which the program takes credentials, with the canaries in them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{ACCESS_KEY, TOKEN};
use crate::support::program;

/// Where the program finds its credentials.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    Environment,
    CredentialsFile,
    CredentialProcess,
}

impl Source {
    /// Puts the credentials there; the files that hold them now.
    pub(super) fn plant(self, home: &Path, secret: &str) -> Vec<PathBuf> {
        let directory = home.join(".aws");
        fs::create_dir_all(&directory).expect("a directory");
        match self {
            Self::Environment => Vec::new(),
            Self::CredentialsFile => {
                let file = directory.join("credentials");
                let text = format!(
                    "[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {secret}\naws_session_token = {TOKEN}\n"
                );
                fs::write(&file, text).expect("a file");
                vec![file]
            }
            Self::CredentialProcess => {
                let script = home.join("credentials.sh");
                let answer = format!(
                    r#"{{"Version":1,"AccessKeyId":"{ACCESS_KEY}","SecretAccessKey":"{secret}","SessionToken":"{TOKEN}"}}"#
                );
                fs::write(&script, format!("#!/bin/sh\nprintf '%s' '{answer}'\n")).expect("a file");
                fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).expect("a mode");
                let config = directory.join("config");
                fs::write(
                    &config,
                    format!("[default]\ncredential_process = {}\n", script.display()),
                )
                .expect("a file");
                vec![script]
            }
        }
    }

    pub(super) fn command(
        self,
        home: &Path,
        endpoint: &str,
        secret: &str,
        arguments: &[&str],
    ) -> Command {
        let mut command = program(home, arguments);
        command.envs([
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("RUST_LOG", "trace"),
            ("RUST_BACKTRACE", "1"),
        ]);
        match self {
            Self::Environment => command.envs([
                ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
                ("AWS_SECRET_ACCESS_KEY", secret),
                ("AWS_SESSION_TOKEN", TOKEN),
            ]),
            Self::CredentialsFile | Self::CredentialProcess => &mut command,
        };
        command
    }
}
