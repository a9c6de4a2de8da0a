//! The causes on Azure. Wording only.

super::causes! {
    Z01 Blocks "the app of Segments.ai is not installed in the tenant: it has no service principal there",
        "Segments.ai gets no token for the tenant (AADSTS7000229, AADSTS700016)",
        "run `segments-connect azure connect`, or have an application administrator run `az ad sp create --id d47021c7-05d1-44c3-a594-93c2c30c68fc` in the tenant of the subscription",
        "https://learn.microsoft.com/entra/identity/enterprise-apps/create-service-principal-cross-tenant";
    Z02 Blocks "the service principal of Segments.ai is disabled",
        "Segments.ai gets no token for the tenant (AADSTS7000112)",
        "ask the tenant's administrator why it was disabled; `az ad sp update --id d47021c7-05d1-44c3-a594-93c2c30c68fc --set accountEnabled=true` enables it again",
        "https://learn.microsoft.com/entra/identity/enterprise-apps/disable-user-sign-in-portal";
    Z03 Blocks "the role is assigned to another ID than the object ID of Segments.ai's service principal",
        "403 AuthorizationPermissionMismatch",
        "run `segments-connect azure connect`, which assigns the role to the service principal; then remove the other assignment if nothing else needs it",
        "https://learn.microsoft.com/entra/identity-platform/app-objects-and-service-principals";
    Z04 Blocks "the role is assigned on a container only, so Segments.ai gets no user delegation key to sign links with",
        "403 AuthorizationPermissionMismatch when a link is made",
        "run `segments-connect azure connect`, which assigns the role on the storage account",
        "https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas";
    Z05 Blocks "the assigned role cannot read blobs: Owner, Contributor and Reader have no data actions",
        "403 AuthorizationPermissionMismatch",
        "run `segments-connect azure connect`, which assigns Storage Blob Data Reader",
        "https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage#storage-blob-data-reader";
    Z06 Partial "the role assignment has a condition",
        "403 AuthorizationPermissionMismatch on what the condition leaves out",
        "register only blobs that the condition admits; or, if it may go, remove that assignment (`az role assignment delete --ids <ID>`) and run `segments-connect azure connect`",
        "https://learn.microsoft.com/azure/role-based-access-control/conditions-overview";
    Z07 Partial "the role was assigned minutes ago, and not every part of Azure knows it yet",
        "403 AuthorizationPermissionMismatch at first",
        "wait ten minutes (hours for a role on a management group), and run `segments-connect azure verify` again",
        "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting";
    Z08 Blocks "a deny assignment covers the service principal of Segments.ai",
        "403, although the role is assigned",
        "ask whoever owns the deployment stack, the managed application or the blueprint that made it to exclude the service principal",
        "https://learn.microsoft.com/azure/role-based-access-control/deny-assignments";
    Z09 Harmless "conditional access for workload identities",
        "nothing: it applies to apps that are registered in the tenant itself",
        "nothing to do",
        "https://learn.microsoft.com/entra/identity/conditional-access/workload-identity";
    Z10 Blocks "no role is assigned to the service principal of Segments.ai here; moved accounts and transferred subscriptions lose theirs",
        "403 AuthorizationPermissionMismatch",
        "run `segments-connect azure connect`, which assigns Storage Blob Data Reader",
        "https://learn.microsoft.com/azure/role-based-access-control/transfer-subscription";
    Z11 Blocks "the firewall of the storage account admits only some networks",
        "403 AuthorizationFailure for everybody outside them: a link does not open the firewall",
        "add the addresses of Segments.ai and of the labellers (`az storage account network-rule add --account-name <ACCOUNT> --ip-address <RANGE>`), or admit all networks: `az storage account update --name <ACCOUNT> --default-action Allow`",
        "https://learn.microsoft.com/azure/storage/common/storage-network-security";
    Z12 Blocks "public network access to the storage account is disabled, or left to a network security perimeter",
        "403 AuthorizationFailure, or a host name that cannot be resolved",
        "enable it: `az storage account update --name <ACCOUNT> --public-network-access Enabled`; for a perimeter, have its owner add an inbound rule",
        "https://learn.microsoft.com/azure/storage/common/storage-network-security";
    Z13 Harmless "the storage account has private endpoints beside its public one",
        "nothing",
        "nothing to do",
        "https://learn.microsoft.com/azure/storage/common/storage-private-endpoints";
    Z14 Blocks "the SAS policy of the storage account blocks links that live as long as Segments.ai's",
        "403: Segments.ai's links live for 24 hours",
        "lengthen the period to a day or more (`az storage account update --name <ACCOUNT> --sas-exp 1.00:00:00`), or let the policy log instead of block",
        "https://learn.microsoft.com/azure/storage/common/sas-expiration-policy";
    Z15 Blocks "the SAS policy of the storage account admits only links that are bound to one user",
        "403: Segments.ai's links are for whoever labels",
        "set `requireUserBoundUserDelegationSas` of the SAS policy to false, or let it log instead of block",
        "https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas";
    Z16 Harmless "links across tenants are not allowed (`allowCrossTenantDelegationSas`)",
        "nothing: the service principal is one of this tenant",
        "nothing to do",
        "https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas";
    Z17 Harmless "access with the account key is disabled (`allowSharedKeyAccess`)",
        "nothing; `az storage cors add` fails, because it signs with the account key",
        "leave it disabled: `segments-connect azure connect` never uses the account key",
        "https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent";
    Z18 Partial "the blob is archived and cannot be read at once",
        "409 BlobArchived",
        "bring it back (`az storage blob set-tier --auth-mode login --account-name <ACCOUNT> --container-name <CONTAINER> --name <BLOB> --tier Hot`) and wait up to 15 hours, or keep labelled data in another tier",
        "https://learn.microsoft.com/azure/storage/blobs/archive-rehydrate-overview";
    Z19 Partial "the blob is encrypted with a key that only the customer holds (customer-provided key)",
        "409 BlobUsesCustomerSpecifiedEncryption",
        "upload the blob again without such a key",
        "https://learn.microsoft.com/azure/storage/blobs/encryption-customer-provided-keys";
    Z20 Blocks "an encryption scope is disabled, or its key in the key vault is lost",
        "403 or 409 for every reader",
        "enable the encryption scope, or restore the key and the storage account's access to it",
        "https://learn.microsoft.com/azure/storage/blobs/encryption-scope-overview";
    Z21 Harmless "access control lists of a hierarchical namespace",
        "nothing: a role that grants is enough, and no list is looked at",
        "nothing to do",
        "https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control-model";
    Z22 Blocks "a premium account for page blobs, which has no CORS",
        "the blob is there, and the browser hides it from the page",
        "copy the data to a standard account, or to a premium one for block blobs",
        "https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services";
    Z23 Blocks "the blob service has five CORS rules already, which is as many as Azure accepts",
        "the change is refused",
        "in the portal, under Resource sharing (CORS), remove a rule that is no longer needed, or add `https://app.segments.ai` to the origins of a rule with the same methods and headers; then run again",
        "https://learn.microsoft.com/rest/api/storageservices/set-blob-service-properties";
    Z24 Blocks "no CORS rule of the blob service lets a page at https://app.segments.ai use the blobs; rules of the file, queue and table services do not count",
        "a preflight is refused with 403 CorsPreflightFailure; the blob is there, and the browser hides it from the page",
        "run `segments-connect azure connect`, which adds the one rule and leaves the others as they are",
        "https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services";
    Z25 Blocks "the CORS rule names another origin than `https://app.segments.ai`: a slash at its end, other capitals, `http`, a port, `www`",
        "a preflight is refused with 403 CorsPreflightFailure; the blob is there, and the browser hides it from the page",
        "run `segments-connect azure connect`, which adds the right origin in a rule of its own",
        "https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services";
    Z26 Blocks "the service principal is in another tenant than the subscription of the storage account",
        "401 InvalidAuthenticationInfo",
        "sign in to the tenant of the subscription (`az login --tenant <TENANT>`), run `segments-connect azure connect`, and send that Tenant ID to Segments.ai",
        "https://learn.microsoft.com/entra/fundamentals/how-subscriptions-associated-directory";
    Z27 Blocks "the tenant does not let the caller install the app of Segments.ai",
        "the change is refused with 403 Authorization_RequestDenied",
        "have an Application Administrator, a Cloud Application Administrator or a Global Administrator run `az ad sp create --id d47021c7-05d1-44c3-a594-93c2c30c68fc`, then run again",
        "https://learn.microsoft.com/graph/api/serviceprincipal-upsert";
    Z28 Blocks "a national cloud: Azure Government, or Azure operated by 21Vianet",
        "the app of Segments.ai does not exist there",
        "copy the data to a storage account in the public cloud",
        "https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud";
    Z29 Blocks "the URL is not on the account's blob endpoint: a custom domain, `dfs`, a secondary endpoint or another DNS zone",
        "a host name that cannot be resolved, or an answer without CORS",
        "register the URL form that this program prints",
        "https://learn.microsoft.com/azure/storage/common/storage-account-overview";
    Z30 Partial "a CDN or Front Door stands before the storage account",
        "CORS is decided, or remembered, by what stands before the account",
        "register the account's own URL, or set up CORS there",
        "https://learn.microsoft.com/azure/frontdoor/standard-premium/troubleshoot-cross-origin-resources";
    Z31 Partial "the blob or its container does not exist, was deleted, or is spelled with other capitals",
        "404 BlobNotFound, ContainerNotFound",
        "restore the blob, or correct its name",
        "https://learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview";
    Z32 Fragile "Azure Policy sets CORS or network rules back",
        "works, until the policy is applied again",
        "ask the owner of the policy for an exemption",
        "https://learn.microsoft.com/azure/governance/policy/concepts/exemption-structure";
    Z33 Blocks "a read-only lock keeps the storage account from being changed",
        "the change is refused with 409 ScopeLocked",
        "have the lock lifted by who may (`az lock list --resource-group <GROUP>` shows it), run again, and put it back",
        "https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources";
    Z34 Blocks "the storage account holds files alone: it has no blob service",
        "there is no blob, and no URL that a browser could load",
        "put the files into a storage account of kind StorageV2 or BlockBlobStorage",
        "https://learn.microsoft.com/azure/storage/common/storage-account-overview";
    Z35 Blocks "what answers a browser contradicts the stored CORS rules",
        "a preflight is refused although a rule admits it; or it is admitted although no rule does, until an older answer is forgotten",
        "wait a minute and check again; if it stays so, find what answers in place of the account: a CDN, Front Door, a proxy of your network, a cache (check once from another network)",
        "https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services";
    Z45 Partial "the link (SAS) was made for another request or another time than the browser's",
        "403 AuthenticationFailed, AuthorizationPermissionMismatch or AuthorizationSourceIPMismatch",
        "register the blob's URL without a SAS, so that Segments.ai makes a new link for every request; or make a new one that lets anybody read (`sp=r`)",
        "https://learn.microsoft.com/rest/api/storageservices/create-service-sas";
}
