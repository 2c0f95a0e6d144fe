//! What compiling for Windows needs beside [`super::cross`]: nothing but a C compiler, Debian's
//! mingw-w64, which is among [`super::debian::TESTING`].

/// The target.
pub(crate) const TARGET: &str = "x86_64-pc-windows-gnu";
