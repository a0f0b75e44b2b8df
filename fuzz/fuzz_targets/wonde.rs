//! What is made of the pages of Wonde's API: of each kind of record one or more, a NUL between two.
#![no_main]

mod results;

use sources::wonde::{People, Records};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut people = People::default();
    let kinds = Records::ALL.into_iter().cycle();
    for (records, page) in kinds.zip(data.split(|byte| *byte == 0)) {
        // A page that is none ends it, as it ends a run.
        if people.take(records, 1, page).is_err() {
            return;
        }
    }
    let incoming = people.incoming();
    // Places change.
    results::each_row_has_one(&incoming, incoming.places.len());
});
