//! A school's logo: a picture that browsers decode, of a kind and a size that are known before anybody does.

/// The largest file of one, bytes.
pub const LARGEST: usize = 200 * 1024;

/// The longest side of one, pixels: what it takes in memory is bounded by it.
pub const LONGEST_SIDE: u32 = 2000;

/// The kinds that are taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// PNG (ISO/IEC 15948).
    Png,
    /// JPEG (ITU-T T.81).
    Jpeg,
    /// WebP (RFC 9649).
    Webp,
}

impl Kind {
    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }

    /// The kind of that media type.
    #[must_use]
    pub fn of_media_type(text: &str) -> Option<Self> {
        let mut all = [Self::Png, Self::Jpeg, Self::Webp].into_iter();
        all.find(|it| it.media_type() == text)
    }
}

/// What a picture is by its own first bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Picture {
    /// Its kind.
    pub kind: Kind,
    /// Its width, pixels.
    pub width: u32,
    /// Its height, pixels.
    pub height: u32,
}

/// Why a file is no logo.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unfit {
    /// It is none of the kinds, or breaks off.
    #[error("This is no picture that can be used. Choose a PNG, JPEG or WebP file.")]
    NoPicture,
    /// The file is too large.
    #[error("This file is too large. Choose one of at most {} kB.", LARGEST / 1024)]
    TooLarge,
    /// The picture is.
    #[error(
        "This picture is too large. Choose one of at most {LONGEST_SIDE} by {LONGEST_SIDE} pixels."
    )]
    TooWide,
}

impl Picture {
    /// Looks at the first bytes of a file.
    ///
    /// # Errors
    ///
    /// [`Unfit`].
    pub fn read(file: &[u8]) -> Result<Self, Unfit> {
        if file.len() > LARGEST {
            return Err(Unfit::TooLarge);
        }
        let (kind, (width, height)) = sides(file).ok_or(Unfit::NoPicture)?;
        if width == 0 || height == 0 {
            return Err(Unfit::NoPicture);
        }
        if width > LONGEST_SIDE || height > LONGEST_SIDE {
            return Err(Unfit::TooWide);
        }
        Ok(Self {
            kind,
            width,
            height,
        })
    }
}

fn sides(file: &[u8]) -> Option<(Kind, (u32, u32))> {
    if let Some(rest) = file.strip_prefix(b"\x89PNG\r\n\x1a\n") {
        return Some((Kind::Png, png(rest)?));
    }
    if file.starts_with(&[0xff, 0xd8, 0xff]) {
        return Some((Kind::Jpeg, jpeg(file.get(2..)?)?));
    }
    if file.starts_with(b"RIFF") && file.get(8..12)? == b"WEBP" {
        return Some((Kind::Webp, webp(file.get(12..)?)?));
    }
    None
}

/// The first chunk is IHDR (PNG 11.2.1).
fn png(rest: &[u8]) -> Option<(u32, u32)> {
    let rest = rest.strip_prefix(b"\0\0\0\x0dIHDR")?;
    Some((big_endian(rest.get(..4)?)?, big_endian(rest.get(4..8)?)?))
}

/// Segments, up to the first that begins a frame (T.81, B.1.1 and B.2.2).
fn jpeg(mut rest: &[u8]) -> Option<(u32, u32)> {
    loop {
        let (marker, after) = rest.strip_prefix(&[0xff])?.split_first()?;
        // Any number of fill bytes may stand before a marker.
        if *marker == 0xff {
            rest = rest.get(1..)?;
            continue;
        }
        let length = usize::try_from(big_endian(after.get(..2)?)?).ok()?;
        match marker {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let height = big_endian(after.get(3..5)?)?;
                return Some((big_endian(after.get(5..7)?)?, height));
            }
            // What follows is no segment, and a frame should have come before.
            0x00 | 0x01 | 0xd0..=0xda => return None,
            _ => {}
        }
        if length < 2 {
            return None;
        }
        rest = after.get(length..)?;
    }
}

