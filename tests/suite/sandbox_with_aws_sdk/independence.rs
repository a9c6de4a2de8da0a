//! The sandbox is no judge of the program if it shares the program's decisions.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn nothing_of_the_crate_is_used_outside_the_sandbox() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = vec![source.join("sandbox.rs")];
    sources(&source.join("sandbox"), &mut found);
    for vendor in ["aws", "gcp", "azure"] {
        let folder = source.join("sandbox").join(vendor);
        let own = found.iter().filter(|path| path.starts_with(&folder));
        assert!(own.count() > 20, "{vendor}: {found:?}");
    }
    for path in found {
        let text = fs::read_to_string(&path).expect("a text");
        let outside = text
            .match_indices("crate::")
            .map(|(at, _)| &text[at..])
            .filter(|rest| !rest.starts_with("crate::sandbox"))
            .map(|rest| rest.lines().next().unwrap_or_default())
            .collect::<Vec<_>>();
        assert_eq!(outside, Vec::<&str>::new(), "{}", path.display());
        assert!(!text.contains("segments_connect"), "{}", path.display());
    }
}
