//! The words of a command line, as people write them in settings, shells and batch files, on every
//! platform by the same rule: a word that holds spaces stands in quotation marks, single or double.
//! A backslash is one of a Windows path, but where it takes the meaning from a double quotation
//! mark or, outside of them, from a quotation mark, a space or `#`.

/// The words of a line; `None` where a quotation mark has no partner.
pub fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, quote) {
            ('\\', quote) if quote != Some('\'') => {
                let escaped = rest.next_if(|next| match quote {
                    None => matches!(next, '"' | '\'' | ' ' | '#'),
                    Some(_) => *next == '"',
                });
                word.get_or_insert_default().push(escaped.unwrap_or('\\'));
            }
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => word.get_or_insert_default().push(c),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, None) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// A line that [`split`] divides into these words.
pub fn join<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> String {
    let quoted: Vec<_> = words.into_iter().map(|word| quote(word.as_ref())).collect();
    quoted.join(" ")
}

fn quote(word: &str) -> String {
    let special = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    let escapes = word.contains(r"\#") || word.ends_with('\\');
    if !word.is_empty() && !word.contains(special) && !escapes {
        word.to_owned()
    } else if !word.contains('"') && !word.ends_with('\\') {
        format!("\"{word}\"")
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn as_people_write_them() {
        for (line, words) in [
            ("  /opt/tell \t admin ", &["/opt/tell", "admin"][..]),
            (
                r#"/opt/my\ tools/get --for "the provider" 'a$b' c"d"e"#,
                &["/opt/my tools/get", "--for", "the provider", "a$b", "cde"],
            ),
            (
                r#""C:\Program Files\tell.exe" \\server\x C:\mail\ --a="b c" """#,
                &[
                    r"C:\Program Files\tell.exe",
                    r"\\server\x",
                    r"C:\mail --a=b c",
                    "",
                ],
            ),
            (
                r#"say \"hello\" "it's \"me\"" 'C:\'"#,
                &["say", "\"hello\"", "it's \"me\"", r"C:\"],
            ),
            ("", &[]),
        ] {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
        for unclosed in ["say \"hello", "it's", r#""C:\mail\" x"#] {
            assert_eq!(split(unclosed), None, "{unclosed}");
        }
    }

    #[test]
    fn no_more_quotation_marks_than_needed() {
        for (words, line) in [
            (&["/opt/tell", "admin"][..], "/opt/tell admin"),
            (
                &[r"C:\Program Files\tell.exe", r"C:\a b\", "", r"C:\mail"],
                r#""C:\Program Files\tell.exe" 'C:\a b\' "" C:\mail"#,
            ),
            (&["it's", r#"it's "me""#], r#""it's" 'it'\''s "me"'"#),
            (&[r"a\#b"], r#""a\#b""#),
        ] {
            assert_eq!(join(words), line);
        }
    }

    proptest! {
        #[test]
        fn what_is_joined_is_split_as_it_was(words in proptest::collection::vec(r#"([a-z"'\\ #=\t]|\PC){0,12}"#, 0..5)) {
            prop_assert_eq!(split(&join(&words)), Some(words));
        }
    }
}
