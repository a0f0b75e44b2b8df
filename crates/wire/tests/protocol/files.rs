//! The files of `samples/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// This crate's folder.
pub(crate) fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of each file of a folder below `samples/` whose name ends with `.{ending}`, by the name
/// before that.
pub(crate) fn texts(folder: &str, ending: &str) -> BTreeMap<String, String> {
    let folder = crate_folder().join("samples").join(folder);
    let entries = fs::read_dir(&folder).expect("the folder is there");
    let paths = entries.map(|it| it.expect("a readable entry").path());
    let is_wanted = |it: &PathBuf| it.extension().is_some_and(|it| it == ending);
    let texts: BTreeMap<_, _> = paths
        .filter(is_wanted)
        .map(|path| {
            let name = path.file_stem().expect("a file's name").to_string_lossy();
            let text = fs::read_to_string(&path).expect("readable text");
            (name.into_owned(), text)
        })
        .collect();
    assert!(!texts.is_empty(), "no sample in {}", folder.display());
    texts
}
