//! Windows-1252, as Excel on Windows saves "CSV".
//!
//! Its bytes say nothing of themselves: a Mac, DOS, and other countries' Windows give the same bytes
//! other letters. It is read as Windows-1252 where no byte would be a sign that no name has, or a
//! letter where none stands in names.

const HIGH: [char; 27] = [
    '€', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 'Ž', '‘', '’', '“', '”', '•', '–',
    '—', '˜', '™', 'š', '›', 'œ', 'ž', 'Ÿ',
];
const BYTES: [u8; 27] = [
    0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8e, 0x91, 0x92, 0x93,
    0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9e, 0x9f,
];

/// The most letters beyond ASCII in a row: names of other alphabets have more.
const MOST_IN_A_ROW: usize = 2;

/// The byte of a letter.
pub(super) fn windows_1252(letter: char) -> Option<u8> {
    let high = HIGH.iter().position(|it| *it == letter);
    match high {
        Some(at) => BYTES.get(at).copied(),
        None => u8::try_from(u32::from(letter)).ok(),
    }
}

/// The letter of a byte.
fn letter(byte: u8) -> Option<char> {
    match byte {
        0x80..=0x9f => {
            let at = BYTES.iter().position(|it| *it == byte)?;
            HIGH.get(at).copied()
        }
        _ => Some(char::from(byte)),
    }
}

/// How much a byte speaks for Windows-1252.
enum Speaks {
    For,
    Neither,
    Against,
}

/// The text, where it can be no other encoding's.
pub(super) fn read(file: &[u8]) -> Option<String> {
    let text: String = file.iter().map(|it| letter(*it)).collect::<Option<_>>()?;
    let letters: Vec<char> = text.chars().collect();
    let (mut is_sure, mut is_unsure, mut in_a_row) = (false, false, 0);
    for (at, it) in letters.iter().enumerate() {
        if it.is_ascii() {
            in_a_row = 0;
            continue;
        }
        in_a_row += 1;
        if in_a_row > MOST_IN_A_ROW {
            return None;
        }
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        match speaks(before.copied(), *it, letters.get(at + 1).copied()) {
            Speaks::For => is_sure = true,
            Speaks::Neither => is_unsure = true,
            Speaks::Against => return None,
        }
    }
    (is_sure || !is_unsure).then_some(text)
}

fn speaks(before: Option<char>, it: char, behind: Option<char>) -> Speaks {
    let is_within = |side: Option<char>| side.is_some_and(char::is_alphabetic);
    let is_small = |side: Option<char>| side.is_some_and(char::is_lowercase);
    match it {
        // On a Mac the same bytes are capitals and signs: no capital stands behind a small letter.
        'À'..='ÿ' if it.is_alphabetic() => {
            if (it.is_uppercase() && is_small(before)) || is_elsewhere_another(before, it, behind) {
                Speaks::Against
            } else {
                Speaks::For
            }
        }
        // Letters of names, and common ones on a Mac: ä, ö, é, û, å, ú, ü.
        'Š' | 'Ž' | 'Œ' | 'Ÿ' if is_small(before) => Speaks::Against,
        'Š' | 'š' | 'Ž' | 'ž' | 'Œ' | 'œ' | 'Ÿ' => Speaks::Neither,
        // As in O’Brien; on a Mac í, ë, ñ and ó, which stand before small letters.
        '‘' | '’' | '“' | '”' | '–' | '—' if is_within(before) && is_small(behind) => {
            Speaks::Neither
        }
        '‘' | '’' | '“' | '”' | '–' | '—' | '\u{a0}' => Speaks::For,
        _ => Speaks::Against,
    }
}

/// Whether a letter stands where it does in no name of the west of Europe, and the letter that central
/// Europe's or Turkey's Windows has in its place often does: `Jiøí` was Jiří, `Petroviæ` Petrović,
/// `Zdenìk` Zdeněk, `Kamiñski` Kamiński, `Ziêba` Zięba, `Erdõs` Erdős, `Yýldýz` Yıldız.
fn is_elsewhere_another(before: Option<char>, it: char, behind: Option<char>) -> bool {
    let is_vowel = |side: Option<char>| {
        let letter = side.map(|it| it.to_lowercase().next().unwrap_or(it));
        letter.is_some_and(|it| "aeiouáéíóúäëïöüàèìòùâêîôû".contains(it))
    };
    let is_end = !behind.is_some_and(char::is_alphabetic);
    match it {
        'ð' | 'Ð' | 'þ' | 'Þ' | 'ý' | 'Ý' | 'û' => true,
        'ø' => is_vowel(before) || is_vowel(behind),
        'Ø' | 'Æ' => is_vowel(behind),
        'æ' => is_end || before == Some('i'),
        'è' => is_vowel(behind) || matches!(before, Some('a' | 'e' | 'o' | 'u')),
        'È' => behind != Some('v'),
        'ì' | 'ò' | 'ù' => !is_end,
        'ñ' => !is_vowel(behind),
        'õ' => behind != Some('e'),
        'ã' => !is_end && !matches!(behind, Some('o' | 'e')),
        'ê' => before == Some('i'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_excel_on_windows_saves_them() {
        for name in [
            "Zoë José",
            "Mary O’Brien",
            "Jürgen Müller",
            "Ángela Nuñez–Ortiz",
            "Noël Šimić Ærø",
            "Øyvind Ås",
            "João Conceição",
            "Groß",
            "Hélène Lumière",
            "Mercè Nicolò",
            "Inês Simões",
            "Søren Kjær",
            "Øyvind Ærø",
            "Ève Benoît",
        ] {
            let bytes: Option<Vec<u8>> = name.chars().map(windows_1252).collect();
            let Some(bytes) = bytes else {
                // What it has no byte for is lost before.
                continue;
            };
            assert_eq!(read(&bytes).as_deref(), Some(name));
        }
    }

    #[test]
    fn other_encodings_are_not_taken_for_it() {
        for (bytes, encoding) in [
            (&b"Zo\x91 Jos\x8e"[..], "Macintosh"),
            (b"J\x9frgen M\x9fller", "Macintosh"),
            (b"Garc\x92a", "Macintosh"),
            (b"Mu\x96oz", "Macintosh"),
            (b"Bj\x9arn", "Macintosh"),
            (b"Ren\x82 M\x81ller", "DOS"),
            (b"\xa3ukasz", "Windows-1250"),
            (b"Ji\xf8\xed", "Windows-1250"),
            (b"Dvo\xf8\xe1k", "Windows-1250"),
            (b"Petrovi\xe6", "Windows-1250"),
            (b"Nova\xe8ek", "Windows-1250"),
            (b"\xc8ern\xfd", "Windows-1250"),
            (b"Zden\xeck", "Windows-1250"),
            (b"Kami\xf1ski", "Windows-1250"),
            (b"Zi\xeaba", "Windows-1250"),
            (b"Erd\xf5s", "Windows-1250"),
            (b"Br\xe3tianu", "Windows-1250"),
            (b"Y\xfdld\xfdz \xdeahin", "Windows-1254"),
            (b"\xd1\xe5\xf0\xe3\xe5\xe9", "Windows-1251"),
            (b"\xcd\xf5\xce\xf7\xc3\xf7", "GBK"),
            (b"\x8f\xab\xb3", "EUC-JP"),
        ] {
            assert_eq!(read(bytes), None, "{encoding}");
        }
    }
}
