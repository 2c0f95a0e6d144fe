//! The icons of `icons/tray`, which lie in the program, and their pixels.

use std::io::Cursor;

use dequeue_core::health::Health;

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
    ($health:expr, $ground:literal, $($size:literal),+) => {
        match $health {
            Health::Ok => files!(@state "ok", $ground, $($size),+),
            Health::Poking => files!(@state "poking", $ground, $($size),+),
            Health::Trouble => files!(@state "trouble", $ground, $($size),+),
            Health::Paused => files!(@state "paused", $ground, $($size),+),
            Health::NotSetUp => files!(@state "not-set-up", $ground, $($size),+),
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
pub(crate) fn on_any_panel(health: Health) -> Vec<Pixels> {
    let files: Files = files!(health, "any", "22", "24", "32", "48");
    files.iter().filter_map(|file| pixels(file)).collect()
}

/// For a taskbar that is light or dark, of the size that fits `wanted` pixels best.
#[cfg(windows)]
pub(crate) fn on_taskbar(health: Health, light: bool, wanted: u32) -> Option<Pixels> {
    let files: Files = if light {
        files!(health, "light", "16", "20", "24", "32", "48")
    } else {
        files!(health, "dark", "16", "20", "24", "32", "48")
    };
    let mut sizes = files.iter().filter_map(|file| pixels(file));
    sizes
        .find(|picture| picture.width >= wanted)
        .or_else(|| pixels(files.last()?))
}

/// Black alone, for macOS to tint.
#[cfg(target_os = "macos")]
pub(crate) fn template(health: Health) -> Option<Pixels> {
    let files: Files = files!(health, "template", "36");
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

    const ALL: [Health; 5] = [
        Health::Ok,
        Health::Poking,
        Health::Trouble,
        Health::Paused,
        Health::NotSetUp,
    ];

    #[test]
    fn every_state_has_its_pictures() {
        for health in ALL {
            let pictures = on_any_panel(health);
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
        let shape = |health, size: usize| -> Vec<bool> {
            on_any_panel(health)[size]
                .rgba
                .chunks(4)
                .map(|pixel| pixel[3] > 127)
                .collect()
        };
        for size in 0..4 {
            for (place, one) in ALL.into_iter().enumerate() {
                for other in ALL.into_iter().skip(place + 1) {
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
