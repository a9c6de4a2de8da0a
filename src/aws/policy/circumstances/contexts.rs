//! The requests of which something is known: a link in a browser, a request that a server signs, decrypting for S3,
//! and one without any credentials.
//!
//! Facts only; where a fact is not certain, the key is unknown or may be missing.

use std::collections::BTreeMap;

use time::Duration;

use super::{Circumstances, Kind, Known, Place, SCALE, Values};
use crate::aws::templates::{ACCOUNT, PRINCIPAL};

/// How long Segments.ai's links live, in milliseconds.
const LINK_LIFE_MS: i64 = 86_400_000;

const INTERNET: &str = "is never there in a request over the public internet";
const LONG_TERM: &str = "is never there in a request that is signed with the key of a user";
const NOT_A_SERVICE: &str = "is there only where a service of AWS asks by itself";
const DIRECT: &str = "is never there in a request to the bucket's own address";
const PRINCIPAL_WHY: &str = "is known of Segments.ai's user";
const NOBODY: &str = "is never there in a request without credentials";

impl Circumstances {
    /// A link that Segments.ai has signed and a labeller's browser loads, at any time of its life.
    #[must_use]
    pub fn link_in_a_browser(place: &Place<'_>) -> Self {
        let mut known = Self::of_segments("a link in a browser", place);
        known.read_of_an_object();
        let text = |value| Known::one(value, Kind::Text, "follows from how a link is signed");
        known.set(&["s3:authType"], &text("REST-QUERY-STRING"));
        // The header is not sent with a link; whether S3 fills in the key all the same is not documented.
        known.set(
            &["s3:x-amz-content-sha256"],
            &text("UNSIGNED-PAYLOAD").or_absent(),
        );
        let age = Values::Between(0, i128::from(LINK_LIFE_MS) * SCALE);
        known.set(
            &["s3:signatureAge"],
            &Known::new(
                age,
                Kind::Number,
                "grows from 0 to 86400000, as links live for 24 hours",
            ),
        );
        // Browsers decide what they send: https://www.w3.org/TR/referrer-policy/
        let referer = Values::Within("https://app.segments.ai/*".to_owned());
        known.set(
            &["aws:Referer"],
            &Known::new(
                referer,
                Kind::Text,
                "is what the browser sends: the page's address, or nothing",
            )
            .or_absent(),
        );
        known
    }

    /// A request of Segments.ai's own servers, signed in its header and sent at once.
    #[must_use]
    pub fn signed_by_a_server(place: &Place<'_>) -> Self {
        let mut known = Self::of_segments("a request of Segments.ai's servers", place);
        known.read_of_an_object();
        known.set(
            &["s3:authType"],
            &Known::one("REST-HEADER", Kind::Text, "follows from how a server signs"),
        );
        // Some pages say that the key is there for links only. A signature is taken for 15 minutes:
        // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
        known.set(
            &["s3:signatureAge"],
            &Known::new(
                Values::Between(0, 900_000 * SCALE),
                Kind::Number,
                "is below 15 minutes, or not there",
            )
            .or_absent(),
        );
        // Servers may reach S3 through an endpoint of their own network.
        known.set(
            &[
                "aws:SourceVpc",
                "aws:SourceVpce",
                "aws:SourceVpcArn",
                "aws:VpcSourceIp",
                "aws:VpceAccount",
                "aws:VpceOrgID",
                "aws:VpceOrgPaths",
            ],
            &Known::unknown(
                "depends on how Segments.ai's servers reach S3, which is not published",
            ),
        );
        let address = known.of("aws:SourceIp").or_absent();
        known.set(&["aws:SourceIp"], &address);
        known.set(
            &["aws:Referer"],
            &Known::absent("is never sent by a server"),
        );
        known
    }

    /// Whatever Segments.ai's user could send by itself: what a request asks for in its own parameters is its own choice.
    #[must_use]
    pub fn any_request_of_segments(place: &Place<'_>) -> Self {
        Self::of_segments("any request of Segments.ai", place)
    }

    /// A request without credentials.
    #[must_use]
    pub fn anonymous(place: &Place<'_>) -> Self {
        let mut known = Self::over_the_internet("a request without credentials", place);
        known.set(
            &["aws:PrincipalType"],
            &Known::one(
                "Anonymous",
                Kind::Text,
                "is known of a request without credentials",
            ),
        );
        known.set(
            &["aws:userid"],
            &Known::one(
                "anonymous",
                Kind::Text,
                "is known of a request without credentials",
            ),
        );
        known.set(
            &[
                "aws:PrincipalArn",
                "aws:PrincipalAccount",
                "aws:username",
                "aws:PrincipalOrgID",
                "aws:PrincipalOrgPaths",
                "aws:PrincipalIsAWSService",
                "s3:signatureversion",
                "s3:signatureAge",
            ],
            &Known::absent(NOBODY),
        );
        known
            .families
            .insert(0, ("aws:principaltag/", Known::absent(NOBODY)));
        known
    }

