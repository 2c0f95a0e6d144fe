//! The icon in the taskbar's notification area, and the balloon at it.

use std::ptr;

use windows_sys::{
    Win32::{
        Foundation::HWND,
        UI::{
            Shell::{
                NIF_GUID, NIF_ICON, NIF_INFO, NIF_MESSAGE, NIF_SHOWTIP, NIF_TIP, NIIF_INFO,
                NIIF_WARNING, NIM_ADD, NIM_DELETE, NIM_MODIFY, NIM_SETVERSION,
                NOTIFYICON_VERSION_4, NOTIFYICONDATAW, Shell_NotifyIconW,
            },
            WindowsAndMessaging::{CreateIcon, DestroyIcon, HICON},
        },
    },
    core::GUID,
};

use super::message_window::WM_ICON;
use crate::icons::Pixels;

/// The only icon of its window.
const ID: u32 = 1;

/// The icon. It goes when this is dropped.
pub(super) struct NotifyIcon {
    window: HWND,
    /// What Windows knows it by beyond the end of the program, so that it stays where the user has put
    /// it.
    guid: GUID,
    /// Whether Windows takes that.
    has_guid: bool,
    is_there: bool,
    picture: Option<Picture>,
    tip: String,
}

/// A picture as Windows has it.
struct Picture(HICON);

impl NotifyIcon {
    /// One that is shown as soon as it has a picture. `identity` is the same at each start, and another
    /// for each program and each installation: Windows shows but one icon of each.
    pub(super) fn new(window: HWND, identity: u128) -> Self {
        Self {
            window,
            guid: GUID::from_u128(identity),
            has_guid: true,
            is_there: false,
            picture: None,
            tip: String::new(),
        }
    }

    /// Shows this picture and this tooltip. Where there is no taskbar, it is shown when there is.
    pub(super) fn show(&mut self, picture: &Pixels, tip: &str) {
        if let Some(picture) = Picture::new(picture) {
            self.picture = Some(picture);
        }
        tip.clone_into(&mut self.tip);
        if !self.is_there || !self.call(NIM_MODIFY, &self.looks()) {
            self.add();
        }
    }

    /// Shows it on a new taskbar.
    pub(super) fn add(&mut self) {
        let added = |it: &Self| {
            let looks = it.looks();
            // What a program that was killed has left stands in the way.
            it.call(NIM_DELETE, &it.data());
            it.call(NIM_ADD, &looks)
        };
        self.is_there = added(self);
        if !self.is_there && self.has_guid {
            // A name that belongs to a program elsewhere.
            self.has_guid = false;
            self.is_there = added(self);
            // Else there is no taskbar yet.
            self.has_guid = !self.is_there;
        }
        if self.is_there {
            let mut version = self.data();
            version.Anonymous.uVersion = NOTIFYICON_VERSION_4;
            self.call(NIM_SETVERSION, &version);
        } else {
            tracing::info!("no taskbar takes the icon yet");
        }
    }

    /// Tells of something in a balloon at the icon; gives whether that was possible.
    pub(super) fn balloon(&self, title: &str, body: &str, is_urgent: bool) -> bool {
        let mut data = self.data();
        data.uFlags |= NIF_INFO;
        // Without a text Windows shows nothing.
        fill(&mut data.szInfo, if body.is_empty() { title } else { body });
        fill(&mut data.szInfoTitle, title);
        data.dwInfoFlags = if is_urgent { NIIF_WARNING } else { NIIF_INFO };
        self.is_there && self.call(NIM_MODIFY, &data)
    }

    fn looks(&self) -> NOTIFYICONDATAW {
        let mut data = self.data();
        data.uFlags |= NIF_MESSAGE | NIF_ICON | NIF_TIP | NIF_SHOWTIP;
        data.uCallbackMessage = WM_ICON;
        data.hIcon = self.picture.as_ref().map_or(ptr::null_mut(), |it| it.0);
        fill(&mut data.szTip, &self.tip);
        data
    }

    /// Which icon is meant.
    fn data(&self) -> NOTIFYICONDATAW {
        NOTIFYICONDATAW {
            cbSize: size_of::<NOTIFYICONDATAW>() as u32,
            hWnd: self.window,
            uID: ID,
            uFlags: if self.has_guid { NIF_GUID } else { 0 },
            guidItem: if self.has_guid {
                self.guid
            } else {
                GUID::default()
            },
            ..NOTIFYICONDATAW::default()
        }
    }

