//! The runs that are disturbed: a world, a command, what an undisturbed run sends, and what it leaves behind.

use segments_connect::sandbox::azure::{
    ACCOUNT, BlobService, CorsRule, READER, RoleAssignment, ServicePrincipal, StorageAccount,
    TENANT, World,
};

pub(super) use crate::faults::scene::Sent as Request;
use crate::support::azure::{AzureStage, published_rule, scope};
use crate::support::ran;

/// A request of the undisturbed run.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) request: Request,
    writes: bool,
}

impl Sent {
    /// Keys to sign with and answers about names are asked for with POST, and change nothing.
    pub(super) fn writes(&self) -> bool {
        self.writes
    }

    /// Whether the program may send it as a browser would: once, and without a token.
    pub(super) fn is_of_a_browser(&self) -> bool {
        matches!(self.request.operation.as_str(), "OPTIONS" | "GetBlob")
    }
}

/// What there is, apart from the object ID of the app, which is another one in every run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    /// Whether the app is installed.
    pub(super) app: bool,
    /// How many assignments the app has on the account.
    pub(super) assigned: usize,
    /// The CORS rules.
    pub(super) cors: Vec<CorsRule>,
    /// The account without its CORS rules.
    pub(super) account: StorageAccount,
    /// The service principals of others.
    pub(super) principals: Vec<ServicePrincipal>,
    /// The assignments of others.
    pub(super) assignments: Vec<RoleAssignment>,
}

impl Seen {
    pub(super) fn of(world: &World) -> Self {
        let app = world.segments(TENANT).map(|app| app.id.clone());
        let is_app = |id: &str| Some(id) == app.as_deref();
        let mut account = world.account(ACCOUNT).expect("the account").clone();
        let cors = std::mem::take(&mut account.blob_service.cors);
        // Whoever is deleted leaves assignments behind that name nobody.
        let known = |one: &RoleAssignment| {
            world.user(&one.principal).is_some()
                || world.service_principal(&one.principal).is_some()
        };
        Self {
            app: app.is_some(),
            assigned: world
                .role_assignments
                .iter()
                .filter(|one| is_app(&one.principal) && one.scope == scope())
                .count(),
            cors,
            account,
            principals: world
                .service_principals
                .iter()
                .filter(|one| !is_app(&one.id))
                .cloned()
                .collect(),
            assignments: world
                .role_assignments
                .iter()
                .filter(|one| !is_app(&one.principal) && known(one))
                .cloned()
                .collect(),
        }
    }
}

/// A command on an account.
pub(super) struct Scene {
    pub(super) name: &'static str,
    /// Whether others have configured everything that there is.
    pub(super) shared: bool,
    pub(super) arguments: Vec<&'static str>,
    pub(super) before: World,
    pub(super) was: Seen,
    pub(super) after: Seen,
    pub(super) sent: Vec<Sent>,
}

impl Scene {
    /// `connect` and `disconnect`, where others have set everything and where nobody has set anything.
    pub(super) fn all() -> Vec<Self> {
        let shared = Self::learn("connect, shared", true, &["connect"], world(true));
        let bare = Self::learn("connect, bare", false, &["connect"], world(false));
        let later = |scene: &Self| {
            let stage = AzureStage::with(scene.before.clone());
            let told = ran(&mut stage.command(&scene.arguments));
            assert_eq!(told.status, Some(0), "{}", told.stdout);
            stage.world(|world| {
                // What a colleague added behind ours.
                let account = world.account_mut(ACCOUNT).expect("the account");
                let rule = CorsRule::new("https://shop.acme.example", "GET");
                account.blob_service.cors.push(rule);
                world.clone()
            })
        };
        let disconnect = Self::learn("disconnect, shared", true, &["disconnect"], later(&shared));
        let delete = ["disconnect", "--delete-service-principal"];
        let removed = Self::learn("disconnect, app and all", false, &delete, later(&bare));
        vec![shared, bare, disconnect, removed]
    }

    /// Runs the command undisturbed, and makes sure that this much is right.
    fn learn(name: &'static str, shared: bool, action: &[&'static str], before: World) -> Self {
        let arguments = [
            &["azure"][..],
            action,
            &[
                "--storage-account",
                ACCOUNT,
                "--yes",
                "--wait",
                "0",
                "--json",
            ],
        ]
        .concat();
        let was = Seen::of(&before);
        let stage = AzureStage::with(before.clone());
        let told = ran(&mut stage.command(&arguments));
        assert_eq!(
            told.status,
            Some(0),
            "{name}: {}{}",
            told.stdout,
            told.stderr
        );
        let writes = stage.writes();
        let mut sent: Vec<Sent> = Vec::new();
        for request in stage.sandbox.log() {
            let nth = 1 + sent
                .iter()
                .filter(|sent| sent.request.operation == request.operation)
                .count();
            let writes = writes.contains(&request.operation);
            let place = sent.len() + 1;
            sent.push(Sent {
                request: Request::new(request.operation, nth, place, request.method),
                writes,
            });
        }
        let after = stage.world(|world| Seen::of(world));
        let connects = action[0] == "connect";
        let mut wanted = was.clone();
        if connects {
            wanted.app = true;
            wanted.assigned = 1;
            wanted.cors.push(published_rule());
        } else {
            wanted.app = was.app && action.len() == 1;
            wanted.assigned = 0;
            wanted.cors.retain(|rule| *rule != published_rule());
        }
        assert_eq!(after, wanted, "{name}");

        stage.sandbox.clear_log();
        let again = ran(&mut stage.command(&arguments));
        assert_eq!(again.status, Some(0), "{name}, again: {}", again.stdout);
        assert!(
            !stage.sandbox.log().is_empty() && stage.writes().is_empty(),
            "{name}: {:?}",
            stage.writes()
        );
        Self {
            name,
            shared,
            arguments,
            before,
            was,
            after,
            sent,
        }
    }

    /// Whether everything is as an undisturbed run leaves it.
    pub(super) fn is_finished(&self, now: &Seen) -> bool {
        *now == self.after
    }
}

fn world(shared: bool) -> World {
    let mut world = World::acme();
    if shared {
        let account = world.account_mut(ACCOUNT).expect("the account");
        account.blob_service = BlobService::settled();
        world.assign(READER, "Storage Blob Data Reader", &scope());
    }
    world
}
