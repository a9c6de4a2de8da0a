//! What can be asked for here, and what the log calls it.
//!
//! Only names; which request is for which of them is told in [`super::call`].

/// Everything that a request can be for, by service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Storage(Storage),
    Roles(Roles),
    Projects(Projects),
    OAuth(OAuth),
    ServiceAccounts(ServiceAccounts),
    Levels(Levels),
    Metadata,
    Preflight,
    Unknown,
}

/// What Cloud Storage can be asked for, over gRPC, as JSON or as XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storage {
    GetBucket,
    UpdateBucket,
    GetIamPolicy,
    SetIamPolicy,
    TestIamPermissions,
    ListObjects,
    GetObject,
    GetObjectMetadata,
}

/// What the IAM API can be asked for about roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Roles {
    Get,
    List,
    Create,
    Update,
    Delete,
    Undelete,
}

/// What can be asked for about what stands around a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Projects {
    Get,
    TestPermissions,
    GetIamPolicy,
    GetAncestry,
    GetEffectivePolicy,
    ListDenyPolicies,
    GetDenyPolicy,
}

/// What can be asked for about the policies above a project and below a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Levels {
    FolderPolicy,
    OrganizationPolicy,
    OrganizationRole,
    ManagedFolders,
    ManagedFolderPolicy,
}

/// What can be done as a service account without its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServiceAccounts {
    SignBlob,
    GenerateAccessToken,
}

/// What the authorization server can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OAuth {
    Token,
    TokenInfo,
    UserInfo,
}

impl Operation {
    /// The name in the log; `None` for what is not known.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Storage(Storage::GetBucket) => "GetBucket",
            Self::Storage(Storage::UpdateBucket) => "UpdateBucket",
            Self::Storage(Storage::GetIamPolicy) => "GetIamPolicy",
            Self::Storage(Storage::SetIamPolicy) => "SetIamPolicy",
            Self::Storage(Storage::TestIamPermissions) => "TestIamPermissions",
            Self::Storage(Storage::ListObjects) => "ListObjects",
            Self::Storage(Storage::GetObject) => "GetObject",
            Self::Storage(Storage::GetObjectMetadata) => "GetObjectMetadata",
            Self::Roles(Roles::Get) | Self::Levels(Levels::OrganizationRole) => "GetRole",
            Self::Roles(Roles::List) => "ListRoles",
            Self::Roles(Roles::Create) => "CreateRole",
            Self::Roles(Roles::Update) => "UpdateRole",
            Self::Roles(Roles::Delete) => "DeleteRole",
            Self::Roles(Roles::Undelete) => "UndeleteRole",
            Self::Projects(Projects::Get) => "GetProject",
            Self::Projects(Projects::TestPermissions) => "TestProjectPermissions",
            Self::Projects(Projects::GetIamPolicy) => "GetProjectIamPolicy",
            Self::Projects(Projects::GetAncestry) => "GetAncestry",
            Self::Projects(Projects::GetEffectivePolicy) => "GetEffectivePolicy",
            Self::Projects(Projects::ListDenyPolicies) => "ListDenyPolicies",
            Self::Projects(Projects::GetDenyPolicy) => "GetDenyPolicy",
            Self::OAuth(OAuth::Token) => "GetToken",
            Self::OAuth(OAuth::TokenInfo) => "GetTokenInfo",
            Self::OAuth(OAuth::UserInfo) => "GetUserInfo",
            Self::ServiceAccounts(ServiceAccounts::SignBlob) => "SignBlob",
            Self::ServiceAccounts(ServiceAccounts::GenerateAccessToken) => "GenerateAccessToken",
            Self::Levels(Levels::FolderPolicy) => "GetFolderIamPolicy",
            Self::Levels(Levels::OrganizationPolicy) => "GetOrganizationIamPolicy",
            Self::Levels(Levels::ManagedFolders) => "ListManagedFolders",
            Self::Levels(Levels::ManagedFolderPolicy) => "GetManagedFolderIamPolicy",
            Self::Metadata => "GetMetadata",
            Self::Preflight => "OPTIONS",
            Self::Unknown => return None,
        })
    }
}
