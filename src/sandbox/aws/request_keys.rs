//! The condition keys of one request: what a policy may look at, with the values that AWS gives them.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html>.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::bucket::{Bucket, Object};
use super::call::Call;
use super::grant::EncryptionContext;
use super::policy::{Keys, Service, role_of};
use super::signature::{Authentication, Caller, Signature};
use super::world::{KmsKey, Principal, World};
use crate::sandbox::incoming::Incoming;

/// Keys of a request that are those headers of it.
const HEADERS: [&str; 16] = [
    "x-amz-acl",
    "x-amz-bucket-namespace",
    "x-amz-copy-source",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-object-ownership",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    "if-none-match",
];

/// What temporary credentials may carry and this place does not know of them.
const OF_A_SESSION: [&str; 9] = [
    "aws:AssumedRoot",
    "aws:ChatbotSourceArn",
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:Ec2InstanceSourceVpc",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:SourceIdentity",
    "aws:TokenIssueTime",
];

/// The keys of a request to S3, whichever object it turns out to be about.
pub(crate) fn of_s3(
    world: &World,
    request: &Incoming,
    call: &Call,
    authentication: &Authentication,
    bucket: &Bucket,
) -> Keys {
    let mut keys = Keys::of(Service::S3);
    of_caller(world, &authentication.caller, &mut keys);
    of_resource(world, bucket, &mut keys);
    of_connection(world, request, &mut keys);
    if let Some(signature) = &authentication.signature {
        of_signature(signature, world.now(), &mut keys);
    }
    of_parameters(request, call, &mut keys);
    keys
}

/// Adds the tags of the object that is asked for.
pub(crate) fn of_object(object: &Object, keys: &mut Keys) {
    for (name, value) in &object.tags {
        keys.put(&format!("s3:ExistingObjectTag/{name}"), value);
    }
}

