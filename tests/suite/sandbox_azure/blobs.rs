//! Blob Storage with a token: roles, conditions, denials, network rules, tiers, keys, listing, public access.

use segments_connect::sandbox::azure::{
    AccessTier, BOTH, Blob, Delay, DenyAssignment, EncryptionScope, Permission, PublicAccess,
    PublicNetworkAccess, READER, SEGMENTS_TENANT, STORAGE_OWNER, TENANT, User,
};

use super::*;

const READ_BLOBS: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";

async fn read(sandbox: &Sandbox, who: &str) -> Reply {
    reply(as_bearer(sandbox, who, Method::GET, &cat(sandbox))).await
}

#[tokio::test]
async fn reading_needs_a_data_role() {
    let sandbox = acme();
    let given = read(&sandbox, BOTH).await;
    assert_eq!((given.status, given.text.as_str()), (200, "a cat"));
    for (name, value) in [
        ("content-type", "image/png"),
        ("content-length", "5"),
        ("x-ms-blob-type", "BlockBlob"),
        ("x-ms-access-tier", "Hot"),
        ("x-ms-server-encrypted", "true"),
        ("x-ms-version", BLOB_VERSION),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(given.header(name), Some(value), "{name}");
    }
    assert!(given.header("x-ms-request-id").is_some());
    let mismatch = (403, "AuthorizationPermissionMismatch".to_owned());
    assert_eq!(
        read(&sandbox, STORAGE_OWNER).await.storage(),
        mismatch,
        "an owner of resources"
    );
    assert_eq!(read(&sandbox, READER).await.storage(), mismatch);
    world(&sandbox, |world| {
        world.assign(READER, "Storage Blob Data Reader", &account_path());
        world.role_assignments.last_mut().unwrap().propagation = Delay::Requests(2);
    });
    assert_eq!(read(&sandbox, READER).await.storage(), mismatch, "not yet");
    assert_eq!(read(&sandbox, READER).await.storage(), mismatch, "not yet");
    assert_eq!(read(&sandbox, READER).await.status, 200);
    world(&sandbox, |world| {
        let mut deny = DenyAssignment::everyone(
            "stack",
            &group_path(),
            Permission::data_actions(&[READ_BLOBS]),
        );
        deny.exclude_principals.push(BOTH.to_owned());
        world.deny_assignments.push(deny);
    });
    assert_eq!(read(&sandbox, READER).await.storage(), mismatch);
    assert_eq!(read(&sandbox, BOTH).await.status, 200);
    let log = sandbox.log();
    assert_eq!(log[0].operation, "GetBlob");
    assert_eq!(log[0].bucket.as_deref(), Some(ACCOUNT));
    assert_eq!(log[0].caller.as_deref(), Some(BOTH));
    assert_eq!(
        log[1].error_code.as_deref(),
        Some("AuthorizationPermissionMismatch")
    );
}

#[tokio::test]
async fn a_condition_narrows_to_what_it_names() {
    let sandbox = acme();
    world(&sandbox, |world| {
        let assignment = world.assign(READER, "Storage Blob Data Reader", &account_path());
        assignment.condition = Some(format!(
            "((!(ActionMatches{{'{READ_BLOBS}'}})) OR (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'other'))"
        ));
    });
    assert_eq!(read(&sandbox, READER).await.status, 403);
    world(&sandbox, |world| {
        let assignment = world.role_assignments.last_mut().unwrap();
        let condition = assignment.condition.take().unwrap();
        assignment.condition = Some(condition.replace("'other'", "'photos'"));
    });
    assert_eq!(read(&sandbox, READER).await.status, 200);
    world(&sandbox, |world| {
        let assignment = world.role_assignments.last_mut().unwrap();
        assignment.condition = Some("@Environment[isPrivateLink] BoolEquals true".to_owned());
    });
    assert_eq!(read(&sandbox, READER).await.status, 403, "not understood");
}

