//! Start at login: the system's own entry for this user, with the program's path quoted.

use std::{io, path::Path};

/// Whether something starts at login; `None` where this machine cannot say.
#[must_use]
pub fn is_on() -> Option<bool> {
    platform::read().map(|entry| entry.is_some()).ok()
}

/// Turns it on: this program starts, with these arguments, which need no quoting (`--quiet`).
/// Doing it twice is no error.
///
/// # Errors
/// What the system says.
pub fn turn_on(program: &Path, arguments: &[&str]) -> io::Result<()> {
    platform::write(&platform::entry(program, arguments))
}

/// Turns it off. Doing it twice is no error.
///
/// # Errors
/// What the system says.
pub fn turn_off() -> io::Result<()> {
    platform::remove()
}

/// Writes an entry anew that is on and is this program's with other arguments, or one's that is not there
/// any more, as where the program was moved. Another copy of the program keeps its entry.
pub fn refresh(program: &Path, arguments: &[&str]) {
    let entry = platform::entry(program, arguments);
    let is_anothers =
        |old: &str| platform::program(old).is_some_and(|other| other != program && other.exists());
    match platform::read() {
        Ok(Some(old)) if old != entry && !is_anothers(&old) => {
            if let Err(error) = platform::write(&entry) {
                tracing::warn!(%error, "the entry for start at login is stale and stays so");
            }
        }
        Ok(_) => {}
        Err(error) => tracing::debug!(%error, "start at login cannot be read"),
    }
}

/// On Unix the entry is a file: [`platform::file`] says where.
#[cfg(unix)]
mod file {
    use std::{fs, io, path::PathBuf};

    use super::platform::{file, is_off};
    use crate::files::{Access, write_whole};

