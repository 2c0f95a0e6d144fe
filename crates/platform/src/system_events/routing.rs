//! The bytes of macOS' routing messages (`route(4)`, `net/route.h`), as far as they tell that a way
//! out of this machine may have come or gone. Numbers are in the machine's byte order.

/// What is looked at of a message; the rest of it may be left in the kernel.
pub(super) const BEGINNING: usize = 12;

const RTM_VERSION: u8 = 5;

const RTM_ADD: u8 = 0x1;
const RTM_DELETE: u8 = 0x2;
const RTM_CHANGE: u8 = 0x3;
const RTM_NEWADDR: u8 = 0xc;
const RTM_DELADDR: u8 = 0xd;
const RTM_IFINFO: u8 = 0xe;

/// RTF_HOST, RTF_LLINFO, RTF_WASCLONED: routes to single machines, which the kernel makes for each
/// that it talks to.
const TO_ONE_MACHINE: u32 = 0x4 | 0x400 | 0x2_0000;

/// Whether the message that begins so may be about a way out.
pub(super) const fn matters(message: [u8; BEGINNING]) -> bool {
    let [_, _, version, kind, _, _, _, _, a, b, c, d] = message;
    if version != RTM_VERSION {
        return false;
    }
    match kind {
        RTM_ADD | RTM_DELETE | RTM_CHANGE => u32::from_ne_bytes([a, b, c, d]) & TO_ONE_MACHINE == 0,
        RTM_NEWADDR | RTM_DELADDR | RTM_IFINFO => true,
        // Questions, lookups that failed, groups.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `struct rt_msghdr`, whose flags stand where those of addresses and links have something else.
    fn begins(version: u8, kind: u8, flags: u32) -> [u8; BEGINNING] {
        let mut message = [92, 0, version, kind, 4, 0, 0, 0, 0, 0, 0, 0];
        message[8..].copy_from_slice(&flags.to_ne_bytes());
        message
    }

    #[test]
    fn what_may_be_about_a_way_out() {
        // RTF_UP, RTF_GATEWAY, RTF_STATIC; of the machine's own network RTF_CLONING.
        let default_route = 0x1 | 0x2 | 0x800;
        let network = 0x1 | 0x100;
        let neighbour = 0x1 | 0x4 | 0x400 | 0x2_0000;
        for (kind, flags, expected) in [
            (RTM_ADD, default_route, true),
            (RTM_DELETE, default_route, true),
            (RTM_CHANGE, network, true),
            (RTM_ADD, neighbour, false),
            (RTM_DELETE, neighbour, false),
            (RTM_NEWADDR, 0x4, true),
            (RTM_DELADDR, 0, true),
            (RTM_IFINFO, 0x8863, true),
            // RTM_GET, RTM_MISS, RTM_NEWMADDR.
            (0x4, default_route, false),
            (0x7, 0, false),
            (0xf, 0, false),
        ] {
            assert_eq!(matters(begins(5, kind, flags)), expected, "{kind} {flags}");
            assert!(!matters(begins(6, kind, flags)), "another version");
        }
    }
}