#[tokio::test]
async fn tokens_for_others_are_turned_away_with_a_challenge() {
    let sandbox = acme();
    let elsewhere = "0b1ec700-0000-4000-8000-0000000e15e0";
    let (wrong_audience, wrong_tenant) = world(&sandbox, |world| {
        world.users.push(User::member(
            elsewhere,
            SEGMENTS_TENANT,
            "Eva",
            "eva@segments.example",
        ));
        (world.token(BOTH, ARM), world.token(elsewhere, STORAGE))
    });
    let foreign = World::acme().token(BOTH, STORAGE);
    for (token, detail) in [
        (wrong_audience, "Audience validation failed."),
        (wrong_tenant, "Issuer validation failed."),
        (foreign, "Signature validation failed."),
        ("x".to_owned(), "Authentication information is not given"),
    ] {
        let request = client()
            .get(cat(&sandbox))
            .bearer_auth(token)
            .header("x-ms-version", BLOB_VERSION);
        let refused = reply(request).await;
        assert_eq!(
            refused.storage(),
            (401, "InvalidAuthenticationInfo".to_owned())
        );
        assert!(
            refused
                .element("AuthenticationErrorDetail")
                .unwrap()
                .starts_with(detail),
            "{}",
            refused.text
        );
        assert_eq!(
            refused.header("www-authenticate"),
            Some(
                format!(
                    "Bearer authorization_uri=https://login.microsoftonline.com/{TENANT}/oauth2/authorize resource_id=https://storage.azure.com"
                )
                .as_str()
            )
        );
    }
}

#[tokio::test]
async fn versions_are_demanded_of_bearers_and_have_to_be_real() {
    let sandbox = acme();
    let ask = |version: Option<&'static str>| {
        let request = client()
            .get(cat(&sandbox))
            .bearer_auth(token(&sandbox, BOTH, STORAGE));
        match version {
            Some(version) => request.header("x-ms-version", version),
            None => request,
        }
    };
    for version in [None, Some("2017-07-29")] {
        let refused = reply(ask(version)).await;
        assert_eq!(refused.storage(), (403, "AuthenticationFailed".to_owned()));
        assert_eq!(
            refused.element("AuthenticationErrorDetail").unwrap(),
            "Authentication scheme Bearer is not supported in this version."
        );
    }
    let odd = reply(ask(Some("2024-11-05"))).await;
    assert_eq!(odd.storage(), (400, "InvalidHeaderValue".to_owned()));
    assert_eq!(odd.element("HeaderName").unwrap(), "x-ms-version");
    assert_eq!(reply(ask(Some("2017-11-09"))).await.status, 200);
}

#[tokio::test]
async fn strangers_are_told_nothing_unless_a_container_is_open() {
    let sandbox = acme();
    let ask = |path: &str| client().get(blob_url(&sandbox, path));
    let closed = reply(ask("photos/cat.png")).await;
    assert_eq!(
        closed.storage(),
        (409, "PublicAccessNotPermitted".to_owned())
    );
    let challenged = reply(ask("photos/cat.png").header("x-ms-version", BLOB_VERSION)).await;
    assert_eq!(
        challenged.storage(),
        (401, "NoAuthenticationInformation".to_owned())
    );
    account(&sandbox, |account| account.allow_blob_public_access = true);
    let hidden = reply(ask("photos/cat.png")).await;
    assert_eq!(hidden.storage(), (404, "ResourceNotFound".to_owned()));
    let open = |access| {
        account(&sandbox, |account| {
            account.containers.get_mut(CONTAINER).unwrap().public_access = access;
        });
    };
    let list = "photos?restype=container&comp=list";
    open(PublicAccess::Blob);
    assert_eq!(reply(ask("photos/cat.png")).await.status, 200);
    assert_eq!(
        reply(ask("photos/none.png")).await.storage(),
        (404, "BlobNotFound".to_owned())
    );
    assert_eq!(
        reply(ask(list)).await.storage(),
        (404, "ResourceNotFound".to_owned())
    );
    open(PublicAccess::Container);
    assert_eq!(reply(ask(list)).await.elements("Name").len(), 2);
    let key = reply(ask("photos/cat.png").header("authorization", "SharedKey a:b")).await;
    assert_eq!(key.storage(), (501, "NotImplemented".to_owned()));
    account(&sandbox, |account| account.allow_shared_key_access = false);
    let key = reply(ask("photos/cat.png").header("authorization", "SharedKey a:b")).await;
    assert_eq!(
        key.storage(),
        (403, "KeyBasedAuthenticationNotPermitted".to_owned())
    );
    let basic = reply(ask("photos/cat.png").header("authorization", "Basic x")).await;
    assert_eq!(
        basic.storage(),
        (400, "InvalidAuthenticationInfo".to_owned())
    );
}

#[tokio::test]
async fn network_rules_stand_before_everything() {
    let sandbox = acme();
    let refused = (403, "AuthorizationFailure".to_owned());
    account(&sandbox, |account| {
        account.network.deny_by_default = true;
        account.network.ip_rules = vec!["203.0.113.0/24".to_owned()];
    });
    assert_eq!(read(&sandbox, BOTH).await.storage(), refused);
    world(&sandbox, |world| {
        world.source_ip = Some("203.0.113.9".parse().unwrap());
    });
    assert_eq!(read(&sandbox, BOTH).await.status, 200);
    for access in [
        PublicNetworkAccess::Disabled,
        PublicNetworkAccess::SecuredByPerimeter,
    ] {
        account(&sandbox, |account| account.public_network_access = access);
        assert_eq!(read(&sandbox, BOTH).await.storage(), refused, "{access:?}");
    }
    world(&sandbox, |world| world.counts_as_https = false);
    assert_eq!(
        read(&sandbox, BOTH).await.storage(),
        (400, "AccountRequiresHttps".to_owned())
    );
}

