//! The text of a message on its way, followed to its end and no further.

/// How far the last octets are on the way to the end of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// How many of them belong to CR LF . CR LF, which ends it.
    end: u8,
    /// The same of a dot between line ends of any kind: 1 after a line end, 2 after its dot.
    other_end: u8,
    /// The text had such a dot. Some servers take it for the end, and what follows for commands.
    ambiguous: bool,
}

impl Text {
    /// Before its first octet: the line before has ended.
    pub(super) const BEGUN: Self = Self {
        end: 2,
        other_end: 1,
        ambiguous: false,
    };

    /// Whether nothing but a line end changes anything.
    pub(super) const fn is_within_a_line(self) -> bool {
        self.end == 0 && self.other_end == 0
    }

    /// Whether a server may have seen an end where there is none (RFC 5321 4.1.1.4 forbids it, many
    /// did it all the same).
    pub(super) const fn is_ambiguous(self) -> bool {
        self.ambiguous
    }

    /// Whether it has ended.
    pub(super) const fn has_ended(self) -> bool {
        self.end == 5
    }

    pub(super) const fn push(&mut self, octet: u8) {
        self.end = match (self.end, octet) {
            (4, b'\n') => 5,
            (3, b'\r') => 4,
            (2, b'.') => 3,
            (1, b'\n') => 2,
            (_, b'\r') => 1,
            (..) => 0,
        };
        self.other_end = match (self.other_end, octet) {
            (2, b'\r' | b'\n') => {
                self.ambiguous = true;
                1
            }
            (_, b'\r' | b'\n') => 1,
            (1, b'.') => 2,
            (..) => 0,
        };
    }
}
