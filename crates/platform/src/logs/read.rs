//! Finds the lines of the log again.

use std::{
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use tracing::{Level, level_filters::LevelFilter};

use super::files::numbered;
use crate::files::open_to_read;

/// So much of a file is read at most. Ours are smaller, unless somebody wants very large ones.
const FILE_OCTETS: u64 = 1 << 28;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it was logged.
    pub at: Timestamp,
    /// How important it is.
    pub level: Level,
    /// The program that logged it.
    pub program: String,
    /// Its process.
    pub process: u32,
    /// Where in the program.
    pub target: String,
    /// What happened, with its fields.
    pub words: String,
}

/// A place between two lines. Lines that are logged later come after all places of today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The number of a file.
    pub file: u64,
    /// Octets from its beginning.
    pub at: u64,
}

/// Which lines are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Not logged before this.
    pub since: Option<Timestamp>,
    /// At least so important.
    pub least: LevelFilter,
    /// With this in what they say, or in where; in lower case.
    pub text: String,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            since: None,
            least: LevelFilter::TRACE,
            text: String::new(),
        }
    }
}

impl Wanted {
    fn has(&self, line: &Line) -> bool {
        let says = |text: &str| text.to_lowercase().contains(&self.text);
        line.level <= self.least
            && self.since.is_none_or(|since| line.at >= since)
            && (self.text.is_empty() || says(&line.words) || says(&line.target))
    }
}

/// Some of the lines, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The lines.
    pub lines: Vec<Line>,
    /// Where the first of them begins.
    pub begin: Place,
    /// Behind the last that was looked at.
    pub end: Place,
    /// Whether there may be more in the direction that was looked in.
    pub more: bool,
}

/// The newest lines that are wanted, or the newest of those `before` a place; so many at most. Empty
/// where the folder is not there.
///
/// # Errors
/// What the system says, of a folder that may not be read most likely.
pub fn newest(
    folder: &Path,
    wanted: &Wanted,
    before: Option<Place>,
    at_most: usize,
) -> io::Result<Lines> {
    let mut found = Vec::new();
    let mut end = before.unwrap_or_default();
    for (number, path) in files(folder)?.into_iter().rev() {
        if before.is_some_and(|before| number > before.file) {
            continue;
        }
        let (_, octets) = octets(&path, 0)?;
        let whole = match before.filter(|before| before.file == number) {
            Some(before) => up_to(&octets, before.at),
            None => whole_lines(&octets),
        };
        end = end.max(Place {
            file: number,
            at: whole.len() as u64,
        });
        let mut at = whole.len();
        for line in whole.split_inclusive(is_end).rev() {
            at -= line.len();
            let Some(line) = parse(line) else { continue };
            if wanted.has(&line) {
                let begin = Place {
                    file: number,
                    at: at as u64,
                };
                found.push((begin, line));
            }
            if found.len() > at_most {
                break;
            }
        }
        if found.len() > at_most {
            break;
        }
    }
    let more = found.len() > at_most;
    found.truncate(at_most);
    let begin = found.last().map_or(end, |(begin, _)| *begin);
    Ok(Lines {
        lines: found.into_iter().rev().map(|(_, line)| line).collect(),
        begin,
        end,
        more,
    })
}

/// The lines that are wanted after a place, the oldest first; so many at most.
///
/// # Errors
/// As those of [`newest`].
pub fn after(folder: &Path, wanted: &Wanted, place: Place, at_most: usize) -> io::Result<Lines> {
    let files = files(folder)?;
    let is_gone = files.last().is_none_or(|(newest, _)| *newest < place.file);
    // Where somebody has removed them all, they begin anew.
    let place = if is_gone { Place::default() } else { place };
    let mut lines = Vec::new();
    let mut end = place;
    for (number, path) in files {
        if number < place.file {
            continue;
        }
        let from = if number == place.file { place.at } else { 0 };
        let (mut at, octets) = octets(&path, from)?;
        for line in whole_lines(&octets).split_inclusive(is_end) {
            if lines.len() == at_most {
                return Ok(Lines {
                    lines,
                    begin: place,
                    end,
                    more: true,
                });
            }
            at += line.len() as u64;
            end = Place { file: number, at };
            lines.extend(parse(line).filter(|line| wanted.has(line)));
        }
    }
    Ok(Lines {
        lines,
        begin: place,
        end,
        more: false,
    })
}

/// Where the log ends now.
///
/// # Errors
/// As those of [`newest`].
pub fn end(folder: &Path) -> io::Result<Place> {
    newest(folder, &Wanted::default(), None, 0).map(|none| none.end)
}

fn files(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    match numbered(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        found => found,
    }
}

/// What a file has from here on, and where that is: at the beginning of one that has been begun anew.
/// One that has been removed meanwhile has nothing.
fn octets(path: &Path, from: u64) -> io::Result<(u64, Vec<u8>)> {
    let mut octets = Vec::new();
    let mut file = match open_to_read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((from, octets)),
        // Windows says so of one that is being removed.
        #[cfg(windows)]
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok((from, octets)),
        opened => opened?,
    };
    let is_anew = file.metadata()?.len() < from;
    let from = if is_anew { 0 } else { from };
    file.seek(SeekFrom::Start(from))?;
    file.take(FILE_OCTETS).read_to_end(&mut octets)?;
    Ok((from, octets))
}

const fn is_end(octet: &u8) -> bool {
    *octet == b'\n'
}

/// Without the line that is just being written.
fn whole_lines(octets: &[u8]) -> &[u8] {
    let end = octets.iter().rposition(is_end).map_or(0, |at| at + 1);
    &octets[..end]
}

/// As much as comes before this place, which may be another file's by now.
fn up_to(octets: &[u8], at: u64) -> &[u8] {
    let end = usize::try_from(at).unwrap_or(usize::MAX);
    octets.get(..end).unwrap_or(octets)
}

/// A line as [`super::form`] has made it.
fn parse(line: &[u8]) -> Option<Line> {
    let line = String::from_utf8_lossy(line);
    let (at, rest) = line.trim_end_matches('\n').split_once(' ')?;
    let (level, rest) = rest.split_once(' ')?;
    let (program, rest) = rest.split_once("] ")?;
    let (program, process) = program.split_once('[')?;
    let (target, words) = rest.split_once(": ")?;
    Some(Line {
        at: at.parse().ok()?,
        level: level.parse().ok()?,
        program: program.to_owned(),
        process: process.parse().ok()?,
        target: target.to_owned(),
        words: words.to_owned(),
    })
}
