//! The objects to test with: the ones that were named, or one found by listing.
//!
//! They are kept from one round of checks to the next: which objects to test with does not depend on the settings.

use tokio::sync::OnceCell;

use super::Shared;
use super::reads::{self, Listed};
use super::view::View;
use crate::error::Failure;

/// The objects to test with.
pub struct Samples {
    view: Shared<View>,
    named: Vec<String>,
    found: OnceCell<Found>,
}

/// How the search for an object ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// These.
    Names(Vec<String>),
    /// The bucket is empty, as far as its first page goes.
    Empty,
    /// The bucket could not be listed.
    Unlisted(Failure),
}

impl Samples {
    /// The objects named by the caller; where none is, one will be looked for.
    #[must_use]
    pub fn new(view: Shared<View>, named: Vec<String>) -> Self {
        Self {
            view,
            named,
            found: OnceCell::new(),
        }
    }

    /// Finds them, once.
    pub async fn find(&self) -> &Found {
        self.found
            .get_or_init(|| async {
                if !self.named.is_empty() {
                    return Found::Names(self.named.clone());
                }
                match self.view.owner() {
                    Ok(access) => choose(reads::list(access).await),
                    Err(failure) => Found::Unlisted(failure),
                }
            })
            .await
    }

    /// How the search ended, where it was made.
    #[must_use]
    pub fn found(&self) -> Option<&Found> {
        self.found.get()
    }

    /// The objects that were named.
    #[must_use]
    pub fn named(&self) -> &[String] {
        &self.named
    }

    /// The first of them, where they were looked for and found.
    #[must_use]
    pub fn first_name(&self) -> Option<String> {
        match self.found.get() {
            Some(Found::Names(names)) => names.first().cloned(),
            Some(Found::Empty | Found::Unlisted(_)) | None => None,
        }
    }
}

/// Picks an object that is no folder marker. Every storage class is read at once, so none is passed over.
fn choose(listing: Result<Vec<Listed>, Failure>) -> Found {
    match listing {
        Err(failure) => Found::Unlisted(failure),
        Ok(listing) => listing
            .into_iter()
            .find(|object| !(object.name.ends_with('/') && object.size == 0))
            .map_or(Found::Empty, |object| Found::Names(vec![object.name])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_markers_are_passed_over_and_classes_are_not() {
        let listed = |name: &str, size| Listed {
            name: name.to_owned(),
            size,
        };
        assert_eq!(
            choose(Ok(vec![listed("photos/", 0), listed("photos/1.jpg", 9)])),
            Found::Names(vec!["photos/1.jpg".to_owned()])
        );
        assert_eq!(choose(Ok(vec![listed("a/", 0)])), Found::Empty);
        assert_eq!(choose(Ok(Vec::new())), Found::Empty);
    }
}