#[tokio::test]
async fn ranges_are_served_and_impossible_ones_refused() {
    let sandbox = acme();
    let ask = |name: &'static str, range: &'static str| {
        as_bearer(&sandbox, BOTH, Method::GET, &cat(&sandbox)).header(name, range)
    };
    for (name, range, status, content_range, text) in [
        ("range", "bytes=0-0", 206, Some("bytes 0-0/5"), "a"),
        ("x-ms-range", "bytes=2-", 206, Some("bytes 2-4/5"), "cat"),
        ("range", "bytes=2-99", 206, Some("bytes 2-4/5"), "cat"),
        ("range", "bytes=-2", 200, None, "a cat"),
    ] {
        let given = reply(ask(name, range)).await;
        assert_eq!(
            (
                given.status,
                given.header("content-range"),
                given.text.as_str()
            ),
            (status, content_range, text),
            "{range}"
        );
    }
    let refused = reply(ask("range", "bytes=5-")).await;
    assert_eq!(refused.storage(), (416, "InvalidRange".to_owned()));
    assert_eq!(refused.header("content-range"), Some("bytes */5"));
}

#[tokio::test]
async fn blobs_that_cannot_be_read_say_why() {
    let sandbox = acme();
    let head = || reply(as_bearer(&sandbox, BOTH, Method::HEAD, &cat(&sandbox)));
    blob(&sandbox, |blob| {
        blob.tier = AccessTier::Archive;
        blob.rehydrating_to = Some(AccessTier::Hot);
    });
    assert_eq!(
        read(&sandbox, BOTH).await.storage(),
        (409, "BlobArchived".to_owned())
    );
    let described = head().await;
    assert_eq!(described.status, 200);
    assert_eq!(described.header("x-ms-access-tier"), Some("Archive"));
    assert_eq!(
        described.header("x-ms-archive-status"),
        Some("rehydrate-pending-to-hot")
    );
    assert_eq!(described.header("content-length"), Some("5"));
    blob(&sandbox, |blob| {
        *blob = Blob::new("image/png", "a cat");
        blob.encryption_scope = Some("old".to_owned());
    });
    account(&sandbox, |account| {
        account
            .encryption_scopes
            .insert("old".to_owned(), EncryptionScope { enabled: false });
    });
    assert_eq!(
        read(&sandbox, BOTH).await.storage(),
        (403, "EncryptionScopeDisabled".to_owned())
    );
    assert_eq!(head().await.header("x-ms-encryption-scope"), Some("old"));
    blob(&sandbox, |blob| {
        *blob = Blob::new("image/png", "a cat");
        blob.customer_key_sha256 = Some("hash=".to_owned());
    });
    let encrypted = (409, "BlobUsesCustomerSpecifiedEncryption".to_owned());
    assert_eq!(read(&sandbox, BOTH).await.storage(), encrypted);
    assert_eq!(head().await.storage(), encrypted);
    let request = as_bearer(&sandbox, BOTH, Method::GET, &cat(&sandbox))
        .header("x-ms-encryption-key-sha256", "hash=");
    assert_eq!(reply(request).await.status, 200);
    blob(&sandbox, |blob| {
        *blob = Blob::new("image/png", "a cat");
        blob.soft_deleted = true;
    });
    assert_eq!(
        read(&sandbox, BOTH).await.storage(),
        (404, "BlobNotFound".to_owned())
    );
    let conditional =
        as_bearer(&sandbox, BOTH, Method::GET, &cat(&sandbox)).header("if-match", "x");
    assert_eq!(
        reply(conditional).await.storage(),
        (501, "NotImplemented".to_owned())
    );
    let nowhere = as_bearer(
        &sandbox,
        BOTH,
        Method::GET,
        &blob_url(&sandbox, "none/cat.png"),
    );
    assert_eq!(
        reply(nowhere).await.storage(),
        (404, "ContainerNotFound".to_owned())
    );
    let account = cat(&sandbox).replace(ACCOUNT, "nothere");
    let nowhere = as_bearer(&sandbox, BOTH, Method::GET, &account);
    assert_eq!(
        reply(nowhere).await.storage(),
        (404, "ResourceNotFound".to_owned())
    );
}

