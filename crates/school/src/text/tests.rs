use proptest::prelude::*;

use super::*;

fn name(text: &str) -> Name {
    Name::read(text).expect("a name")
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::read(text).expect("an address")
}

#[test]
fn names_are_one_line() {
    assert_eq!(Name::read("  Maria \t Santos "), Err(Refusal::TextNotPlain));
    assert_eq!(name("  Maria  \u{a0} Santos ").reveal(), "Maria Santos");
    for bad in ["a\nb", "a\rb", "a\0b", "a\u{2028}b", "a\u{85}b"] {
        assert_eq!(Name::read(bad), Err(Refusal::TextNotPlain), "{bad:?}");
    }
    assert!(Name::read(&"é".repeat(LONGEST_NAME)).is_ok());
    let long = "é".repeat(LONGEST_NAME + 1);
    assert_eq!(Name::read(&long), Err(Refusal::NameTooLong));
}

#[test]
fn what_nobody_sees_is_no_name_and_no_part_of_one() {
    let unseen = [
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{180e}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{202a}',
        '\u{202e}',
        '\u{2060}',
        '\u{2064}',
        '\u{2066}',
        '\u{2069}',
        '\u{206a}',
        '\u{2800}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{fff9}',
        '\u{fffd}',
        '\u{e000}',
        '\u{e0001}',
        '\u{e0041}',
        '\u{e0101}',
        '\u{1d173}',
        '\u{10ffff}',
        '\u{1}',
        '\u{7f}',
        '\u{9b}',
    ];
    for it in unseen {
        for text in [
            format!("{it}"),
            format!("{it}{it}"),
            format!("Ana{it}"),
            format!("A{it}na"),
        ] {
            assert!(Name::read(&text).is_err(), "{text:?}");
            assert!(Label::read(&text).is_err(), "{text:?}");
            assert!(read_line(&text).is_err(), "{text:?}");
        }
        assert!(
            EmailAddress::read(&format!("a{it}na@b.org")).is_err(),
            "{it:?}"
        );
        assert!(EmailAddress::read(&format!("{it}")).is_err(), "{it:?}");
    }
    for none in [" \u{a0} ", "\u{3000}", "-", "…", "\u{301}", "'", " . "] {
        assert_eq!(Name::read(none), Err(Refusal::NameMissing), "{none:?}");
    }
}

#[test]
fn what_spells_a_name_stays() {
    for good in [
        "\u{639}\u{644}\u{6cc}\u{200c}\u{631}\u{636}\u{627}", // a Persian joint
        "\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3}",               // a Sinhala one
        "\u{845b}\u{e0100}\u{57ce}",                          // a form of a Japanese ideograph
        "मीना शर्मा",
        "Nguyễn Thị Ánh",
        "Siân O’Brien-Łukasz",
        "X Æ A-12",
        "ぱかが",
    ] {
        assert!(Name::read(good).is_ok(), "{good:?}");
    }
}

#[test]
fn one_name_however_it_is_written() {
    let spellings = [
        ("Sean O'Brien", "Sean O’Brien"),
        ("Sean O'Brien", "SEÁN O`BRIEN"),
        ("Sean O'Brien", "Sea\u{301}n O\u{2bc}Brien"),
        ("Sean O'Brien", "Sean O´Brien"),
        ("Sean O'Brien", "Sean O\u{2032}Brien"),
        ("Sean O'Brien", "Sean OBrien"),
        ("Sean O'Brien", "Sean O Brien"),
        ("Sean O'Brien", "O'Brien, Sean"),
        ("Sean O'Brien", "O Brien Sean"),
        ("Sean O'Brien", "Ｓｅａｎ Ｏ＇Ｂｒｉｅｎ"),
        ("Anne-Marie Smith", "Anne Marie Smith"),
        ("Anne-Marie Smith", "Anne\u{2011}Marie\u{a0}Smith"),
        ("Anne-Marie Smith", "Anne\u{2013}Marie Smith"),
        ("Anne-Marie Smith", "AnneMarie Smith"),
        ("J.P. Santos", "J P Santos"),
        ("Søren Kierkegård", "Soren Kierkegard"),
        ("Groß Strauß", "GROSS STRAUSS"),
        ("Łukasz Đorđe", "Lukasz Dorde"),
        ("Æthel Œdi", "AEthel Oedi"),
        ("İrem Yıldız", "Irem Yildiz"),
        ("ﬁona", "Fiona"),
        ("ʻAlamoti Kauʻi", "Alamoti Kaui"),
        ("Ángel Núñez", "Nunez Angel"),
    ];
    for (one, other) in spellings {
        assert_eq!(
            name(one).likeness(&name(other)),
            Some(Likeness::Same),
            "{one} {other}"
        );
        assert_eq!(
            name(other).likeness(&name(one)),
            Some(Likeness::Same),
            "{other} {one}"
        );
    }
}

