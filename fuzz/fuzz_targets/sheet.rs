//! What is made of a spreadsheet of students, teachers or classes.
#![no_main]

use school::import::{Existing, read, reconcile};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(table) = read(data) else {
        return;
    };
    // Each row has its result; of a teacher whom a class names, only where something becomes of it.
    let rows = table.rows.len() + table.teachers.len() + table.classes.len();
    let all = rows..=rows + table.named_teachers.len();
    let planned = reconcile(&Existing::default(), &table.incoming(true));
    assert!(all.contains(&planned.results.len()));
});
