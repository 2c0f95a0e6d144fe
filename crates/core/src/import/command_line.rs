//! Command lines divided into commands and words: by POSIX's rules (XCU 2, what crontabs and shell
//! scripts are read by), by those of Windows' `cmd`, and the words of a Windows program's own
//! command line.
//!
//! Nothing is run or looked up. Where a shell would put something else in a word's place, the word
//! says so.

use std::{iter::Peekable, str::Chars};

/// Who reads a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shell {
    Posix,
    /// `cmd.exe`, and where a scheduled task's command line is divided.
    Cmd,
}

/// A word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Whether a shell puts something else in its place: a variable's value, a command's output,
    /// the names of files.
    pub(super) is_expanded: bool,
}

/// A command: its program and its arguments, without redirections.
pub(super) type Command = Vec<Word>;

/// A quotation mark has no partner.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unclosed;

impl Shell {
    /// The commands of a line, without empty ones.
    pub(super) fn commands(self, line: &str) -> Result<Vec<Command>, Unclosed> {
        let mut commands = match self {
            Self::Posix => Posix::new(line).commands()?,
            Self::Cmd => cmd_lines(line)
                .iter()
                .map(|line| windows_words(line))
                .collect::<Result<_, _>>()?,
        };
        commands.retain(|command| !command.is_empty());
        Ok(commands)
    }
}

// ---- POSIX -------------------------------------------------------------------------------------

struct Posix<'a> {
    rest: Peekable<Chars<'a>>,
    commands: Vec<Command>,
    command: Command,
    word: Option<Word>,
    /// Whether the next word is where a redirection goes.
    is_redirected: bool,
}

impl<'a> Posix<'a> {
    fn new(line: &'a str) -> Self {
        Self {
            rest: line.chars().peekable(),
            commands: Vec::new(),
            command: Vec::new(),
            word: None,
            is_redirected: false,
        }
    }

    fn commands(mut self) -> Result<Vec<Command>, Unclosed> {
        while let Some(c) = self.rest.next() {
            match c {
                '\'' => self.quoted()?,
                '"' => self.double_quoted()?,
                '\\' => {
                    let escaped = self.rest.next().filter(|next| *next != '\n');
                    self.word().text.extend(escaped);
                }
                '$' | '`' => self.expansion(c)?,
                '#' if self.word.is_none() => {
                    while self.rest.next_if(|next| *next != '\n').is_some() {}
                }
                ' ' | '\t' | '\r' => self.end_word(),
                '&' if self.rest.next_if_eq(&'>').is_some() => self.redirection(),
                '\n' | ';' | '&' | '|' | '(' | ')' => self.end_command(),
                '<' | '>' => {
                    let is_descriptor = |word: &mut Word| word.text.parse::<u8>().is_ok();
                    self.word.take_if(is_descriptor);
                    self.redirection();
                }
                '*' | '?' | '[' => self.expanded(c),
                '~' if self.word.is_none() => self.expanded(c),
                // Alone they group commands.
                '{' if self.word.is_some() || self.rest.peek().is_some_and(|c| *c > ' ') => {
                    self.expanded(c);
                }
                c => self.word().text.push(c),
            }
        }
        self.end_command();
        Ok(self.commands)
    }

    fn word(&mut self) -> &mut Word {
        self.word.get_or_insert_default()
    }

    fn expanded(&mut self, c: char) {
        let word = self.word();
        word.text.push(c);
        word.is_expanded = true;
    }

    fn quoted(&mut self) -> Result<(), Unclosed> {
        self.word();
        loop {
            match self.rest.next().ok_or(Unclosed)? {
                '\'' => return Ok(()),
                c => self.word().text.push(c),
            }
        }
    }

