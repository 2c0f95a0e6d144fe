//! A real provider that holds mail, for which the mail server was down when it came. A poke brings
//! it.

use std::net::SocketAddr;

use crate::{
    linux::rig::provider::Provider,
    programs::{Home, Run},
    rig::{
        mail::{self, Message},
        mail_server::MailServer,
        wait::SOON,
    },
};

/// The provider and the mail server that it holds mail for.
pub struct Held<P> {
    pub provider: P,
    pub mail_server: MailServer,
    pub sent: Vec<Message>,
}

impl<P: Provider> Held<P> {
    /// Starts a provider for a mail server that is down. Nothing is held yet.
    pub fn nothing_at(start: impl FnOnce(SocketAddr) -> P) -> Self {
        let mail_server = MailServer::down();
        Self {
            provider: start(mail_server.address()),
            mail_server,
            sent: Vec::new(),
        }
    }

    /// Mail comes while the mail server is down; then the server comes up.
    pub fn bring(&mut self, domain: &str) {
        self.bring_with(domain, 200_000);
    }

    /// The same with one message of this size in octets.
    pub fn bring_with(&mut self, domain: &str, size: usize) {
        let to = format!("office@{domain}");
        self.sent = mail::awkward(4, &to);
        self.sent.push(Message::sized(&to, size));
        self.provider.inject(&self.sent);
        self.provider.wait_until_held(self.sent.len());
        self.mail_server.start();
        assert!(
            self.mail_server.arrivals().is_empty(),
            "mail came before the poke"
        );
    }

    /// Waits until everything has arrived, byte for byte.
    pub fn assert_arrives(&self) {
        let arrivals = self.mail_server.wait_for(self.sent.len(), SOON);
        mail::assert_arrived(&self.sent, &arrivals);
        self.provider.wait_until_held(0);
    }

    /// `dequeue poke --host` at the provider with these further arguments.
    pub fn poke(&self, home: &Home, more: &[&str]) -> Run {
        let (ip, port) = at(&self.provider);
        home.run(&[&["poke", "--host", &ip, "--port", &port, "--json"], more].concat())
    }

    /// The old command line for these domains.
    pub fn one_shot(&self, home: &Home, domains: &[&str]) -> Run {
        let (ip, port) = at(&self.provider);
        let mut arguments = vec![ip.as_str(), "-p", &port, "--json"];
        for domain in domains {
            arguments.extend(["-d", domain]);
        }
        home.run(&arguments)
    }
}

fn at(provider: &impl Provider) -> (String, String) {
    let address = provider.address();
    (address.ip().to_string(), address.port().to_string())
}
