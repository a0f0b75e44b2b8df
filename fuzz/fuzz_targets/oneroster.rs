//! What is made of a OneRoster export: of any bytes that begin as a zip file does, and of files in it.
#![no_main]

mod results;

use std::io::{Cursor, Write as _};

use jiff::civil::date;
use sources::oneroster::read;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The files, in the order in which their texts stand in the input, a NUL between two.
const FILES: [&str; 7] = [
    "manifest.csv",
    "orgs.csv",
    "users.csv",
    "roles.csv",
    "courses.csv",
    "classes.csv",
    "enrollments.csv",
];

fn take(file: &[u8]) {
    let Ok(incoming) = read(file, date(2026, 11, 29)) else {
        return;
    };
    // Places change, and of some nobody knows what they are.
    let others = incoming.places.len() + incoming.unsaid.len();
    results::each_row_has_one(&incoming, others);
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    take(&[b"PK\x03\x04", data].concat());
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in FILES.iter().zip(data.split(|byte| *byte == 0)) {
        zip.start_file(*name, options).expect("it can be begun");
        zip.write_all(text).expect("it can be written");
    }
    take(&zip.finish().expect("it can be ended").into_inner());
});
