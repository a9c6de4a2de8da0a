//! The causes on Google Cloud. Wording only.

super::causes! {
    G01 Blocks "no binding of the bucket grants Segments.ai's service account a role that reads objects",
        "403 AccessDenied, naming `storage.objects.get`",
        "run `segments-connect gcp connect`, which adds the one member and leaves every other binding as it is",
        "https://cloud.google.com/storage/docs/access-control/using-iam-permissions";
    G02 Blocks "the custom role was deleted: its bindings are still there, and grant nothing",
        "403 AccessDenied, although the binding is there",
        "within seven days `gcloud iam roles undelete <ROLE_ID> --project=<PROJECT>`, or run `segments-connect gcp connect`; later, choose a new ID with `--role-id`",
        "https://cloud.google.com/iam/docs/creating-custom-roles#deleting-custom-role";
    G03 Blocks "the custom role is disabled, and grants nothing",
        "403 AccessDenied, although the binding is there",
        "`gcloud iam roles update <ROLE_ID> --project=<PROJECT> --stage=GA`",
        "https://cloud.google.com/iam/docs/creating-custom-roles#disabling-custom-role";
    G04 Blocks "the role that is bound does not hold `storage.objects.get`",
        "403 AccessDenied, although the binding is there",
        "`gcloud iam roles update <ROLE_ID> --project=<PROJECT> --add-permissions=storage.objects.get`",
        "https://cloud.google.com/iam/docs/creating-custom-roles#edit-role";
    G05 Blocks "the binding names a service account that was deleted (`deleted:serviceAccount:…?uid=…`)",
        "403 AccessDenied, also when an account of the same name is made again",
        "ask Segments.ai for the address that is in use now, and run `segments-connect gcp connect` with it",
        "https://cloud.google.com/iam/docs/troubleshooting-deleted-principals";
    G06 Partial "the grant has a condition that covers only some objects or some times",
        "403 AccessDenied outside of it",
        "grant the role without a condition; `segments-connect gcp connect` adds such a binding beside the conditional one",
        "https://cloud.google.com/iam/docs/conditions-overview";
    G07 Partial "the role is granted on a managed folder, on another bucket or on another project",
        "403 AccessDenied outside of it",
        "grant the role on the bucket itself",
        "https://cloud.google.com/storage/docs/access-control/using-iam-for-managed-folders";
    G08 Blocks "a policy of the organisation admits only members of certain domains, and refuses Segments.ai's service account",
        "the change is refused: a user named in the policy does not belong to a permitted customer",
        "ask the organisation's administrator to admit Segments.ai's customer ID or principal set, or to except the project; Segments.ai says which",
        "https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains";
    G09 Fragile "the grant is older than a policy of the organisation that would refuse it today",
        "works: the policy looks only at changes; once removed, the grant cannot be made again",
        "have the organisation's administrator admit Segments.ai before the grant is touched",
        "https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains";
    G10 Blocks "an IAM deny policy takes `storage.objects.get` from Segments.ai's service account",
        "403 AccessDenied, although the binding is there",
        "add Segments.ai's service account to the `exceptionPrincipals` of that rule: `gcloud iam policies update`",
        "https://cloud.google.com/iam/docs/deny-overview";
    G11 Blocks "a VPC Service Controls perimeter stands around the project",
        "403, with `vpcServiceControlsUniqueIdentifier` in the answer",
        "ask the perimeter's administrator for an ingress rule for Segments.ai's service account; the labellers' networks need one too",
        "https://cloud.google.com/vpc-service-controls/docs/ingress-egress-rules";
    G12 Blocks "the bucket admits only some IP addresses",
        "403 for every labeller outside of them: the browser loads the file, not Segments.ai's servers",
        "add the labellers' networks to the bucket's IP filter, or disable it: `gcloud storage buckets update gs://<BUCKET> --clear-ip-filter`",
        "https://cloud.google.com/storage/docs/ip-filtering-overview";
    G13 Blocks "the bucket is Requester Pays",
        "400 UserProjectMissing: Segments.ai's links name no project to charge",
        "`gcloud storage buckets update gs://<BUCKET> --no-requester-pays`",
        "https://cloud.google.com/storage/docs/requester-pays";
    G14 Blocks "the key that encrypts the objects cannot be used: disabled, destroyed, or out of the reach of Cloud Storage's own service agent",
        "an error for every reader",
        "enable or restore the key, and let the project's Cloud Storage service agent use it; Segments.ai itself needs no right on it",
        "https://cloud.google.com/storage/docs/encryption/customer-managed-keys";
    G15 Partial "the object is encrypted with a key that only the customer holds",
        "400 ResourceIsEncryptedWithCustomerEncryptionKey",
        "rewrite the object without that key: `gcloud storage objects update gs://<BUCKET>/<OBJECT> --clear-encryption-key`",
        "https://cloud.google.com/storage/docs/encryption/customer-supplied-keys";
    G16 Harmless "public access prevention is on",
        "nothing: a grant to one service account is not public",
        "leave it on",
        "https://cloud.google.com/storage/docs/public-access-prevention";
    G17 Harmless "uniform bucket-level access is off, and objects have ACLs",
        "nothing: ACLs only add access",
        "nothing to do",
        "https://cloud.google.com/storage/docs/uniform-bucket-level-access";
    G18 Blocks "a principal access boundary limits what Segments.ai's service account may reach",
        "403 AccessDenied",
        "ask Segments.ai's support: it is set in Segments.ai's own organisation",
        "https://cloud.google.com/iam/docs/principal-access-boundary-policies";
    G19 Blocks "something on Segments.ai's own side keeps its service account from signing or reading",
        "401, or 403 SignatureDoesNotMatch",
        "ask Segments.ai's support",
        "https://cloud.google.com/storage/docs/access-control/signed-urls";
    G20 Partial "the object does not exist, or was deleted",
        "404 NoSuchKey, or 403: a reader that may not list is not told which",
        "restore the object (`gcloud storage restore gs://<BUCKET>/<OBJECT>`), or correct its name",
        "https://cloud.google.com/storage/docs/soft-delete";
    G21 Harmless "the object is in the Nearline, Coldline or Archive class",
        "nothing: every class is read at once, at its own price",
        "nothing to do",
        "https://cloud.google.com/storage/docs/storage-classes";
    G22 Blocks "no CORS entry lets a page at https://app.segments.ai use the objects",
        "the file is there, and the browser hides it from the page",
        "run `segments-connect gcp connect`, which adds the one entry and leaves the others as they are",
        "https://cloud.google.com/storage/docs/cross-origin";
    G23 Partial "an earlier CORS entry answers Segments.ai's pages first, and lists too few headers",
        "a preflight that asks for a header is answered without permission; Google answers with the first entry for the origin and the method",
        "run `segments-connect gcp connect`, which puts the one entry before it; no other origin gets another answer",
        "https://cloud.google.com/storage/docs/xml-api/put-bucket-cors";
    G24 Blocks "only the wildcard `https://*.segments.ai` is there, and Google did not match it",
        "the browser hides the file from the page",
        "run `segments-connect gcp connect --literal-origin`, which adds `https://app.segments.ai` as it is written",
        "https://cloud.google.com/storage/docs/cross-origin";
    G25 Partial "the URL is one of the console or of the JSON interface",
        "a sign-in page, or an answer that does not follow the bucket's CORS configuration",
        "register `gs://<BUCKET>/<OBJECT>`, from which Segments.ai makes the right links",
        "https://cloud.google.com/storage/docs/request-endpoints";
    G26 Partial "the bucket's name has a dot, so its own https host name has no valid certificate",
        "the browser stops at the certificate where the link has the bucket in its host name; links with the bucket in the path work",
        "nothing to do for `gs://` URLs unless Segments.ai says otherwise",
        "https://cloud.google.com/storage/docs/request-endpoints#xml-api";
    G27 Blocks "the custom role is in another project than the bucket",
        "the change is refused: a role of a project can be granted only on that project's own resources",
        "leave `--project` out, or name the bucket's own project: the role is made there",
        "https://cloud.google.com/iam/docs/creating-custom-roles";
    G28 Blocks "the bucket is in one zone only (Rapid storage), and its objects cannot be read over plain HTTP",
        "an error for every link",
        "copy the data to a bucket in a region or a multi-region",
        "https://cloud.google.com/storage/docs/rapid/rapid-bucket";
    G29 Blocks "what answers a browser contradicts the stored CORS entries",
        "an answer without the headers although an entry admits the page; or with them although no entry does, until an older answer is forgotten",
        "wait a minute and check again; if it stays so, find what answers in place of Cloud Storage: Cloud CDN, a load balancer, a proxy of your network, a cache (check once from another network)",
        "https://cloud.google.com/storage/docs/cors-configurations";
    G39 Partial "the link was signed for another request or another time than the browser's",
        "400 ExpiredToken, or 403 SignatureDoesNotMatch",
        "register the object's URL without a signature, so that Segments.ai signs a new link for every request; or sign a new one, for `GET` and the header `host` alone",
        "https://cloud.google.com/storage/docs/access-control/signed-urls";
}
