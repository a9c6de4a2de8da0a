//! The pages of the causes on Azure.

use super::{Page, checked, refused};

const CONNECT: &[&str] = &["segments-connect azure connect --storage-account <ACCOUNT>"];
const BOTH: &[&str] = &["azure.access.configured", "azure.access.evaluated"];
const EVALUATED: &[&str] = &["azure.access.evaluated"];
const NETWORK: &[&str] = &["azure.network"];

pub(super) static PAGES: &[Page] = &[
    checked(
        "Z01",
        "Segments.ai reads as an app that has to be installed in your tenant. An app that is installed has a service principal there; Segments.ai's has none, so it gets no token for your tenant at all.",
        BOTH,
        "The service principals with the app's ID are asked for in the tenant of the subscription (Microsoft Graph).",
        &["az ad sp create --id d47021c7-05d1-44c3-a594-93c2c30c68fc"],
        "`azure.access.configured` passes after `connect` has assigned the role too.",
    ),
    checked(
        "Z02",
        "The service principal of Segments.ai is there and switched off, so it gets no token. Somebody in your tenant did that.",
        &["azure.access.configured"],
        "`accountEnabled` of the service principal (Microsoft Graph).",
        &["az ad sp update --id d47021c7-05d1-44c3-a594-93c2c30c68fc --set accountEnabled=true"],
        "`azure.access.configured` passes, a few minutes later.",
    ),
    checked(
        "Z03",
        "An app has several IDs: that of the app, that of its registration, and the object ID of its service principal in your tenant. Only the last one can be given a role. The role was given to another ID.",
        BOTH,
        "The principals of the role assignments on the account are compared with the object ID of Segments.ai's service principal (Azure Resource Manager, Microsoft Graph).",
        CONNECT,
        "`azure.access.configured` and `azure.access.evaluated` pass.",
    ),
    checked(
        "Z04",
        "The role is assigned on one container. That is enough to read its blobs with a token; but a link is signed with a user delegation key, which is asked for at the account, and the role does not reach that far.",
        EVALUATED,
        "The scope of each role assignment of Segments.ai's service principal (Azure Resource Manager).",
        CONNECT,
        "`azure.access.evaluated` passes.",
    ),
    checked(
        "Z05",
        "Owner, Contributor, Reader and Storage Account Contributor manage the account; they hold no data actions, so they cannot read a blob. Storage Blob Data Reader can.",
        EVALUATED,
        "The data actions of each role that is assigned (Azure Resource Manager).",
        CONNECT,
        "`azure.access.evaluated` passes.",
    ),
    checked(
        "Z06",
        "The role assignment has a condition: on the container, the path, or tags of the blob. What it leaves out cannot be read.",
        BOTH,
        "The condition is evaluated for reading any blob of the account, and for each sample (Azure Resource Manager). What it asks for and cannot be known leaves the result `unknown`.",
        &[
            "az role assignment list --assignee d47021c7-05d1-44c3-a594-93c2c30c68fc --scope <ACCOUNT-RESOURCE-ID>",
            "az role assignment delete --ids <ASSIGNMENT-ID>",
            "segments-connect azure connect --storage-account <ACCOUNT>",
        ],
        "`azure.access.evaluated` passes.",
    ),
    checked(
        "Z07",
        "A new role assignment takes up to ten minutes to be known everywhere, on a management group hours. Until then Segments.ai may be refused.",
        EVALUATED,
        "The time at which the assignment was made (Azure Resource Manager). It is a warning and changes nothing else: the assignment is there.",
        &["segments-connect azure verify --storage-account <ACCOUNT> --wait 10m"],
        "Files load on Segments.ai. Making the assignment again starts the wait again.",
    ),
    checked(
        "Z08",
        "A deny assignment takes the reading of blobs from Segments.ai's service principal, or from everybody. People cannot make one; deployment stacks, managed applications and blueprints do. It outweighs every role.",
        EVALUATED,
        "The deny assignments at the account and above are evaluated for the service principal (Azure Resource Manager).",
        &[
            "az rest --method get --url 'https://management.azure.com<ACCOUNT-RESOURCE-ID>/providers/Microsoft.Authorization/denyAssignments?api-version=2022-04-01'",
        ],
        "`azure.access.evaluated` passes.",
    ),
    checked(
        "Z10",
        "No role is assigned to Segments.ai's service principal on the account or above it. Where there was one: an account that is moved to another resource group, and a subscription that is transferred to another tenant, lose theirs.",
        BOTH,
        "The role assignments of the service principal, of its groups included, at the account and above (Azure Resource Manager).",
        CONNECT,
        "`azure.access.configured` and `azure.access.evaluated` pass; give a new assignment ten minutes.",
    ),
    checked(
        "Z11",
        "The firewall of the account refuses everybody but some addresses and networks. A link does not open it. Two have to be let in: Segments.ai's servers, and the browser of everybody who labels.",
        NETWORK,
        "`networkAcls` of the account (Azure Resource Manager).",
        &[
            "az storage account network-rule add --account-name <ACCOUNT> --ip-address <RANGE>",
            "az storage account update --name <ACCOUNT> --default-action Allow",
        ],
        "`azure.network` passes, or names the ranges that are let in. It is one or the other command; a change takes up to a few minutes.",
    ),
    checked(
        "Z12",
        "The account has no public address that answers: public network access is disabled, and it can be reached from its private endpoints alone. Or a network security perimeter decides, whose rules are not read.",
        NETWORK,
        "`publicNetworkAccess` of the account (Azure Resource Manager).",
        &["az storage account update --name <ACCOUNT> --public-network-access Enabled"],
        "`azure.network` passes.",
    ),
    checked(
        "Z14",
        "The account's policy for links (SAS expiration policy) has the action Block and a period that is shorter than the life of Segments.ai's links, which is 24 hours.",
        &["azure.access.evaluated", "azure.object.link"],
        "`sasPolicy` of the account (Azure Resource Manager), and the answer to a link of your own.",
        &["az storage account update --name <ACCOUNT> --sas-exp 1.00:00:00"],
        "`azure.object.link` passes.",
    ),
    checked(
        "Z15",
        "The account's policy for links admits only those that are bound to one user, who has to sign in to use them. Segments.ai's are for whoever labels.",
        EVALUATED,
        "`sasPolicy.requireUserBoundUserDelegationSas` and the policy's action (Azure Resource Manager).",
        &[
            "az rest --method patch --url 'https://management.azure.com<ACCOUNT-RESOURCE-ID>?api-version=<API-VERSION>' --body '{\"properties\":{\"sasPolicy\":{\"sasExpirationPeriod\":\"1.00:00:00\",\"expirationAction\":\"Log\",\"requireUserBoundUserDelegationSas\":false}}}'",
        ],
        "`azure.access.evaluated` passes.",
    ),
    checked(
        "Z18",
        "The blob is in the archive tier. It has to be brought back to another tier before anybody can read it, which takes up to 15 hours.",
        &[
            "azure.object.read",
            "azure.object.link",
            "azure.object.protection",
        ],
        "The tier and the archive status of the blob, as its headers tell (Get Blob Properties).",
        &[
            "az storage blob set-tier --auth-mode login --account-name <ACCOUNT> --container-name <CONTAINER> --name <BLOB> --tier Hot",
        ],
        "`azure.object.read` passes for the blob.",
    ),
    checked(
        "Z19",
        "The blob was uploaded with a key that Azure does not keep. Every read has to bring that key, and a link cannot.",
        &[
            "azure.object.read",
            "azure.object.link",
            "azure.object.protection",
        ],
        "The hash of the key among the headers of the blob, and 409 BlobUsesCustomerSpecifiedEncryption for a read without it.",
        &[
            "az storage blob upload --auth-mode login --account-name <ACCOUNT> --container-name <CONTAINER> --name <BLOB> --file <FILE> --overwrite",
        ],
        "`azure.object.read` passes for the blob.",
    ),
    checked(
        "Z20",
        "The blob is encrypted under an encryption scope that is disabled, or the key in the key vault cannot be reached any more. Nobody can read it.",
        &[
            "azure.object.read",
            "azure.object.link",
            "azure.object.protection",
        ],
        "The encryption scope that the blob names and its state (Azure Resource Manager), and the code of a read that fails.",
        &[
            "az storage account encryption-scope update --account-name <ACCOUNT> --name <SCOPE> --state Enabled",
        ],
        "`azure.object.read` passes for the blob.",
    ),
    checked(
        "Z22",
        "A premium account for page blobs (`StorageV2` with `Premium_LRS`) has no CORS. Rules can be stored, and no page is ever let in.",
        &[
            "azure.target",
            "azure.cors.configured",
            "azure.cors.preflight",
            "azure.object.link",
        ],
        "Kind and SKU of the account (Azure Resource Manager).",
        &[
            "azcopy copy 'https://<ACCOUNT>.blob.core.windows.net/<CONTAINER>' 'https://<NEW-ACCOUNT>.blob.core.windows.net/<CONTAINER>' --recursive",
        ],
        "Connect and check the new account.",
    ),
    refused(
        "Z23",
        "The blob service takes five CORS rules, and five are there, all of somebody else.",
        "`plan` and `connect` count the rules of the merged list before anything is written (Azure Resource Manager).",
        &[
            "az storage account blob-service-properties show --account-name <ACCOUNT> --resource-group <GROUP> --query cors",
        ],
        "`segments-connect azure plan --storage-account <ACCOUNT>` shows the change again.",
    ),
    checked(
        "Z24",
        "A page at https://app.segments.ai that loads a file from another site needs that site's permission. Azure gives it only by a CORS rule of the blob service that has the page's origin and the method GET. The file, queue and table services have rules of their own, which do not count. Without one, the blob is sent and the browser hides it.",
        &[
            "azure.cors.configured",
            "azure.cors.preflight",
            "azure.object.link",
        ],
        "The rules of `blobServices/default` are read (Azure Resource Manager) and matched as Azure does: the first with origin and method decides, for its headers too. Then a preflight is sent, as the browser would.",
        CONNECT,
        "`azure.cors.configured` and `azure.cors.preflight` pass; give a change a minute. A browser may remember the old answer; reload the page without its cache.",
    ),
    checked(
        "Z25",
        "A rule was meant for Segments.ai's page, and its origin differs: a slash at the end, capitals, `http`, a port, `www`. Azure compares letter by letter; `https://app.segments.ai` is what a browser sends.",
        &["azure.cors.configured"],
        "The origins of the rules are compared with the page's (Azure Resource Manager); the one that comes nearest is named with its difference.",
        CONNECT,
        "`azure.cors.configured` and `azure.cors.preflight` pass. The wrong rule stays until you remove it.",
    ),
    refused(
        "Z26",
        "A subscription belongs to one tenant, and its storage accounts trust the tokens of that tenant alone. The app was installed in, or you are signed in to, another one.",
        "The tenant of the subscription (Azure Resource Manager) is compared with the one that your token is from.",
        &[
            "az account show --subscription <SUBSCRIPTION> --query tenantId --output tsv",
            "az login --tenant <TENANT>",
        ],
        "`segments-connect azure plan` runs. Send the Tenant ID that it prints to Segments.ai.",
    ),
    refused(
        "Z27",
        "The tenant leaves it to some administrators to install apps, and you are none of them.",
        "Microsoft Graph refuses to make the service principal with 403 Authorization_RequestDenied; `connect` then tells what is somebody else's to do.",
        &["az ad sp create --id d47021c7-05d1-44c3-a594-93c2c30c68fc"],
        "`segments-connect azure connect` goes on from there.",
    ),
    refused(
        "Z28",
        "Azure Government and Azure operated by 21Vianet are separate clouds, with tenants and apps of their own. Segments.ai's app is in the public cloud alone.",
        "The environment of the sign-in and the end of the account's address tell, before anything is changed.",
        &["az cloud show --query name --output tsv"],
        "Connect and check a storage account in the public cloud.",
    ),
    checked(
        "Z29",
        "The registered URL is not the account's own blob endpoint: it is a domain of your own, the `dfs` endpoint, the secondary one (`…-secondary`), or the account is in another DNS zone (`…z01.blob.storage.azure.net`).",
        &["azure.target"],
        "The URL or the name is compared with `primaryEndpoints.blob` of the account (Azure Resource Manager).",
        &["az storage account show --name <ACCOUNT> --query primaryEndpoints.blob --output tsv"],
        "Register the URL form that this program prints; `azure.cors.preflight` passes for it.",
    ),
    refused(
        "Z30",
        "The registered URL belongs to a CDN or to Front Door. It answers preflights itself, or remembers the answer that somebody else got. Segments.ai signs links for the account's own address.",
        "With `verify URL`, the host tells: those of Azure CDN, Front Door and Traffic Manager are known and refused, because they do not name the account behind them. A domain of your own may be one too, and is refused likewise.",
        &[
            "az afd endpoint purge --resource-group <GROUP> --profile-name <PROFILE> --endpoint-name <ENDPOINT> --content-paths '/*'",
        ],
        "Register the account's own URL; `azure.cors.preflight` passes for it.",
    ),
    checked(
        "Z31",
        "There is no blob of this name in this container. The names of blobs are compared with their capitals; those of containers have none.",
        &["azure.object.read", "azure.object.link"],
        "The blob is asked for with your own credentials: 404 BlobNotFound or ContainerNotFound. A reader of Storage Blob Data Reader is told the truth.",
        &[
            "az storage blob list --auth-mode login --account-name <ACCOUNT> --container-name <CONTAINER> --prefix <BEGINNING> --include d",
            "az storage blob undelete --auth-mode login --account-name <ACCOUNT> --container-name <CONTAINER> --name <BLOB>",
        ],
        "`azure.object.read` passes for the blob.",
    ),
    refused(
        "Z32",
        "An Azure Policy with the effect `deny` refuses changes of CORS or network rules; one with the effect `modify` sets them back, some time after they were changed. It works, and a day later it does not.",
        "Azure refuses the write with 403 RequestDisallowedByPolicy and names the policy. One that sets rules back shows only later, when `verify` finds them gone.",
        &[
            "az policy state list --resource <ACCOUNT-RESOURCE-ID>",
            "az monitor activity-log list --resource-id <ACCOUNT-RESOURCE-ID>",
        ],
        "`azure.cors.configured` and `azure.network` pass, and pass again a day later.",
    ),
    refused(
        "Z33",
        "A lock of the kind ReadOnly on the account, its resource group or its subscription keeps everybody from changing it. It does not keep anybody from reading.",
        "Azure refuses the write with 409 ScopeLocked.",
        &[
            "az lock list --resource-group <GROUP>",
            "az lock delete --ids <LOCK-ID>",
        ],
        "`segments-connect azure connect` makes the change; then put the lock back.",
    ),
    checked(
        "Z34",
        "An account of the kind FileStorage holds file shares. It has no blob service, so there is no container, no blob and no CORS rule for them.",
        &["azure.target"],
        "The kind of the account and its endpoints (Azure Resource Manager).",
        &["az storage account show --name <ACCOUNT> --query kind --output tsv"],
        "Connect and check an account of the kind StorageV2 or BlockBlobStorage.",
    ),
    checked(
        "Z35",
        "What is stored and what is answered contradict each other. A change takes up to a minute to be seen. Where it stays so, something on the way answers in Azure's place: a CDN, Front Door, a proxy, a cache that remembers an older answer.",
        &[
            "azure.cors.preflight",
            "azure.cors.range",
            "azure.cors.foreign",
            "azure.object.link",
        ],
        "What the stored rules foresee for the request (Azure Resource Manager) is set beside the answer to a live preflight, where both stand in the evidence, and to a link.",
        &[
            "curl -si -X OPTIONS -H 'Origin: https://app.segments.ai' -H 'Access-Control-Request-Method: GET' https://<ACCOUNT>.blob.core.windows.net/<CONTAINER>/<BLOB>",
        ],
        "`azure.cors.preflight` passes, with `--wait 2m` if the change is new. Send the same preflight once from another network to see whose answer it is.",
    ),
    checked(
        "Z45",
        "A signed link holds for one kind of request, for a time, and as long as the credentials behind it. This one was made for another request than the `GET` of a browser, has ended, has not begun, or lacks a part.",
        &["azure.url"],
        "The parameters of the URL are read: when it was signed, until when it holds, for which headers and rights. The signature itself is never shown.",
        &[
            "az storage blob generate-sas --account-name <ACCOUNT> --container-name <CONTAINER> --name <BLOB> --permissions r --expiry <TIME> --as-user --auth-mode login --full-uri",
        ],
        "`azure.url` passes for the new URL; better still, register the URL of the blob without a signature.",
    ),
];
