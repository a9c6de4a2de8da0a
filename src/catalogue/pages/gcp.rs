//! The pages of the causes on Google Cloud.

use super::{Page, checked, never, refused};

const CONNECT: &[&str] =
    &["segments-connect gcp connect --bucket <BUCKET> --service-account <EMAIL>"];
const EVALUATED: &[&str] = &["gcp.access.evaluated"];
const BOTH: &[&str] = &["gcp.access.configured", "gcp.access.evaluated"];

pub(super) static PAGES: &[Page] = &[
    checked(
        "G01",
        "Segments.ai reads with a service account that it hands out to you. No binding of the bucket, of its project or above gives that service account a role that holds `storage.objects.get`.",
        BOTH,
        "The bucket's IAM policy is read (storage.buckets.getIamPolicy), each role that is bound is looked up (iam.roles.get), and the policies of the project, of its folders and of the organisation are read as far as you may.",
        CONNECT,
        "`gcp.access.configured` and `gcp.access.evaluated` pass. A new binding is in effect after about two minutes, sometimes seven or more.",
    ),
    checked(
        "G02",
        "The custom role was deleted. For seven days it can be brought back; its bindings stay, and grant nothing. Its ID cannot be used for a new role for 37 days.",
        BOTH,
        "The role that is bound is looked up, and says that it is deleted (iam.roles.get).",
        &["gcloud iam roles undelete <ROLE_ID> --project=<PROJECT>"],
        "`gcp.access.evaluated` passes. After the seven days, connect with another ID: `--role-id <ROLE_ID>`.",
    ),
    checked(
        "G03",
        "The custom role is disabled. Its bindings stay, and grant nothing.",
        BOTH,
        "The launch stage of the role that is bound is `DISABLED` (iam.roles.get).",
        &["gcloud iam roles update <ROLE_ID> --project=<PROJECT> --stage=GA"],
        "`gcp.access.evaluated` passes.",
    ),
    checked(
        "G04",
        "Segments.ai's service account has a role on the bucket, and the role does not hold `storage.objects.get`: it never did, or somebody took it out.",
        BOTH,
        "The permissions of the role that is bound are read (iam.roles.get).",
        &[
            "gcloud iam roles update <ROLE_ID> --project=<PROJECT> --add-permissions=storage.objects.get",
        ],
        "`gcp.access.evaluated` passes.",
    ),
    checked(
        "G05",
        "The service account that the binding names was deleted. Google shows it as `deleted:serviceAccount:…?uid=…`. A new one of the same name is somebody else to IAM.",
        BOTH,
        "Members that begin with `deleted:` are found in the bucket's IAM policy (storage.buckets.getIamPolicy).",
        CONNECT,
        "`gcp.access.evaluated` passes for the address that is in use now.",
    ),
    checked(
        "G06",
        "The binding has a condition: on the name of the object, on the time, on tags. Outside of it, the role is not granted.",
        BOTH,
        "The condition is evaluated for the bucket as a whole and for each sample, at this moment (storage.buckets.getIamPolicy). What it asks for and cannot be known, such as tags, leaves the result `unknown`.",
        CONNECT,
        "`gcp.access.evaluated` passes for the bucket.",
    ),
    checked(
        "G07",
        "The role was granted somewhere else: on a managed folder of the bucket, which covers the objects in it and no others, on another bucket, or on another project.",
        EVALUATED,
        "The policies of the bucket's managed folders are read and evaluated with those of the bucket, its project and what is above (storage.managedFolders.list, storage.managedFolders.getIamPolicy). A grant on another bucket or project does not show here; the one that is missing is then G01.",
        CONNECT,
        "`gcp.access.configured` passes: the role is granted on the bucket itself.",
    ),
    refused(
        "G08",
        "An organisation policy (`iam.allowedPolicyMemberDomains`, domain restricted sharing) admits only members of certain organisations into IAM policies. Segments.ai's service account belongs to another one, so its binding is refused.",
        "Google refuses the write and names the constraint (storage.buckets.setIamPolicy). Where the effective policy can be read, `plan` says it before.",
        &[
            "gcloud org-policies describe iam.allowedPolicyMemberDomains --project=<PROJECT> --effective",
        ],
        "`segments-connect gcp connect` makes the binding.",
    ),
    checked(
        "G09",
        "The grant is older than an organisation policy that would refuse it today. Google looks at such a policy when a binding is changed, not when it is used. It works until somebody takes it out: then it cannot be made again.",
        &["gcp.access.configured"],
        "The effective `iam.allowedPolicyMemberDomains` of the project is set beside the binding (orgpolicy.policy.get).",
        &[
            "gcloud org-policies describe iam.allowedPolicyMemberDomains --project=<PROJECT> --effective",
        ],
        "`gcp.access.configured` no longer warns.",
    ),
    checked(
        "G10",
        "An IAM deny policy of the project, or of what is above it, takes `storage.objects.get` from Segments.ai's service account, by name or together with everybody else (`principalSet://goog/public:all`). A deny rule outweighs every binding.",
        EVALUATED,
        "The deny policies of the project, of its folders and of the organisation are listed and evaluated, as far as you may read them (iam.denypolicies.list, iam.denypolicies.get).",
        &[
            "gcloud iam policies list --attachment-point=cloudresourcemanager.googleapis.com/projects/<PROJECT> --kind=denypolicies",
            "gcloud iam policies get <POLICY> --attachment-point=cloudresourcemanager.googleapis.com/projects/<PROJECT> --kind=denypolicies --format=json > deny.json",
            "gcloud iam policies update <POLICY> --attachment-point=cloudresourcemanager.googleapis.com/projects/<PROJECT> --kind=denypolicies --policy-file=deny.json",
        ],
        "`gcp.access.evaluated` passes.",
    ),
    checked(
        "G11",
        "A perimeter of VPC Service Controls stands around the project, and requests from outside are refused, whoever makes them. A link is used by the labeller's browser, so the networks of the labellers have to be let in, too.",
        &["gcp.network", "gcp.object.link"],
        "Your own requests are refused in the perimeter's own words. A perimeter that lets you in and others not does not show here: it is read by the organisation's administrators alone.",
        &["gcloud access-context-manager perimeters list --policy=<ACCESS-POLICY>"],
        "`gcp.network` and `gcp.object.link` pass from a network outside of the perimeter.",
    ),
    checked(
        "G12",
        "The bucket has an IP filter, and it does not admit the whole internet. The labeller's browser loads the file from its own address.",
        &["gcp.network"],
        "The mode and the ranges of the bucket's IP filter (storage.buckets.get, storage.buckets.getIpFilter).",
        &[
            "gcloud storage buckets describe gs://<BUCKET> --format='default(ip_filter_config)'",
            "gcloud storage buckets update gs://<BUCKET> --clear-ip-filter",
        ],
        "`gcp.network` passes; with the filter kept, ask somebody in a labeller's network to load a file.",
    ),
    checked(
        "G13",
        "Whoever reads has to name a project of their own that pays (Requester Pays). Links of Segments.ai name none.",
        &["gcp.object.protection", "gcp.object.read"],
        "The bucket's `billing.requesterPays` (storage.buckets.get).",
        &["gcloud storage buckets update gs://<BUCKET> --no-requester-pays"],
        "`gcp.object.protection` passes. You then pay for the traffic.",
    ),
    checked(
        "G14",
        "The objects are encrypted with a key of yours in Cloud KMS, and the key cannot be used: it is disabled or destroyed, or the service agent of Cloud Storage may not use it any more. Nobody can read the objects. Segments.ai needs no right on the key.",
        &["gcp.object.read", "gcp.object.link"],
        "Your own read of the object is refused in words about its key (storage.objects.get).",
        &[
            "gcloud kms keys versions list --key=<KEY> --keyring=<KEYRING> --location=<LOCATION>",
            "gcloud kms keys versions enable <VERSION> --key=<KEY> --keyring=<KEYRING> --location=<LOCATION>",
            "gcloud storage service-agent --project=<PROJECT> --authorize-cmek=projects/<PROJECT>/locations/<LOCATION>/keyRings/<KEYRING>/cryptoKeys/<KEY>",
        ],
        "`gcp.object.read` passes for the object.",
    ),
    checked(
        "G15",
        "The object was uploaded with a key that Google does not keep. Every read has to bring that key, and a link cannot.",
        &[
            "gcp.object.protection",
            "gcp.object.read",
            "gcp.object.link",
        ],
        "The object says that it has a customer's encryption (storage.objects.get), and refuses a read without the key.",
        &[
            "gcloud storage objects update gs://<BUCKET>/<OBJECT> --clear-encryption-key --decryption-keys=<BASE64-KEY>",
        ],
        "`gcp.object.protection` passes for the object.",
    ),
    never(
        "G18",
        "A principal access boundary is set by the organisation to which a service account belongs, and limits what that account may reach anywhere. Segments.ai's service account belongs to Segments.ai.",
        "It is set and read in Segments.ai's own organisation; nothing on your side shows it.",
        &[],
        "Files load; `gcp.segments.read` shows it where Segments.ai's own credentials are at hand.",
    ),
    never(
        "G19",
        "Segments.ai's service account cannot sign or read: its key was disabled, the account was, or a policy of Segments.ai's own organisation stands in the way.",
        "Nothing on your side shows it. If everything else passes and files still do not load, this is what is left.",
        &[],
        "Files load; `gcp.segments.read` shows it where Segments.ai's own credentials are at hand.",
    ),
    checked(
        "G20",
        "There is no object of this name, or it was deleted. A reader that may not list gets 403 for it, as for an object that it may not read. Names are compared letter by letter.",
        &["gcp.object.read", "gcp.object.link"],
        "The object is asked for with your own credentials (storage.objects.get); whoever may list is told that it is missing.",
        &[
            "gcloud storage ls gs://<BUCKET>/<BEGINNING>**",
            "gcloud storage ls --soft-deleted gs://<BUCKET>/<OBJECT>",
            "gcloud storage restore gs://<BUCKET>/<OBJECT>",
        ],
        "`gcp.object.read` passes for the object.",
    ),
    checked(
        "G22",
        "A page at https://app.segments.ai that loads a file from another site needs that site's permission. Google gives it only by a CORS entry that has the page's origin and the method GET. Without one, the file is sent, with status 200, and the browser hides it.",
        &[
            "gcp.cors.configured",
            "gcp.cors.preflight",
            "gcp.object.link",
        ],
        "The entries are read (storage.buckets.get) and matched as Google does: the first with origin and method answers. Then a preflight is sent to both forms of the address, as the browser would. The entry that comes nearest is named with its fault.",
        CONNECT,
        "`gcp.cors.preflight` passes at both forms of the address. A browser may remember the old answer; reload the page without its cache.",
    ),
    checked(
        "G23",
        "Google answers with the first entry that has the origin and the method, and with no other. An earlier entry fits Segments.ai's page and lists fewer headers, so the one that lists them all is never reached. Whole files load; what needs another header does not.",
        &["gcp.cors.configured", "gcp.cors.range"],
        "`responseHeader` of the entry that answers (storage.buckets.get), and a live preflight that asks for `range`.",
        CONNECT,
        "`gcp.cors.range` passes.",
    ),
    checked(
        "G24",
        "The entry says `https://*.segments.ai`. Google documents an origin that is written out, or `*` alone; that a wildcard inside of one works is seen and not promised. Here it did not.",
        &["gcp.cors.preflight"],
        "The stored entry fits by its wildcard alone (storage.buckets.get), and the live preflight is answered without permission.",
        &[
            "segments-connect gcp connect --bucket <BUCKET> --service-account <EMAIL> --literal-origin",
        ],
        "`gcp.cors.preflight` passes.",
    ),
    refused(
        "G25",
        "The registered URL is one of the console (`storage.cloud.google.com`), which asks for a sign-in, or one of the JSON interface (`storage.googleapis.com/storage/v1/…`), which does not follow the bucket's CORS entries.",
        "The host and the path of the URL tell, before anything is asked.",
        &[],
        "Register `gs://<BUCKET>/<OBJECT>`; `gcp.cors.preflight` is then made at the addresses that links have.",
    ),
    checked(
        "G26",
        "The certificate is for `*.storage.googleapis.com`, and a star stands for one name without dots. So a browser refuses `https://<BUCKET>.storage.googleapis.com` where the bucket's name has a dot. `https://storage.googleapis.com/<BUCKET>/<OBJECT>` works.",
        &["gcp.target"],
        "The bucket's name has a dot.",
        &[],
        "A link with the bucket in its path loads; that form is tried by `gcp.cors.preflight`.",
    ),
    refused(
        "G27",
        "A custom role of a project can be granted only on what belongs to that project. The role was looked for in another project than the bucket's.",
        "`plan` compares the project of the bucket with the one that was named, and Google refuses the binding (storage.buckets.setIamPolicy).",
        &["gcloud storage buckets describe gs://<BUCKET> --format='value(project_number)'"],
        "`segments-connect gcp plan` shows the role in the bucket's own project.",
    ),
    checked(
        "G28",
        "The bucket is in one zone (Rapid storage). Its objects are read through a client of its own; an ordinary link over HTTPS, which is what a browser has, is not promised to work.",
        &["gcp.target"],
        "The bucket's type of location (storage.buckets.get).",
        &["gcloud storage cp --recursive 'gs://<BUCKET>/*' gs://<NEW-BUCKET>"],
        "Connect and check the new bucket.",
    ),
    checked(
        "G29",
        "What is stored and what is answered contradict each other. A change takes a while to reach every part of Google. Where it stays so, something on the way answers in its place: Cloud CDN, a load balancer, a proxy, a cache that remembers an older answer.",
        &["gcp.cors.preflight", "gcp.cors.range", "gcp.cors.foreign"],
        "What the stored entries foresee for the request (storage.buckets.get) is set beside the answer to a live preflight; both stand in the result's evidence. Where Google's documents leave it open, nothing is called a contradiction.",
        &[
            "curl -si -X OPTIONS -H 'Origin: https://app.segments.ai' -H 'Access-Control-Request-Method: GET' https://storage.googleapis.com/<BUCKET>/<OBJECT>",
        ],
        "`gcp.cors.preflight` passes, with `--wait 2m` if the change is new. Send the same preflight once from another network to see whose answer it is.",
    ),
];
