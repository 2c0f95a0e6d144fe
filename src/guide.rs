//! What to set for each kind of provider: in the manual page, and in the README.

/// A kind of provider, and what an account for it has beside its name and its host.
pub(crate) struct ProviderKind {
    /// The key of its words: how a user knows the provider.
    pub(crate) words: &'static str,
    /// Lines of the settings file.
    pub(crate) settings: &'static [&'static str],
}

const fn kind(words: &'static str, settings: &'static [&'static str]) -> ProviderKind {
    ProviderKind { words, settings }
}

/// Every kind, the ones that most users have first.
pub(crate) const KINDS: [ProviderKind; 17] = [
    kind("guide-unknown", &[r#"domains = ["example.org"]"#]),
    kind("guide-signal", &[r#"method = "signal""#]),
    kind(
        "guide-etrn",
        &[r#"method = "etrn""#, r#"domains = ["example.org"]"#],
    ),
    kind(
        "guide-exim",
        &[r#"method = "etrn""#, r##"domains = ["#example.org"]"##],
    ),
    kind(
        "guide-sendmail",
        &[r#"method = "etrn""#, r#"domains = ["@example.org"]"#],
    ),
    kind(
        "guide-normal",
        &[
            r#"method = "etrn""#,
            r#"domains = ["example.org"]"#,
            "normal_codes = [459, 502]",
        ],
    ),
    kind(
        "guide-tls",
        &[
            r#"method = "etrn""#,
            r#"domains = ["example.org"]"#,
            r#"tls = "required""#,
        ],
    ),
    kind(
        "guide-self-signed",
        &[
            r#"tls = "required""#,
            r#"pin = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08""#,
        ],
    ),
    kind(
        "guide-own-authority",
        &[
            r#"tls = "required""#,
            r#"ca_file = "/etc/ssl/provider.pem""#,
        ],
    ),
    kind(
        "guide-odmr",
        &[
            r#"method = "atrn""#,
            r#"user = "customer""#,
            r#"mail_server = "127.0.0.1:25""#,
        ],
    ),
    kind(
        "guide-turn",
        &[
            r#"method = "turn""#,
            r#"tls = "required""#,
            r#"user = "customer""#,
            r#"mail_server = "127.0.0.1:25""#,
        ],
    ),
    kind(
        "guide-login",
        &[
            r#"method = "etrn""#,
            r#"domains = ["example.org"]"#,
            r#"tls = "required""#,
            r#"user = "customer""#,
        ],
    ),
    kind(
        "guide-token",
        &[
            r#"tls = "required""#,
            r#"user = "post@example.org""#,
            r#"auth = "token""#,
            r#"secret = "command:/usr/local/bin/mail-token""#,
        ],
    ),
    kind(
        "guide-certificate",
        &[
            r#"tls = "required""#,
            r#"auth = "external""#,
            r#"client_cert = "/etc/ssl/our.pem""#,
            r#"client_key = "/etc/ssl/our.key""#,
        ],
    ),
    kind(
        "guide-qsnd",
        &[r#"method = "qsnd""#, r#"domains = ["example.org"]"#],
    ),
    kind(
        "guide-finger",
        &[r#"method = "finger""#, r#"finger = "example.org""#],
    ),
    kind("guide-hello", &[r#"method = "hello""#]),
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use dequeue_core::{Text, settings::file::SettingsFile};

    use super::*;

    const README: &str = include_str!("../README.md");

    #[test]
    fn each_example_is_right_and_stands_in_the_readme() {
        let text = Text::for_language("en");
        for kind in &KINDS {
            let lines = kind.settings.join("\n");
            let source = format!(
                "version = 1\n[[account]]\nname = \"a\"\nhost = \"mx.example.org\"\n{lines}\n"
            );
            let understood = SettingsFile::parse(Path::new("settings.toml"), source.into());
            assert!(understood.is_ok(), "{}: {understood:?}", kind.words);
            let lines: Vec<String> = kind
                .settings
                .iter()
                .map(|line| format!("`{line}`"))
                .collect();
            let row = format!("| {} | {} |", text.get(kind.words), lines.join("<br>"));
            assert!(README.contains(&row), "not in the README:\n{row}");
        }
    }

    #[test]
    fn each_settings_file_in_the_readme_is_right() {
        let blocks = README.split("```toml\n").skip(1);
        let files: Vec<&str> = blocks
            .filter_map(|block| block.split("```").next())
            .collect();
        assert!(files.len() >= 3, "{files:?}");
        for file in files {
            let understood = SettingsFile::parse(Path::new("settings.toml"), file.into());
            assert!(understood.is_ok(), "{understood:?} of {file}");
        }
    }
}
