//! The contract with scripts, on Azure: every JSON document, however a command ends, has what is promised of it.

use std::collections::BTreeSet;

use segments_connect::sandbox::azure::{
    ACCOUNT, BOTH, CONTAINER, CorsRule, DenyAssignment, GUEST, NetworkRules, PIPELINE, Permission,
    READER, STORAGE_OWNER, World,
};
use segments_connect::sandbox::{Fault, FaultKind, On};

use crate::contract::document::faults;
use crate::support::azure::{AzureStage, connected, scope};

type Scene = (&'static str, &'static str, fn() -> AzureStage);

/// Worlds and people with whom the commands end in as many ways as possible.
const SCENES: [Scene; 12] = [
    ("fresh", BOTH, AzureStage::fresh),
    ("connected", BOTH, AzureStage::connected),
    ("the owner alone", STORAGE_OWNER, AzureStage::fresh),
    ("a pipeline", PIPELINE, AzureStage::fresh),
    ("a reader", READER, AzureStage::connected),
    ("a guest", GUEST, AzureStage::fresh),
    (
        "nobody",
        "0b1ec700-0000-4000-8000-0000000000ff",
        AzureStage::fresh,
    ),
    ("five rules", BOTH, || {
        let mut world = World::acme();
        let account = world.account_mut(ACCOUNT).expect("the account");
        account.blob_service.cors = vec![CorsRule::new("https://a.example", "PUT"); 5];
        AzureStage::with(world)
    }),
    ("several things wrong", BOTH, || {
        let mut world = connected();
        let account = world.account_mut(ACCOUNT).expect("the account");
        account.network = NetworkRules {
            deny_by_default: true,
            ip_rules: vec!["203.0.113.7".to_owned()],
        };
        account.blob_service.cors = vec![CorsRule::new("https://app.segments.ai/", "GET")];
        let denied = Permission::data_actions(&["*"]);
        world
            .deny_assignments
            .push(DenyAssignment::everyone("stack", &scope(), denied));
        AzureStage::with(world)
    }),
    ("files alone", BOTH, || {
        let mut world = connected();
        let account = world.account_mut(ACCOUNT).expect("the account");
        "FileStorage".clone_into(&mut account.kind);
        AzureStage::with(world)
    }),
    ("no account", BOTH, || {
        let mut world = World::acme();
        world.accounts.clear();
        AzureStage::with(world)
    }),
    ("no answer", BOTH, || {
        let stage = AzureStage::fresh();
        let kind = FaultKind::Status {
            status: 401,
            code: "InvalidAuthenticationToken".to_owned(),
            message: "no".to_owned(),
        };
        stage.sandbox.inject(Fault {
            times: usize::MAX,
            ..Fault::before(On::operation("ListSubscriptions", 1), kind)
        });
        stage
    }),
];

const ACCOUNT_FLAG: &str = "--storage-account";
const COMMANDS: [&[&str]; 9] = [
    &["azure", "plan", ACCOUNT_FLAG, ACCOUNT, "--exit-code"],
    &["azure", "verify", ACCOUNT_FLAG, ACCOUNT],
    &[
        "azure",
        "verify",
        ACCOUNT_FLAG,
        ACCOUNT,
        "--container",
        CONTAINER,
        "--object",
        "cat.png",
        "--object",
        "gone.png",
    ],
    &["azure", "connect", ACCOUNT_FLAG, ACCOUNT],
    &[
        "azure",
        "connect",
        ACCOUNT_FLAG,
        ACCOUNT,
        "--yes",
        "--wait",
        "0",
    ],
    &["azure", "disconnect", ACCOUNT_FLAG, ACCOUNT, "--yes"],
    &[
        "azure",
        "disconnect",
        ACCOUNT_FLAG,
        ACCOUNT,
        "--yes",
        "--delete-service-principal",
    ],
    &["azure", "render", ACCOUNT_FLAG, ACCOUNT],
    &["azure", "plan", ACCOUNT_FLAG, "Not_An_Account"],
];

#[test]
fn every_document_has_every_member_with_its_type_and_its_words() {
    let mut wrong = Vec::new();
    let mut statuses = BTreeSet::new();
    for (scene, who, stage) in SCENES {
        for arguments in COMMANDS {
            let stage = stage();
            let (ran, document) = stage.json_as(who, arguments);
            let status = ran.status.unwrap_or(-1);
            statuses.insert(status);
            wrong.extend(
                faults(&document, status)
                    .into_iter()
                    .map(|fault| format!("{scene}: {arguments:?}: {fault}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The scenes come to most ends that there are.
    assert_eq!(
        statuses,
        BTreeSet::from([0, 1, 2, 3, 4, 5, 7, 8]),
        "another set of exit statuses"
    );
}
