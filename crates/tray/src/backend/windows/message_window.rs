//! The window that nobody sees, through which Windows tells the tray what happens, and the loop that
//! waits for it. It belongs to the main thread, and everything here happens there.
//!
//! What happens is handed to one handler, one thing after the other. Windows calls while the handler is
//! at work, too: that waits. Only the end of the session cannot, since Windows ends the program as soon
//! as it has an answer: what is to be done then is done by a second handler.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    io, ptr,
};

use dequeue_api::Paths;
use muda::{
    ContextMenu as _, Menu,
    dpi::{PhysicalPosition, Position},
};
use windows_sys::{
    Win32::{
        Foundation::{HWND, LPARAM, LRESULT, WPARAM},
        System::LibraryLoader::GetModuleHandleW,
        UI::{
            Shell::{NIN_BALLOONUSERCLICK, NIN_SELECT},
            WindowsAndMessaging::{
                ChangeWindowMessageFilterEx, CreateWindowExW, DefWindowProcW, DestroyWindow,
                DispatchMessageW, EndMenu, GetMessageW, MSG, MSGFLT_ALLOW, PostMessageW,
                PostQuitMessage, RegisterClassW, RegisterWindowMessageW, TranslateMessage, WM_APP,
                WM_CLOSE, WM_CONTEXTMENU, WM_DISPLAYCHANGE, WM_DPICHANGED, WM_ENDSESSION, WM_NULL,
                WM_QUERYENDSESSION, WM_SETTINGCHANGE, WM_SYSCOLORCHANGE, WM_THEMECHANGED,
                WNDCLASSW, WS_EX_TOOLWINDOW, WS_POPUP,
            },
        },
    },
    core::{PCWSTR, w},
};

/// What its class is called: another start finds it by that.
pub(super) const CLASS: PCWSTR = w!("DequeueTray");
/// What the icon tells of comes with this message.
pub(super) const WM_ICON: u32 = WM_APP + 1;
/// Another thread has left something for the handler.
const WM_WAKE: u32 = WM_APP + 2;
/// What another start of the tray finds its window by, in UTF-16 with a NUL behind: the tray is of these
/// folders.
pub(super) fn title(paths: &Paths) -> Vec<u16> {
    let title = format!("{:016x}\0", paths.fingerprint());
    title.encode_utf16().collect()
}

/// The icon was chosen by the keyboard.
const NIN_KEYSELECT: u32 = NIN_SELECT + 1;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// Another thread has left something.
    Woken,
    /// The icon was clicked on, or chosen by the keyboard.
    IconChosen,
    /// The icon's menu is wanted, at this place of the screen.
    MenuWanted(i32, i32),
    /// The balloon at the icon was clicked on.
    BalloonClicked,
    /// There is a new taskbar, without icons.
    TaskbarCreated,
    /// The taskbar has another colour, or the screen another size.
    LooksChanged,
    /// Somebody asks the program to end.
    AskedToEnd,
    /// The session ends.
    SessionEnds,
}

/// What is to be done next, when something has been handled.
pub(super) enum Next {
    /// Nothing but to wait.
    Wait,
    /// This menu is shown, at this place of the screen, until something is chosen or it is left.
    Show(Menu, (i32, i32)),
    /// The loop ends.
    End,
}

/// The window. It goes when this is dropped.
#[derive(Debug)]
pub(super) struct MessageWindow {
    handle: HWND,
}

/// Wakes the handler from any thread.
#[derive(Clone, Debug)]
pub(super) struct Waker(isize);

thread_local! {
    static HANDLER: RefCell<Option<Box<dyn FnMut(Occasion) -> Next>>> = const { RefCell::new(None) };
    static WAITING: RefCell<VecDeque<Occasion>> = const { RefCell::new(VecDeque::new()) };
    static SESSION_ENDS: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
    static MENU_IS_OPEN: Cell<bool> = const { Cell::new(false) };
    static TASKBAR_CREATED: Cell<u32> = const { Cell::new(0) };
}

impl MessageWindow {
    /// Makes it, with this title (UTF-16 with a NUL behind).
    ///
    /// # Errors
    /// What the system says.
    #[expect(unsafe_code)]
    pub(super) fn new(title: &[u16]) -> io::Result<Self> {
        debug_assert_eq!(title.last(), Some(&0));
        // SAFETY: the texts are literals, and a title that ends with a NUL; the class names a function
        // that is there for as long as the program.
        let handle = unsafe {
            TASKBAR_CREATED.set(RegisterWindowMessageW(w!("TaskbarCreated")));
            let instance = GetModuleHandleW(ptr::null());
            let class = WNDCLASSW {
                lpfnWndProc: Some(procedure),
                hInstance: instance,
                lpszClassName: CLASS,
                ..WNDCLASSW::default()
            };
            RegisterClassW(&raw const class);
            // Not one for messages alone: those that go to all windows do not reach such a one.
            CreateWindowExW(
                WS_EX_TOOLWINDOW,
                CLASS,
                title.as_ptr(),
                WS_POPUP,
                0,
                0,
                0,
                0,
                ptr::null_mut(),
                ptr::null_mut(),
                instance,
                ptr::null(),
            )
        };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // An administrator's tray hears of a new taskbar, too, which is none.
        // SAFETY: the window is there, and nothing is wanted back.
        unsafe {
            ChangeWindowMessageFilterEx(
                handle,
                TASKBAR_CREATED.get(),
                MSGFLT_ALLOW,
                ptr::null_mut(),
            );
        }
        Ok(Self { handle })
    }

