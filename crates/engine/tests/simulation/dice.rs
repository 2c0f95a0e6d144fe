//! What a seed draws: the same on every machine.

/// splitmix64.
pub(super) fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number for a name.
pub(super) fn hash(name: &str) -> u64 {
    name.bytes()
        .fold(7, |hash, byte| mix(hash ^ u64::from(byte)))
}

/// Numbers drawn from a seed.
#[derive(Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, limit: i64) -> i64 {
        self.0 = mix(self.0);
        (self.0 >> 1).cast_signed() % limit
    }

    pub(super) fn from(&mut self, from: i64, to: i64) -> i64 {
        from + self.below(to - from)
    }

    pub(super) fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len().try_into().unwrap())).unwrap()]
    }
}
