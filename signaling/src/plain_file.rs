//! Files that somebody names, in the settings or at the command line: opened without waiting, and read no further than
//! makes sense. A pipe would be waited for until somebody writes in it, and a device may never end.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

/// Opens a file to read it.
///
/// # Errors
///
/// What is wrong: also where it is a folder, a pipe or a device.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    open_by(OpenOptions::new().read(true), path)
}

/// Opens a file to write it, empty; it is made where there is none.
///
/// # Errors
///
/// As of [`open`].
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    open_by(options.write(true).create(true).truncate(true), path)
}

/// All that a file holds, up to so many bytes.
///
/// # Errors
///
/// As of [`open`], and [`ErrorKind::FileTooLarge`].
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if u64::try_from(length).is_ok_and(|it| it <= most) {
        return Ok(bytes);
    }
    let says = format!("it holds more than {most} bytes");
    Err(io::Error::new(ErrorKind::FileTooLarge, says))
}

/// The same, of a text.
///
/// # Errors
///
/// As of [`read`], and where it is no UTF-8.
pub(crate) fn read_text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?)
        .map_err(|error| io::Error::new(ErrorKind::InvalidData, error.utf8_error()))
}

fn open_by(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    // Before it is opened: of some devices that alone does something.
    match fs::metadata(path) {
        Ok(about) => check(&about)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    // Another may stand in its place by now.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = options.custom_flags(flags).open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

fn check(about: &Metadata) -> io::Result<()> {
    let (kind, says) = if about.is_dir() {
        (
            ErrorKind::IsADirectory,
            "it is a folder: name the file in it",
        )
    } else if about.is_file() {
        return Ok(());
    } else {
        (ErrorKind::InvalidInput, "it is not a file")
    };
    Err(io::Error::new(kind, says))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        let folder = tempfile::tempdir().expect("there is room");
        let pipe = folder.path().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo is there").success());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).expect("there is room");
        for (path, says) in [
            (pipe.as_path(), "it is not a file"),
            (link.as_path(), "it is not a file"),
            (Path::new("/dev/zero"), "it is not a file"),
            (folder.path(), "it is a folder: name the file in it"),
        ] {
            for tried in [open(path), create(path)] {
                assert_eq!(tried.expect_err("it is none").to_string(), says);
            }
        }
        let none = open(&folder.path().join("none")).expect_err("it is not there");
        assert_eq!(none.kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_file_is_read_as_far_as_it_may_go() {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join("file");
        fs::write(&path, "12345").expect("there is room");
        assert_eq!(read_text(&path, 5).expect("it is one"), "12345");
        let long = read(&path, 4).expect_err("it is longer");
        assert_eq!(long.kind(), ErrorKind::FileTooLarge);
        fs::write(&path, b"\xff").expect("there is room");
        assert!(read_text(&path, 5).is_err());
        drop(create(&path).expect("it is one"));
        assert_eq!(read(&path, 5).expect("it is one"), b"");
    }
}
