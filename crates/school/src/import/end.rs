//! What stands in a list and is nobody: how many there are, and that it ends.

use csv::StringRecord;

use crate::text::line_key;

/// With what rows begin that count others, in the languages of the programs that write them.
const TOTALS: [&str; 16] = [
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

/// Whether a row says how many others there are (`Total;;412`, `Total: 412`), or that the list ends.
pub(super) fn is_total(record: &StringRecord) -> bool {
    let mut filled = record.iter().map(str::trim).filter(|it| !it.is_empty());
    let Some(first) = filled.next() else {
        return false;
    };
    let mut others = filled.peekable();
    let key = line_key(first);
    let is_end = ENDS.contains(&key.trim_matches(['*', '-', ' '])) || is_footer(&key);
    if others.peek().is_none() && is_end {
        return true;
    }
    // A name that is alone there may be somebody's.
    let has_number = others.peek().is_some() || key.ends_with(|it: char| it.is_ascii_digit());
    let word = key.trim_end_matches(|it: char| it.is_ascii_digit() || ": =".contains(it));
    let is_total = TOTALS.iter().any(|it| line_key(it) == word);
    is_total && has_number && others.all(is_number)
}

fn is_number(cell: &str) -> bool {
    cell.starts_with(|it: char| it.is_ascii_digit())
        && cell
            .chars()
            .all(|it| it.is_ascii_digit() || " .,'%".contains(it))
}
