//! Who asks Blob Storage, and whether they may do one thing there.
//!
//! See <https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory#permissions-for-calling-data-operations>.

use super::{READ_BLOBS, READ_CONTAINERS, Visit};
use crate::sandbox::azure::account::PublicAccess;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::rights::Plane;
use crate::sandbox::azure::token::Claims;

/// Who asks.
#[derive(Debug, Clone)]
pub(super) enum Caller {
    /// Nobody in particular.
    Anonymous,
    /// The bearer of a token.
    Token(Claims),
    /// The bearer of a link that somebody signed.
    Signature(Permit),
}

/// What a link permits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Permit {
    /// The object ID of whoever signed.
    pub signer: String,
    /// Letters such as `r` and `l`.
    pub permissions: String,
    /// Headers that the answer gets in place of its own.
    pub overrides: Vec<(&'static str, String)>,
}

impl Caller {
    /// The object ID, of the signer where it is a link.
    pub fn object_id(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::Token(claims) => Some(&claims.object_id),
            Self::Signature(permit) => Some(&permit.signer),
        }
    }
}

impl Visit<'_> {
    /// Whether the caller may list containers, or look at one.
    pub(super) fn may_read_containers(&self) -> Result<(), Problem> {
        match self.caller {
            Caller::Anonymous => self.open_to_all(PublicAccess::Container),
            // A delegation SAS is for one container or less, and cannot look at it from outside.
            Caller::Signature(_) => Err(mismatch()),
            Caller::Token(claims) => self.role(&claims.object_id, READ_CONTAINERS, Plane::Control),
        }
    }

    /// Whether the caller may read blobs, or list them.
    pub(super) fn may_read_blobs(&self, permission: char) -> Result<(), Problem> {
        match self.caller {
            Caller::Anonymous if permission == 'l' => self.open_to_all(PublicAccess::Container),
            Caller::Anonymous => self.open_to_all(PublicAccess::Blob),
            Caller::Token(claims) => self.role(&claims.object_id, READ_BLOBS, Plane::Data),
            // Both must say yes: the link, and the roles of its signer at this moment.
            // https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas#assign-permissions-with-rbac
            Caller::Signature(permit) => {
                if !permit.permissions.contains(permission) {
                    return Err(mismatch());
                }
                self.role(&permit.signer, READ_BLOBS, Plane::Data)
            }
        }
    }

    /// Whether the caller may have a key to sign links with: a right at the account or above, for which a container
    /// is too little.
    pub(super) fn may_delegate(&self) -> Result<&Claims, Problem> {
        let Caller::Token(claims) = self.caller else {
            return Err(mismatch());
        };
        self.role(
            &claims.object_id,
            "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
            Plane::Control,
        )?;
        Ok(claims)
    }

    fn role(&self, principal: &str, action: &str, plane: Plane) -> Result<(), Problem> {
        if self.role_allows(principal, action, plane, &self.scope()) {
            Ok(())
        } else {
            Err(mismatch())
        }
    }

    /// Who does not may not even know that there is something.
    fn open_to_all(&self, wanted: PublicAccess) -> Result<(), Problem> {
        let access = self
            .resource
            .container
            .as_ref()
            .and_then(|name| self.account.containers.get(name))
            .map_or(PublicAccess::None, |container| container.public_access);
        let open = match access {
            PublicAccess::None => false,
            PublicAccess::Blob => wanted == PublicAccess::Blob,
            PublicAccess::Container => true,
        };
        if open {
            return Ok(());
        }
        Err(Problem::new(
            404,
            "ResourceNotFound",
            "The specified resource does not exist.",
        ))
    }
}

fn mismatch() -> Problem {
    Problem::new(
        403,
        "AuthorizationPermissionMismatch",
        "This request is not authorized to perform this operation using this permission.",
    )
}
