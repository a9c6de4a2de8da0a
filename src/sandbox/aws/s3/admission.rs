//! What S3 checks before it looks at the operation: region, parameters, expected owner, payer.

use super::Visit;
use crate::sandbox::aws::bucket::Payer;
use crate::sandbox::aws::problem::Problem;
use crate::sandbox::aws::signature::Authentication;
use crate::sandbox::aws::world::WrongRegion;

/// Parameters that any operation may have: those of a signature, the SDKs' own, and headers of a presigned URL.
const EVERYWHERE: [&str; 12] = [
    "x-id",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "x-amz-signature",
    "x-amz-security-token",
    "x-amz-content-sha256",
    "x-amz-expected-bucket-owner",
    "x-amz-request-payer",
    "x-amz-checksum-mode",
];

/// Parameters that S3 knows and this place does not carry out.
const NOT_HERE: [&str; 11] = [
    "delimiter",
    "start-after",
    "versionid",
    "partnumber",
    "uploadid",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
];

/// A bucket is only reached through its own region.
///
/// A path-style request goes to one socket here, whatever its region: the endpoint is then taken to be the one that the
/// client signed for. See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>.
pub fn check_region(visit: &Visit<'_>, authentication: &Authentication) -> Result<(), Problem> {
    let bucket = visit.bucket();
    let home = bucket.region.as_str();
    let host = &visit.call.host;
    let signed = authentication.region.as_deref();
    let endpoint = if host.global {
        home
    } else {
        host.region.as_deref().or(signed).unwrap_or(home)
    };
    if let Some(signed) = signed
        && (host.global || host.region.is_some())
        && signed != endpoint
    {
        return Err(malformed(authentication, signed, endpoint));
    }
    if endpoint == home {
        return Ok(());
    }
    match (visit.wish.world.wrong_region, signed) {
        (WrongRegion::Malformed, Some(signed)) => Err(malformed(authentication, signed, home)),
        (WrongRegion::Malformed, None) | (WrongRegion::Redirect, _) => Err(Problem::new(
            301,
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all \
             future requests to this endpoint.",
        )
        .field("Endpoint", format!("{}.s3.{home}.amazonaws.com", bucket.name))
        .field("Bucket", bucket.name.clone())
        .header("x-amz-bucket-region", home)),
    }
}

fn malformed(authentication: &Authentication, signed: &str, expected: &str) -> Problem {
    let presigned = authentication
        .signature
        .as_ref()
        .is_some_and(|signature| signature.presigned);
    let (code, what) = if presigned {
        (
            "AuthorizationQueryParametersError",
            "Error parsing the X-Amz-Credential parameter",
        )
    } else {
        (
            "AuthorizationHeaderMalformed",
            "The authorization header is malformed",
        )
    };
    Problem::new(
        400,
        code,
        format!("{what}; the region '{signed}' is wrong; expecting '{expected}'"),
    )
    .field("Region", expected)
    .header("x-amz-bucket-region", expected)
}

/// Refuses a parameter that the operation does not have.
pub fn check_parameters(visit: &Visit<'_>) -> Result<(), Problem> {
    let own: &[&str] = match visit.call.operation.as_str() {
        "GetBucketAcl" => &["acl"],
        "GetBucketLocation" => &["location"],
        "GetPublicAccessBlock" => &["publicaccessblock"],
        "GetBucketOwnershipControls" => &["ownershipcontrols"],
        "GetBucketEncryption" => &["encryption"],
        "GetBucketRequestPayment" => &["requestpayment"],
        "GetBucketPolicyStatus" => &["policystatus"],
        "GetBucketPolicy" | "PutBucketPolicy" | "DeleteBucketPolicy" => &["policy"],
        "GetBucketCors" | "PutBucketCors" | "DeleteBucketCors" => &["cors"],
        "GetObjectTagging" => &["tagging"],
        "ListObjectsV2" => &[
            "list-type",
            "prefix",
            "max-keys",
            "continuation-token",
            "fetch-owner",
            "encoding-type",
        ],
        "HeadBucket" | "HeadObject" | "GetObject" | "PutObject" | "DeleteObject" => &[],
        other => return Err(Problem::not_implemented(other)),
    };
    for (name, value) in &visit.call.query {
        let name_here = name.to_ascii_lowercase();
        let name_here = name_here.as_str();
        if EVERYWHERE.contains(&name_here) || own.contains(&name_here) {
            continue;
        }
        if NOT_HERE.contains(&name_here) {
            return Err(Problem::not_implemented(format!("the parameter {name}")));
        }
        return Err(Problem::new(
            400,
            "InvalidArgument",
            format!(
                "{} does not have the parameter {name}",
                visit.call.operation
            ),
        )
        .field("ArgumentName", name.clone())
        .field("ArgumentValue", value.clone()));
    }
    Ok(())
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html>.
pub fn check_expected_owner(visit: &Visit<'_>) -> Result<(), Problem> {
    let Some(expected) = visit.header("x-amz-expected-bucket-owner") else {
        return Ok(());
    };
    if expected.len() != 12 || !expected.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Problem::new(
            400,
            "InvalidBucketOwnerAWSAccountID",
            format!(
                "The value of the expected bucket owner parameter must be an AWS Account ID... [{expected}]"
            ),
        ));
    }
    if expected == visit.bucket().owner {
        Ok(())
    } else {
        Err(Problem::access_denied())
    }
}

/// Whoever is not the owner must agree to pay; nobody pays for anonymous requests.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html>.
pub fn check_payer(visit: &Visit<'_>) -> Result<(), Problem> {
    let counts = matches!(
        visit.call.operation.as_str(),
        "ListObjectsV2" | "HeadObject" | "GetObject" | "PutObject" | "DeleteObject"
    );
    let requester_pays = visit.bucket().payer == Payer::Requester;
    if !counts || !requester_pays || visit.wish.is_own_account() {
        return Ok(());
    }
    let agrees = visit.header("x-amz-request-payer") == Some("requester");
    if agrees && visit.wish.caller.arn().is_some() {
        Ok(())
    } else {
        Err(Problem::access_denied())
    }
}