    /// S3 decrypting an object of Segments.ai's request with a key of KMS. `arns` are those that may stand in the
    /// encryption context: that of the object, or that of its bucket where a Bucket Key is used.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>,
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>.
    #[must_use]
    pub fn decrypting_for_s3(place: &Place<'_>, arns: &[String]) -> Self {
        const BY_S3: &str = "follows from S3 asking KMS for the one who reads";
        // What of the first request is passed on to KMS is documented for few keys.
        let mut known = Self::nothing("S3 decrypting for Segments.ai");
        known.of_the_user();
        known.time(place);
        known.set(
            &["aws:ViaAWSService"],
            &Known::one("true", Kind::Flag, BY_S3),
        );
        known.set(
            &["aws:PrincipalIsAWSService"],
            &Known::one("false", Kind::Flag, BY_S3),
        );
        known.set(
            &["kms:CallerAccount"],
            &Known::one(ACCOUNT, Kind::Text, BY_S3),
        );
        let via = match place.region {
            Some(region) => Values::OneOf(vec![format!("s3.{region}.amazonaws.com")]),
            None => Values::Within("s3.*.amazonaws.com".to_owned()),
        };
        known.set(&["kms:ViaService"], &Known::new(via, Kind::Text, BY_S3));
        known.set(
            &["kms:EncryptionContext:aws:s3:arn"],
            &Known::new(
                Values::OneOf(arns.to_vec()),
                Kind::Text,
                "is the object's ARN, or the bucket's where it has a Bucket Key",
            ),
        );
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html#API_PutObject_RequestSyntax
        known.set(
            &["kms:EncryptionContextKeys"],
            &Known::new(
                Values::AtLeast(vec!["aws:s3:arn".to_owned()]),
                Kind::Text,
                "holds `aws:s3:arn`, and what else was given when the object was written, which S3 does not tell",
            ),
        );
        known.set(
            &["kms:EncryptionAlgorithm"],
            &Known::one("SYMMETRIC_DEFAULT", Kind::Text, BY_S3),
        );
        known.set(
            &["kms:KeySpec"],
            &Known::one(
                "SYMMETRIC_DEFAULT",
                Kind::Text,
                "is that of every key that S3 can use",
            ),
        );
        known.set(
            &["kms:KeyUsage"],
            &Known::one(
                "ENCRYPT_DECRYPT",
                Kind::Text,
                "is that of every key that S3 can use",
            ),
        );
        known.set(
            &[
                "kms:GrantIsForAWSResource",
                "kms:GranteePrincipal",
                "kms:GrantOperations",
                "kms:GrantConstraintType",
                "kms:RetiringPrincipal",
            ],
            &Known::absent("is there only where a grant is made or listed"),
        );
        known
    }

    fn nothing(name: &'static str) -> Self {
        Self {
            name,
            keys: BTreeMap::new(),
            families: Vec::new(),
            tags: None,
        }
    }

    fn of_segments(name: &'static str, place: &Place<'_>) -> Self {
        let mut known = Self::over_the_internet(name, place);
        known.of_the_user();
        known.set(
            &["s3:signatureversion"],
            &Known::one(
                "AWS4-HMAC-SHA256",
                Kind::Text,
                "follows from how Segments.ai signs",
            ),
        );
        known
    }

    fn of_the_user(&mut self) {
        let name = PRINCIPAL.rsplit('/').next().unwrap_or_default();
        self.set(
            &["aws:PrincipalArn"],
            &Known::one(PRINCIPAL, Kind::Arn, PRINCIPAL_WHY),
        );
        self.set(
            &["aws:PrincipalAccount"],
            &Known::one(ACCOUNT, Kind::Text, PRINCIPAL_WHY),
        );
        self.set(
            &["aws:PrincipalType"],
            &Known::one("User", Kind::Text, PRINCIPAL_WHY),
        );
        self.set(
            &["aws:username"],
            &Known::one(name, Kind::Text, PRINCIPAL_WHY),
        );
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
        let id = Values::Within("AIDA*".to_owned());
        self.set(
            &["aws:userid"],
            &Known::new(
                id,
                Kind::Text,
                "is the id of Segments.ai's user, which begins with `AIDA` and is not published",
            ),
        );
        let elsewhere = |several| {
            Known::new(
                Values::Elsewhere { several },
                Kind::Text,
                "is not an organisation of yours, for which the one that is named is taken",
            )
            .or_absent()
        };
        self.set(&["aws:PrincipalOrgID"], &elsewhere(false));
        self.set(&["aws:PrincipalOrgPaths"], &elsewhere(true));
        self.set(
            &[
                "aws:MultiFactorAuthPresent",
                "aws:MultiFactorAuthAge",
                "aws:TokenIssueTime",
                "aws:FederatedProvider",
                "aws:SourceIdentity",
                "aws:AssumedRoot",
                "aws:ChatbotSourceArn",
                "aws:Ec2InstanceSourceVpc",
                "aws:Ec2InstanceSourcePrivateIPv4",
                "ec2:SourceInstanceArn",
                "ec2:RoleDelivery",
                "lambda:SourceFunctionArn",
                "glue:RoleAssumedBy",
            ],
            &Known::absent(LONG_TERM),
        );
        self.set(
            &[
                "aws:SourceArn",
                "aws:SourceAccount",
                "aws:SourceOrgID",
                "aws:SourceOrgPaths",
                "aws:PrincipalServiceName",
                "aws:PrincipalServiceNamesList",
            ],
            &Known::absent(NOT_A_SERVICE),
        );
    }