    pub(super) const fn handle(&self) -> HWND {
        self.handle
    }

    pub(super) fn waker(&self) -> Waker {
        Waker(self.handle as isize)
    }

    /// Hands all that happens to `handler`, until it says that the loop ends, or the session does:
    /// then, after `handler`, `session_ends` is called, and the program may be ended when it returns.
    #[expect(unsafe_code)]
    pub(super) fn run(
        self,
        handler: impl FnMut(Occasion) -> Next + 'static,
        session_ends: impl FnOnce() + 'static,
    ) {
        HANDLER.set(Some(Box::new(handler)));
        SESSION_ENDS.set(Some(Box::new(session_ends)));
        let mut message = MSG::default();
        // SAFETY: the structure outlives each call. 0 is the loop's end, -1 an error.
        unsafe {
            while GetMessageW(&raw mut message, ptr::null_mut(), 0, 0) > 0 {
                TranslateMessage(&raw const message);
                DispatchMessageW(&raw const message);
            }
        }
        drop(HANDLER.take());
        drop(SESSION_ENDS.take());
    }
}

impl Drop for MessageWindow {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: it is this thread's, and nobody else destroys it.
        unsafe { DestroyWindow(self.handle) };
    }
}

impl Waker {
    /// Wakes the handler. Nothing happens where the window has gone.
    #[expect(unsafe_code)]
    pub(super) fn wake(&self) {
        // SAFETY: a handle that is no window's any more is refused.
        unsafe { PostMessageW(self.0 as HWND, WM_WAKE, 0, 0) };
    }
}

/// Closes the menu that is open, if one is.
#[expect(unsafe_code)]
pub(super) fn close_menu() {
    if MENU_IS_OPEN.get() {
        // SAFETY: it takes nothing.
        unsafe { EndMenu() };
    }
}

/// What Windows calls.
#[expect(unsafe_code)]
unsafe extern "system" fn procedure(
    window: HWND,
    message: u32,
    wparam: WPARAM,
    lparam: LPARAM,
) -> LRESULT {
    let occasion = match message {
        WM_WAKE => Occasion::Woken,
        WM_ICON => match icon_tells(wparam, lparam) {
            Some(occasion) => occasion,
            None => return 0,
        },
        WM_CLOSE => Occasion::AskedToEnd,
        WM_QUERYENDSESSION => return 1,
        WM_ENDSESSION if wparam != 0 => {
            happened(window, Occasion::SessionEnds);
            if let Some(last) = SESSION_ENDS.take() {
                last();
            }
            // An installer waits for the program's own end.
            // SAFETY: it takes a number.
            unsafe { PostQuitMessage(0) };
            return 0;
        }
        WM_DISPLAYCHANGE | WM_DPICHANGED | WM_SETTINGCHANGE | WM_SYSCOLORCHANGE
        | WM_THEMECHANGED => Occasion::LooksChanged,
        message if message == TASKBAR_CREATED.get() && message != WM_NULL => {
            Occasion::TaskbarCreated
        }
        // SAFETY: what Windows has called this with.
        _ => return unsafe { DefWindowProcW(window, message, wparam, lparam) },
    };
    happened(window, occasion);
    0
}

/// What the icon tells, in its fourth version.
fn icon_tells(wparam: WPARAM, lparam: LPARAM) -> Option<Occasion> {
    // The place is two numbers with a sign, of 16 bits each.
    #[expect(clippy::cast_possible_truncation)]
    let at = |place: WPARAM| i32::from(place as u16 as i16);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let event = u32::from(lparam as u16);
    match event {
        NIN_SELECT | NIN_KEYSELECT => Some(Occasion::IconChosen),
        WM_CONTEXTMENU => Some(Occasion::MenuWanted(at(wparam), at(wparam >> 16))),
        NIN_BALLOONUSERCLICK => Some(Occasion::BalloonClicked),
        _ => None,
    }
}

/// Has it handled, and what waits before it; later, where the handler is at work.
fn happened(window: HWND, occasion: Occasion) {
    WAITING.with_borrow_mut(|waiting| waiting.push_back(occasion));
    loop {
        let next = HANDLER.with(|handler| {
            let mut handler = handler.try_borrow_mut().ok()?;
            let handler = handler.as_mut()?;
            let occasion = WAITING.with_borrow_mut(VecDeque::pop_front)?;
            Some(handler(occasion))
        });
        match next {
            None => return,
            Some(Next::Wait) => {}
            Some(Next::Show(menu, place)) => show(window, &menu, place),
            Some(Next::End) => {
                // SAFETY: it takes a number.
                #[expect(unsafe_code)]
                unsafe {
                    PostQuitMessage(0);
                }
            }
        }
    }
}

/// Shows a menu until it is left. What happens meanwhile is handled meanwhile.
fn show(window: HWND, menu: &Menu, (x, y): (i32, i32)) {
    if MENU_IS_OPEN.replace(true) {
        return;
    }
    let place = Position::Physical(PhysicalPosition::new(x, y));
    // SAFETY: the window is there, since it is being told something; it is at the screen's origin, so
    // that its places are the screen's. The message afterwards closes a menu that is left at once.
    #[expect(unsafe_code)]
    unsafe {
        menu.show_context_menu_for_hwnd(window as isize, Some(place));
        PostMessageW(window, WM_NULL, 0, 0);
    }
    MENU_IS_OPEN.set(false);
}