#[test]
fn what_may_be_one_name_is_for_a_person_to_decide() {
    let spellings = [
        ("Sean O'Brien", "S O'Brien"),
        ("Sean O'Brien", "Mr O'Brien"),
        ("Sean O'Brien", "Mr. Sean Patrick O’Brien"),
        ("Sean O'Brien", "Sean"),
        ("Sean O'Brien", "S\u{435}an O'Bri\u{435}n"), // with Cyrillic letters
        ("Sean O'Brien", "Sean 0'Brien"),
        ("Jürgen Müller", "Juergen Mueller"),
        ("Samuel Reed", "Sam Reed"),
        ("Sean O'Brien", "Sean Brien"),
        ("Maria D'Souza", "Souza, Maria"),
        ("Ewan MacDonald", "Ewan McDonald"),
        ("Ewan Mac Donald", "Ewan McDonald"),
    ];
    for (one, other) in spellings {
        assert_eq!(
            name(one).likeness(&name(other)),
            Some(Likeness::Maybe),
            "{one} {other}"
        );
        assert_eq!(
            name(other).likeness(&name(one)),
            Some(Likeness::Maybe),
            "{other} {one}"
        );
    }
}

#[test]
fn other_names_are_others() {
    for (one, other) in [
        ("Sam Reed", "Sam Read"),
        ("Sean O'Brien", "Gwen O'Brien"),
        ("Sean O'Brien", "Mrs Gwen O'Brien"),
        ("Maria Santos", "Mario Santos"),
        ("Ana Santos", "Ana Costa"),
        ("मीना शर्मा", "मना शर्मा"),
        ("かな", "がな"),
        ("Ana One", "Ben Two"),
        ("A B", "B C"),
        ("Mr Ana", "Mr Ben"),
    ] {
        assert_eq!(name(one).likeness(&name(other)), None, "{one} {other}");
    }
    assert_ne!(
        name("Michael Reed").person_key(),
        name("Michal Reed").person_key()
    );
}

#[test]
fn addresses_are_read() {
    for good in [
        "a@b.org",
        "o'neill+x@school.example",
        "jörg@bücher.example",
        "me@localhost",
        "मीना@उदाहरण.भारत",
        "นารี@ตัวอย่าง.ไทย",
    ] {
        assert!(EmailAddress::read(good).is_ok(), "{good}");
    }
    for bad in [
        "a",
        "@b.org",
        "a@",
        "a@b",
        "a@@b.org",
        "a b@c.org",
        "a@b.org\r\nBcc: x@y.org",
        "a@b..org",
        ".a@b.org",
        "<a@b.org>",
        "a,b@c.org",
        "a@-b.org",
        "a@b.org\0",
        "\"a\"@b.org",
        "a@b.org.",
        "a@b_c.org",
        "a@b.org,c@d.org",
        "mailto:a@b.org",
    ] {
        assert_eq!(
            EmailAddress::read(bad),
            Err(Refusal::EmailInvalid),
            "{bad:?}"
        );
    }
    assert_eq!(EmailAddress::read(" "), Err(Refusal::EmailMissing));
    assert_eq!(EmailAddress::read("\u{200b}"), Err(Refusal::EmailMissing));
    assert_eq!(address("A@B.Org").reveal(), "A@b.org");
    // What comes along with what is copied, and what keyboards write in place of the plain.
    assert_eq!(
        address("\u{202a}a@b.org\u{202c}\u{a0}\n").reveal(),
        "a@b.org"
    );
    assert_eq!(address("o\u{2019}neill@b.org").reveal(), "o'neill@b.org");
    assert_eq!(address("ａ＠ｂ．ｏｒｇ").reveal(), "a@b.org");
}

#[test]
fn one_address_however_it_is_written() {
    for (one, other) in [
        ("gwen@one.example", "GWEN@One.Example"),
        (
            "j\u{f6}rg@b\u{fc}cher.example",
            "jo\u{308}rg@bu\u{308}cher.example",
        ),
        ("gwen@b\u{fc}cher.example", "gwen@xn--bcher-kva.example"),
        (
            "gwen@b\u{fc}cher.example",
            "gwen@B\u{dc}CHER\u{3002}example",
        ),
        ("stra\u{df}e@x.example", "STRASSE@x.example"),
    ] {
        assert_eq!(address(one).key(), address(other).key(), "{one} {other}");
    }
    for (one, other) in [
        ("gwen@one.example", "gwen+school@one.example"),
        ("gwen.one@gmail.com", "gwenone+x@googlemail.com"),
        ("gwen@me.com", "Gwen@iCloud.com"),
        ("gwen_one@proton.me", "gwenone@protonmail.com"),
        ("gwen-one@ya.ru", "gwen.one@yandex.com"),
    ] {
        assert_ne!(address(one).key(), address(other).key(), "{one} {other}");
        assert_eq!(address(one).mailbox_key(), address(other).mailbox_key());
    }
    for (one, other) in [
        ("gwen@one.example", "gwen@two.example"),
        ("gwen.one@x.example", "gwenone@x.example"),
        ("gwen@one.example", "hal@one.example"),
    ] {
        assert_ne!(address(one).mailbox_key(), address(other).mailbox_key());
    }
    assert_eq!(
        address("gwen@bücher.example").to_send(),
        "gwen@xn--bcher-kva.example"
    );
}

