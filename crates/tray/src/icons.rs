//! The icons of `icons/tray`, which lie in the program, and their pixels.

use std::io::Cursor;

use dequeue_core::health::Health;

use crate::model::Sign;

/// A picture, four bytes a pixel: red, green, blue, alpha.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pixels {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgba: Vec<u8>,
}

/// The pictures of one state: on one ground, in several sizes, the smallest first.
type Files = &'static [&'static [u8]];

macro_rules! files {
    ($sign:expr, $ground:literal, $($size:literal),+) => {
        match ($sign.health, $sign.poking) {
            (Health::Proved, false) => files!(@state "proved", $ground, $($size),+),
            (Health::Proved, true) => files!(@state "proved-poking", $ground, $($size),+),
            (Health::Asked, false) => files!(@state "asked", $ground, $($size),+),
            (Health::Asked, true) => files!(@state "asked-poking", $ground, $($size),+),
            (Health::Waiting, false) => files!(@state "waiting", $ground, $($size),+),
            (Health::Waiting, true) => files!(@state "waiting-poking", $ground, $($size),+),
            (Health::NeedsYou, false) => files!(@state "needs-you", $ground, $($size),+),
            (Health::NeedsYou, true) => files!(@state "needs-you-poking", $ground, $($size),+),
            (Health::Trouble, false) => files!(@state "trouble", $ground, $($size),+),
            (Health::Trouble, true) => files!(@state "trouble-poking", $ground, $($size),+),
            (Health::Paused, false) => files!(@state "paused", $ground, $($size),+),
            (Health::Paused, true) => files!(@state "paused-poking", $ground, $($size),+),
            // Without an account there is nothing to poke.
            (Health::NotSetUp, _) => files!(@state "not-set-up", $ground, $($size),+),
        }
    };
    (@state $state:literal, $ground:literal, $($size:literal),+) => {
        &[$(include_bytes!(concat!(
            "../../../icons/tray/", $state, "-", $ground, "-", $size, ".png"
        )) as &[u8]),+]
    };
}

/// For panels of any colour, in every size that panels have.
#[cfg(target_os = "linux")]
pub(crate) fn on_any_panel(sign: Sign) -> Vec<Pixels> {
    let files: Files = files!(sign, "any", "22", "24", "32", "48");
    files.iter().filter_map(|file| pixels(file)).collect()
}

/// What a picture stands on.
#[cfg(windows)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// A light one.
    Light,
    /// A dark one.
    Dark,
    /// Any: the picture has a rim.
    Any,
}

/// For a taskbar, of the size that fits `wanted` pixels best.
#[cfg(windows)]
pub(crate) fn on_taskbar(sign: Sign, ground: Ground, wanted: u32) -> Option<Pixels> {
    let files: Files = match ground {
        Ground::Light => files!(sign, "light", "16", "20", "24", "32", "48"),
        Ground::Dark => files!(sign, "dark", "16", "20", "24", "32", "48"),
        Ground::Any => files!(sign, "any", "16", "20", "24", "32", "48"),
    };
    let mut sizes = files.iter().filter_map(|file| pixels(file));
    sizes
        .find(|picture| picture.width >= wanted)
        .or_else(|| pixels(files.last()?))
}

/// Black alone, for macOS to tint.
#[cfg(target_os = "macos")]
pub(crate) fn template(sign: Sign) -> Option<Pixels> {
    let files: Files = files!(sign, "template", "36");
    pixels(files.first()?)
}

/// The pixels of a PNG of eight bits a channel with alpha, as `icons/generate.sh` makes them.
fn pixels(file: &[u8]) -> Option<Pixels> {
    let mut reader = png::Decoder::new(Cursor::new(file)).read_info().ok()?;
    let mut rgba = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut rgba).ok()?;
    let expected = (png::ColorType::Rgba, png::BitDepth::Eight);
    ((frame.color_type, frame.bit_depth) == expected).then_some(Pixels {
        width: frame.width,
        height: frame.height,
        rgba,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Every sign there is.
    fn all() -> Vec<Sign> {
        let each = Health::ALL.into_iter();
        each.flat_map(|health| [false, true].map(|poking| Sign { health, poking }))
            .filter(|sign| {
                *sign
                    != Sign {
                        health: Health::NotSetUp,
                        poking: true,
                    }
            })
            .collect()
    }

    #[test]
    fn every_state_has_its_pictures() {
        for sign in all() {
            let pictures = on_any_panel(sign);
            assert_eq!(
                pictures.iter().map(|it| it.width).collect::<Vec<_>>(),
                [22, 24, 32, 48]
            );
            for picture in pictures {
                assert_eq!(picture.width, picture.height);
                assert_eq!(
                    picture.rgba.len() as u32,
                    picture.width * picture.height * 4
                );
            }
        }
    }

    /// Told apart by shape: with all colours gone, no two states look alike, and by more than a
    /// speck.
    #[test]
    fn states_differ_without_colour() {
        // There or not, dark or light: the rim is light on every panel.
        let shape = |sign, size: usize| -> Vec<(bool, bool)> {
            let pictures = on_any_panel(sign);
            let pixels = pictures[size].rgba.chunks(4);
            let seen = pixels.map(|pixel| {
                let light: u32 = pixel[..3].iter().map(|part| u32::from(*part)).sum();
                let there = pixel[3] > 127;
                (there, there && light > 3 * 180)
            });
            seen.collect()
        };
        for size in 0..4 {
            for (place, one) in all().into_iter().enumerate() {
                for other in all().into_iter().skip(place + 1) {
                    let (one_shape, other_shape) = (shape(one, size), shape(other, size));
                    let differing = one_shape
                        .iter()
                        .zip(&other_shape)
                        .filter(|(a, b)| a != b)
                        .count();
                    let share = differing * 100 / one_shape.len();
                    assert!(share >= 4, "{one:?} and {other:?} differ in {share} %");
                }
            }
        }
    }
}
