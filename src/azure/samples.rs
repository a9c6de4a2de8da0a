//! Which blobs to test with: the ones that were named, or one found by listing.

use tokio::sync::OnceCell;

use super::Shared;
use super::blobs::{self, Listed, NoBlob};
use super::target::BlobName;
use super::view::View;

/// How many containers are looked into for a blob that says something about the others.
const LOOKED_INTO: usize = 3;

/// The blobs to test with.
pub struct Samples {
    view: Shared<View>,
    named: Vec<BlobName>,
    container: Option<String>,
    found: OnceCell<Found>,
}

/// How the search for a blob ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// These.
    Blobs(Vec<BlobName>),
    /// There is none, in the containers that were looked into.
    Empty,
    /// There are only directories, archived blobs and blobs under their owner's own key.
    Unsuitable {
        /// How many blobs there were.
        looked_at: usize,
    },
    /// They could not be listed.
    Unlisted(NoBlob),
}

impl Samples {
    /// The blobs named by the caller; where none is, one will be looked for, in `container` where that is named.
    #[must_use]
    pub fn new(view: Shared<View>, named: Vec<BlobName>, container: Option<String>) -> Self {
        Self {
            view,
            named,
            container,
            found: OnceCell::new(),
        }
    }

    /// Finds them, once.
    pub async fn find(&self) -> &Found {
        self.found
            .get_or_init(|| async {
                if self.named.is_empty() {
                    self.look().await
                } else {
                    Found::Blobs(self.named.clone())
                }
            })
            .await
    }

    /// The first of them, where it was named, or looked for and found.
    #[must_use]
    pub fn first(&self) -> Option<BlobName> {
        self.known().into_iter().next()
    }

    /// Those that were named or found.
    #[must_use]
    pub fn known(&self) -> Vec<BlobName> {
        match self.found.get() {
            Some(Found::Blobs(blobs)) => blobs.clone(),
            Some(Found::Empty | Found::Unsuitable { .. } | Found::Unlisted(_)) | None => {
                self.named.clone()
            }
        }
    }

    async fn look(&self) -> Found {
        let access = match self.view.caller() {
            Ok(access) => access,
            Err(failure) => return Found::Unlisted(NoBlob::Failed(failure)),
        };
        let containers = match &self.container {
            Some(container) => vec![container.clone()],
            None => match blobs::containers(access).await {
                Ok(containers) => containers
                    .names
                    .into_iter()
                    .map(|container| container.name)
                    .filter(|name| !name.starts_with('$'))
                    .collect(),
                Err(reason) => return Found::Unlisted(reason),
            },
        };
        let mut looked_at = 0;
        for container in containers.into_iter().take(LOOKED_INTO) {
            let listed = match blobs::blobs(access, &container).await {
                Ok(listed) => listed,
                Err(reason) => return Found::Unlisted(reason),
            };
            if let Some(blob) = telling(&listed) {
                return Found::Blobs(vec![BlobName {
                    container,
                    blob: blob.name.clone(),
                }]);
            }
            looked_at += listed.iter().filter(|blob| !blob.directory).count();
        }
        if looked_at == 0 {
            Found::Empty
        } else {
            Found::Unsuitable { looked_at }
        }
    }
}

/// The first blob that says something about the others.
fn telling(listed: &[Listed]) -> Option<&Listed> {
    listed
        .iter()
        .find(|blob| !blob.directory && !blob.archived && !blob.customer_key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_archived_blobs_and_blobs_under_a_key_of_their_own_are_passed_over() {
        let blob = |name: &str| Listed {
            name: name.to_owned(),
            directory: false,
            archived: false,
            customer_key: false,
        };
        let listed = [
            Listed {
                directory: true,
                ..blob("photos")
            },
            Listed {
                archived: true,
                ..blob("old.jpg")
            },
            Listed {
                customer_key: true,
                ..blob("secret.jpg")
            },
            blob("new.jpg"),
        ];
        assert_eq!(
            telling(&listed).map(|blob| blob.name.as_str()),
            Some("new.jpg")
        );
        assert_eq!(telling(&listed[..3]), None);
    }
}
