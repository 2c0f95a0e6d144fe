//! What the comparisons with real programs stand on: texts made from dice that always fall the same
//! way, and the real programs.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
    thread,
};

/// Dice that fall the same way in each run (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % bound as u64).unwrap()
    }

    /// Whether one of so many has come.
    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Compares this many cases, on all processors: each gives nothing where ours refuses it, and else what
/// differs, if anything. Gives how many were not refused.
///
/// # Panics
/// With the first cases that differ.
pub fn compare(cases: u64, case: impl Fn(u64) -> Option<Option<String>> + Sync) -> usize {
    const SHOWN: usize = 2;
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let some = |first: u64| {
        let cases = (first..cases).step_by(threads);
        let compared = cases.filter_map(|seed| Some((seed, case(seed)?)));
        compared.collect::<Vec<_>>()
    };
    let compared = thread::scope(|scope| {
        let some = &some;
        let parts = (0..threads as u64).map(|first| scope.spawn(move || some(first)));
        let parts: Vec<_> = parts.collect();
        let parts = parts
            .into_iter()
            .flat_map(|part| part.join().expect("it compares"));
        parts.collect::<Vec<_>>()
    });
    let differ = compared
        .iter()
        .filter_map(|(seed, differs)| Some((seed, differs.as_ref()?)));
    let differ: Vec<String> = differ
        .map(|(seed, what)| format!("case {seed}:\n{what}"))
        .collect();
    let shown = &differ[..differ.len().min(SHOWN)];
    assert!(
        differ.is_empty(),
        "{} differ:\n{}",
        differ.len(),
        shown.join("\n\n")
    );
    compared.len()
}

/// What a program says to this input.
pub fn answer(command: &mut Command, input: &str) -> Output {
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut program = piped.spawn().expect("the program starts");
    let mut stdin = program.stdin.take().expect("a pipe");
    // It may end before it has read all.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    program.wait_with_output().expect("its output")
}
