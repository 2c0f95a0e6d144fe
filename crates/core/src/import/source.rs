//! The text of a file, in whichever encoding it was written.

use zeroize::Zeroizing;

/// The text of a file that another program reads. It may hold passwords, so it is wiped from memory
/// when dropped.
pub struct Source {
    text: Zeroizing<String>,
    is_unicode: bool,
}

impl Source {
    /// Reads UTF-8 and UTF-16, with or without a byte order mark; everything else as if it were
    /// Latin-1, whose lower half all code pages of Europe share.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let (text, is_unicode) = match bytes {
            [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
            // No text of one of these programs holds a NUL.
            [1..=255, 0, ..] => utf16(bytes, u16::from_le_bytes),
            [0, 1..=255, ..] => utf16(bytes, u16::from_be_bytes),
            [0xef, 0xbb, 0xbf, rest @ ..] => one_byte(rest),
            _ => one_byte(bytes),
        };
        Self {
            text: Zeroizing::new(text),
            is_unicode,
        }
    }

    /// The text, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is known what the characters are that ASCII does not have.
    #[must_use]
    pub const fn is_unicode(&self) -> bool {
        self.is_unicode
    }
}

fn one_byte(bytes: &[u8]) -> (String, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), true),
        Err(_) => (latin1(bytes), false),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> (String, bool) {
    let (units, rest) = bytes.as_chunks();
    let units = Zeroizing::new(units.iter().copied().map(unit).collect::<Vec<u16>>());
    match String::from_utf16(&units) {
        Ok(text) if rest.is_empty() => (text, true),
        Ok(_) | Err(_) => (latin1(bytes), false),
    }
}

/// Sized beforehand, so that no copy is left behind when it grows.
fn latin1(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(bytes.iter().copied().map(char::from));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_every_encoding() {
        let units = |bytes: fn(u16) -> [u8; 2]| "dé\n".encode_utf16().flat_map(bytes);
        let marked = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
        let (le, be) = (
            units(u16::to_le_bytes).collect::<Vec<u8>>(),
            units(u16::to_be_bytes).collect::<Vec<u8>>(),
        );
        for bytes in [
            "dé\n".as_bytes().to_vec(),
            marked(&[0xef, 0xbb, 0xbf], "dé\n".into()),
            marked(&[0xff, 0xfe], le.clone()),
            marked(&[0xfe, 0xff], be.clone()),
            le,
            be,
        ] {
            let source = Source::decode(&bytes);
            assert_eq!(
                (source.text(), source.is_unicode()),
                ("dé\n", true),
                "{bytes:?}"
            );
        }
        for bytes in [&b"d\x82\n"[..], b"\xff\xfed\0\0\xd8", b"d\0e"] {
            let source = Source::decode(bytes);
            assert!(!source.is_unicode(), "{bytes:?}");
            assert!(source.text().contains('d'), "{bytes:?}");
        }
        assert_eq!(Source::decode(b"").text(), "");
    }
}