#[tokio::test]
async fn containers_and_blobs_are_listed_in_pages() {
    let sandbox = acme();
    account(&sandbox, |account| {
        for name in ["drawings", "videos"] {
            account.add_container(name).public_access = PublicAccess::Blob;
        }
        let photos = account.containers.get_mut(CONTAINER).unwrap();
        for name in ["2024/two.png", "a&b.png"] {
            photos.add_blob(name, Blob::new("image/png", "x"));
        }
        photos.add_blob("gone.png", Blob::default()).soft_deleted = true;
    });
    let list = |who: &'static str, query: &str| {
        let url = blob_url(&sandbox, &format!("?{query}"));
        reply(as_bearer(&sandbox, who, Method::GET, &url))
    };
    let all = list(STORAGE_OWNER, "comp=list").await;
    assert_eq!(all.elements("Name"), ["drawings", CONTAINER, "videos"]);
    assert_eq!(all.element("NextMarker"), None);
    let first = list(STORAGE_OWNER, "comp=list&maxresults=2").await;
    assert_eq!(first.elements("Name"), ["drawings", CONTAINER]);
    let marker = first.element("NextMarker").unwrap();
    let second = list(
        STORAGE_OWNER,
        &format!("comp=list&maxresults=2&marker={marker}"),
    )
    .await;
    assert_eq!(second.elements("Name"), ["videos"]);
    for (query, code) in [
        ("comp=list&maxresults=0", "OutOfRangeQueryParameterValue"),
        ("comp=list&maxresults=many", "InvalidQueryParameterValue"),
    ] {
        assert_eq!(
            list(STORAGE_OWNER, query).await.storage(),
            (400, code.to_owned())
        );
    }
    let mismatch = (403, "AuthorizationPermissionMismatch".to_owned());
    world(&sandbox, |world| {
        world
            .role_assignments
            .retain(|found| found.principal != READER);
    });
    assert_eq!(list(READER, "comp=list").await.storage(), mismatch);

    let photos = |who: &'static str, query: &str| {
        let url = blob_url(
            &sandbox,
            &format!("{CONTAINER}?restype=container&comp=list{query}"),
        );
        reply(as_bearer(&sandbox, who, Method::GET, &url))
    };
    assert_eq!(photos(STORAGE_OWNER, "").await.storage(), mismatch);
    let found = photos(BOTH, "").await;
    assert_eq!(
        found.elements("Name"),
        ["2024/one dog.png", "2024/two.png", "a&b.png", "cat.png"]
    );
    assert_eq!(found.elements("Content-Length"), ["5", "1", "1", "5"]);
    assert_eq!(found.elements("AccessTier").len(), 4);
    let folders = photos(BOTH, "&delimiter=/").await;
    assert_eq!(folders.elements("Name"), ["2024/", "a&b.png", "cat.png"]);
    assert_eq!(folders.elements("BlobPrefix").len(), 1);
    let inside = photos(BOTH, "&prefix=2024/&delimiter=/").await;
    assert_eq!(
        inside.elements("Name"),
        ["2024/one dog.png", "2024/two.png"]
    );
    let deleted = photos(BOTH, "&include=deleted&prefix=g").await;
    assert_eq!(deleted.elements("Deleted"), ["true"]);
    let operations: Vec<String> = sandbox
        .log()
        .into_iter()
        .map(|entry| entry.operation)
        .collect();
    assert_eq!(operations[0], "ListContainers");
    assert_eq!(operations.last().unwrap(), "ListBlobs");
    let one = blob_url(&sandbox, &format!("{CONTAINER}?restype=container"));
    let one = reply(as_bearer(&sandbox, STORAGE_OWNER, Method::HEAD, &one)).await;
    assert_eq!(one.status, 200);
}

#[tokio::test]
async fn names_with_odd_characters_are_found() {
    let sandbox = acme();
    account(&sandbox, |account| {
        let photos = account.containers.get_mut(CONTAINER).unwrap();
        for name in ["a+b c%.png", "folder/", "x//y"] {
            photos.add_blob(name, Blob::new("text/plain", name));
        }
    });
    for (path, name) in [
        ("a+b%20c%25.png", "a+b c%.png"),
        ("folder/", "folder/"),
        ("x//y", "x//y"),
    ] {
        let url = blob_url(&sandbox, &format!("{CONTAINER}/{path}"));
        let given = reply(as_bearer(&sandbox, BOTH, Method::GET, &url)).await;
        assert_eq!((given.status, given.text.as_str()), (200, name));
    }
}
