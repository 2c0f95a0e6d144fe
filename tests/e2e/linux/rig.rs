//! What the tests stand on where there are real mail servers and a desktop. One module a rig; each
//! proves itself by tests of its own.

pub mod blabbing;
pub mod certificate;
pub mod events;
pub mod exim;
pub mod machine;
pub mod names;
pub mod netns;
pub mod odmr;
pub mod own_root;
pub mod own_systemd;
pub mod own_windows;
pub mod postfix;
pub mod process;
pub mod provider;
mod scripted;
pub mod sendmail;
pub mod sni;
pub mod test_desktop;
pub mod time_server;
pub mod tls;
pub mod visited;
pub mod web;
pub mod webdriver;
pub mod windows_desktop;
