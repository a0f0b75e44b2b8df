//! What stands in a list and is nobody: how many there are, and that it ends.

use csv::StringRecord;

use super::sheet::Line;
use crate::text::line_key;

/// With what rows begin that count others, in the languages of the programs that write them.
const TOTALS: [&str; 23] = [
    "count",
    "number of students",
    "number of pupils",
    "students",
    "pupils",
    "anzahl",
    "aantal",
    "total",
    "totals",
    "grand total",
    "sub total",
    "subtotal",
    "gesamt",
    "gesamtzahl",
    "summe",
    "gesamtsumme",
    "total general",
    "somme",
    "total général",
    "suma",
    "suma końcowa",
    "totaal",
    "totale",
];

/// What reports end with.
const ENDS: [&str; 3] = ["end of report", "end of list", "end of file"];

/// What stands on pages beside a list, with a number or a day behind it.
const FOOTERS: [&str; 12] = [
    "page",
    "seite",
    "página",
    "pagina",
    "strona",
    "printed",
    "printed on",
    "gedruckt am",
    "generated",
    "generated on",
    "report generated",
    "exported on",
];

/// Whether a cell that is alone in its row is of the page, and no name: `Page 1 of 2`.
fn is_footer(key: &str) -> bool {
    let before = key.find(|it: char| it.is_ascii_digit());
    let word = before.and_then(|it| key.get(..it)).unwrap_or_default();
    let word = word.trim_end_matches([' ', ':']);
    FOOTERS.iter().any(|it| line_key(it) == word)
}

/// With what headings within a list begin.
const SECTIONS: [&str; 14] = [
    "class",
    "form",
    "group",
    "homeroom",
    "tutor",
    "registration",
    "year",
    "grade",
    "klasse",
    "klas",
    "classe",
    "grupo",
    "groupe",
    "luokka",
];

/// In how many of the last rows a total may stand.
pub(super) const LAST: usize = 3;

/// The most cells of a row that are filled.
pub(super) fn most_filled(lines: &[&Line]) -> usize {
    let filled = lines.iter().map(|it| filled(&it.record).count());
    filled.max().unwrap_or(0)
}

fn filled(record: &StringRecord) -> impl Iterator<Item = &str> {
    record.iter().map(str::trim).filter(|it| !it.is_empty())
}

/// Whether a row says that a list or a page ends: a cell that is alone in it.
pub(super) fn is_end(record: &StringRecord) -> bool {
    let mut filled = filled(record);
    let (Some(first), None) = (filled.next(), filled.next()) else {
        return false;
    };
    let key = line_key(first);
    ENDS.contains(&key.trim_matches(['*', '-', ' '])) || is_footer(&key)
}

/// Whether a cell that is alone in its row says how many there are, wherever it stands: `Count: 12`.
pub(super) fn is_count(record: &StringRecord) -> bool {
    let mut filled = filled(record);
    let (Some(first), None) = (filled.next(), filled.next()) else {
        return false;
    };
    let key = line_key(first);
    key.ends_with(|it: char| it.is_ascii_digit()) && is_of_totals(&key)
}

/// Why a row is refused that may be a heading within the list.
pub(super) const SECTION: &str = "In student: nothing but this stands in the row. Remove it if it is a heading within the list; if it is a student, fill in what stands beside the others.";

/// The fewest cells that are filled of a row of which more than one is.
pub(super) fn least_filled(lines: &[&Line]) -> usize {
    let filled = lines.iter().map(|it| filled(&it.record).count());
    filled.filter(|it| *it > 1).min().unwrap_or(0)
}

/// Whether one cell is alone in its row, where each other row has three and more, and says what the rows
/// below it are of: `Class 4b`.
pub(super) fn is_section(record: &StringRecord, least: usize) -> bool {
    let mut filled = filled(record);
    let (Some(first), None) = (filled.next(), filled.next()) else {
        return false;
    };
    let key = line_key(first);
    let word = key.split([' ', ':']).next().unwrap_or_default();
    least > 2 && SECTIONS.contains(&word)
}

fn is_of_totals(key: &str) -> bool {
    let word = key.trim_end_matches(|it: char| it.is_ascii_digit() || ": =".contains(it));
    TOTALS.iter().any(|it| line_key(it) == word)
}

/// Whether a row says how many others there are (`Total;;412`, `Total: 412`): with fewer cells than the
/// others have, of which so many are filled.
pub(super) fn is_total(record: &StringRecord, most: usize) -> bool {
    let mut others = filled(record);
    let Some(first) = others.next() else {
        return false;
    };
    let mut others = others.peekable();
    let key = line_key(first);
    // A name that is alone there may be somebody's.
    let has_number = others.peek().is_some() || key.ends_with(|it: char| it.is_ascii_digit());
    // Of two columns both are filled.
    let is_short = most == 2 || filled(record).count() < most;
    is_of_totals(&key) && has_number && others.all(is_number) && is_short
}

fn is_number(cell: &str) -> bool {
    cell.starts_with(|it: char| it.is_ascii_digit())
        && cell
            .chars()
            .all(|it| it.is_ascii_digit() || " .,'%".contains(it))
}
