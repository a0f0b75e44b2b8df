//! The lines of a session description (RFC 8866 §5), each read once.

/// One line, as far as it matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Line<'text> {
    /// `v=`.
    Version(&'text str),
    /// `o=`.
    Origin(&'text str),
    /// `m=`: what follows belongs to its section.
    Media(&'text str),
    /// `a=`, and its value where it has one.
    Attribute(&'text str, &'text str),
    /// All else that a description may hold.
    Other,
}

/// Counts what is looked at, so that a test can hold it against an offer's length.
pub(super) fn look_at(text: &str) -> &str {
    #[cfg(test)]
    LOOKED_AT.set(LOOKED_AT.get() + text.len());
    text
}

#[cfg(test)]
thread_local! {
    /// Bytes looked at by this thread.
    pub(super) static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Reads the lines of `text`; `None` for one that is none.
pub(super) fn read(text: &str) -> impl Iterator<Item = Option<Line<'_>>> {
    text.split(['\r', '\n'])
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (name, value) = look_at(line).split_once('=')?;
            Some(match name {
                "v" => Line::Version(value.trim()),
                "o" => Line::Origin(value),
                "m" => Line::Media(value),
                "a" => {
                    let (key, value) = value.split_once(':').unwrap_or((value, ""));
                    Line::Attribute(key.trim(), value.trim())
                }
                _ if name.len() == 1 => Line::Other,
                _ => return None,
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_they_like_and_what_is_none_is_told() {
        let text = "v=0\no=- 1 2\r\na=mid: 0 \ra=rtcp-mux\r\n\r\nm=audio\nb=AS:1\nab=1\nx";
        let expected = [
            Some(Line::Version("0")),
            Some(Line::Origin("- 1 2")),
            Some(Line::Attribute("mid", "0")),
            Some(Line::Attribute("rtcp-mux", "")),
            Some(Line::Media("audio")),
            Some(Line::Other),
            None,
            None,
        ];
        assert_eq!(read(text).collect::<Vec<_>>(), expected);
    }
}
