//! Which test finds which cause, and which stays silent beside it.

mod aws;
mod azure;
mod gcp;

/// What becomes of a cause.
pub enum Row {
    /// It is found.
    Found {
        /// The test in which it is.
        fires: &'static str,
        /// A test in which it is not, where it must not be.
        silent: &'static str,
    },
    /// It cannot be found; the page says why.
    Never,
    /// It is no obstacle.
    Harmless {
        /// The test in which it is there and nothing is said against it; none where it shows in nothing that is read.
        silent: Option<&'static str>,
    },
}

const fn found(fires: &'static str, silent: &'static str) -> Row {
    Row::Found { fires, silent }
}

const fn harmless(silent: &'static str) -> Row {
    Row::Harmless {
        silent: Some(silent),
    }
}

const UNSEEN: Row = Row::Harmless { silent: None };

/// A row for each code.
pub fn rows() -> impl Iterator<Item = &'static (&'static str, Row)> {
    aws::ROWS.iter().chain(gcp::ROWS).chain(azure::ROWS)
}