    #[expect(unsafe_code)]
    fn call(&self, what: u32, data: &NOTIFYICONDATAW) -> bool {
        // SAFETY: the structure is as large as it says; the window and the picture are there for as
        // long as this.
        unsafe { Shell_NotifyIconW(what, data) != 0 }
    }
}

impl Drop for NotifyIcon {
    fn drop(&mut self) {
        self.call(NIM_DELETE, &self.data());
    }
}

impl Picture {
    #[expect(unsafe_code)]
    fn new(pixels: &Pixels) -> Option<Self> {
        let side = |pixels: u32| i32::try_from(pixels).ok();
        let (width, height) = (side(pixels.width)?, side(pixels.height)?);
        let (colours, mask) = (colours(pixels), mask(pixels));
        // SAFETY: there are four octets for each pixel of the one and a bit for each of the other, in
        // lines of whole words.
        let icon = unsafe {
            CreateIcon(
                ptr::null_mut(),
                width,
                height,
                1,
                32,
                mask.as_ptr(),
                colours.as_ptr(),
            )
        };
        (!icon.is_null()).then_some(Self(icon))
    }
}

impl Drop for Picture {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: it was made here, and Windows keeps a copy of what it shows.
        unsafe { DestroyIcon(self.0) };
    }
}

/// Blue first, as Windows has it.
fn colours(pixels: &Pixels) -> Vec<u8> {
    let mut colours = pixels.rgba.clone();
    for pixel in colours.chunks_exact_mut(4) {
        pixel.swap(0, 2);
    }
    colours
}

/// A bit for each pixel that is not to be seen, for what knows of no transparency.
fn mask(pixels: &Pixels) -> Vec<u8> {
    let lines = pixels.rgba.chunks(pixels.width as usize * 4);
    let line = |line: &[u8]| {
        let alphas: Vec<u8> = line.chunks(4).map(|pixel| pixel[3]).collect();
        let mut octets: Vec<u8> = (alphas.chunks(8))
            .map(|eight| {
                let bits = eight.iter().enumerate();
                bits.fold(0, |octet, (bit, alpha)| {
                    octet | u8::from(*alpha == 0) << (7 - bit)
                })
            })
            .collect();
        octets.resize(octets.len().next_multiple_of(2), 0);
        octets
    };
    lines.flat_map(line).collect()
}

/// As much of a text as there is room for, in whole characters, with a NUL behind.
fn fill(room: &mut [u16], text: &str) {
    let most = room.len() - 1;
    let fits = text.encode_utf16().count() <= most;
    // Where it is cut off, that is to be seen.
    let most = if fits { most } else { most - 1 };
    let mut used = 0;
    let mut put = |unit: char| {
        let width = unit.len_utf16();
        unit.encode_utf16(&mut room[used..used + width]);
        used += width;
    };
    let mut taken = 0;
    for c in text.chars() {
        taken += c.len_utf16();
        if taken > most {
            break;
        }
        put(c);
    }
    if !fits {
        put('…');
    }
    room[used..].fill(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> String {
        let mut room = [7; 128];
        fill(&mut room, text);
        let end = room.iter().position(|unit| *unit == 0).unwrap();
        String::from_utf16(&room[..end]).unwrap()
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut(""), "");
        assert_eq!(cut(&"a".repeat(127)), "a".repeat(127));
        assert_eq!(cut(&"a".repeat(128)), format!("{}…", "a".repeat(126)));
        assert_eq!(cut(&"😀".repeat(64)), format!("{}…", "😀".repeat(63)));
    }

    #[test]
    fn a_mask_has_a_bit_for_each_pixel_in_lines_of_words() {
        let pixels = Pixels {
            width: 9,
            height: 2,
            rgba: [[1, 2, 3, 0]; 9]
                .into_iter()
                .chain([[1, 2, 3, 255]; 9])
                .flatten()
                .collect(),
        };
        assert_eq!(mask(&pixels), [0xff, 0x80, 0, 0]);
        assert_eq!(colours(&pixels)[..4], [3, 2, 1, 0]);
    }
}
