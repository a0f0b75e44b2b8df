//! What is made of the pages of Wonde's API: of each kind of record one or more, a NUL between two.
#![no_main]

use school::import::{Existing, reconcile};
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
    // Each row has its result; of a place that changes, only where something becomes of it.
    let rows = incoming.students.len()
        + incoming.teachers.len()
        + incoming.classes.len()
        + incoming.contacts.len();
    let planned = reconcile(&Existing::default(), &incoming);
    let all = rows..=rows + incoming.places.len();
    assert!(all.contains(&planned.results.len()));
});
