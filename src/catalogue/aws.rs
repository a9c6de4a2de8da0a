//! The causes on AWS. Wording only.

super::causes! {
    A01 Blocks "the bucket policy does not grant Segments.ai read access to this bucket",
        "403 AccessDenied",
        "run `segments-connect aws connect`, which adds the one statement and leaves the others as they are",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html";
    A02 Blocks "the grant names the bucket and not its objects: the Resource lacks `/*`",
        "403 AccessDenied",
        "use `arn:aws:s3:::<BUCKET>/*` as the Resource; `segments-connect aws connect` mends a statement of its own",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html";
    A03 Partial "the grant is limited to a prefix",
        "403 AccessDenied on every other key",
        "widen the Resource to `arn:aws:s3:::<BUCKET>/*`, or register only keys under the prefix",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html";
    A04 Blocks "a Deny admits only requests through a VPC endpoint",
        "403 AccessDenied, although the Allow is there",
        "exempt Segments.ai in that Deny: add the condition `\"StringNotEquals\": {\"aws:PrincipalArn\": \"arn:aws:iam::931508227573:user/segmentsai-prod-user\"}`",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html";
    A05 Blocks "a Deny admits only some IP addresses",
        "403 AccessDenied for every labeller outside the list: the browser loads the file, not Segments.ai's servers",
        "exempt Segments.ai in that Deny with a condition on `aws:PrincipalArn`, or add the labellers' addresses",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html";
    A06 Harmless "a Deny on requests without TLS",
        "nothing: links are always https",
        "nothing to do",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html";
    A07 Fragile "a Deny on old TLS versions",
        "403 AccessDenied for browsers below that version",
        "nothing to do for current browsers; TLS 1.2 and 1.3 are what they use",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html";
    A08 Blocks "a Deny on everyone outside the own organisation or account",
        "403 AccessDenied, although the Allow is there",
        "exempt Segments.ai in that Deny with a condition on `aws:PrincipalArn`",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html";
    A09 Blocks "a Deny on everyone but a list of users",
        "403 AccessDenied, although the Allow is there",
        "exempt Segments.ai with a condition on `aws:PrincipalArn`, rather than with `NotPrincipal`",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html";
    A10 Partial "a Deny on links older than some age (`s3:signatureAge`)",
        "works at first, then 403 AccessDenied: Segments.ai's links live for 24 hours",
        "raise the age to at least 86400000 milliseconds, or exempt Segments.ai",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html";
    A11 Blocks "a Deny on signed links (`s3:authType`, or unsigned payloads)",
        "403 AccessDenied at once",
        "exempt Segments.ai in that Deny with a condition on `aws:PrincipalArn`",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html";
    A12 Blocks "a Deny on requests without multi-factor authentication",
        "403 AccessDenied: a service has no second factor",
        "exempt Segments.ai in that Deny with a condition on `aws:PrincipalArn`",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-MFA.html";
    A13 Blocks "a Deny on everything that does not come through an access point",
        "403 AccessDenied on the bucket's own URL",
        "exempt Segments.ai in that Deny with a condition on `aws:PrincipalArn`",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html";
    A14 Partial "access depends on the `Referer` header",
        "403 AccessDenied in some browsers and not in others",
        "do not use `aws:Referer`: browsers decide what they send",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html";
    A15 Partial "access depends on tags of the object",
        "403 AccessDenied on some keys",
        "tag the objects, or relax the condition",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html";
    A16 Blocks "another statement makes the policy public while RestrictPublicBuckets is on, so S3 blocks every other account",
        "403 AccessDenied, although the Allow is correct",
        "remove the public statement, or limit it with a condition",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html";
    A17 Blocks "BlockPublicPolicy refuses every change of a policy that is public",
        "the change is refused with 403 AccessDenied",
        "remove the public statement, or limit it with a condition, and run again",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html";
    A18 Harmless "Block Public Access with a policy that is not public",
        "nothing: a grant to a named principal is not public",
        "leave all four settings on",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html";
    A19 Harmless "public ACLs are blocked or ignored",
        "nothing",
        "nothing to do",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html";
    A20 Blocks "a principal in the policy was deleted, and shows as an ID (`AIDA…`, `AROA…`)",
        "403 AccessDenied where it stands for Segments.ai; and S3 refuses every change of the policy while it is there",
        "replace the ID by the principal's ARN, or remove it, and run again",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html";
    A21 Blocks "the grant names a wrong account, user, role or partition",
        "403 AccessDenied",
        "the principal must be `arn:aws:iam::931508227573:user/segmentsai-prod-user`",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html";
    A22 Fragile "the whole account of Segments.ai is granted, and not only its user",
        "works; broader than asked for",
        "name the user `arn:aws:iam::931508227573:user/segmentsai-prod-user` instead of the account",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html";
    A23 Blocks "something on Segments.ai's own side denies the read",
        "403 AccessDenied",
        "ask Segments.ai's support",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html";
    A24 Blocks "a resource control policy of the organisation denies other accounts",
        "403 AccessDenied, although the bucket policy is correct",
        "ask the organisation's administrator for an exemption on `aws:PrincipalArn`",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html";
    A25 Blocks "the object is encrypted with the AWS managed key `aws/s3`, which cannot be shared with another account",
        "403 AccessDenied naming kms:Decrypt",
        "encrypt the objects with SSE-S3 or with a customer managed key: `aws s3 cp s3://<BUCKET>/<KEY> s3://<BUCKET>/<KEY> --sse AES256`",
        "https://repost.aws/knowledge-center/s3-cross-account-access-denied";
    A26 Blocks "the object is encrypted with a customer managed key that neither its policy nor a grant lets Segments.ai use",
        "403 AccessDenied naming kms:Decrypt",
        "add a statement to the key policy that allows `kms:Decrypt` to `arn:aws:iam::931508227573:user/segmentsai-prod-user`, and ask Segments.ai whether its side allows it too",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html";
    A27 Partial "some objects are encrypted in another way than the bucket's default",
        "403 AccessDenied on some keys",
        "copy those objects in place so that they get the bucket's encryption",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html";
    A28 Blocks "the KMS key is disabled or is about to be deleted",
        "an error for every reader",
        "enable the key, or cancel its deletion",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html";
    A29 Partial "the object is encrypted with a key that only the customer holds (SSE-C)",
        "400 InvalidRequest",
        "upload the object again without SSE-C",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html";
    A30 Blocks "the object is encrypted twice (DSSE-KMS) with a key that Segments.ai may not use",
        "403 AccessDenied naming kms:Decrypt",
        "let Segments.ai decrypt with that key, as for SSE-KMS",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingDSSEncryption.html";
    A31 Partial "the object belongs to another account, so the bucket policy does not cover it",
        "403 AccessDenied on those keys",
        "set the bucket's object ownership to BucketOwnerEnforced, after checking who relies on ACLs",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html";
    A32 Partial "the object is archived and cannot be read at once",
        "403 InvalidObjectState",
        "restore the object, or keep labelled data in a class that can be read at once",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html";
    A33 Blocks "the bucket is Requester Pays",
        "403 AccessDenied: Segments.ai's links do not accept the charge",
        "set the payer to the bucket's owner: `aws s3api put-bucket-request-payment --bucket <BUCKET> --request-payment-configuration Payer=BucketOwner`",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html";
    A34 Blocks "the URL names another Region than the bucket's",
        "301, 307 or 400; a redirect breaks CORS",
        "register the URL form that this program prints",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html";
    A35 Blocks "the bucket is in a Region that an account must opt in to",
        "403 InvalidToken, or the policy is refused with `Invalid principal`",
        "ask Segments.ai whether its account has enabled that Region",
        "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html";
    A36 Blocks "the bucket's name has a dot, so its https host name has no valid certificate",
        "the browser stops at the certificate, before any answer",
        "copy the data to a bucket whose name has no dot",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html";
    A37 Partial "the key is encoded differently from what was registered",
        "403 AccessDenied: S3 tells an outsider that may not list nothing else about a missing key",
        "register the key as the bucket lists it",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html";
    A38 Partial "the object does not exist, or was deleted",
        "403 AccessDenied: S3 tells an outsider that may not list nothing else about a missing key",
        "restore the object, or correct the key",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html";
    A39 Blocks "no CORS rule lets a page at https://app.segments.ai use the objects",
        "the file is there, and the browser hides it from the page",
        "run `segments-connect aws connect`, which adds the one rule and leaves the others as they are",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors-troubleshooting.html";
    A40 Partial "the CORS rule does not admit the headers that a browser may send",
        "a preflight is refused with 403 where the page sends such a header",
        "allow `*` as AllowedHeaders in that rule",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html";
    A41 Fragile "the CORS rule exposes no headers",
        "a reader that needs `Content-Range` or `ETag` cannot see them",
        "expose those headers if Segments.ai asks for it",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html";
    A42 Partial "the URL is not the bucket's own: a CDN or a domain stands before it",
        "CORS is decided by what stands before the bucket",
        "register the bucket's own URL, or set up CORS there",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html";
    A43 Blocks "a kind of bucket that cannot be read so: directory bucket, Object Lambda or Outposts",
        "various errors",
        "copy the data to a general purpose bucket",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-overview.html";
    A44 Blocks "the bucket policy would become larger than the 20,480 bytes that S3 accepts",
        "the change is refused",
        "join statements of the policy that say the same, and run again",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html";
    A45 Harmless "Access Grants or access points exist beside the bucket policy",
        "nothing",
        "nothing to do",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points.html";
    A46 Partial "the labeller's own network sends S3 traffic through a VPC endpoint with a policy",
        "403 AccessDenied or no answer, from that network only",
        "ask that network's administrator",
        "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html";
    A47 Partial "the link was signed with temporary credentials and ended with them",
        "403 ExpiredToken",
        "ask Segments.ai's support",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html";
    A48 Harmless "Object Lock, versioning, replication, transfer acceleration or logging",
        "nothing",
        "nothing to do",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html";
    A49 Blocks "an unconditional Deny covers Segments.ai",
        "403 AccessDenied, although the Allow is there",
        "exempt Segments.ai in that Deny: add the condition `\"StringNotEquals\": {\"aws:PrincipalArn\": \"arn:aws:iam::931508227573:user/segmentsai-prod-user\"}`",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html";
    A50 Blocks "what answers a browser contradicts the stored CORS rules",
        "a preflight is refused although a rule admits it; or it is admitted although no rule does, until an older answer is forgotten",
        "wait a minute and check again; if it stays so, find what answers in place of S3: a CDN, a proxy of your network, a cache (check once from another network)",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors-troubleshooting.html";
    A51 Blocks "the statement that would grant it has a condition that Segments.ai's requests never meet",
        "403 AccessDenied",
        "take the condition out of that statement, or run `segments-connect aws connect`, which adds the published one beside it",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html";
    A52 Partial "access depends on the date: a grant ends, or a Deny begins or ends",
        "403 AccessDenied from some day on, or until then",
        "take the date out of the statement, or exempt Segments.ai in it with a condition on `aws:PrincipalArn`",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html";
    A53 Fragile "the bucket policy lets Segments.ai do more than read",
        "works; broader than asked for",
        "limit the statement to the action `s3:GetObject`, or replace it by the published one",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html";
    A54 Fragile "the bucket policy lets in anyone, without credentials",
        "works, for Segments.ai and for everybody else",
        "remove the public statement, or limit it with a condition",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html";
    A55 Blocks "the bucket belongs to another account than was expected",
        "403 AccessDenied to requests that name the expected owner",
        "make sure which account owns the bucket before anything is registered: somebody else may hold that name",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html";
    A59 Partial "the link was signed for another request or another time than the browser's",
        "403 AccessDenied (`Request has expired`, `There were headers present in the request which were not signed`) or 400",
        "register the object's URL without a signature, so that Segments.ai signs a new link for every request; or sign a new one, for `GET` and the header `host` alone",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html";
}
