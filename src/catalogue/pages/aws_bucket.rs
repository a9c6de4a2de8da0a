//! The pages of the causes on AWS in objects, keys, CORS, addresses and the bucket itself.

use super::{Page, checked, never, refused};

const CONNECT: &[&str] = &["segments-connect aws connect --bucket <BUCKET>"];
const PROTECTION: &[&str] = &["aws.object.protection"];

pub(super) static PAGES: &[Page] = &[
    checked(
        "A25",
        "The object is encrypted with the key that AWS manages for S3 (`aws/s3`). The policy of such a key cannot be changed, so no other account can ever be allowed to decrypt with it. It shows as a 403 that names `kms:Decrypt`.",
        PROTECTION,
        "The object's encryption (HeadObject), then who manages its key (kms:DescribeKey).",
        &[
            "aws s3 cp s3://<BUCKET>/<KEY> s3://<BUCKET>/<KEY> --sse AES256",
            "aws s3api put-bucket-encryption --bucket <BUCKET> --server-side-encryption-configuration '{\"Rules\":[{\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":\"AES256\"}}]}'",
        ],
        "`aws.object.protection` passes for the object. The bucket's default is for new objects; those that are there have to be copied in place.",
    ),
    checked(
        "A26",
        "The object is encrypted with a key of yours in KMS. Whoever reads it has to be allowed to decrypt, too: by the key's own policy, and on Segments.ai's side by its administrators.",
        PROTECTION,
        "The object's encryption (HeadObject), its key (kms:DescribeKey) and the key's policy (kms:GetKeyPolicy), which is evaluated for Segments.ai's user and `kms:Decrypt`. Grants of the key are not looked at.",
        &[
            "aws kms get-key-policy --key-id <KMS-KEY> --policy-name default --query Policy --output text > key-policy.json",
            "# one more statement: {\"Sid\": \"segments-kms-access\", \"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::931508227573:user/segmentsai-prod-user\"}, \"Action\": \"kms:Decrypt\", \"Resource\": \"*\"}",
            "$EDITOR key-policy.json",
            "aws kms put-key-policy --key-id <KMS-KEY> --policy-name default --policy file://key-policy.json",
        ],
        "`aws.object.protection` passes for the object. Limit the statement with `\"StringEquals\": {\"kms:ViaService\": \"s3.<REGION>.amazonaws.com\"}` if the key is used for other things.",
    ),
    checked(
        "A27",
        "The bucket's default encryption is for new objects only. Objects that were there before, or were uploaded with an encryption of their own, keep theirs; so some objects load and others do not.",
        PROTECTION,
        "The encryption of every sample is read (HeadObject) and the samples are compared with each other. Name objects of different ages with `--object`, several times.",
        &["aws s3 cp s3://<BUCKET>/<PREFIX> s3://<BUCKET>/<PREFIX> --recursive --sse AES256"],
        "`aws.object.protection` passes for every object that you name.",
    ),
    checked(
        "A28",
        "The key that encrypts the object is disabled, is waiting to be deleted, or has lost its material. Nobody can read the object, you included.",
        PROTECTION,
        "The state of the key (kms:DescribeKey).",
        &[
            "aws kms cancel-key-deletion --key-id <KMS-KEY>",
            "aws kms enable-key --key-id <KMS-KEY>",
        ],
        "`aws.object.protection` and `aws.object.read` pass for the object.",
    ),
    checked(
        "A29",
        "The object was uploaded with a key that S3 does not keep (SSE-C). Every read has to bring that key, and a link cannot.",
        &["aws.object.read", "aws.object.protection"],
        "S3 refuses to describe or read the object without the key, with 400 (HeadObject, GetObject).",
        &["aws s3 cp <FILE> s3://<BUCKET>/<KEY>"],
        "`aws.object.read` passes for the object.",
    ),
    checked(
        "A30",
        "The object is encrypted in two layers (DSSE-KMS) with a key of yours in KMS. As with one layer, whoever reads it has to be allowed to decrypt with that key.",
        PROTECTION,
        "The object's encryption (HeadObject) and the policy of its key (kms:GetKeyPolicy), which is evaluated for Segments.ai's user.",
        &[
            "aws kms get-key-policy --key-id <KMS-KEY> --policy-name default --query Policy --output text > key-policy.json",
            "# one more statement: {\"Sid\": \"segments-kms-access\", \"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::931508227573:user/segmentsai-prod-user\"}, \"Action\": \"kms:Decrypt\", \"Resource\": \"*\"}",
            "$EDITOR key-policy.json",
            "aws kms put-key-policy --key-id <KMS-KEY> --policy-name default --policy file://key-policy.json",
        ],
        "`aws.object.protection` passes for the object.",
    ),
    checked(
        "A31",
        "The object belongs to the account that uploaded it, and a bucket policy covers only what the bucket's owner owns. That happens where the bucket's object ownership is `ObjectWriter` or `BucketOwnerPreferred`.",
        PROTECTION,
        "The bucket's object ownership (GetBucketOwnershipControls); where it leaves objects to their writers, the owner of each sample is compared with the bucket's (ListObjectsV2 with FetchOwner).",
        &[
            "aws s3api put-bucket-ownership-controls --bucket <BUCKET> --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'",
        ],
        "`aws.object.protection` passes. The setting is for objects that are there, too, and switches ACLs off: see first who relies on them.",
    ),
    checked(
        "A32",
        "The object is in S3 Glacier Flexible Retrieval, in Deep Archive, or in an archive tier of Intelligent-Tiering. It has to be restored before anybody can read it. Glacier Instant Retrieval is read at once.",
        &[
            "aws.object.read",
            "aws.object.link",
            "aws.object.protection",
        ],
        "The storage class, the archive status and a restore that is under way (HeadObject).",
        &[
            "aws s3api restore-object --bucket <BUCKET> --key <KEY> --restore-request 'Days=30,GlacierJobParameters={Tier=Standard}'",
        ],
        "`aws.object.read` passes for the object, hours later. A restored copy goes away after its days.",
    ),
    checked(
        "A33",
        "Whoever reads from the bucket has to accept the charge with every request (Requester Pays). A link as Segments.ai makes it does not.",
        PROTECTION,
        "The bucket's payer (GetBucketRequestPayment).",
        &[
            "aws s3api put-bucket-request-payment --bucket <BUCKET> --request-payment-configuration Payer=BucketOwner",
        ],
        "`aws.object.protection` passes. You then pay for the traffic.",
    ),
    checked(
        "A34",
        "The URL, or the Region that was named, is not where the bucket is. S3 then sends the request on to another address, which a browser does not follow before it has permission; or it refuses the signature.",
        &["aws.target", "aws.cors.preflight", "aws.object.link"],
        "The bucket's Region as S3 tells it (HeadBucket) against the one that was named, and a redirect of a live request.",
        &["aws s3api head-bucket --bucket <BUCKET> --query BucketRegion --output text"],
        "`aws.target` passes when the URL is registered as this program prints it.",
    ),
    checked(
        "A35",
        "Some Regions are off in an account until it opts in to them. In such a Region, S3 does not know the users of accounts that did not: the bucket policy is refused with `Invalid principal`, or Segments.ai's link with `InvalidToken`. Whether Segments.ai's account has opted in, only Segments.ai can say.",
        &["aws.target"],
        "The bucket's Region (HeadBucket) against the Regions that have to be opted in to. It is a warning: nothing that you may read shows Segments.ai's side.",
        &["aws account list-regions --region-opt-status-contains ENABLED ENABLED_BY_DEFAULT"],
        "Files load on Segments.ai; `aws.segments.read` shows it with Segments.ai's own credentials.",
    ),
    checked(
        "A36",
        "The certificate of Amazon S3 is for `*.s3.<REGION>.amazonaws.com`, and a star stands for one name without dots. So a browser refuses `https://<BUCKET>.s3.<REGION>.amazonaws.com` where the bucket's name has a dot.",
        &["aws.cors.preflight"],
        "The bucket's name, and the TLS connection of a live request at the registered address.",
        &["aws s3 sync s3://<BUCKET> s3://<NEW-BUCKET>"],
        "Connect and check the new bucket. Where Segments.ai can use the other form, `https://s3.<REGION>.amazonaws.com/<BUCKET>/<KEY>`, nothing has to be copied.",
    ),
    never(
        "A37",
        "The key that was registered is not the key of the object: a blank that became `+` or `%20`, a `#` or `?` that cut it off, `..` or `//` that something took out, letters with accents in another Unicode form. Every byte of a key counts.",
        "An object that is not there shows as such (A38); that another one with nearly its name is there, only a listing tells.",
        &[
            "aws s3api list-objects-v2 --bucket <BUCKET> --prefix <BEGINNING> --query 'Contents[].Key'",
        ],
        "`segments-connect aws verify --bucket <BUCKET> --object <KEY>` finds the object under the key as it was registered.",
    ),
    checked(
        "A38",
        "There is no object of this key, or its newest version is a delete marker. To Segments.ai, which may not list, S3 does not say so: it answers 403, as for an object that may not be read. A URL with a `versionId` needs the permission `s3:GetObjectVersion`, which is not asked for.",
        &["aws.object.read", "aws.object.link"],
        "The object is asked for with your own credentials (HeadObject, GetObject); whoever may list is told that it is missing.",
        &[
            "aws s3api list-object-versions --bucket <BUCKET> --prefix <KEY>",
            "aws s3api delete-object --bucket <BUCKET> --key <KEY> --version-id <VERSION-OF-THE-DELETE-MARKER>",
        ],
        "`aws.object.read` passes for the object.",
    ),
    checked(
        "A39",
        "A page at https://app.segments.ai that loads a file from another site needs that site's permission. S3 gives it only by a CORS rule that has the page's origin, letter by letter or by one `*`, and the method GET. Without one, the file is sent and the browser hides it; on a server it seems to work.",
        &[
            "aws.cors.configured",
            "aws.cors.preflight",
            "aws.object.link",
        ],
        "The rules are read (GetBucketCors) and matched as S3 does: the first with origin, method and headers answers. Then a preflight is sent, as the browser would. The rule that comes nearest is named with its fault.",
        CONNECT,
        "`aws.cors.configured` and `aws.cors.preflight` pass. A browser may remember the old answer; reload the page without its cache.",
    ),
    checked(
        "A40",
        "The rule for Segments.ai's page does not list the headers that a browser may ask for, such as `range` for a part of a file. Whole files load; what needs such a header does not.",
        &["aws.cors.configured", "aws.cors.range"],
        "`AllowedHeaders` of the rule that answers (GetBucketCors), and a live preflight that asks for `range`.",
        CONNECT,
        "`aws.cors.range` passes.",
    ),
    never(
        "A41",
        "A page may read only a few headers of an answer unless `ExposeHeaders` of the rule names more: `Content-Range` and `ETag` are not among them, `Content-Length` is.",
        "It shows in the rule, and is no fault in itself: the rule that Segments.ai publishes exposes none either. Which headers a page needs, only Segments.ai can say.",
        &[
            "aws s3api get-bucket-cors --bucket <BUCKET> > cors.json",
            "$EDITOR cors.json",
            "aws s3api put-bucket-cors --bucket <BUCKET> --cors-configuration file://cors.json",
        ],
        "The reader that failed works after the page was reloaded without its cache.",
    ),
    never(
        "A42",
        "The registered URL belongs to a CDN or to a domain of your own that stands before the bucket. What it answers, and which headers it remembers, its own configuration decides. Segments.ai signs links for the bucket's own address.",
        "A bucket is looked at under its own name; what stands before it is not asked.",
        &[],
        "Register the bucket's own URL; `aws.cors.preflight` passes for it.",
    ),
    refused(
        "A43",
        "Directory buckets (`…--x-s3`), Object Lambda access points (`…--ol-s3`) and buckets on Outposts have other addresses, other policies or another way to sign. Links of Segments.ai do not work for them.",
        "The form of the name is seen before anything is asked.",
        &["aws s3 sync s3://<BUCKET> s3://<NEW-BUCKET>"],
        "Connect and check the new bucket.",
    ),
    refused(
        "A44",
        "A bucket policy may have 20,480 bytes. With the statement for Segments.ai this one would have more.",
        "`plan` and `connect` measure the merged policy without its blanks before anything is written.",
        &[
            "aws s3api get-bucket-policy --bucket <BUCKET> --query Policy --output text > policy.json",
            "$EDITOR policy.json",
            "aws s3api put-bucket-policy --bucket <BUCKET> --policy file://policy.json",
        ],
        "`segments-connect aws plan --bucket <BUCKET>` shows the change again.",
    ),
    never(
        "A46",
        "The network of whoever labels sends its traffic to S3 through a VPC endpoint, and the endpoint has a policy of its own that does not name your bucket. From every other network the same file loads.",
        "The policy belongs to somebody else's network; it shows in no request made from here.",
        &[
            "aws ec2 describe-vpc-endpoints --filters Name=service-name,Values=com.amazonaws.<REGION>.s3",
        ],
        "The file loads from that network, or from another one.",
    ),
    never(
        "A47",
        "A link that was signed with temporary credentials ends when these end, however long it was meant to live. The page then gets 403 ExpiredToken.",
        "Segments.ai's credentials show in the link alone: one whose URL has an `X-Amz-Security-Token` was signed with temporary ones.",
        &[],
        "A new link, made after the page was reloaded, works as long as it says.",
    ),
    checked(
        "A50",
        "What is stored and what is answered contradict each other. A change takes a while to reach every part of S3. Where it stays so, something on the way answers in S3's place: a CDN, a proxy, a cache that remembers an older answer.",
        &["aws.cors.preflight", "aws.cors.range", "aws.cors.foreign"],
        "What the stored rules foresee for the request (GetBucketCors) is set beside the answer to a live preflight; both stand in the result's evidence.",
        &[
            "curl -si -X OPTIONS -H 'Origin: https://app.segments.ai' -H 'Access-Control-Request-Method: GET' https://<BUCKET>.s3.<REGION>.amazonaws.com/<KEY>",
        ],
        "`aws.cors.preflight` passes, with `--wait 2m` if the change is new. Send the same preflight once from another network to see whose answer it is.",
    ),
    checked(
        "A55",
        "Every name of a bucket belongs to one account in the world. The owner that was named with `--account` is not the owner of this bucket: a typing mistake, or somebody else has taken the name of a bucket that was deleted.",
        &["aws.segments.read"],
        "With `--as segments` and `--account`, the object is asked for with the expected owner (`x-amz-expected-bucket-owner`) and refused, and a link to it, which carries no owner, works.",
        &["aws s3api head-bucket --bucket <BUCKET> --expected-bucket-owner <ACCOUNT>"],
        "`aws.segments.read` passes with the account that the customer names as the owner.",
    ),
    checked(
        "A59",
        "A signed link holds for one kind of request, for a time, and as long as the credentials behind it. This one was made for another request than the `GET` of a browser, has ended, has not begun, or lacks a part.",
        &["aws.url"],
        "The parameters of the URL are read: when it was signed, until when it holds, for which headers and rights. The signature itself is never shown.",
        &["aws s3 presign s3://<BUCKET>/<KEY> --expires-in 86400"],
        "`aws.url` passes for the new URL; better still, register the URL of the object without a signature.",
    ),
];
