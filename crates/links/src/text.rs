//! Numbers as text that survives being read aloud, typed and printed in a letter.
//!
//! Base32 with the digits and the lower-case letters but `i`, `l`, `o` and `u`. Capitals are read
//! as small letters, `i` and `l` as `1`, `o` as `0`; hyphens may stand anywhere.

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The last `length` digits of `value`, the highest first.
pub(crate) fn write(value: u128, length: usize) -> String {
    let digit = |place: usize| {
        let shift = u32::try_from(place * 5).unwrap_or(u32::MAX);
        let digit = value.checked_shr(shift).unwrap_or(0) % 32;
        let index = usize::try_from(digit).unwrap_or(0);
        ALPHABET.get(index).copied().map_or('0', char::from)
    };
    (0..length).rev().map(digit).collect()
}

/// The number that exactly `length` digits make; none where it is more than 128 bits.
pub(crate) fn read(text: &str, length: usize) -> Option<u128> {
    if text.len() > 2 * length {
        return None;
    }
    let mut value: u128 = 0;
    let mut digits = 0;
    for letter in text.bytes().filter(|it| *it != b'-') {
        value = value.checked_mul(32)? + u128::from(read_digit(letter)?);
        digits += 1;
    }
    (digits == length).then_some(value)
}

fn read_digit(letter: u8) -> Option<u8> {
    let letter = match letter.to_ascii_lowercase() {
        b'i' | b'l' => b'1',
        b'o' => b'0',
        letter => letter,
    };
    (0..)
        .zip(ALPHABET)
        .find_map(|(value, it)| (*it == letter).then_some(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    #[test]
    fn letters_that_look_alike_are_not_written_and_are_read_as_one() {
        for confusable in *b"ilou" {
            assert!(!ALPHABET.contains(&confusable));
        }
        assert_eq!(read("O0l1iI", 6), read("001111", 6));
        assert_eq!(read("u", 1), None);
    }

    #[test]
    fn there_may_be_as_many_hyphens_as_digits() {
        assert_eq!(read("-0-1-2", 3), read("012", 3));
        assert_eq!(read("-0-1-2-", 3), None);
    }

    #[test]
    fn more_than_128_bits_are_no_number() {
        let most = write(u128::MAX, 26);
        assert_eq!(most, "7zzzzzzzzzzzzzzzzzzzzzzzzz");
        assert_eq!(read(&most, 26), Some(u128::MAX));
        assert_eq!(read("80000000000000000000000000", 26), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        #[test]
        fn what_is_written_is_read(value: u128) {
            prop_assert_eq!(read(&write(value, 26), 26), Some(value));
        }

        #[test]
        fn case_and_hyphens_do_not_count(value: u128, hyphens in prop::collection::vec(0..26_usize, 0..8)) {
            let mut text = write(value, 26).to_uppercase();
            for at in hyphens {
                text.insert(at, '-');
            }
            prop_assert_eq!(read(&text, 26), Some(value));
        }

        #[test]
        fn one_letter_more_or_less_is_refused(value: u128, letter in "[0-9a-z]") {
            let text = write(value, 26);
            prop_assert_eq!(read(&text[1..], 26), None);
            prop_assert_eq!(read(&(text + &letter), 26), None);
        }

        #[test]
        fn anything_may_be_presented(text: String) {
            let _read: Option<u128> = read(&text, 26);
        }
    }
}