#[test]
fn ids_as_spreadsheets_leave_them() {
    for (one, other) in [
        ("00123", "123"),
        ("00123", "=\"00123\""),
        ("00123", "'00123"),
        ("00123", "123.0"),
        ("00123", " 00123 "),
        ("a-17", "A 17"),
        ("０１２", "12"),
        ("000", "0"),
    ] {
        assert_eq!(id_key(one), id_key(other), "{one} {other}");
    }
    for (one, other) in [("123", "1230"), ("A1", "A01"), ("0", "1"), ("1.5", "15.5")] {
        assert_ne!(id_key(one), id_key(other), "{one} {other}");
    }
    for cut in ["1.23E+11", "1,23E+11", "1E+05", "4.5e-7"] {
        assert!(is_cut_short(cut), "{cut}");
    }
    for whole in ["E11", "12E11", "1.23", "A1E+5", "", "E+5", "123E+"] {
        assert!(!is_cut_short(whole), "{whole}");
    }
}

#[test]
fn notes_keep_their_lines_and_pictures() {
    for (typed, kept) in [
        (" a\r\nb ", "a\nb"),
        ("a\tb", "a b"),
        ("", ""),
        ("\u{200b}", ""),
        (
            "Thank you ❤\u{fe0f} 👨\u{200d}👩\u{200d}👧",
            "Thank you ❤\u{fe0f} 👨\u{200d}👩\u{200d}👧",
        ),
        ("👍🏽 1\u{fe0f}\u{20e3}", "👍🏽 1\u{fe0f}\u{20e3}"),
        (
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        ),
        ("שלום\u{200f}!", "שלום\u{200f}!"),
    ] {
        assert_eq!(
            Note::read(typed).as_ref().map(Note::reveal),
            Ok(kept),
            "{typed:?}"
        );
    }
    for bad in ["a\0", "a\u{202e}b", "a\u{e0041}b", "a\u{ad}b", "a\u{2066}b"] {
        assert_eq!(Note::read(bad), Err(Refusal::NoteNotPlain), "{bad:?}");
    }
    let long = "x".repeat(LONGEST_NOTE + 1);
    assert_eq!(Note::read(&long), Err(Refusal::NoteTooLong));
}

#[test]
fn labels_keep_what_is_no_letter_apart() {
    let key = |text: &str| Label::read(text).expect("a label").key();
    assert_eq!(key("8B French"), key("8b  FRENCH"));
    assert_eq!(key("8B Fran\u{e7}ais"), key("8B Franc\u{327}ais"));
    assert_ne!(key("8B+"), key("8B"));
    assert_ne!(key("C#"), key("C"));
    assert_eq!(read_line("  7A  x ").as_deref(), Ok("7A x"));
    assert_eq!(read_line(" ").as_deref(), Ok(""));
    assert_eq!(read_line(&"x".repeat(101)), Err(Refusal::TextTooLong));
}

#[test]
fn a_password_is_one_however_its_accents_are_typed() {
    assert_eq!(
        password("Zoe\u{308} Jose\u{301}"),
        password("Zo\u{eb} Jos\u{e9}")
    );
    assert_ne!(password("Zoe"), password("Zo\u{eb}"));
    assert_ne!(password("zoe"), password("Zoe"));
}

#[test]
fn people_print_as_nothing() {
    let (name, address) = (name("Ada"), address("ada@b.org"));
    let note = Note::read("Ada").expect("a note");
    assert_eq!(format!("{name:?} {address:?} {note:?}"), "… … …");
}

/// How a keyboard, a telephone or a spreadsheet may write a name.
fn respelt(text: &str, ways: &[u8]) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    const APOSTROPHES: [char; 8] = [
        '\'', '\u{2019}', '\u{2bc}', '`', '\u{b4}', '\u{2018}', '\u{2032}', '\u{ff07}',
    ];
    const HYPHENS: [char; 7] = [
        '-', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}',
    ];
    let mut ways = ways.iter().copied().cycle().map(usize::from);
    let mut next = || ways.next().unwrap_or(0);
    let mut out = String::new();
    for it in text.chars() {
        match it {
            '\'' => out.push(APOSTROPHES[next() % APOSTROPHES.len()]),
            '-' => out.push(HYPHENS[next() % HYPHENS.len()]),
            ' ' => out.push_str([" ", "  ", "\u{a0}", ". "][next() % 4]),
            _ => match next() % 5 {
                0 => out.extend(it.to_uppercase()),
                1 => out.extend(it.to_lowercase()),
                2 => out.extend([it].into_iter().nfd()),
                3 if it.is_ascii_alphabetic() => {
                    out.extend(char::from_u32(u32::from(it) + 0xfee0));
                }
                _ => out.push(it),
            },
        }
    }
    out
}

