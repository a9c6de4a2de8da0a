//! Every cause of the catalogue: the test in which it is found, and the one in which it is not; or why it cannot be.

mod stories;
