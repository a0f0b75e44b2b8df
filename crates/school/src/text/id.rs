//! Ids of other systems, as spreadsheets leave them.

use super::fold;

/// What two ways to write the same id share: case, width, spaces, the braces around a GUID, and the zeros
/// before a number, which spreadsheets drop. For comparison only.
#[must_use]
pub fn id_key(id: &str) -> String {
    let folded: String = fold::line(unquoted(id)).split(' ').collect();
    let bare = folded.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
    let folded = bare.map_or_else(|| folded.clone(), str::to_owned);
    let number = folded.trim_start_matches('0');
    if !folded.is_empty() && folded.chars().all(|it| it.is_ascii_digit()) {
        if number.is_empty() {
            "0".to_owned()
        } else {
            number.to_owned()
        }
    } else {
        folded
    }
}

/// An id out of a cell: without what protects it from a spreadsheet (`="00123"`, `'00123`), and
/// without the `.0` that some programs write after a number.
#[must_use]
pub fn unquoted(cell: &str) -> &str {
    let cell = cell.trim();
    let formula = cell.strip_prefix("=\"").and_then(|it| it.strip_suffix('"'));
    let cell = formula.or_else(|| cell.strip_prefix('\'')).unwrap_or(cell);
    match cell.split_once('.') {
        Some((whole, rest))
            if !whole.is_empty()
                && !rest.is_empty()
                && whole.bytes().all(|it| it.is_ascii_digit())
                && rest.bytes().all(|it| it == b'0') =>
        {
            whole
        }
        Some(_) | None => cell,
    }
}

/// Whether a spreadsheet has shortened an id to a power of ten (`1.23E+11`): its digits are lost.
#[must_use]
pub fn is_cut_short(id: &str) -> bool {
    let Some((number, power)) = id.trim().split_once(['e', 'E']) else {
        return false;
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let power = power.strip_prefix(['+', '-']);
    let is_number = match number.split_once(['.', ',']) {
        Some((whole, rest)) => is_digits(whole) && is_digits(rest),
        None => is_digits(number),
    };
    is_number && power.is_some_and(is_digits)
}