proptest! {
    #[test]
    fn variants_of_one_name_have_one_key(
        parts in prop::collection::vec("[A-Za-zéèñçåüøæßłđŠžÁÖ]{1,8}(['-][A-Za-zéü]{1,6})?", 1..4),
        ways in prop::collection::vec(any::<u8>(), 1..40),
        turn in 0_usize..4,
    ) {
        let one = name(&parts.join(" "));
        let mut turned = parts.clone();
        turned.rotate_left(turn % parts.len());
        let written = respelt(&parts.join(" "), &ways);
        let other = name(&written);
        prop_assert_eq!(one.key(), other.key(), "{}", written);
        let other = name(&respelt(&turned.join(" "), &ways));
        prop_assert_eq!(one.person_key(), other.person_key());
        prop_assert_eq!(one.likeness(&other), Some(Likeness::Same));
    }

    #[test]
    fn a_name_with_another_part_is_never_the_same(
        first in "[a-z]{2,8}", other in "[a-z]{2,8}", last in "[a-z]{2,8}",
    ) {
        let (one, two) = (format!("{first} {last}"), format!("{other} {last}"));
        let is_turned = format!("{first}{last}{first}{last}").contains(&format!("{other}{last}"));
        prop_assume!(first != other && !is_turned);
        prop_assert_ne!(name(&one).likeness(&name(&two)), Some(Likeness::Same));
    }

    #[test]
    fn what_is_read_is_read_as_itself(text in "\\PC{0,40}") {
        if let Ok(name) = Name::read(&text) {
            prop_assert_eq!(Name::read(name.reveal()), Ok(name.clone()));
            prop_assert!(!name.key().is_empty(), "{:?}", name.reveal());
        }
        if let Ok(address) = EmailAddress::read(&text) {
            prop_assert_eq!(EmailAddress::read(address.reveal()), Ok(address));
        }
        if let Ok(note) = Note::read(&text) {
            prop_assert_eq!(Note::read(note.reveal()), Ok(note));
        }
    }

    #[test]
    fn nothing_that_is_typed_breaks_reading(text in any::<String>()) {
        drop((Name::read(&text), EmailAddress::read(&text), Note::read(&text)));
        drop((id_key(&text), is_cut_short(&text), line_key(&text), sought(&text)));
    }

    #[test]
    fn variants_of_one_address_have_one_key(
        local in "[a-z]{1,8}([.+-][a-zé]{1,6})?",
        domain in "[a-zé]{1,8}(-[a-z]{1,4})?",
        ways in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        use unicode_normalization::UnicodeNormalization as _;
        let one = address(&format!("{local}@{domain}.example"));
        let mut ways = ways.into_iter().cycle();
        let typed: String = format!("{local}@{domain}.example")
            .chars()
            .flat_map(|it| match ways.next().unwrap_or(0) % 3 {
                0 => it.to_uppercase().collect::<Vec<_>>(),
                1 => [it].into_iter().nfd().collect(),
                _ => vec![it],
            })
            .collect();
        prop_assert_eq!(one.key(), address(&typed).key(), "{}", typed);
        let (local, ascii) = (local, idna::domain_to_ascii(&domain).expect("a domain"));
        prop_assert_eq!(one.key(), address(&format!("{local}@{ascii}.example")).key());
    }
}

#[test]
fn plain_text_is_folded_as_the_tables_would() {
    let plain = (' '..='~').flat_map(|one| (' '..='~').map(move |two| format!("A{one}{two}b")));
    for text in plain {
        let mut expected = fold::words(&text);
        expected.push("e".to_owned());
        // With another letter beside it, it is looked up.
        assert_eq!(fold::words(&format!("{text} é")), expected, "{text}");
        let expected = format!("{} e", fold::line(&text));
        assert_eq!(fold::line(&format!("{text} é")), expected, "{text}");
    }
}

#[test]
fn a_hint_of_an_address_is_known_again_by_its_reader_alone() {
    for (text, hint) in [
        ("maria@home.example", "m…@home.example"),
        ("ab@home.example", "…@home.example"),
        ("élise@home.example", "é…@home.example"),
    ] {
        let address = EmailAddress::read(text).expect("an address");
        assert_eq!(address.hint(), hint);
    }
}