    fn over_the_internet(name: &'static str, place: &Place<'_>) -> Self {
        let mut known = Self::nothing(name);
        known.time(place);
        let flag = |value, why| Known::one(value, Kind::Flag, why);
        known.set(
            &["aws:SecureTransport"],
            &flag("true", "is `true`, as Segments.ai always uses https"),
        );
        known.set(
            &["aws:ViaAWSService", "aws:PrincipalIsAWSService"],
            &flag("false", "is `false`, as no service of AWS asks"),
        );
        let tls = Values::OneOf(vec!["1.2".to_owned(), "1.3".to_owned()]);
        known.set(
            &["s3:TlsVersion"],
            &Known::new(tls, Kind::Number, "is 1.2 or 1.3"),
        );
        known.set(
            &["aws:SourceIp"],
            &Known::new(
                Values::PublicAddress,
                Kind::Address,
                "is an address on the public internet that is not known beforehand",
            ),
        );
        known.set(
            &[
                "aws:SourceVpc",
                "aws:SourceVpce",
                "aws:SourceVpcArn",
                "aws:VpcSourceIp",
                "aws:VpceAccount",
                "aws:VpceOrgID",
                "aws:VpceOrgPaths",
            ],
            &Known::absent(INTERNET),
        );
        known.set(
            &[
                "aws:CalledVia",
                "aws:CalledViaFirst",
                "aws:CalledViaLast",
                "aws:SourceArn",
                "aws:SourceAccount",
                "aws:SourceOwner",
            ],
            &Known::absent(NOT_A_SERVICE),
        );
        known.set(
            &[
                "s3:DataAccessPointArn",
                "s3:DataAccessPointAccount",
                "s3:AccessPointNetworkOrigin",
                "s3:AccessGrantsInstanceArn",
            ],
            &Known::absent(DIRECT),
        );
        if let Some(region) = place.region {
            known.set(
                &["aws:RequestedRegion"],
                &Known::one(region, Kind::Text, "is the bucket's Region"),
            );
        }
        if let Some(owner) = place.owner {
            let owner = Known::one(owner, Kind::Text, "is the bucket's owner");
            known.set(&["aws:ResourceAccount", "s3:ResourceAccount"], &owner);
        }
        known
    }

    /// What only other requests than reading an object have.
    fn read_of_an_object(&mut self) {
        self.set(
            &[
                "s3:prefix",
                "s3:delimiter",
                "s3:max-keys",
                "s3:VersionId",
                "s3:x-amz-acl",
                "s3:x-amz-copy-source",
                "s3:x-amz-metadata-directive",
                "s3:x-amz-storage-class",
                "s3:x-amz-server-side-encryption",
                "s3:x-amz-server-side-encryption-aws-kms-key-id",
                "s3:x-amz-website-redirect-location",
                "s3:x-amz-grant-read",
                "s3:x-amz-grant-write",
                "s3:x-amz-grant-read-acp",
                "s3:x-amz-grant-write-acp",
                "s3:x-amz-grant-full-control",
                "s3:RequestObjectTagKeys",
                "s3:LocationConstraint",
                "aws:TagKeys",
            ],
            &Known::absent("is never there where an object is read"),
        );
        for family in ["s3:requestobjecttag/", "aws:requesttag/"] {
            self.families.push((
                family,
                Known::absent("is never there where an object is read"),
            ));
        }
    }

    fn time(&mut self, place: &Place<'_>) {
        let Some(now) = place.now else { return };
        let life = Duration::milliseconds(LINK_LIFE_MS);
        let last = now.checked_add(life).unwrap_or(now);
        let span = Values::Between(now.unix_timestamp_nanos(), last.unix_timestamp_nanos());
        self.set(
            &["aws:CurrentTime", "aws:EpochTime"],
            &Known::new(
                span,
                Kind::Time,
                "runs from now over the 24 hours that a link lives",
            ),
        );
    }
}
