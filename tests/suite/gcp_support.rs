//! What every story on Google Cloud needs: a local cloud, somebody's credentials, and the program started as a user
//! would start it.

use std::path::{Path, PathBuf};
use std::process::Command;

use segments_connect::sandbox::gcp::settings::Cors;
use segments_connect::sandbox::gcp::{
    BUCKET, Binding, Bucket, DEPLOYER, OWNER, PROJECT, Policy, Role, SEGMENTS, World,
};
use segments_connect::sandbox::{Options, Sandbox};
use serde_json::Value;

use crate::support::{Ran, program, ran};

/// The object of the bucket.
pub const PHOTO: &str = "photos/0001.jpg";
/// The role's full name.
pub const ROLE: &str = "projects/acme-vision/roles/segments_object_reader";
/// The role's ID.
pub const ROLE_ID: &str = "segments_object_reader";

/// A local cloud, and a home directory.
pub struct GcpStage {
    /// The local cloud.
    pub sandbox: Sandbox,
    home: tempfile::TempDir,
}

impl GcpStage {
    /// A local cloud with `world` in it.
    pub fn with(world: World) -> Self {
        Self {
            sandbox: Sandbox::start(Options::from(world)).expect("the local cloud starts"),
            home: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    /// A local cloud with the bucket as Google makes it, and one photo in it.
    pub fn fresh() -> Self {
        Self::with(fresh_world())
    }

    /// As [`Self::fresh`], and connected already, by hand.
    pub fn connected() -> Self {
        let stage = Self::fresh();
        stage.sandbox.with_state(|state| {
            let project = state.gcp.project_mut(PROJECT).expect("the project");
            project.roles.insert(ROLE_ID.to_owned(), published_role());
        });
        stage.bucket(|bucket| {
            bucket.policy.grant(ROLE, &member());
            bucket.policy.revision += 1;
            bucket.settings.cors = vec![published_entry()];
            bucket.settings.metageneration += 1;
        });
        stage
    }

    /// The home directory; the state directory is in it.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where backups are.
    pub fn backups(&self) -> PathBuf {
        self.home.path().join("segments-connect").join("backups")
    }

    /// The credential file of somebody, written anew.
    pub fn credentials(&self, email: &str) -> PathBuf {
        let path = self.home.path().join(format!("{email}.json"));
        let text = self.sandbox.application_credentials(email).to_string();
        std::fs::write(&path, text).expect("a file can be written");
        path
    }

    /// The program with these arguments, signed in as somebody, with an environment of its own and no terminal.
    pub fn command_as(&self, email: &str, arguments: &[&str]) -> Command {
        let mut command = program(self.home.path(), arguments);
        command
            .envs(self.sandbox.environment(email))
            .env("GOOGLE_APPLICATION_CREDENTIALS", self.credentials(email));
        command
    }

    /// The same as the owner.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_as(OWNER, arguments)
    }

    /// Runs `segments-connect gcp ACTION` on the bucket, as the owner.
    pub fn gcp(&self, action: &str, more: &[&str]) -> Ran {
        ran(&mut self.command(&arguments(action, more)))
    }

    /// The same as somebody, with `--json`, and gives the document too.
    #[track_caller]
    pub fn gcp_json_as(&self, email: &str, action: &str, more: &[&str]) -> (Ran, Value) {
        let mut words = arguments(action, more);
        words.push("--json");
        let ran = ran(&mut self.command_as(email, &words));
        let document = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| {
            panic!(
                "standard output is no JSON document: {error}\n{}\n{}",
                ran.stdout, ran.stderr
            )
        });
        (ran, document)
    }

    /// The same as the owner.
    #[track_caller]
    pub fn gcp_json(&self, action: &str, more: &[&str]) -> (Ran, Value) {
        self.gcp_json_as(OWNER, action, more)
    }

    /// Connects, as the owner, without patience.
    #[track_caller]
    pub fn connect(&self, more: &[&str]) -> (Ran, Value) {
        self.gcp_json("connect", &[&["--yes", "--wait", "0"], more].concat())
    }

    /// As the service account with a key, which can sign links.
    #[track_caller]
    pub fn verify_with_key(&self, more: &[&str]) -> (Ran, Value) {
        self.gcp_json_as(DEPLOYER, "verify", more)
    }