    /// Where it is: nowhere where the home folder is no absolute path.
    fn path() -> io::Result<PathBuf> {
        let path = file()?;
        path.is_absolute()
            .then_some(path)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// The entry; none where there is no file, or one that another program has turned off.
    pub(super) fn read() -> io::Result<Option<String>> {
        match fs::read_to_string(path()?) {
            Ok(text) => Ok(Some(text).filter(|text| !is_off(text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn write(entry: &str) -> io::Result<()> {
        let path = path()?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        write_whole(&path, entry.as_bytes(), Access::AsBefore)
    }

    pub(super) fn remove() -> io::Result<()> {
        match fs::remove_file(path()?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
mod platform {
    //! An entry in the autostart folder (freedesktop.org's Desktop Application Autostart).

    use std::{
        io,
        path::{Path, PathBuf},
    };

    pub(super) use super::file::{read, remove, write};

    pub(super) fn file() -> io::Result<PathBuf> {
        let folders = directories::BaseDirs::new().ok_or(io::ErrorKind::NotFound)?;
        Ok(folders.config_dir().join("autostart/dequeue.desktop"))
    }

    pub(super) fn entry(program: &Path, arguments: &[&str]) -> String {
        // Desktop Entry Specification, "The Exec key": quoted, with ", `, $ and \ escaped, and the
        // backslash once more as in every string of the file; % stands for itself when doubled.
        let mut quoted = String::new();
        for c in program.to_string_lossy().chars() {
            match c {
                '\\' => quoted.push_str(r"\\\\"),
                '"' | '`' | '$' => quoted.extend([r"\\", &c.to_string()]),
                '%' => quoted.push_str("%%"),
                c => quoted.push(c),
            }
        }
        let arguments = arguments.join(" ");
        format!(
            "[Desktop Entry]\nType=Application\nName=Dequeue\nExec=\"{quoted}\" {arguments}\nIcon=dequeue\nX-GNOME-Autostart-enabled=true\n"
        )
    }

    /// The program of an entry: what [`entry`] has quoted.
    pub(super) fn program(entry: &str) -> Option<PathBuf> {
        let quoted = entry
            .lines()
            .find_map(|line| line.strip_prefix("Exec=\""))?;
        let mut path = String::new();
        let mut rest = quoted.chars();
        loop {
            match rest.next()? {
                '"' => return Some(path.into()),
                '%' => path.extend(rest.next()),
                // Of what was escaped twice, the second half of a backslash's follows.
                '\\' => match (rest.next()?, rest.next()?) {
                    ('\\', '\\') => {
                        rest.next()?;
                        path.push('\\');
                    }
                    ('\\', escaped) => path.push(escaped),
                    _ => return None,
                },
                c => path.push(c),
            }
        }
    }

    /// Desktops turn an entry off by a line in it.
    pub(super) fn is_off(entry: &str) -> bool {
        let off = ["Hidden=true", "X-GNOME-Autostart-enabled=false"];
        entry.lines().any(|line| off.contains(&line.trim()))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_the_desktop_has_turned_off_is_off() {
            let on = entry(Path::new("/opt/dequeue-tray"), &["--quiet"]);
            assert!(!is_off(&on));
            assert!(is_off(&on.replace("enabled=true", "enabled=false")));
            assert!(is_off(&format!("{on}Hidden=true\n")));
        }

        #[test]
        fn odd_paths_are_quoted() {
            let path = Path::new(r#"/opt/my "odd" $dir/100%/a\b/dequeue-tray"#);
            let text = entry(path, &["--quiet"]);
            assert!(
                text.contains(
                    r#"Exec="/opt/my \\"odd\\" \\$dir/100%%/a\\\\b/dequeue-tray" --quiet"#
                ),
                "{text}"
            );
            assert_eq!(program(&text).as_deref(), Some(path));
        }
    }
}

#[cfg(target_os = "macos")]
mod platform {
    //! A launch agent of the user's.

    use std::{io, path::PathBuf};

    pub(super) use super::{
        file::{read, remove, write},
        launch_agent::{entry, program},
    };

    pub(super) fn file() -> io::Result<PathBuf> {
        let folders = directories::BaseDirs::new().ok_or(io::ErrorKind::NotFound)?;
        Ok(folders
            .home_dir()
            .join("Library/LaunchAgents/org.dequeue.tray.plist"))
    }

    /// The system keeps elsewhere what the user has turned off.
    pub(super) const fn is_off(_: &str) -> bool {
        false
    }
}

#[cfg(any(target_os = "macos", test))]
mod launch_agent {
    //! A property list for macOS' launchd (`launchd.plist(5)`).

    use std::{
        iter,
        path::{Path, PathBuf},
    };

    /// The program of an entry: the first of the words.
    pub(super) fn program(entry: &str) -> Option<PathBuf> {
        let (_, words) = entry.split_once("<array><string>")?;
        let (word, _) = words.split_once("</string>")?;
        Some(word.replace("&lt;", "<").replace("&amp;", "&").into())
    }

    pub(super) fn entry(program: &Path, arguments: &[&str]) -> String {
        let program = program.to_string_lossy();
        let words = iter::once(&*program).chain(arguments.iter().copied());
        let words: String = words
            .map(|word| word.replace('&', "&amp;").replace('<', "&lt;"))
            .map(|word| format!("<string>{word}</string>"))
            .collect();
        // Interactive: not slowed down as what runs in the background is.
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>org.dequeue.tray</string>
  <key>ProgramArguments</key>
  <array>{words}</array>
  <key>ProcessType</key><string>Interactive</string>
  <key>RunAtLoad</key><true/>
</dict>
</plist>
"#
        )
    }

    #[test]
    fn odd_paths_stay_one_argument() {
        let path = Path::new("/Applications/Fish & <Chips>.app/dequeue-tray");
        let text = entry(path, &["--quiet"]);
        let arguments = "<array><string>/Applications/Fish &amp; &lt;Chips>.app/dequeue-tray</string>\
                         <string>--quiet</string></array>";
        assert!(text.contains(arguments), "{text}");
        assert_eq!(program(&text).as_deref(), Some(path));
    }
}

#[cfg(windows)]
mod platform {
    //! The Run value of the user's registry, and the switch of the task manager beside it.

    use std::{
        io,
        path::{Path, PathBuf},
    };

    use windows_registry::{CURRENT_USER, Type};

    const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
    const APPROVED: &str =
        r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";
    const NAME: &str = "Dequeue";
    /// What the task manager writes for an entry that is on.
    const ON: [u8; 12] = [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    pub(super) fn entry(program: &Path, arguments: &[&str]) -> String {
        // A path cannot hold a quotation mark on Windows.
        format!("\"{}\" {}", program.display(), arguments.join(" "))
    }

    /// The program of an entry: what stands in quotation marks.
    pub(super) fn program(entry: &str) -> Option<PathBuf> {
        let (program, _) = entry.strip_prefix('"')?.split_once('"')?;
        Some(program.into())
    }

    pub(super) fn read() -> io::Result<Option<String>> {
        // No such key or value: it does not start.
        let Ok(command) = CURRENT_USER.open(RUN).and_then(|key| key.get_string(NAME)) else {
            return Ok(None);
        };
        // An odd first octet means that the user turned it off in the task manager.
        let off = CURRENT_USER
            .open(APPROVED)
            .and_then(|key| key.get_value(NAME))
            .is_ok_and(|value| value.first().is_some_and(|first| first % 2 == 1));
        Ok(Some(command).filter(|_| !off))
    }

    pub(super) fn write(entry: &str) -> io::Result<()> {
        CURRENT_USER.create(RUN)?.set_string(NAME, entry)?;
        CURRENT_USER
            .create(APPROVED)?
            .set_bytes(NAME, Type::Bytes, &ON)?;
        Ok(())
    }

    pub(super) fn remove() -> io::Result<()> {
        for path in [RUN, APPROVED] {
            if let Ok(key) = CURRENT_USER.create(path) {
                // What is not there need not go.
                let _ = key.remove_value(NAME);
            }
        }
        Ok(())
    }
}