    fn double_quoted(&mut self) -> Result<(), Unclosed> {
        self.word();
        loop {
            match self.rest.next().ok_or(Unclosed)? {
                '"' => return Ok(()),
                '\\' => {
                    let special = |next: &char| matches!(next, '$' | '`' | '"' | '\\' | '\n');
                    let escaped = self.rest.next_if(special).unwrap_or('\\');
                    self.word()
                        .text
                        .extend(Some(escaped).filter(|c| *c != '\n'));
                }
                c @ ('$' | '`') => self.expansion(c)?,
                c => self.word().text.push(c),
            }
        }
    }

    /// What begins with a dollar sign or a backquote, which is read over to its end.
    fn expansion(&mut self, begins: char) -> Result<(), Unclosed> {
        let ends = match (begins, self.rest.peek()) {
            ('`', _) => '`',
            (_, Some('(')) => ')',
            (_, Some('{')) => '}',
            (_, Some(c)) if c.is_alphanumeric() || "_@*#?-$!'\"".contains(*c) => {
                self.expanded(begins);
                return Ok(());
            }
            _ => {
                self.word().text.push(begins);
                return Ok(());
            }
        };
        self.expanded(begins);
        let mut depth = usize::from(ends == '`');
        loop {
            let c = self.rest.next().ok_or(Unclosed)?;
            self.word().text.push(c);
            match c {
                '\\' => {
                    let escaped = self.rest.next();
                    self.word().text.extend(escaped);
                }
                c if c == ends => depth -= 1,
                '(' if ends == ')' => depth += 1,
                '{' if ends == '}' => depth += 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn redirection(&mut self) {
        self.end_word();
        while self.rest.next_if(|next| "<>&|-".contains(*next)).is_some() {}
        self.is_redirected = true;
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take()
            && !std::mem::take(&mut self.is_redirected)
        {
            self.command.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.is_redirected = false;
        self.commands.push(std::mem::take(&mut self.command));
    }
}

// ---- Windows -----------------------------------------------------------------------------------

/// The command lines that `cmd` makes of a line: divided at its operators, without its redirections,
/// and without the carets that take the meaning from a character.
fn cmd_lines(line: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut command = String::new();
    let mut depth = 0_usize;
    let mut is_quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                is_quoted = !is_quoted;
                command.push(c);
            }
            c if is_quoted => command.push(c),
            '^' => command.extend(rest.next()),
            // A variable's name may have parentheses in it.
            '%' if variable(&rest).is_some() => {
                let length = variable(&rest).unwrap_or_default();
                command.push('%');
                command.extend(rest.by_ref().take(length));
            }
            '&' | '|' | '\n' => lines.push(std::mem::take(&mut command)),
            '(' if command.trim().is_empty() || command.ends_with(char::is_whitespace) => {
                depth += 1;
                lines.push(std::mem::take(&mut command));
            }
            ')' if depth > 0 => {
                depth -= 1;
                lines.push(std::mem::take(&mut command));
            }
            '<' | '>' => {
                let mut before = command.chars().rev();
                let is_descriptor = before.next().is_some_and(|c| c.is_ascii_digit())
                    && before.next().is_none_or(char::is_whitespace);
                if is_descriptor {
                    command.pop();
                }
                skip_target(&mut rest);
            }
            c => command.push(c),
        }
    }
    lines.push(command);
    lines
}

/// How many characters are left of a variable whose first percent sign was read.
fn variable(rest: &Peekable<Chars<'_>>) -> Option<usize> {
    let mut name = rest.clone();
    let is_name = |c: &char| c.is_alphanumeric() || "()_".contains(*c);
    let length = name.by_ref().take_while(is_name).count();
    let ends = rest.clone().nth(length) == Some('%');
    (ends && length > 0).then_some(length + 1)
}

fn skip_target(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| *c == '>' || c.is_whitespace()).is_some() {}
    // `2>&1`
    rest.next_if_eq(&'&');
    let mut is_quoted = false;
    while let Some(c) = rest.next_if(|c| is_quoted || !(c.is_whitespace() || "&|)<>".contains(*c)))
    {
        is_quoted ^= c == '"';
    }
}