/// The first chunk (RFC 9649 §2.5 to 2.7): lossy, lossless, or an extended file.
fn webp(rest: &[u8]) -> Option<(u32, u32)> {
    let chunk = rest.get(8..)?;
    match rest.get(..4)? {
        b"VP8 " => {
            if chunk.get(3..6)? != [0x9d, 0x01, 0x2a] {
                return None;
            }
            let side = |at: usize| Some(little_endian(chunk.get(at..at + 2)?)? & 0x3fff);
            Some((side(6)?, side(8)?))
        }
        b"VP8L" => {
            if *chunk.first()? != 0x2f {
                return None;
            }
            let bits = little_endian(chunk.get(1..5)?)?;
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8X" => {
            let side = |at: usize| Some(little_endian(chunk.get(at..at + 3)?)? + 1);
            Some((side(4)?, side(7)?))
        }
        _ => None,
    }
}

fn big_endian(bytes: &[u8]) -> Option<u32> {
    let all = bytes.iter();
    (bytes.len() <= 4).then(|| all.fold(0, |sum, byte| (sum << 8) | u32::from(*byte)))
}

fn little_endian(bytes: &[u8]) -> Option<u32> {
    let all = bytes.iter().rev();
    (bytes.len() <= 4).then(|| all.fold(0, |sum, byte| (sum << 8) | u32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        file.extend(width.to_be_bytes());
        file.extend(height.to_be_bytes());
        file.extend([8, 6, 0, 0, 0]);
        file
    }

    /// With a comment and a table before the frame, and fill bytes.
    fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
        let mut file = vec![
            0xff, 0xd8, 0xff, 0xfe, 0, 4, 1, 2, 0xff, 0xff, 0xc4, 0, 3, 9,
        ];
        file.extend([0xff, 0xc2, 0, 11, 8]);
        file.extend(height.to_be_bytes());
        file.extend(width.to_be_bytes());
        file
    }

    fn webp_of(kind: [u8; 4], chunk: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
        file.extend(kind);
        file.extend([0; 4]);
        file.extend(chunk);
        file
    }

    #[test]
    fn each_kind_says_its_sides() {
        let lossless = (299_u32 | (79 << 14)).to_le_bytes();
        let lossless = [&[0x2f], &lossless[..]].concat();
        let lossy = [0, 0, 0, 0x9d, 0x01, 0x2a, 44, 1, 80, 0];
        let extended = [0, 0, 0, 0, 43, 1, 0, 79, 0, 0];
        for (file, kind) in [
            (png_of(300, 80), Kind::Png),
            (jpeg_of(300, 80), Kind::Jpeg),
            (webp_of(*b"VP8 ", &lossy), Kind::Webp),
            (webp_of(*b"VP8L", &lossless), Kind::Webp),
            (webp_of(*b"VP8X", &extended), Kind::Webp),
        ] {
            let picture = Picture {
                kind,
                width: 300,
                height: 80,
            };
            assert_eq!(Picture::read(&file), Ok(picture));
            assert_eq!(Kind::of_media_type(kind.media_type()), Some(kind));
            for length in 0..file.len().min(30) {
                let cut = file.get(..length).expect("shorter");
                // Where all that is asked for is there already it may be read.
                if let Ok(found) = Picture::read(cut) {
                    assert_eq!(found, picture);
                }
            }
        }
    }

    #[test]
    fn what_is_something_else_or_too_large_is_refused() {
        for (file, why) in [
            (
                b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
                Unfit::NoPicture,
            ),
            (b"GIF89a\x01\0\x01\0".to_vec(), Unfit::NoPicture),
            (b"<script>alert(1)</script>".to_vec(), Unfit::NoPicture),
            (Vec::new(), Unfit::NoPicture),
            (vec![0xff; 40], Unfit::NoPicture),
            (vec![0xff, 0xd8, 0xff, 0xda, 0, 2], Unfit::NoPicture),
            (vec![0xff, 0xd8, 0xff, 0xe0, 0, 0], Unfit::NoPicture),
            (png_of(0, 10), Unfit::NoPicture),
            (png_of(2001, 10), Unfit::TooWide),
            (png_of(10, u32::MAX), Unfit::TooWide),
            (jpeg_of(10, 65_535), Unfit::TooWide),
            (
                webp_of(*b"VP8X", &[0, 0, 0, 0, 255, 255, 255, 1, 0, 0]),
                Unfit::TooWide,
            ),
            (webp_of(*b"ALPH", &[0; 12]), Unfit::NoPicture),
            ([png_of(1, 1), vec![0; LARGEST]].concat(), Unfit::TooLarge),
        ] {
            assert_eq!(Picture::read(&file), Err(why), "{:?}", file.get(..12));
        }
    }
}
