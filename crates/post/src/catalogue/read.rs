//! Reads a text as it is written, in ICU `MessageFormat`: words, what is put in, and plurals.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// A piece of a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Piece {
    /// Words as they stand.
    Words(String),
    /// What is put in, by name.
    Value(String),
    /// The number that chose among the words around it.
    Number,
    /// One of several, by what the value of this name counts.
    Plural(String, BTreeMap<String, Vec<Self>>),
}

/// The text is not written as this program reads texts.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Unreadable;

type Letters<'a> = Peekable<Chars<'a>>;

pub(super) fn read(text: &str) -> Result<Vec<Piece>, Unreadable> {
    let mut letters = text.chars().peekable();
    let pieces = pieces(&mut letters, false)?;
    match letters.next() {
        None => Ok(pieces),
        Some(_) => Err(Unreadable),
    }
}

/// Up to the end, or to the brace that ends one form of a plural.
fn pieces(letters: &mut Letters<'_>, in_plural: bool) -> Result<Vec<Piece>, Unreadable> {
    let mut pieces = Vec::new();
    let mut words = String::new();
    while let Some(&letter) = letters.peek() {
        if letter == '}' {
            break;
        }
        letters.next();
        match letter {
            '\'' => quoted(letters, &mut words, in_plural),
            '{' => {
                flush(&mut words, &mut pieces);
                pieces.push(argument(letters)?);
            }
            '#' if in_plural => {
                flush(&mut words, &mut pieces);
                pieces.push(Piece::Number);
            }
            letter => words.push(letter),
        }
    }
    flush(&mut words, &mut pieces);
    Ok(pieces)
}

fn flush(words: &mut String, pieces: &mut Vec<Piece>) {
    if !words.is_empty() {
        pieces.push(Piece::Words(std::mem::take(words)));
    }
}

/// After an apostrophe: two are one; one before a sign quotes up to the next; else it is itself.
fn quoted(letters: &mut Letters<'_>, words: &mut String, in_plural: bool) {
    let is_sign = |it: &char| ['{', '}'].contains(it) || (in_plural && *it == '#');
    match letters.peek() {
        Some('\'') => {
            letters.next();
            words.push('\'');
        }
        Some(sign) if is_sign(sign) => words.extend(letters.by_ref().take_while(|it| *it != '\'')),
        _ => words.push('\''),
    }
}

/// After the brace that begins it.
fn argument(letters: &mut Letters<'_>) -> Result<Piece, Unreadable> {
    let (name, end) = word(letters)?;
    if name.is_empty() {
        return Err(Unreadable);
    }
    if end == '}' {
        return Ok(Piece::Value(name));
    }
    let (kind, end) = word(letters)?;
    match (kind.as_str(), end) {
        ("number", '}') => Ok(Piece::Value(name)),
        ("plural", ',') => Ok(Piece::Plural(name, forms(letters)?)),
        _ => Err(Unreadable),
    }
}

/// A word, and the comma or brace after it.
fn word(letters: &mut Letters<'_>) -> Result<(String, char), Unreadable> {
    let mut word = String::new();
    for letter in letters.by_ref() {
        match letter {
            ',' | '}' => return Ok((word.trim().to_owned(), letter)),
            '{' | '#' | '\'' => return Err(Unreadable),
            letter => word.push(letter),
        }
    }
    Err(Unreadable)
}

fn forms(letters: &mut Letters<'_>) -> Result<BTreeMap<String, Vec<Piece>>, Unreadable> {
    let mut forms = BTreeMap::new();
    let mut name = String::new();
    loop {
        match letters.next().ok_or(Unreadable)? {
            '{' => {
                let form = pieces(letters, true)?;
                letters.next().ok_or(Unreadable)?;
                forms.insert(std::mem::take(&mut name).trim().to_owned(), form);
            }
            '}' if forms.contains_key("other") => return Ok(forms),
            '}' => return Err(Unreadable),
            letter => name.push(letter),
        }
    }
}