/// The words that a Windows program makes of its own command line: in double quotation marks only,
/// and a backslash means itself except in front of one. A percent sign stands for a variable's value.
pub(super) fn windows_words(line: &str) -> Result<Command, Unclosed> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut is_quoted = false;
    let mut backslashes = 0;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\\' {
            backslashes += 1;
            word.get_or_insert_default().push(c);
            continue;
        }
        let before = std::mem::take(&mut backslashes);
        match c {
            '"' => {
                let word = word.get_or_insert_default();
                word.truncate(word.len() - before + before / 2);
                let is_meant = before % 2 == 1 || is_quoted && rest.next_if_eq(&'"').is_some();
                if is_meant {
                    word.push('"');
                } else {
                    is_quoted = !is_quoted;
                }
            }
            c if c.is_whitespace() && !is_quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if is_quoted {
        return Err(Unclosed);
    }
    let words = words.into_iter().map(|text| Word {
        is_expanded: text.contains('%'),
        text,
    });
    Ok(words.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of each command, divided by `|`; behind what a shell expands stands `$`.
    fn shown(shell: Shell, line: &str) -> Vec<String> {
        let commands = shell.commands(line).unwrap();
        let shown = |word: Word| word.text + if word.is_expanded { "$" } else { "" };
        let line = |command: Command| command.into_iter().map(shown).collect::<Vec<_>>().join("|");
        commands.into_iter().map(line).collect()
    }

    #[test]
    fn as_a_posix_shell_divides_them() {
        for (line, commands) in [
            (
                r#"  a 'b c' "d \"e\" \x" f\ g  "#,
                &[r#"a|b c|d "e" \x|f g"#][..],
            ),
            ("a>/dev/null 2>&1 b <c 2>>d &>e f", &["a|b|f"]),
            ("a; b && c || d | e & f", &["a", "b", "c", "d", "e", "f"]),
            ("(cd /x && ./a b) # c 'd", &["cd|/x", "./a|b"]),
            ("{ a; b; }", &["{|a", "b", "}"]),
            ("a#b '' \\", &["a#b||"]),
            (
                "sleep $((RANDOM % 60)); a >> /l-$(date +\"%F\").log $b \"${c}d\" `e` $ x$",
                &["sleep|$((RANDOM % 60))$", "a|$b$|${c}d$|`e`$|$|x$"],
            ),
            (
                "a *.b ~/c d~ {e,f} '*$x' \"\\$x\"",
                &["a|*.b$|~/c$|d~|{e,f}$|*$x|$x"],
            ),
        ] {
            assert_eq!(shown(Shell::Posix, line), commands, "{line}");
        }
        for line in ["a 'b", "a \"b", "a $(b", "a `b"] {
            assert_eq!(Shell::Posix.commands(line), Err(Unclosed), "{line}");
        }
    }

    #[test]
    fn as_windows_divides_them() {
        for (line, commands) in [
            (
                r#""C:\Program Files\a.exe" b 'c d' "e\\" \\f\g"#,
                &[r"C:\Program Files\a.exe|b|'c|d'|e\|\\f\g"][..],
            ),
            (r#"a "\"b c\" d" "e""f""#, &[r#"a|"b c" d|e"f"#]),
            (r"a > C:\l.txt 2>&1 b>nul", &["a|b"]),
            ("a & b && c | d", &["a", "b", "c", "d"]),
            ("a ^& b^^c", &["a|&|b^c"]),
            (
                "if exist x (a b) else (c)",
                &["if|exist|x", "a|b", "else", "c"],
            ),
            (
                r"%ProgramFiles(x86)%\a.exe %1 b",
                &[r"%ProgramFiles(x86)%\a.exe$|%1$|b"],
            ),
        ] {
            assert_eq!(shown(Shell::Cmd, line), commands, "{line}");
        }
        assert_eq!(Shell::Cmd.commands("a \"b"), Err(Unclosed));
    }
}
