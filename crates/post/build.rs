//! Brings along what the post says in every language: of the files that hold the texts of the pages, one a
//! language, the texts `post_…`.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

const FILES: &str = "../../web/src/text";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed={FILES}");
    let mut paths: Vec<_> = fs::read_dir(FILES)?
        .map(|entry| entry.map(|it| it.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    let mut all = "static FILES: &[(&str, &str)] = &[\n".to_owned();
    for path in paths.iter().filter(|it| is_catalogue(it)) {
        let tag = path.file_stem().unwrap_or_default().display();
        // One text a line, as they are formatted.
        let texts = fs::read_to_string(path)?;
        let ours: Vec<_> = texts
            .lines()
            .filter(|line| line.trim_start().starts_with("\"post_"))
            .map(|line| line.trim_end_matches(','))
            .collect();
        let texts = format!("{{{}}}", ours.join(",\n"));
        writeln!(all, "(\"{tag}\", {texts:?}),").map_err(io::Error::other)?;
    }
    all.push_str("];\n");
    let folder = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&folder).join("texts.rs"), all)
}

fn is_catalogue(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "json")
}
