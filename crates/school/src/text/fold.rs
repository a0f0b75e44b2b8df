//! Keys for comparing: what two ways to write the same thing share. A key is never shown.

use caseless::Caseless as _;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;

use super::seen;

/// The words of a name, in order, without case, accents, apostrophes, hyphens, dots and the width
/// of letters; letters that are written otherwise where the keyboard lacks them, as they are then.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for it in plain(text).chars() {
        if it.is_alphanumeric() || (!it.is_ascii() && is_mark_of_a_letter(it)) {
            if let Some(last) = words.last_mut() {
                last.push(it);
            }
        } else if words.last().is_some_and(|it| !it.is_empty()) {
            words.push(String::new());
        }
    }
    words.retain(|it| !it.is_empty());
    words
}

/// The name of a thing: as [`words`], but what is no letter counts (`8B+` is not `8B`).
pub(super) fn line(text: &str) -> String {
    let plain = plain(text);
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ")
}

/// Folded letter for letter; apostrophes are gone, hyphens and dots are spaces.
fn plain(text: &str) -> String {
    let text = seen::visible(text);
    let spelt = text
        .chars()
        .filter(|it| !is_apostrophe(*it))
        .map(|it| if is_hyphen(it) || it == '.' { ' ' } else { it });
    // Most names are plain, and a long list of them is read often: the tables would say the same.
    let folded: String = if text.is_ascii() {
        spelt.map(|it| it.to_ascii_lowercase()).collect()
    } else {
        spelt.nfkd().default_case_fold().nfkd().collect()
    };
    let mut plain = String::with_capacity(folded.len());
    for it in folded.chars() {
        match it {
            'a'..='z' | ' ' => plain.push(it),
            _ if is_accent(it) || is_apostrophe(it) => {}
            _ if is_hyphen(it) => plain.push(' '),
            _ => match written_as(it) {
                Some(letters) => plain.push_str(letters),
                None => plain.push(it),
            },
        }
    }
    plain
}

/// Marks over, under and through letters, and the points of Hebrew and Arabic. The signs of vowels
/// in scripts of India, and the voicing of kana, make another name.
fn is_accent(it: char) -> bool {
    matches!(canonical_combining_class(it), 1 | 10..=36 | 202..=240)
}

fn is_mark_of_a_letter(it: char) -> bool {
    use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};
    canonical_combining_class(it) != 0 || it.general_category_group() == GeneralCategoryGroup::Mark
}

/// Letters without a decomposition, after case folding, as they are written without them.
const fn written_as(it: char) -> Option<&'static str> {
    Some(match it {
        'ø' => "o",
        'æ' => "ae",
        'œ' => "oe",
        'ł' => "l",
        'đ' | 'ð' | 'ɖ' => "d",
        'þ' => "th",
        'ı' => "i",
        'ħ' => "h",
        'ŧ' => "t",
        'ŋ' => "ng",
        'ĸ' => "k",
        'ə' | 'ǝ' => "e",
        _ => return None,
    })
}

/// What keyboards and writers put where an apostrophe is meant.
pub(super) const fn is_apostrophe(it: char) -> bool {
    matches!(
        it,
        '\'' | '`'
            | '\u{b4}'
            | '\u{b7}'
            | '\u{2b9}'..='\u{2bd}'
            | '\u{2be}'
            | '\u{2bf}'
            | '\u{2c8}'
            | '\u{2ca}'
            | '\u{2cb}'
            | '\u{384}'
            | '\u{55a}'
            | '\u{5f3}'
            | '\u{1fbd}'
            | '\u{1fbf}'
            | '\u{1fef}'
            | '\u{1ffd}'
            | '\u{1ffe}'
            | '\u{2018}'..='\u{201b}'
            | '\u{2032}'
            | '\u{2035}'
            | '\u{2039}'..='\u{203a}'
            | '\u{275b}'..='\u{275c}'
            | '\u{a78b}'..='\u{a78c}'
            | '\u{ff07}'
            | '\u{ff40}'
    )
}

const fn is_hyphen(it: char) -> bool {
    matches!(
        it,
        '-' | '_'
            | '\u{58a}'
            | '\u{5be}'
            | '\u{2010}'..='\u{2015}'
            | '\u{2043}'
            | '\u{2212}'
            | '\u{2e3a}'..='\u{2e3b}'
            | '\u{30fb}'
            | '\u{fe58}'
            | '\u{fe63}'
            | '\u{ff0d}'
            | '\u{ff65}'
    )
}

/// Looser still, for what a person decides on: letters that look alike, the vowels that Germans and
/// Scandinavians write as two, and the two ways to write `Mc`.
pub(super) fn loosely(word: &str) -> String {
    let mac = word.strip_prefix("mac");
    let mac = mac.filter(|rest| rest.is_empty() || rest.len() > 2);
    let word = mac.map_or_else(|| word.to_owned(), |rest| format!("mc{rest}"));
    let alike: String = unicode_security::skeleton(&word).collect();
    plain(&alike)
        .replace("ae", "a")
        .replace("oe", "o")
        .replace("ue", "u")
        .replace("aa", "a")
}
