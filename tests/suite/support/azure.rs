//! What every story on Azure needs: a local cloud with a company in it, and the program started as one of its people.
//!
//! Nothing here judges; it seeds, runs and shows what is there now.

use std::path::{Path, PathBuf};
use std::process::Command;

use segments_connect::sandbox::azure::{
    ACCOUNT, BOTH, CorsRule, DIRECTORY_ADMINISTRATOR, DirectoryRole, READER_ROLE, RoleAssignment,
    STORAGE_BLOB_DATA_READER, SUBSCRIPTION, StorageAccount, Subscription, TENANT, User, World,
};
use segments_connect::sandbox::{Options, Sandbox};
use serde_json::Value;

use super::{Ran, program, ran};

/// A blob of the company's.
pub const BLOB: &str = "cat.png";
/// The origin of Segments.ai's pages.
pub const ORIGIN: &str = "https://app.segments.ai";

/// A local Azure, and a home directory that holds nothing.
pub struct AzureStage {
    /// The local cloud.
    pub sandbox: Sandbox,
    home: tempfile::TempDir,
}

impl AzureStage {
    /// A local cloud with `world` in it.
    pub fn with(world: World) -> Self {
        Self {
            sandbox: Sandbox::start(Options::from(world)).expect("the local cloud starts"),
            home: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    /// A company that has never heard of Segments.ai.
    pub fn fresh() -> Self {
        Self::with(World::acme())
    }

    /// A company that was connected by hand: the app, its role under a name of its own, the CORS rule.
    pub fn connected() -> Self {
        Self::with(connected())
    }

    /// The home directory; the state directory is in it.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where backups are.
    pub fn backups(&self) -> PathBuf {
        self.home.path().join("segments-connect").join("backups")
    }

    /// The program with these arguments, signed in as somebody, with an environment of its own and no terminal.
    pub fn command_as(&self, who: &str, arguments: &[&str]) -> Command {
        let mut command = program(self.home.path(), arguments);
        command.envs(self.sandbox.environment(who));
        command
    }

    /// As [`Self::command_as`], signed in as the one who may do everything.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_as(BOTH, arguments)
    }

    /// Runs the program as somebody to its end.
    pub fn run_as(&self, who: &str, arguments: &[&str]) -> Ran {
        ran(&mut self.command_as(who, arguments))
    }

    /// Runs the program as the one who may do everything.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_as(BOTH, arguments)
    }

    /// Runs the program as somebody with `--json` and gives the document too.
    pub fn json_as(&self, who: &str, arguments: &[&str]) -> (Ran, Value) {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        let ran = self.run_as(who, &arguments);
        let document = ran.document();
        (ran, document)
    }

    /// Runs the program with `--json` as the one who may do everything.
    pub fn json(&self, arguments: &[&str]) -> (Ran, Value) {
        self.json_as(BOTH, arguments)
    }

    /// Reads or changes the world.
    pub fn world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        self.sandbox.with_state(|state| act(&mut state.azure))
    }

    /// Reads or changes the storage account.
    pub fn account<T>(&self, act: impl FnOnce(&mut StorageAccount) -> T) -> T {
        self.world(|world| act(world.account_mut(ACCOUNT).expect("the account")))
    }

    /// The CORS rules as they are stored now.
    pub fn cors(&self) -> Vec<CorsRule> {
        self.account(|account| account.blob_service.cors.clone())
    }

    /// The object ID of the app's service principal, where it is installed.
    pub fn app(&self) -> Option<String> {
        self.world(|world| world.segments(TENANT).map(|principal| principal.id.clone()))
    }

    /// The app's assignments, wherever they are.
    pub fn assignments(&self) -> Vec<RoleAssignment> {
        self.world(|world| {
            let app = world.segments(TENANT).map(|app| app.id.clone());
            let all = world.role_assignments.iter();
            all.filter(|one| Some(&one.principal) == app.as_ref())
                .cloned()
                .collect()
        })
    }

    /// The writes that arrived, by operation.
    pub fn writes(&self) -> Vec<String> {
        let log = self.sandbox.log();
        let writes = log.into_iter().filter(|request| {
            matches!(request.method.as_str(), "PUT" | "DELETE" | "PATCH")
                || request.operation == "CreateServicePrincipal"
        });
        writes.map(|request| request.operation).collect()
    }

    /// How often an operation was asked for.
    pub fn asked(&self, operation: &str) -> usize {
        let log = self.sandbox.log();
        log.iter()
            .filter(|request| request.operation == operation)
            .count()
    }

    /// Asserts that everything is as `connect` leaves it, and that nothing of others is gone.
    #[track_caller]
    pub fn is_connected(&self, others: &[CorsRule]) {
        assert!(self.app().is_some(), "the app is not installed");
        let assignments = self.assignments();
        let [assignment] = assignments.as_slice() else {
            panic!("{} assignments: {assignments:#?}", assignments.len());
        };
        assert_eq!(assignment.role, STORAGE_BLOB_DATA_READER);
        assert_eq!(assignment.scope, scope());
        assert_eq!(assignment.principal_type, "ServicePrincipal");
        assert_eq!(assignment.condition, None);
        let wanted: Vec<CorsRule> = others.iter().cloned().chain([published_rule()]).collect();
        assert_eq!(self.cors(), wanted);
    }
}

/// The world of [`AzureStage::connected`].
pub fn connected() -> World {
    let mut world = World::acme();
    let app = world.install_segments(TENANT);
    let account = world.account_mut(ACCOUNT).expect("the account");
    account.blob_service.cors = vec![published_rule()];
    world.assign(&app, STORAGE_BLOB_DATA_READER, &scope());
    world
}

/// The published CORS rule.
pub fn published_rule() -> CorsRule {
    CorsRule::new(ORIGIN, "GET")
}

/// The storage account's resource ID.
pub fn scope() -> String {
    World::acme().account(ACCOUNT).expect("the account").scope()
}

/// The resource group's ID.
pub fn group() -> String {
    let scope = scope();
    let end = scope.find("/providers").expect("a provider");
    scope[..end].to_owned()
}

/// The subscription's ID as a scope.
pub fn subscription() -> String {
    format!("/subscriptions/{SUBSCRIPTION}")
}

/// Many more subscriptions in which the company's people have a role, each with accounts of other names.
pub fn add_subscriptions(world: &mut World, count: usize, who: &str) {
    for number in 0..count {
        let id = format!("5ab5c712-2000-4000-8000-{number:012}");
        let one = Subscription::new(&id, &format!("Acme {number}"), TENANT);
        world.assign(who, READER_ROLE, &one.scope());
        world.subscriptions.insert(0, one);
        for letter in ["a", "b", "c"] {
            world.add_account(&format!("other{number}{letter}"), &id, "others");
        }
    }
}

/// The directory administrator as a guest sees the tenant of a partner, too: the same person in another tenant.
pub fn add_other_tenant(world: &mut World, tenant: &str) {
    let domain = "partner.example";
    let name = "diego@partner.example";
    world
        .tenants
        .push(segments_connect::sandbox::azure::Tenant::new(
            tenant, "Partner", domain,
        ));
    world.users.push(
        User::member(
            "0b1ec700-0000-4000-8000-00000000d1e7",
            tenant,
            "Diego",
            name,
        )
        .with(DirectoryRole::GlobalReader)
        .at_home_as(DIRECTORY_ADMINISTRATOR),
    );
}
