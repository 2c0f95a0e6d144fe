//! The grammar of a `fetchmailrc`: what options belong to a server, what to a user, and what each is
//! followed by.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::lexer::{Kind, Token};
use crate::import::model::{ImportFault, ImportFaultKind, number};

/// A text, which may be a password.
pub(super) type Text = Zeroizing<String>;

/// An option as it stands in the file.
#[derive(Clone)]
pub(super) struct Setting {
    pub(super) line: usize,
    /// Whether `no` stands in front of it.
    pub(super) is_on: bool,
    pub(super) values: Vec<Text>,
}

/// Options by their keyword.
pub(super) type Options = BTreeMap<&'static str, Setting>;

/// A `poll`, a `skip` or the `defaults`.
pub(super) struct Server {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) is_skipped: bool,
    pub(super) options: Options,
    pub(super) users: Vec<User>,
}

/// Options of one user.
pub(super) struct User {
    pub(super) line: usize,
    pub(super) options: Options,
}

/// A whole file.
#[derive(Default)]
pub(super) struct File {
    /// The seconds between polls; 0 for none by itself.
    pub(super) daemon: Option<u64>,
    pub(super) defaults: Option<Server>,
    pub(super) servers: Vec<Server>,
}

/// Whose options they are. Those of the server stand first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Server,
    User,
}

/// What an option is followed by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Nothing; `no` may stand in front of it.
    Flag,
    Nothing,
    Text,
    Texts,
    Number,
    Numbers,
    TextOrNumber,
    Protocol,
    Login,
    /// Names of users here and there.
    Names,
    /// How many to pass over, perhaps, and a header's name; `no` may stand in front of it.
    Envelope,
    /// `accept` or `reject`.
    AcceptOrReject,
}

fn syntax(keyword: &str) -> Option<(Of, Takes)> {
    Some(match keyword {
        "aka" | "local" => (Of::Server, Takes::Texts),
        "via" | "principal" | "esmtpname" | "esmtppassword" | "qvirtual" | "interface"
        | "monitor" | "plugin" | "plugout" => (Of::Server, Takes::Text),
        "checkalias" | "dns" | "tracepolls" | "uidl" => (Of::Server, Takes::Flag),
        "port" | "interval" | "timeout" => (Of::Server, Takes::Number),
        "service" => (Of::Server, Takes::TextOrNumber),
        "protocol" => (Of::Server, Takes::Protocol),
        "auth" => (Of::Server, Takes::Login),
        "envelope" => (Of::Server, Takes::Envelope),
        "bad-header" => (Of::Server, Takes::AcceptOrReject),
        "is" | "to" => (Of::User, Takes::Names),
        "password" | "smtpaddress" | "smtpname" | "mda" | "bsmtp" | "preconnect"
        | "postconnect" | "sslkey" | "sslcert" | "sslproto" | "sslcertfile" | "sslcertpath"
        | "sslcommonname" | "sslfingerprint" | "properties" => (Of::User, Takes::Text),
        "folder" | "smtphost" | "fetchdomains" => (Of::User, Takes::Texts),
        "antispam" => (Of::User, Takes::Numbers),
        "lmtp" => (Of::User, Takes::Nothing),
        "dropdelivered" | "dropstatus" | "fetchall" | "flush" | "forcecr" | "idle" | "keep"
        | "limitflush" | "mimedecode" | "pass8bits" | "rewrite" | "ssl" | "sslcertck"
        | "stripcr" => (Of::User, Takes::Flag),
        "batchlimit" | "expunge" | "fastuidl" | "fetchlimit" | "fetchsizelimit" | "limit"
        | "warnings" => (Of::User, Takes::Number),
        _ => return None,
    })
}

/// Reads the words of a file.
///
/// # Errors
/// The first that the grammar does not have at its place.
pub(super) fn parse(tokens: &[Token]) -> Result<File, ImportFault> {
    let mut parser = Parser {
        tokens,
        keyword: "",
        line: 1,
    };
    let mut file = File::default();
    while let Some(token) = parser.tokens.first() {
        let line = token.line;
        let (name, is_skipped) = match parser.peek() {
            Some("set") => {
                parser.advance();
                parser.global(&mut file)?;
                continue;
            }
            Some("defaults") => {
                parser.advance();
                ("defaults".to_owned(), false)
            }
            Some(found @ ("poll" | "skip")) => {
                parser.any_keyword();
                (parser.text()?.to_string(), found == "skip")
            }
            _ => return Err(parser.unexpected()),
        };
        let server = Server {
            line,
            name,
            is_skipped,
            options: Options::new(),
            users: Vec::new(),
        };
        parser.server(server, &mut file)?;
    }
    Ok(file)
}

struct Parser<'a> {
    tokens: &'a [Token],
    /// The last keyword that was read.
    keyword: &'static str,
    /// The line of what was read last.
    line: usize,
}

