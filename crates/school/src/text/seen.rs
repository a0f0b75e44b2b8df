//! What comes in: brought to one form, and without what nobody sees.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// The one form in which text is kept (Unicode Standard Annex 15, NFC): what a keyboard writes as
/// one letter and what it writes as a letter and an accent is the same.
pub(super) fn composed(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    text.nfc().collect()
}

/// Whether text holds something that nobody sees: what turns its direction, hides in it, or is no
/// character at all. What spells a word in scripts that join their letters is left alone.
pub(super) fn hides_something(text: &str) -> bool {
    find_hidden(text, is_unseen)
}

/// The same for text in which people write emoji, and letters of both directions.
pub(super) fn hides_something_in_note(text: &str) -> bool {
    find_hidden(text, |it, before, after| {
        !matches!(it, '\n' | '\u{200e}' | '\u{200f}' | '\u{61c}')
            && !joins_emoji(it, before)
            && is_unseen(it, before, after)
    })
}

fn find_hidden(text: &str, is_hidden: impl Fn(char, Option<char>, Option<char>) -> bool) -> bool {
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(it) = rest.next() {
        if is_hidden(it, before, rest.peek().copied()) {
            return true;
        }
        before = Some(it);
    }
    false
}

fn is_unseen(it: char, before: Option<char>, after: Option<char>) -> bool {
    match it {
        '\0'..='\u{7f}' => it.is_ascii_control(),
        // They choose between the forms of a letter (RFC 5892, appendices A.1 and A.2).
        '\u{200c}' | '\u{200d}' => {
            !(before.is_some_and(is_letter_that_joins) && after.is_some_and(is_letter_that_joins))
        }
        // The forms of an ideograph (UTS 37), as names of Japan have them, and of Mongolian letters.
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => !before.is_some_and(is_ideograph),
        '\u{180b}'..='\u{180d}' | '\u{180f}' => !matches!(before, Some('\u{1820}'..='\u{18aa}')),
        // A pattern of Braille without a dot.
        '\u{2800}' => true,
        // What stands for a character that was lost.
        '\u{fffc}' | '\u{fffd}' => true,
        _ => {
            is_default_ignorable(it)
                || matches!(
                    it.general_category(),
                    GeneralCategory::Control
                        | GeneralCategory::Format
                        | GeneralCategory::LineSeparator
                        | GeneralCategory::ParagraphSeparator
                        | GeneralCategory::PrivateUse
                        | GeneralCategory::Surrogate
                        | GeneralCategory::Unassigned
                )
        }
    }
}

/// What makes one picture of several, or chooses its form (UTS 51).
fn joins_emoji(it: char, before: Option<char>) -> bool {
    let stands_behind_picture = before.is_some_and(|before| {
        matches!(before, '\u{fe0f}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}' | '#' | '*' | '0'..='9')
            || before.general_category() == GeneralCategory::OtherSymbol
            // Pictures that are newer than this table.
            || before.general_category() == GeneralCategory::Unassigned
    });
    match it {
        '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' => stands_behind_picture,
        // The flags of England, Scotland and Wales.
        '\u{e0020}'..='\u{e007f}' => {
            matches!(before, Some('\u{1f3f4}' | '\u{e0020}'..='\u{e007e}'))
        }
        '\u{1f000}'..='\u{1faff}' => true,
        _ => false,
    }
}

fn is_ideograph(it: char) -> bool {
    matches!(
        it,
        '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
    )
}

/// Letters of scripts in which a joiner means something: Arabic to Khmer, and Mongolian.
fn is_letter_that_joins(it: char) -> bool {
    matches!(it, '\u{600}'..='\u{17ff}' | '\u{1800}'..='\u{18af}' | '\u{a840}'..='\u{abff}' | '\u{11000}'..='\u{11fff}')
        && matches!(
            it.general_category_group(),
            GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark
        )
}

/// `Default_Ignorable_Code_Point` of `DerivedCoreProperties.txt`: nothing is drawn for them. Their
/// ranges are set aside for good, so that this list is complete.
const fn is_default_ignorable(it: char) -> bool {
    matches!(
        it,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Without what nobody sees: for comparing what was kept or found elsewhere.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .filter(|it| !is_default_ignorable(*it))
        .collect()
}

/// Without spaces and unseen marks around it, as they come along with what is copied.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|it: char| it.is_whitespace() || is_default_ignorable(it))
}

/// Letters of full and half width as those of a usual keyboard (RFC 8265 §3.3.1).
pub(super) fn of_usual_width(text: &str) -> Cow<'_, str> {
    let is_wide = |it: char| matches!(it, '\u{ff01}'..='\u{ff5e}');
    if !text.contains(is_wide) {
        return Cow::Borrowed(text);
    }
    let usual = |it: char| {
        let lower = is_wide(it).then(|| u32::from(it) - 0xfee0);
        lower.and_then(char::from_u32).unwrap_or(it)
    };
    Cow::Owned(text.chars().map(usual).collect())
}
