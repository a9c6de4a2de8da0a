//! The runs that are disturbed: a world, a command, what an undisturbed run sends, and what it leaves behind.

use segments_connect::sandbox::gcp::settings::{self, Cors};
use segments_connect::sandbox::gcp::{BUCKET, Binding, PARTNER, Role, World};

use crate::gcp_support::{GcpStage, arguments, entry, fresh_world, sorted, writes};
use crate::support::ran;

/// A request of the undisturbed run: the n-th of its operation. Counted so, it is the same request in every run,
/// although requests that are sent at once arrive in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) operation: String,
    pub(super) nth: usize,
}

/// What the three documents hold, without what counts changes and times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) role: Option<(Role, bool)>,
    pub(super) bindings: Vec<Binding>,
    pub(super) cors: Vec<Cors>,
    /// Every other setting of the bucket.
    pub(super) rest: settings::Bucket,
}

impl Held {
    pub(super) fn of(stage: &GcpStage) -> Self {
        let role = stage.role().map(|role| {
            let deleted = role.deleted.is_some();
            let still = Role {
                revision: 0,
                deleted: None,
                unknown_for: 0,
                ..role
            };
            (still, deleted)
        });
        let mut rest = stage.bucket(|bucket| bucket.settings.clone());
        rest.cors.clear();
        rest.metageneration = 0;
        rest.etag.clear();
        rest.update_time = None;
        Self {
            role,
            bindings: sorted(&stage.policy()),
            cors: stage.cors(),
            rest,
        }
    }
}

/// A command on a world.
pub(super) struct Scene {
    pub(super) name: &'static str,
    action: &'static str,
    more: &'static [&'static str],
    pub(super) before: World,
    pub(super) held: Held,
    pub(super) after: Held,
    pub(super) sent: Vec<Sent>,
}

impl Scene {
    /// `connect` and `disconnect` on a bucket that others use.
    pub(super) fn all() -> Vec<Self> {
        let connect = Self::learn(
            "connect",
            "connect",
            &["--yes", "--wait", "0"],
            shared_world(),
        );
        let stage = GcpStage::with(connect.before.clone());
        stage.connect(&[]).0.exits(0);
        let connected = stage.world(|world| world.clone());
        let disconnect = Self::learn(
            "disconnect",
            "disconnect",
            &["--delete-role", "--yes", "--wait", "0"],
            connected,
        );
        vec![connect, disconnect]
    }

    pub(super) fn arguments(&self) -> Vec<&'static str> {
        let mut words = arguments(self.action, self.more);
        words.push("--json");
        words
    }

    /// Runs the command undisturbed, and makes sure that this much is right.
    fn learn(
        name: &'static str,
        action: &'static str,
        more: &'static [&'static str],
        before: World,
    ) -> Self {
        let stage = GcpStage::with(before.clone());
        let held = Held::of(&stage);
        let mut words = arguments(action, more);
        words.push("--json");
        let told = ran(&mut stage.command(&words)).exits(0);
        let mut sent: Vec<Sent> = Vec::new();
        for request in stage.sandbox.log() {
            let nth = 1 + sent
                .iter()
                .filter(|sent| sent.operation == request.operation)
                .count();
            sent.push(Sent {
                operation: request.operation,
                nth,
            });
        }
        let after = Held::of(&stage);
        assert_ne!(held, after, "{}", told.stdout);
        assert_eq!(held.rest, after.rest);
        stage.sandbox.clear_log();
        ran(&mut stage.command(&words)).exits(0);
        let log = stage.sandbox.log();
        assert!(
            !log.is_empty() && log.iter().all(|request| !writes(&request.operation)),
            "{name}: {log:?}"
        );
        Self {
            name,
            action,
            more,
            before,
            held,
            after,
            sent,
        }
    }
}

/// A bucket with bindings and entries of others in forms of their own.
fn shared_world() -> World {
    let mut world = fresh_world();
    let bucket = world.buckets.get_mut(BUCKET).expect("the bucket");
    let partner = format!("serviceAccount:{PARTNER}");
    bucket.policy.grant_if(
        "roles/storage.objectViewer",
        &partner,
        "until June",
        "request.time < timestamp(\"2100-06-01T00:00:00Z\")",
    );
    bucket.policy.grant("roles/storage.objectViewer", &partner);
    bucket.settings.cors = vec![
        entry("https://intranet.acme.example", "PUT", &["Content-Type"]),
        entry("*", "GET", &["Content-Type"]),
    ];
    world
}