impl Parser<'_> {
    fn kind(&self) -> Option<&Kind> {
        self.tokens.first().map(|token| &token.kind)
    }

    fn advance(&mut self) {
        if let Some((first, rest)) = self.tokens.split_first() {
            self.tokens = rest;
            self.line = first.line;
        }
    }

    fn peek(&self) -> Option<&'static str> {
        match self.kind()? {
            Kind::Keyword(keyword) => Some(keyword),
            _ => None,
        }
    }

    fn any_keyword(&mut self) -> Option<&'static str> {
        let found = self.peek()?;
        self.advance();
        self.keyword = found;
        Some(found)
    }

    fn accept(&mut self, keyword: &str) -> bool {
        let is_there = self.peek() == Some(keyword);
        if is_there {
            self.advance();
        }
        is_there
    }

    /// The next word has no place here. It is shown only where it can be no part of a password.
    fn unexpected(&self) -> ImportFault {
        let Some(token) = self.tokens.first() else {
            return self.missing();
        };
        let is_private =
            ["user", "password", "esmtpname", "esmtppassword", "is", "to"].contains(&self.keyword);
        let (kind, about) = match &token.kind {
            Kind::Keyword(found) => (ImportFaultKind::Misplaced, *found),
            _ if is_private => (ImportFaultKind::WrongValue, self.keyword),
            Kind::Text {
                is_quoted: true, ..
            } => (ImportFaultKind::WrongValue, self.keyword),
            Kind::Protocol(found) | Kind::Login(found) => (ImportFaultKind::Unknown, *found),
            Kind::Number(text) | Kind::Text { text, .. } => {
                (ImportFaultKind::Unknown, text.as_str())
            }
            Kind::Map => (ImportFaultKind::Unknown, "="),
        };
        ImportFault::new(token.line, kind, about)
    }

    /// The value of the last keyword is not there, or it is another one's.
    fn missing(&self) -> ImportFault {
        let kind = match self.kind() {
            None | Some(Kind::Keyword(_)) => ImportFaultKind::NoValue,
            Some(_) => ImportFaultKind::WrongValue,
        };
        ImportFault::new(self.line, kind, self.keyword)
    }

    fn text(&mut self) -> Result<Text, ImportFault> {
        match self.kind() {
            Some(Kind::Text { text, .. }) => {
                let text = text.clone();
                self.advance();
                Ok(text)
            }
            _ => Err(self.missing()),
        }
    }

    fn number(&mut self) -> Result<Text, ImportFault> {
        match self.kind() {
            Some(Kind::Number(text)) if number(text).is_some() => {
                let text = text.clone();
                self.advance();
                Ok(text)
            }
            _ => Err(self.missing()),
        }
    }

    /// One or more.
    fn list(
        &mut self,
        one: fn(&mut Self) -> Result<Text, ImportFault>,
        is_one: fn(&Kind) -> bool,
    ) -> Result<Vec<Text>, ImportFault> {
        let mut values = vec![one(self)?];
        while self.kind().is_some_and(is_one) {
            values.push(one(self)?);
        }
        Ok(values)
    }

    /// `fetchdomains a.test b.test`; a word that is not quoted and cannot be meant as a domain is a
    /// keyword with a fault in it.
    fn domains(&mut self) -> Result<Vec<Text>, ImportFault> {
        let is_domain = |text: &str| text.contains('.') || text.starts_with(['#', '@']);
        let mut words = self.tokens.iter().map_while(|token| match &token.kind {
            Kind::Text { text, is_quoted } => Some((token.line, text, *is_quoted)),
            _ => None,
        });
        match words.find(|(_, text, is_quoted)| !is_quoted && !is_domain(text)) {
            Some((line, text, _)) => Err(ImportFault::new(line, ImportFaultKind::Unknown, text)),
            None => self.list(Self::text, is_text),
        }
    }

    /// `set daemon 900`, `set no syslog`.
    fn global(&mut self, file: &mut File) -> Result<(), ImportFault> {
        let is_off = self.accept("no");
        match self.peek() {
            Some(
                "syslog" | "invisible" | "showdots" | "bouncemail" | "spambounce" | "softbounce",
            ) => {
                self.advance();
            }
            Some("daemon") if !is_off => {
                self.any_keyword();
                self.equals();
                file.daemon = number(&self.number()?);
            }
            Some("logfile" | "idfile" | "pidfile" | "postmaster" | "properties") if !is_off => {
                self.any_keyword();
                self.equals();
                self.text()?;
            }
            _ => return Err(self.unexpected()),
        }
        Ok(())
    }

    fn equals(&mut self) {
        if matches!(self.kind(), Some(Kind::Map)) {
            self.advance();
        }
    }

    fn server(&mut self, mut server: Server, file: &mut File) -> Result<(), ImportFault> {
        while self.option(Of::Server, &mut server.options)? {}
        let mut options = Options::new();
        while self.option(Of::User, &mut options)? {}
        if !options.is_empty() {
            let line = server.line;
            server.users.push(User { line, options });
        } else {
            while self.peek() == Some("user") {
                let user = self.user()?;
                server.users.push(user);
            }
        }
        if server.name != "defaults" {
            file.servers.push(server);
        } else if file.defaults.is_none() && file.servers.is_empty() && server.users.len() < 2 {
            file.defaults = Some(server);
        } else {
            return Err(ImportFault::new(
                server.line,
                ImportFaultKind::Misplaced,
                "defaults",
            ));
        }
        Ok(())
    }

    /// `user NAME` or `user NAME there`; or `user NAME… here`, which names those of this machine.
    fn user(&mut self) -> Result<User, ImportFault> {
        self.any_keyword();
        let line = self.line;
        let mut options = Options::new();
        self.names("user", line, &mut options)?;
        while self.option(Of::User, &mut options)? {}
        Ok(User { line, options })
    }

    /// The names of users behind `keyword`, which are there or here.
    fn names(
        &mut self,
        keyword: &'static str,
        line: usize,
        options: &mut Options,
    ) -> Result<(), ImportFault> {
        let name = self.text()?;
        let mut is_one = true;
        while matches!(self.kind(), Some(Kind::Text { .. } | Kind::Map)) {
            is_one = false;
            self.equals();
            self.text()?;
        }
        let is_there = is_one && self.accept("there");
        let is_here = !is_there && self.accept("here");
        if keyword == "user" && !is_one && !is_here {
            return Err(ImportFault::new(line, ImportFaultKind::WrongValue, keyword));
        }
        let is_remote = is_there || keyword == "user" && !is_here;
        let setting = Setting {
            line,
            is_on: true,
            values: vec![name],
        };
        options.insert(if is_remote { "user" } else { "is" }, setting);
        Ok(())
    }

    /// Reads an option of a server or of a user, where one comes next.
    fn option(&mut self, of: Of, options: &mut Options) -> Result<bool, ImportFault> {
        let is_off = self.peek() == Some("no");
        let found = self
            .tokens
            .get(usize::from(is_off))
            .map(|token| &token.kind);
        let Some(Kind::Keyword(keyword)) = found else {
            return if is_off {
                Err(self.unexpected())
            } else {
                Ok(false)
            };
        };
        let takes = match syntax(keyword) {
            Some((level, takes)) if level == of => takes,
            _ => return Ok(false),
        };
        if is_off {
            self.advance();
        }
        self.any_keyword();
        let line = self.line;
        if is_off && !matches!(takes, Takes::Flag | Takes::Envelope) {
            return Err(ImportFault::new(line, ImportFaultKind::Misplaced, "no"));
        }
        let values = match takes {
            Takes::Names => {
                self.names(keyword, line, options)?;
                return Ok(true);
            }
            _ if is_off => Vec::new(),
            _ if *keyword == "fetchdomains" => self.domains()?,
            _ => self.values(takes)?,
        };
        let setting = Setting {
            line,
            is_on: !is_off,
            values,
        };
        // Both say the port; the later one counts.
        let key = if *keyword == "service" {
            "port"
        } else {
            *keyword
        };
        match options.get_mut(key) {
            Some(there) if takes == Takes::Texts => there.values.extend(setting.values),
            _ => drop(options.insert(key, setting)),
        }
        Ok(true)
    }

    fn values(&mut self, takes: Takes) -> Result<Vec<Text>, ImportFault> {
        let is_number = |kind: &Kind| matches!(kind, Kind::Number(_));
        let one = match (takes, self.kind()) {
            (Takes::Flag | Takes::Nothing | Takes::Names, _) => return Ok(Vec::new()),
            (Takes::Texts, _) => return self.list(Self::text, is_text),
            (Takes::Numbers, _) => return self.list(Self::number, is_number),
            (Takes::Envelope, Some(Kind::Number(_))) => {
                self.number()?;
                self.text()?
            }
            (Takes::Text | Takes::Envelope, _) => self.text()?,
            (Takes::TextOrNumber, Some(Kind::Text { .. })) => self.text()?,
            (Takes::Number | Takes::TextOrNumber, _) => self.number()?,
            (Takes::Protocol, Some(Kind::Protocol(found)))
            | (Takes::Login, Some(Kind::Login(found)))
            | (Takes::AcceptOrReject, Some(Kind::Keyword(found @ ("accept" | "reject")))) => {
                let found = (*found).to_owned();
                self.advance();
                Text::new(found)
            }
            (Takes::Protocol | Takes::Login | Takes::AcceptOrReject, _) => {
                return Err(self.missing());
            }
        };
        Ok(vec![one])
    }
}

const fn is_text(kind: &Kind) -> bool {
    matches!(kind, Kind::Text { .. })
}