    /// Changes the bucket, or looks at it.
    pub fn bucket<T>(&self, act: impl FnOnce(&mut Bucket) -> T) -> T {
        self.sandbox
            .with_state(|state| act(state.gcp.buckets.get_mut(BUCKET).expect("the bucket")))
    }

    /// Changes the world, or looks at it.
    pub fn world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        self.sandbox.with_state(|state| act(&mut state.gcp))
    }

    /// Its policy as it is stored now.
    pub fn policy(&self) -> Policy {
        self.bucket(|bucket| bucket.policy.clone())
    }

    /// Its CORS entries as they are stored now.
    pub fn cors(&self) -> Vec<Cors> {
        self.bucket(|bucket| bucket.settings.cors.clone())
    }

    /// The custom role as it is stored now.
    pub fn role(&self) -> Option<Role> {
        self.world(|world| {
            let (_, project) = world.project(PROJECT).expect("the project");
            project.roles.get(ROLE_ID).cloned()
        })
    }

    /// Changes the custom role.
    pub fn change_role(&self, act: impl FnOnce(&mut Role)) {
        self.world(|world| {
            let project = world.project_mut(PROJECT).expect("the project");
            let role = project.roles.get_mut(ROLE_ID).expect("the role");
            act(role);
            role.revision += 1;
        });
    }

    /// Whether the local cloud lets Segments.ai's own service account read an object.
    pub fn segments_reads(&self, object: &str) -> bool {
        let token = self.world(|world| world.issue_token(SEGMENTS));
        let url = format!("{}/{BUCKET}/{object}", self.sandbox.endpoint());
        let asked = async {
            let client = reqwest::Client::builder().no_proxy().build()?;
            client.get(url).bearer_auth(token).send().await
        };
        let answer = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(asked)
            .expect("the local cloud answers");
        answer.status().is_success()
    }

    /// The writes that arrived, by operation.
    pub fn writes(&self) -> Vec<String> {
        self.sandbox
            .log()
            .into_iter()
            .map(|request| request.operation)
            .filter(|operation| writes(operation))
            .collect()
    }
}

/// The bindings of a policy in one order: Google keeps them in an order of its own.
pub fn sorted(policy: &Policy) -> Vec<Binding> {
    let mut bindings = policy.bindings.clone();
    bindings.sort_by_key(|binding| (binding.role.clone(), binding.condition.clone()));
    bindings
}

/// Whether an operation changes something.
pub fn writes(operation: &str) -> bool {
    [
        "CreateRole",
        "UpdateRole",
        "UndeleteRole",
        "DeleteRole",
        "SetIamPolicy",
        "UpdateBucket",
    ]
    .contains(&operation)
}

/// `gcp ACTION --bucket … --service-account …`, and more.
pub fn arguments<'a>(action: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec![
        "gcp",
        action,
        "--bucket",
        BUCKET,
        "--service-account",
        SEGMENTS,
    ];
    words.extend(more);
    words
}

/// The bucket as Google makes it, and one photo in it.
pub fn fresh_world() -> World {
    let mut world = World::acme();
    let project = world.project_mut(PROJECT).expect("the project");
    project
        .policy
        .grant("roles/storage.admin", &format!("user:{OWNER}"));
    let bucket = world.buckets.get_mut(BUCKET).expect("the bucket");
    bucket.objects.clear();
    bucket.add_object(PHOTO, "a photo");
    world
}

/// Segments.ai's service account, as a policy names it.
pub fn member() -> String {
    format!("serviceAccount:{SEGMENTS}")
}

/// The custom role as it is published.
pub fn published_role() -> Role {
    Role {
        description: "Lets Segments.ai read the objects of the buckets on which it is bound, and nothing else."
            .to_owned(),
        ..Role::new("Segments.ai object reader", &["storage.objects.get"])
    }
}

/// The CORS entry as it is published.
pub fn published_entry() -> Cors {
    entry("https://*.segments.ai", "GET", &["*"])
}

/// A CORS entry.
pub fn entry(origin: &str, method: &str, headers: &[&str]) -> Cors {
    Cors {
        origin: vec![origin.to_owned()],
        method: vec![method.to_owned()],
        response_header: headers.iter().map(|header| (*header).to_owned()).collect(),
        max_age_seconds: 0,
    }
}
