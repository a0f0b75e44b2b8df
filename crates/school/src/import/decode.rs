//! A file's bytes as text.

use super::Unreadable;

/// Reads UTF-8, and UTF-16 of either order: what programs that save every letter write. Other
/// encodings say nothing of themselves, and a guess would change people's names.
pub(super) fn text(file: &[u8]) -> Result<String, Unreadable> {
    let text = match file {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [_, 0, ..] => utf16(file, u16::from_le_bytes)?,
        [0, _, ..] => utf16(file, u16::from_be_bytes)?,
        _ => utf8(file)?,
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text.contains('\0') {
        return Err(Unreadable::NotUtf8(1));
    }
    if let Some(line) = text.lines().position(was_read_wrongly) {
        return Err(Unreadable::ReadWrongly(line + 1));
    }
    Ok(text.to_owned())
}

fn utf8(file: &[u8]) -> Result<String, Unreadable> {
    match std::str::from_utf8(file) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let before = file.get(..error.valid_up_to()).unwrap_or_default();
            let lines = before.iter().filter(|it| **it == b'\n').count();
            Err(Unreadable::NotUtf8(lines + 1))
        }
    }
}

fn utf16(file: &[u8], number: fn([u8; 2]) -> u16) -> Result<String, Unreadable> {
    let (pairs, rest) = file.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Unreadable::NotUtf8(1));
    }
    let units: Vec<u16> = pairs.iter().map(|pair| number(*pair)).collect();
    String::from_utf16(&units).map_err(|_broken| Unreadable::NotUtf8(1))
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

/// The byte of a letter in Windows-1252.
fn windows_1252(letter: char) -> Option<u8> {
    const HIGH: [char; 27] = [
        '€', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 'Ž', '‘', '’', '“', '”', '•',
        '–', '—', '˜', '™', 'š', '›', 'œ', 'ž', 'Ÿ',
    ];
    const BYTES: [u8; 27] = [
        0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8e, 0x91, 0x92,
        0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9e, 0x9f,
    ];
    let high = HIGH.iter().position(|it| *it == letter);
    match high {
        Some(at) => BYTES.get(at).copied(),
        None => u8::try_from(u32::from(letter)).ok(),
    }
}
