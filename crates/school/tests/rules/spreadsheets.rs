//! Random tables through a spreadsheet and back: `LibreOffice` opens what a school's system wrote, saves
//! it as a workbook, and that as CSV, in each of its ways. What comes back is what was there, or is
//! refused with the reason: nobody is doubled, renamed, or given to a stranger.
//!
//! It needs `LibreOffice`, which is large: `scripts/test --long` installs it and names it in
//! `HOMEROOM_SOFFICE`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use school::import::{Existing, Incoming, Outcome, read, reconcile};

use crate::sheets::kept_after;

/// How many tables.
const TABLES: u64 = 24;

/// How `LibreOffice` opens CSV: every cell as text, and as it takes them for numbers and days.
const OPENED: [(&str, &str); 2] = [
    ("text", "44,34,76,1,1/2/2/2/3/2/4/2/5/2/6/2"),
    ("guessed", "44,34,76,1,,0,false,true"),
];

/// How it saves CSV: the separator, the quotation mark, the encoding (76 is UTF-8, 65535 UTF-16), and
/// whether all text is quoted and cells are saved as they are shown.
const SAVED: [(&str, &str); 6] = [
    ("comma", "44,34,76,1,,0,false,true"),
    ("comma-quoted", "44,34,76,1,,0,true,true"),
    ("semicolon", "59,34,76,1,,0,false,true"),
    ("tab", "9,34,76,1,,0,false,true"),
    ("bar-raw", "124,34,76,1,,0,true,false"),
    ("utf-16", "9,34,65535,1,,0,false,true"),
];

/// Chance that is the same in every run (Marsaglia, "Xorshift RNGs", 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).expect("small")).expect("small")
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

const FIRST: [&str; 12] = [
    "Ada",
    "Zoë",
    "José",
    "Łukasz",
    "Seán",
    "Anne-Marie",
    "D'Arcy",
    "Ngozi",
    "Ǻsa",
    "Jürgen",
    "Mai Anh",
    "Ωmega",
];
const LAST: [&str; 12] = [
    "O'Brien",
    "Nuñez",
    "Šimůnek",
    "de la Cruz",
    "Smith",
    "Œuvrard",
    "Ó Súilleabháin",
    "Al-Sayed",
    "Brown",
    "Ivanov-Petrov",
    "Þorsson",
    "Łoś",
];
const FORMS: [&str; 8] = ["7A", "08", "10/Ma", "1E2", "3-4", "Year 9", "TRUE", "11.1"];
const RELATIONSHIPS: [&str; 5] = ["Mother", "Father", "", "Carer, \"Nan\"", "Aunt; step"];

/// A table as a school's system writes it: ids with zeros before them, long ids, missing cells.
fn table(chance: &mut Chance) -> String {
    let mut text = "student,student id,homeroom,guardian,e-mail,relationship\r\n".to_owned();
    let width = 3 + chance.below(10);
    for row in 0..2 + chance.below(12) {
        let name = format!("{} {}", chance.one(&FIRST), chance.one(&LAST));
        let id = format!("{:0width$}", row * 7919 + 1);
        let form = chance.one(&FORMS);
        let (guardian, email) = if chance.below(4) == 0 {
            (String::new(), String::new())
        } else {
            let name = format!("{} {}", chance.one(&FIRST), chance.one(&LAST));
            (name, format!("g{row}@home{}.example", chance.below(5)))
        };
        let relationship = if guardian.is_empty() {
            ""
        } else {
            chance.one(&RELATIONSHIPS)
        };
        let cells = [&name, &id, form, &guardian, &email, relationship];
        let cells = cells.map(|it| format!("\"{}\"", it.replace('"', "\"\"")));
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// Has `LibreOffice` convert all files of that ending in one folder into another.
fn convert(
    soffice: &Path,
    (from, ending): (&Path, &str),
    to: &Path,
    (kind, filter): (&str, Option<&str>),
) {
    fs::create_dir_all(to).expect("a folder");
    let files = fs::read_dir(from).expect("a folder");
    let files: Vec<PathBuf> = files
        .map(|it| it.expect("a file").path())
        .filter(|it| it.extension().is_some_and(|it| it == ending))
        .collect();
    let mut command = Command::new(soffice);
    command.args([
        "--headless",
        "--norestore",
        "--convert-to",
        kind,
        "--outdir",
    ]);
    command.arg(to).env("HOME", std::env::temp_dir());
    command.args(filter.map(|it| format!("--infilter={it}")));
    let done = command.args(&files).output().expect("it can be started");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let made = fs::read_dir(to).expect("a folder").count();
    assert!(made >= files.len(), "{made} of {}: {said}", files.len());
}

#[test]
#[ignore = "it needs LibreOffice: scripts/test --long"]
fn tables_come_back_from_a_spreadsheet_as_they_were() {
    let soffice = std::env::var_os("HOMEROOM_SOFFICE").expect("HOMEROOM_SOFFICE names LibreOffice");
    let soffice = PathBuf::from(soffice);
    let folder = std::env::temp_dir().join(format!("homeroom-sheets-{}", std::process::id()));
    let written = folder.join("written");
    fs::create_dir_all(&written).expect("a folder");
    let mut chance = Chance(7);
    let tables: Vec<String> = (0..TABLES).map(|_| table(&mut chance)).collect();
    for (nth, text) in tables.iter().enumerate() {
        fs::write(written.join(format!("{nth}.csv")), text).expect("it is written");
    }
    let mut seen = 0;
    for (how, filter) in OPENED {
        let books = folder.join(how);
        let filter = format!("CSV:{filter}");
        convert(&soffice, (&written, "csv"), &books, ("xlsx", Some(&filter)));
        for (saved, filter) in SAVED {
            let back = folder.join(format!("{how}-{saved}"));
            let kind = format!("csv:Text - txt - csv (StarCalc):{filter}");
            convert(&soffice, (&books, "xlsx"), &back, (&kind, None));
            for (nth, text) in tables.iter().enumerate() {
                let name = format!("{how}-{saved}/{nth}.csv");
                let file = fs::read(folder.join(&name)).expect("it came back");
                same(text, &file, how == "text", &name);
                seen += 1;
            }
        }
    }
    assert!(seen > 200, "{seen}");
    fs::remove_dir_all(&folder).expect("it is ours");
}

/// Compares what came back with what was imported before it was opened.
fn same(text: &str, file: &[u8], is_text: bool, name: &str) {
    let first = read(text.as_bytes()).expect("readable");
    let first = reconcile(&Existing::default(), &Incoming::some(first.rows));
    let kept = kept_after(&first);
    let table = read(file).unwrap_or_else(|why| panic!("{name}: {why}"));
    let again = reconcile(&kept, &Incoming::some(table.rows));
    assert_eq!(again.results.len(), first.results.len(), "{name}");
    assert_eq!(again.steps, [], "{name}: {:?}", again.results);
    for (before, after) in first.results.iter().zip(&again.results) {
        let was_refused = before.outcome == Outcome::Refused;
        let is_refused = after.outcome == Outcome::Refused;
        assert!(!is_text || was_refused == is_refused, "{name}: {after:?}");
        assert!(!is_refused || !after.reason.is_empty(), "{name}: {after:?}");
    }
}
