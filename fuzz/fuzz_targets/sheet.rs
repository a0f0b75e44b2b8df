//! What is made of a spreadsheet of students.
#![no_main]

use school::import::{Existing, Incoming, read, reconcile};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(table) = read(data) else {
        return;
    };
    let rows = table.rows.len();
    let planned = reconcile(&Existing::default(), &Incoming::all(table.rows));
    assert_eq!(planned.results.len(), rows);
});
