//! What a system tells nothing of, or nothing that can be had without unsafe code.

use std::{convert::Infallible, io};

/// There is none.
#[derive(Debug)]
pub(super) struct Sleep(Infallible);

impl Sleep {
    pub(super) fn open() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) async fn over(&mut self) -> io::Result<()> {
        match self.0 {}
    }
}

#[cfg(not(windows))]
pub(super) use network::{Network, ways};

#[cfg(not(windows))]
mod network {
    use std::{collections::BTreeSet, convert::Infallible, io};

    /// There is none.
    #[derive(Debug)]
    pub(in super::super) struct Network {
        pub(in super::super) ways: BTreeSet<Infallible>,
        never: Infallible,
    }

    impl Network {
        pub(in super::super) fn open() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(in super::super) async fn changed(&mut self) -> io::Result<()> {
            match self.never {}
        }
    }

    pub(in super::super) fn ways() -> io::Result<BTreeSet<Infallible>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
