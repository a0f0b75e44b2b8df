//! What is made of a spreadsheet of students, teachers or classes.
#![no_main]

mod results;

use school::import::read;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(table) = read(data) else {
        return;
    };
    // Classes name teachers.
    results::each_row_has_one(&table.incoming(true), table.named_teachers.len());
});
