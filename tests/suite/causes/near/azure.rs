//! Next to the causes on Azure.

use segments_connect::sandbox::azure::{
    ACCOUNT, AccessTier, Blob, CONTAINER, CorsRule, DenyAssignment, EncryptionScope, Lock,
    LockLevel, NetworkRules, PIPELINE, Permission, READER_ROLE, STORAGE_BLOB_DATA_READER,
    SasPolicy, TENANT,
};

use super::Near;
use crate::support::azure::{AzureStage, BLOB, group, published_rule, scope};

const NEAR: &[Near<AzureStage>] = &[
    Near {
        what: "another app is disabled, and has the role too",
        of: &["Z01", "Z02", "Z03"],
        act: |stage| {
            stage.world(|world| {
                let mut all = world.service_principals.iter_mut();
                let pipeline = all.find(|one| one.id == PIPELINE).expect("the pipeline");
                pipeline.account_enabled = false;
                world.assign(PIPELINE, STORAGE_BLOB_DATA_READER, &scope());
            });
        },
    },
    Near {
        what: "the role is on a container too, and Reader on the account",
        of: &["Z04", "Z05"],
        act: |stage| {
            let container = format!("{}/blobServices/default/containers/{CONTAINER}", scope());
            also(stage, STORAGE_BLOB_DATA_READER, &container);
            also(stage, READER_ROLE, &scope());
        },
    },
    Near {
        what: "a role on a condition stands beside the one without",
        of: &["Z06"],
        act: |stage| {
            also(stage, STORAGE_BLOB_DATA_READER, &group());
            stage.world(|world| {
                let one = world.role_assignments.last_mut().expect("the assignment");
                one.condition = Some("@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'pilot'".to_owned());
                one.condition_version = Some("2.0".to_owned());
            });
        },
    },
    Near {
        what: "the role was assigned eleven minutes ago, on the resource group",
        of: &["Z07", "Z10"],
        act: |stage| {
            stage.world(|world| {
                let now = world.now();
                let one = world.role_assignments.last_mut().expect("the assignment");
                one.created_on = now - time::Duration::minutes(11);
                one.scope = group();
            });
        },
    },
    Near {
        what: "a deny assignment excepts the app",
        of: &["Z08"],
        act: |stage| {
            stage.world(|world| {
                let app = world.segments(TENANT).expect("the app").id.clone();
                let data = Permission::data_actions(&["Microsoft.Storage/*"]);
                let mut deny = DenyAssignment::everyone("deployment stack", &group(), data);
                deny.exclude_principals
                    .extend(world.users.iter().map(|user| user.id.clone()));
                deny.exclude_principals.push(app);
                world.deny_assignments.push(deny);
            });
        },
    },
    Near {
        what: "the firewall has rules and admits everybody, beside a private endpoint",
        of: &["Z11", "Z12"],
        act: |stage| {
            stage.account(|account| {
                account.network = NetworkRules {
                    deny_by_default: false,
                    ip_rules: vec!["203.0.113.0/24".to_owned()],
                };
                account.private_endpoints = vec![format!("{}/pe", group())];
            });
        },
    },
    Near {
        what: "links that live for more than eight hours are logged",
        of: &["Z14", "Z15"],
        act: |stage| {
            stage.account(|account| {
                account.sas_policy = Some(SasPolicy {
                    expiration_period: "0.08:00:00".to_owned(),
                    block: false,
                    require_user_bound: false,
                });
            });
        },
    },
    Near {
        what: "the blob is in the cold tier, in a scope that is enabled",
        of: &["Z18", "Z19", "Z20", "Z31"],
        act: |stage| {
            stage.account(|account| {
                let scope = EncryptionScope { enabled: true };
                account.encryption_scopes.insert("legal".to_owned(), scope);
            });
            blob(stage, |blob| {
                blob.tier = AccessTier::Cold;
                blob.encryption_scope = Some("legal".to_owned());
            });
        },
    },
    Near {
        what: "the account is a premium one for block blobs",
        of: &["Z22", "Z29", "Z34"],
        act: |stage| {
            stage.account(|account| {
                "BlockBlobStorage".clone_into(&mut account.kind);
                "Premium_LRS".clone_into(&mut account.sku);
            });
        },
    },
    Near {
        what: "a rule with a slash at its end comes first",
        of: &["Z24", "Z25", "Z35"],
        act: |stage| {
            let slash = CorsRule::new("https://app.segments.ai/", "GET");
            stage.account(|account| account.blob_service.cors = vec![slash, published_rule()]);
        },
    },
];

/// For `connect`, from the beginning.
const NEAR_A_REFUSAL: &[Near<AzureStage>] = &[
    Near {
        what: "four rules are there, and a lock against deleting",
        of: &["Z23", "Z33"],
        act: |stage| {
            let rules =
                (0..4).map(|at| CorsRule::new(&format!("https://{at}.acme.example"), "GET"));
            stage.account(|account| account.blob_service.cors = rules.collect());
            stage.world(|world| {
                world.locks.push(Lock {
                    name: "keep".to_owned(),
                    scope: scope(),
                    level: LockLevel::CanNotDelete,
                });
            });
        },
    },
    Near {
        what: "whoever connects is in another tenant too, and may install apps in this one",
        of: &["Z26", "Z27", "Z28", "Z32"],
        act: |stage| {
            stage.world(|world| {
                let other = "7e4a9c1d-3b52-4f60-8a11-0acce5500009";
                crate::support::azure::add_other_tenant(world, other);
            });
        },
    },
];

/// Gives the app another role.
fn also(stage: &AzureStage, role: &str, scope: &str) {
    stage.world(|world| {
        let app = world.segments(TENANT).expect("the app").id.clone();
        world.assign(&app, role, scope);
    });
}

fn blob(stage: &AzureStage, act: impl FnOnce(&mut Blob)) {
    stage.account(|account| {
        let container = account.containers.get_mut(CONTAINER);
        let blobs = &mut container.expect("the container").blobs;
        act(blobs.get_mut(BLOB).expect("the blob"));
    });
}

#[test]
fn what_is_near_a_cause_on_azure_is_not_told_as_it() {
    let mut wrong = Vec::new();
    for near in NEAR {
        let stage = AzureStage::connected();
        (near.act)(&stage);
        let words = ["azure", "verify", "--storage-account", ACCOUNT];
        let words = [&words[..], &["--container", CONTAINER, "--object", BLOB]].concat();
        let (ran, document) = stage.json(&words);
        wrong.extend(super::wrong(near.what, near.of, &ran, &document));
    }
    for near in NEAR_A_REFUSAL {
        let stage = AzureStage::fresh();
        (near.act)(&stage);
        let words = ["azure", "connect", "--storage-account", ACCOUNT, "--yes"];
        let (ran, document) = stage.json(&[&words[..], &["--wait", "0"]].concat());
        wrong.extend(super::wrong(near.what, near.of, &ran, &document));
        assert!(stage.app().is_some(), "{}", near.what);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
