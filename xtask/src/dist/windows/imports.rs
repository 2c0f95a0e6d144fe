//! Whether Windows 7 has what a program asks of it. A program that takes one function more does not
//! start there at all, and nothing else would notice: Wine has them all, whatever version it plays.
//! `windows7.txt` says what there is, and where that comes from.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Result, bail};

use crate::process::{command, read};

/// What a program may take.
const WINDOWS_7: &str = include_str!("windows7.txt");

/// Checks a program.
///
/// # Errors
/// When it takes something that Windows 7 does not have, or that nobody has said of; the error names
/// all of it.
pub(super) fn check(program: &Path) -> Result<()> {
    let table = read(command("x86_64-w64-mingw32-objdump").arg("-p").arg(program))?;
    let imports = imports(&table);
    if imports.is_empty() {
        bail!("no import table was found");
    }
    let missing = missing(&imports, &allowed(WINDOWS_7));
    if !missing.is_empty() {
        bail!(
            "Windows 7 does not have, or nobody has said that it has (windows7.txt): {}",
            missing.join(", ")
        );
    }
    println!(
        "{} imports, all of Windows 7: {}",
        imports.len(),
        program.display()
    );
    Ok(())
}

/// The library and the function of each import.
fn imports(table: &str) -> Vec<(String, String)> {
    let mut library = String::new();
    let mut imports = Vec::new();
    for line in table.lines() {
        if let Some(name) = line.trim().strip_prefix("DLL Name: ") {
            library = name.to_lowercase();
            continue;
        }
        let columns: Vec<&str> = line.split_whitespace().collect();
        // The address, the hint, the name; the table's end and its other parts have no such line.
        if let [address, hint, name] = columns[..]
            && !library.is_empty()
            && u64::from_str_radix(address, 16).is_ok()
            && hint.parse::<u32>().is_ok()
        {
            imports.push((library.clone(), name.to_owned()));
        } else if line.trim().is_empty() {
            library.clear();
        }
    }
    imports
}

/// What of it is not among those allowed.
fn missing(imports: &[(String, String)], allowed: &BTreeSet<(&str, &str)>) -> Vec<String> {
    let may = |library: &str, function: &str| {
        allowed.contains(&(library, function)) || allowed.contains(&(library, "*"))
    };
    let missing = (imports.iter()).filter(|(library, function)| !may(library, function));
    missing
        .map(|(library, function)| format!("{function} of {library}"))
        .collect()
}

/// The library and the function of all that a list allows.
fn allowed(list: &str) -> BTreeSet<(&str, &str)> {
    let mut library = "";
    let mut allowed = BTreeSet::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(' ') {
            allowed.extend(line.split_whitespace().map(|function| (library, function)));
        } else {
            library = line;
        }
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
The Import Tables (interpreted .idata section contents)
 vma:            Hint    Time      Forward  DLL       First
                 Table   Stamp     Chain    Name      Thunk
 0000a000\t0000a03c 00000000 00000000 0000a4f0 0000a19c

\tDLL Name: KERNEL32.dll
\tvma:  Hint/Ord Member-Name Bound-To
\ta2fc\t  281  DeleteCriticalSection
\ta314\t  317  GetSystemTimePreciseAsFileTime

 0000a014\t0000a0a4 00000000 00000000 0000a558 0000a204

\tDLL Name: combase.dll
\tvma:  Hint/Ord Member-Name Bound-To
\ta4d4\t   19  CoIncrementMTAUsage

PE File Base Relocations (interpreted .reloc section contents)
\treloc    0 offset  0 [a000] DIR64
";

    #[test]
    fn what_windows_7_lacks_is_found() {
        let imports = imports(TABLE);
        assert_eq!(imports.len(), 3, "{imports:?}");
        let allowed = allowed(WINDOWS_7);
        let expected = [
            "GetSystemTimePreciseAsFileTime of kernel32.dll",
            "CoIncrementMTAUsage of combase.dll",
        ];
        assert_eq!(missing(&imports, &allowed), expected);
    }
}
