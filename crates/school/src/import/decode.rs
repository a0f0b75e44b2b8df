//! A file's bytes as text.

mod one_byte;

use std::str::Utf8Error;

use super::Unreadable;
use one_byte::windows_1252;

/// A file's text.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) text: String,
    /// Words with letters beyond ASCII, where it had to be guessed how they were saved.
    pub(super) guessed: Vec<String>,
}

/// How the files of spreadsheet programs begin that are no text: archives, and older workbooks.
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"];

/// How archives begin that are no spreadsheet: gzip, 7z, RAR, bzip2.
const ARCHIVES: [&[u8]; 4] = [b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh"];

/// How many guessed words are shown.
const MOST_GUESSED: usize = 20;

/// Reads UTF-8, and UTF-16 and UTF-32 of either order: what programs that save every letter write; and
/// Windows-1252, as Excel on Windows saves "CSV", where it can be no other. Other encodings say
/// nothing of themselves, and a guess would change people's names.
pub(super) fn text(file: &[u8]) -> Result<Decoded, Unreadable> {
    if WORKBOOKS.iter().any(|it| file.starts_with(it)) {
        return Err(Unreadable::Workbook);
    }
    if ARCHIVES.iter().any(|it| file.starts_with(it)) {
        return Err(Unreadable::OtherKind);
    }
    let (text, guessed) = match file {
        [0xff, 0xfe, 0, 0, rest @ ..] => (utf32(rest, u32::from_le_bytes)?, Vec::new()),
        [0, 0, 0xfe, 0xff, rest @ ..] => (utf32(rest, u32::from_be_bytes)?, Vec::new()),
        [_, 0, 0, 0, ..] => (utf32(file, u32::from_le_bytes)?, Vec::new()),
        [0, 0, 0, _, ..] => (utf32(file, u32::from_be_bytes)?, Vec::new()),
        [0xff, 0xfe, rest @ ..] => (utf16(rest, u16::from_le_bytes)?, Vec::new()),
        [0xfe, 0xff, rest @ ..] => (utf16(rest, u16::from_be_bytes)?, Vec::new()),
        [_, 0, ..] => (utf16(file, u16::from_le_bytes)?, Vec::new()),
        [0, _, ..] => (utf16(file, u16::from_be_bytes)?, Vec::new()),
        _ => match std::str::from_utf8(file) {
            Ok(text) => (text.to_owned(), Vec::new()),
            Err(error) => {
                let text = one_byte::read(file).ok_or_else(|| not_utf8(file, error))?;
                let guessed = foreign_words(&text);
                (text, guessed)
            }
        },
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // As programs for Macs once ended their lines: each is a row with a number of its own.
    let lines = (!text.contains('\n')).then(|| text.replace('\r', "\n"));
    let text = lines.as_deref().unwrap_or(text);
    if text.contains('\0') {
        return Err(Unreadable::OtherKind);
    }
    if is_markup(text) {
        return Err(Unreadable::OtherKind);
    }
    if let Some(line) = text.lines().position(was_read_wrongly) {
        return Err(Unreadable::ReadWrongly(line + 1));
    }
    Ok(Decoded {
        text: text.to_owned(),
        guessed,
    })
}

fn not_utf8(file: &[u8], error: Utf8Error) -> Unreadable {
    let before = file.get(..error.valid_up_to()).unwrap_or_default();
    let lines = before.iter().filter(|it| **it == b'\n').count();
    Unreadable::NotUtf8(lines + 1)
}

/// Some systems export a page of HTML or XML, or a PDF, and call it a spreadsheet.
fn is_markup(text: &str) -> bool {
    let start = text.trim_start().get(..5).unwrap_or_default();
    ["<html", "<!doc", "<?xml", "<tabl", "%pdf-", "{\\rtf"]
        .iter()
        .any(|it| start.eq_ignore_ascii_case(it))
}

fn foreign_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(|it: char| !it.is_alphanumeric() && !matches!(it, '\'' | '’' | '-')) {
        if !word.is_ascii() && !words.iter().any(|it| it == word) {
            words.push(word.chars().take(40).collect());
            if words.len() == MOST_GUESSED {
                break;
            }
        }
    }
    words
}

fn utf16(file: &[u8], number: fn([u8; 2]) -> u16) -> Result<String, Unreadable> {
    let (pairs, rest) = file.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Unreadable::NotUtf8(1));
    }
    let units: Vec<u16> = pairs.iter().map(|pair| number(*pair)).collect();
    String::from_utf16(&units).map_err(|_broken| Unreadable::NotUtf8(1))
}

fn utf32(file: &[u8], number: fn([u8; 4]) -> u32) -> Result<String, Unreadable> {
    let (letters, rest) = file.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(Unreadable::OtherKind);
    }
    let letters = letters.iter().map(|it| char::from_u32(number(*it)));
    let text: Option<String> = letters.collect();
    text.ok_or(Unreadable::OtherKind)
}

/// Whether UTF-8 was opened as an encoding of one byte a letter, and saved again: `ZoÃ«` for `Zoë`.
/// What begins a letter of Latin or punctuation there is followed by what no name has behind it.
fn was_read_wrongly(line: &str) -> bool {
    let follows = |it: char| windows_1252(it).is_some_and(|it| (0x80..0xc0).contains(&it));
    let mut letters = line.chars().peekable();
    while let Some(it) = letters.next() {
        if matches!(it, 'Â' | 'Ã' | 'Ä' | 'Å') && letters.peek().copied().is_some_and(follows) {
            return true;
        }
    }
    false
}