/// The keys of the request that S3 makes to KMS, for its caller, to read an object.
/// See <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html> and
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context>.
pub(crate) fn of_decryption(
    world: &World,
    caller: &Caller,
    key: &KmsKey,
    context: &EncryptionContext,
) -> Keys {
    let mut keys = Keys::of(Service::Kms);
    of_caller(world, caller, &mut keys);
    let region = key.arn.split(':').nth(3).unwrap_or_default();
    keys.put("kms:ViaService", format!("s3.{region}.amazonaws.com"));
    if let Some(account) = caller.account() {
        keys.put("kms:CallerAccount", account);
    }
    for (name, value) in context {
        keys.put(&format!("kms:EncryptionContext:{name}"), value.as_str());
    }
    keys.put_all(
        "kms:EncryptionContextKeys",
        context.keys().cloned().collect(),
    );
    for (name, value) in [
        ("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
        ("kms:KeyOrigin", "AWS_KMS"),
        ("kms:KeySpec", "SYMMETRIC_DEFAULT"),
        ("kms:KeyUsage", "ENCRYPT_DECRYPT"),
        ("kms:MultiRegion", "false"),
        ("aws:ResourceAccount", key.account()),
        ("aws:RequestedRegion", region),
    ] {
        keys.put(name, value);
    }
    of_clock(world.now(), &mut keys);
    keys
}

fn of_caller(world: &World, caller: &Caller, keys: &mut Keys) {
    match caller {
        Caller::Anonymous => {
            keys.put("aws:PrincipalAccount", "anonymous");
            keys.put("aws:PrincipalType", "Anonymous");
            keys.put("aws:userid", "anonymous");
        }
        Caller::Known(principal) => of_principal(world, principal, keys),
    }
}

fn of_principal(world: &World, principal: &Principal, keys: &mut Keys) {
    let arn = principal.arn.as_str();
    let name = arn.rsplit(':').next().unwrap_or_default();
    let kind = match name.split_once('/') {
        Some(("user", _)) => "User",
        Some(("assumed-role", _)) => "AssumedRole",
        Some(("federated-user", _)) => "FederatedUser",
        Some(_) | None => "Account",
    };
    // The session of a role shows its role here.
    keys.put(
        "aws:PrincipalArn",
        role_of(arn).unwrap_or_else(|| arn.to_owned()),
    );
    keys.put("aws:PrincipalAccount", principal.account.as_str());
    keys.put("aws:PrincipalType", kind);
    keys.put("aws:PrincipalIsAWSService", "false");
    keys.put("aws:userid", principal.user_id.as_str());
    if kind == "User" {
        keys.put("aws:username", name.rsplit('/').next().unwrap_or_default());
    }
    for (name, value) in &principal.tags {
        keys.put(&format!("aws:PrincipalTag/{name}"), value);
    }
    of_organization(world, &principal.account, "aws:Principal", keys);
    if principal.session_token.is_some() {
        for name in OF_A_SESSION {
            keys.leave_untold(name);
        }
    }
}

fn of_organization(world: &World, account: &str, prefix: &str, keys: &mut Keys) {
    let account = world.accounts.get(account);
    if let Some(organization) = account.and_then(|account| account.organization.as_ref()) {
        keys.put(&format!("{prefix}OrgID"), organization.id.as_str());
        let path = organization.path.clone();
        keys.put_all(&format!("{prefix}OrgPaths"), vec![path]);
    }
}

fn of_resource(world: &World, bucket: &Bucket, keys: &mut Keys) {
    keys.put("aws:ResourceAccount", bucket.owner.as_str());
    keys.put("s3:ResourceAccount", bucket.owner.as_str());
    keys.put("aws:RequestedRegion", bucket.region.as_str());
    of_organization(world, &bucket.owner, "aws:Resource", keys);
}

fn of_connection(world: &World, request: &Incoming, keys: &mut Keys) {
    let source = world.source_ip.unwrap_or(request.peer);
    keys.put("aws:SourceIp", source.to_string());
    keys.put("aws:SecureTransport", world.counts_as_https.to_string());
    if world.counts_as_https {
        keys.put("s3:TlsVersion", world.tls_version.as_str());
    }
    keys.put("aws:ViaAWSService", "false");
    if let Some(referer) = request.header("referer") {
        keys.put("aws:Referer", referer);
    }
    // "Always included", and nothing is said of a client that has no name.
    match request.header("user-agent") {
        Some(agent) => keys.put("aws:UserAgent", agent),
        None => keys.leave_untold("aws:UserAgent"),
    }
    of_clock(world.now(), keys);
}

fn of_clock(now: OffsetDateTime, keys: &mut Keys) {
    let now = now.replace_nanosecond(0).unwrap_or(now);
    if let Ok(text) = now.format(&Rfc3339) {
        keys.put("aws:CurrentTime", text);
    }
    keys.put("aws:EpochTime", now.unix_timestamp().to_string());
}

fn of_signature(signature: &Signature, now: OffsetDateTime, keys: &mut Keys) {
    keys.put("s3:signatureversion", "AWS4-HMAC-SHA256");
    keys.put("s3:x-amz-content-sha256", signature.payload_hash.as_str());
    if signature.presigned {
        keys.put("s3:authType", "REST-QUERY-STRING");
        let age = (now - signature.signed_at).whole_milliseconds().max(0);
        keys.put("s3:signatureAge", age.to_string());
    } else {
        keys.put("s3:authType", "REST-HEADER");
        // Documented for presigned URLs.
        keys.leave_untold("s3:signatureAge");
    }
}

fn of_parameters(request: &Incoming, call: &Call, keys: &mut Keys) {
    for name in HEADERS {
        if let Some(value) = request.header(name) {
            keys.put(&format!("s3:{name}"), value);
        }
    }
    if request.header("x-amz-tagging").is_some() {
        for name in ["aws:TagKeys", "s3:RequestObjectTagKeys"] {
            keys.leave_untold(name);
        }
    }
    if call.operation == "ListObjectsV2" {
        for name in ["prefix", "delimiter"] {
            if let Some(value) = call.parameter(name) {
                keys.put(&format!("s3:{name}"), value);
            }
        }
        // Always present where a bucket is listed.
        let most = call.parameter("max-keys").unwrap_or("1000");
        keys.put("s3:max-keys", most);
    }
}
