//! The passwords that are tried first because so many people have had them.
//!
//! `common.txt` is made of the list of the package @zxcvbn-ts/language-common 4.1.3 from npm, some 49,000 of
//! them out of leaks, in small letters: those of twelve characters and more as they are, and the letters
//! alone of all that have five of them, since a number at the end makes none of them one's own. It stands
//! under the MIT licence:
//!
//! Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc.
//! Copyright (c) 2021 @zxcvbn-ts
//!
//! Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
//! associated documentation files (the "Software"), to deal in the Software without restriction, including
//! without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
//! copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
//! following conditions:
//!
//! The above copyright notice and this permission notice shall be included in all copies or substantial
//! portions of the Software.
//!
//! THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
//! LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO
//! EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
//! IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
//! THE USE OR OTHER DEALINGS IN THE SOFTWARE.

use std::sync::LazyLock;

/// In the order of their bytes.
static COMMON: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("common.txt").lines().collect());

/// Whether it is one of them, folded.
pub(super) fn has(folded: &str) -> bool {
    COMMON.binary_search(&folded).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn they_are_in_order_and_folded() {
        assert!(COMMON.len() > 30_000, "{}", COMMON.len());
        assert!(COMMON.is_sorted());
        let key = |it: &&str| text::line_key(&text::password(it)) != **it;
        assert_eq!(COMMON.iter().copied().find(key), None);
    }
}
