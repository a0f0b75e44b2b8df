//! What is made of a spreadsheet of students.
#![no_main]

use school::import::{Existing, plan, read};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(table) = read(data) else {
        return;
    };
    let planned = plan(&table.rows, &Existing::default());
    assert_eq!(planned.results.len(), table.rows.len());
});
