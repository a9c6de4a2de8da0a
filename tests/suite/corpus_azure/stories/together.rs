//! Several causes together, and none.

use segments_connect::sandbox::azure::{
    AccessTier, CONTAINER, CorsRule, MANAGEMENT_GROUP, ManagementGroup, PIPELINE, PublicAccess,
    PublicNetworkAccess, STORAGE_BLOB_DATA_CONTRIBUTOR, STORAGE_BLOB_DATA_READER,
};

use super::{assign, blob, broken, container, cors, disable, firewall, links, scoped, works};
use crate::corpus_azure::{Met, Story};
use crate::support::azure::{ORIGIN, group, published_rule, scope, subscription};

/// Several causes: the gravest leads.
pub fn several() -> Vec<Story> {
    vec![
        broken(
            "everything at once: no role, a firewall, no rule",
            Met::NoKey(403),
            &["Z10", "Z11", "Z24"],
            |stage| {
                assign(stage, &[]);
                firewall(stage, &["127.0.0.0/8"]);
                cors(stage, &[]);
            },
        ),
        broken(
            "the role is the pipeline's, the origin has a slash, and the blob is archived",
            Met::NoKey(403),
            &["Z03", "Z10", "Z25", "Z24", "Z18"],
            |stage| {
                assign(stage, &[]);
                stage.world(|world| {
                    world.assign(PIPELINE, STORAGE_BLOB_DATA_READER, &scope());
                });
                cors(stage, &[("https://app.segments.ai/", "GET")]);
                blob(stage, |one| one.tier = AccessTier::Archive);
            },
        ),
        broken(
            "what blocks every blob stands before the one that is archived",
            Met::Refused(409),
            &["Z24", "Z18"],
            |stage| {
                cors(stage, &[]);
                blob(stage, |one| one.tier = AccessTier::Archive);
            },
        ),
        broken(
            "the app is disabled, and was never given a role",
            Met::NoToken,
            &["Z02", "Z10"],
            |stage| {
                disable(stage);
                assign(stage, &[]);
            },
        ),
        broken(
            "the role is on the container alone, and public access is off",
            Met::NoKey(403),
            &["Z04", "Z12"],
            |stage| {
                assign(stage, &[(STORAGE_BLOB_DATA_READER, &container(CONTAINER))]);
                stage.account(|one| one.public_network_access = PublicNetworkAccess::Disabled);
            },
        ),
        broken(
            "a rule for everybody comes first, the blob has a key of its own, and links are short",
            Met::Refused(403),
            &["Z14", "Z19"],
            |stage| {
                stage.account(|one| {
                    one.blob_service.cors = vec![CorsRule::new("*", "GET"), published_rule()];
                });
                links(stage, "0.01:00:00", true, false);
                blob(stage, |one| {
                    one.customer_key_sha256 = Some("aGFzaA==".to_owned());
                });
            },
        ),
    ]
}

/// What is often suspected.
pub fn harmless() -> Vec<Story> {
    vec![
        works("nothing was changed since", |_| ()),
        works("the role is inherited from the subscription", |stage| {
            assign(stage, &[(STORAGE_BLOB_DATA_READER, &subscription())]);
        }),
        works("the role is inherited from the management group", |stage| {
            let root = ManagementGroup::scope(MANAGEMENT_GROUP);
            assign(stage, &[(STORAGE_BLOB_DATA_READER, &root)]);
        }),
        works("another role does the same, and more", |stage| {
            assign(stage, &[(STORAGE_BLOB_DATA_CONTRIBUTOR, &scope())]);
        }),
        works(
            "keys, cross-tenant links and http are off; directories and a private endpoint are on",
            |stage| {
                stage.account(|one| {
                    one.allow_shared_key_access = false;
                    one.allow_cross_tenant_delegation_sas = false;
                    one.https_only = true;
                    one.is_hns_enabled = true;
                    one.private_endpoints = vec![format!("{}/pe", group())];
                });
            },
        ),
        works(
            "links that live long are logged, and not blocked",
            |stage| {
                links(stage, "0.08:00:00", false, false);
            },
        ),
        works("the scope that encrypts the blob is enabled", |stage| {
            scoped(stage, true);
        }),
        works(
            "an older rule answers pages of other parts of Segments.ai too",
            |stage| cors(stage, &[("https://*.segments.ai", "GET"), (ORIGIN, "GET")]),
        ),
        works("an old container is open to everybody", |stage| {
            stage.account(|one| {
                one.allow_blob_public_access = true;
                one.add_container("website").public_access = PublicAccess::Blob;
            });
        }),
    ]
}
