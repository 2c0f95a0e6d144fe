//! The RFCs' known answers, the choice of a mechanism, and servers that mean ill.

use super::*;
use proptest::prelude::*;

fn login(user: &str, secret: &str) -> Login {
    Login {
        user: user.to_owned(),
        secret: Some(secret.to_owned().into()),
        choice: LoginChoice::Auto,
        in_clear: false,
        certificate: false,
    }
}

fn begin(mechanism: Mechanism, user: &str, secret: &str, nonce: &[u8]) -> Exchange {
    let login = login(user, secret);
    Exchange::new(mechanism, &login, "server.example.com", 143, nonce).unwrap()
}

/// An exchange that was given its nonce in the form on the wire, with its first message said.
fn scram(mechanism: Mechanism, user: &str, password: &str, nonce: &str) -> (Exchange, String) {
    let exchange = begin(mechanism, user, password, &BASE64.decode(nonce).unwrap());
    let first = exchange.initial().unwrap();
    (exchange, String::from_utf8(first.to_vec()).unwrap())
}

/// The response to a challenge, both as text before base64.
fn respond(exchange: &mut Exchange, challenge: &str) -> Result<String, SaslFault> {
    let response = exchange.respond(challenge.as_bytes())?;
    Ok(String::from_utf8(response.to_vec()).unwrap())
}

const SHA_1_FIRST: &str = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
const SHA_1_FINAL: &str = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=";

fn sha_1() -> Exchange {
    scram(
        Mechanism::ScramSha1,
        "user",
        "pencil",
        "fyko+d2lbbFgONRv9qkxdawL",
    )
    .0
}

#[test]
fn scram_as_in_rfc_5802_and_7677() {
    let (mut exchange, first) = scram(
        Mechanism::ScramSha1,
        "user",
        "pencil",
        "fyko+d2lbbFgONRv9qkxdawL",
    );
    assert_eq!(first, "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    assert_eq!(
        respond(&mut exchange, SHA_1_FIRST).unwrap(),
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
    );
    assert_eq!(respond(&mut exchange, SHA_1_FINAL).unwrap(), "");
    assert_eq!(exchange.accepted(None), Ok(()));
    assert_eq!(respond(&mut exchange, ""), Err(SaslFault::TooManySteps));

    let (mut exchange, first) = scram(
        Mechanism::ScramSha256,
        "user",
        "pencil",
        "rOprNGfwEbeRWgbNEkqO",
    );
    assert_eq!(first, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    assert_eq!(
        respond(
            &mut exchange,
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
        )
        .unwrap(),
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
         p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    );
    let last = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    assert_eq!(
        exchange.accepted(Some(last)),
        Ok(()),
        "in the text of the 235"
    );
}

#[test]
fn the_others_as_in_their_rfcs() {
    let mut cram = begin(Mechanism::CramMd5, "tim", "tanstaaftanstaaf", b"");
    assert_eq!(cram.initial(), None);
    assert_eq!(
        respond(&mut cram, "<1896.697170952@postoffice.reston.mci.net>").unwrap(),
        "tim b913a602c7eda7a495b4e6e7334d3890"
    );
    assert_eq!(cram.accepted(None), Ok(()));

    let plain = begin(Mechanism::Plain, "tim", "tanstaaftanstaaf", b"");
    assert_eq!(&**plain.initial().unwrap(), b"\0tim\0tanstaaftanstaaf");

    let token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";
    let mut bearer = begin(Mechanism::OAuthBearer, "user@example.com", token, b"");
    assert_eq!(
        *encode_initial(&bearer.initial().unwrap()),
        "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVh\
         cmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"
    );
    let refused = "{\"status\":\"invalid_token\",\"scope\":\"example_scope\"}";
    assert_eq!(respond(&mut bearer, refused).unwrap(), "\x01");

    // Google's documentation of XOAUTH2.
    let mut xoauth2 = begin(
        Mechanism::XOAuth2,
        "someuser@example.com",
        "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg",
        b"",
    );
    assert_eq!(
        *encode_initial(&xoauth2.initial().unwrap()),
        "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNr\
         QmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
    );
    assert_eq!(respond(&mut xoauth2, refused).unwrap(), "");
    assert_eq!(respond(&mut xoauth2, refused), Err(SaslFault::TooManySteps));

    let mut login = begin(Mechanism::Login, "tim", "tanstaaftanstaaf", b"");
    assert_eq!(login.initial(), None);
    assert_eq!(respond(&mut login, "Username:").unwrap(), "tim");
    assert_eq!(respond(&mut login, "").unwrap(), "tanstaaftanstaaf");
    assert_eq!(respond(&mut login, "Again:"), Err(SaslFault::TooManySteps));

    let nobody = Login {
        secret: None,
        ..super::tests::login("", "")
    };
    let external = Exchange::new(Mechanism::External, &nobody, "h.test", 25, b"").unwrap();
    assert_eq!(*encode_initial(&external.initial().unwrap()), "=");
    assert!(external.secret_patterns().is_empty());
}

#[test]
fn a_first_message_left_out_or_overlooked_is_said_once_more() {
    for mechanism in Mechanism::ALL {
        let mut exchange = begin(mechanism, "tim", "word", b"0123456789abcdefgh");
        let Some(first) = exchange.initial() else {
            continue;
        };
        assert_eq!(exchange.respond(b"").unwrap(), first, "{mechanism:?}");
        assert_ne!(exchange.respond(b"").ok(), Some(first), "{mechanism:?}");
    }
    let mut plain = begin(Mechanism::Plain, "tim", "word", b"");
    assert_eq!(respond(&mut plain, "go on").unwrap(), "\0tim\0word");
}

#[test]
fn lines_of_servers() {
    let mut dovecot = begin(Mechanism::Login, "tim", "word", b"");
    assert_eq!(*dovecot.answer("VXNlcm5hbWU6").unwrap(), "dGlt");
    assert_eq!(*dovecot.answer("UGFzc3dvcmQ6").unwrap(), "d29yZA==");
    let mut exim = begin(Mechanism::Plain, "tim", "word", b"");
    assert_eq!(*exim.answer("").unwrap(), "AHRpbQB3b3Jk");
    let mut qmail = begin(Mechanism::Plain, "tim", "word", b"");
    assert_eq!(*qmail.answer("ok, go on").unwrap(), "AHRpbQB3b3Jk");
    let mut words = begin(Mechanism::Login, "tim", "word", b"");
    assert_eq!(*words.answer("Username:").unwrap(), "dGlt");
    for mechanism in [
        Mechanism::CramMd5,
        Mechanism::ScramSha256,
        Mechanism::XOAuth2,
    ] {
        let mut exchange = begin(mechanism, "tim", "word", b"0123456789abcdefgh");
        assert_eq!(
            exchange.answer("ok, go on").unwrap_err(),
            SaslFault::Challenge,
            "{mechanism:?}"
        );
    }
}

#[test]
fn hostile_scram() {
    let first = |nonce: &str, salt: &str, rounds: &str| format!("r={nonce},s={salt},i={rounds}");
    let ours = "fyko+d2lbbFgONRv9qkxdawL";
    let more = "fyko+d2lbbFgONRv9qkxdawLx";
    for (challenge, fault) in [
        (first("otherNonce", "QSXC", "4096"), SaslFault::Challenge),
        (first(ours, "QSXC", "4096"), SaslFault::Challenge),
        (
            first(&format!("{more} "), "QSXC", "4096"),
            SaslFault::Challenge,
        ),
        (first(more, "", "4096"), SaslFault::Challenge),
        (first(more, "not base64", "4096"), SaslFault::Challenge),
        (first(more, "QSXC", ""), SaslFault::Challenge),
        (first(more, "QSXC", "+4096"), SaslFault::Challenge),
        (first(more, "QSXC", "0"), SaslFault::Iterations),
        (first(more, "QSXC", "1"), SaslFault::Iterations),
        (first(more, "QSXC", "4095"), SaslFault::Iterations),
        (first(more, "QSXC", "600001"), SaslFault::Iterations),
        (first(more, "QSXC", "4000000000"), SaslFault::Iterations),
        (
            first(more, "QSXC", &"9".repeat(1000)),
            SaslFault::Iterations,
        ),
        (format!("m=x,{SHA_1_FIRST}"), SaslFault::Challenge),
        (SHA_1_FINAL.to_owned(), SaslFault::Challenge),
        ("x".repeat(limits::SASL_CHALLENGE + 1), SaslFault::Challenge),
    ] {
        let mut exchange = sha_1();
        assert_eq!(
            respond(&mut exchange, &challenge),
            Err(fault),
            "{challenge}"
        );
        assert_eq!(
            respond(&mut exchange, SHA_1_FIRST),
            Err(SaslFault::TooManySteps),
            "over is over"
        );
        assert_eq!(exchange.accepted(None), Err(SaslFault::ServerNotProved));
    }
    assert_eq!(
        sha_1().respond(b"r=\xff").unwrap_err(),
        SaslFault::Challenge
    );
    let mut fewest = sha_1();
    assert!(respond(&mut fewest, &first(more, "QSXC", "4096,x=extension")).is_ok());
}

#[test]
fn a_scram_server_without_proof_is_not_believed() {
    let unproved = Err(SaslFault::ServerNotProved);
    assert_eq!(sha_1().accepted(None), unproved, "at once");
    let mut exchange = sha_1();
    respond(&mut exchange, SHA_1_FIRST).unwrap();
    assert_eq!(exchange.accepted(None), unproved, "after our proof");
    for last in [
        "",
        "v=",
        "v=rmF9",
        "v=AAAApqV8S7suAoZWja4dJRkFsKQ=",
        "v=?",
        "e=other-error",
    ] {
        assert_eq!(exchange.accepted(Some(last.as_bytes())), unproved, "{last}");
    }
    for last in ["v=", "v=rmF9", "v=AAAApqV8S7suAoZWja4dJRkFsKQ=", "v=?"] {
        let mut exchange = sha_1();
        respond(&mut exchange, SHA_1_FIRST).unwrap();
        assert_eq!(
            respond(&mut exchange, last),
            Err(SaslFault::ServerNotProved),
            "{last}"
        );
        assert_eq!(exchange.accepted(Some(SHA_1_FINAL.as_bytes())), unproved);
    }
    // A refusal is listened to, for the 535 that follows; it proves nothing.
    respond(&mut exchange, "e=invalid-proof").unwrap();
    assert_eq!(exchange.accepted(None), unproved);
}

#[test]
fn names_and_passwords_of_every_kind() {
    let nonce = "fyko+d2lbbFgONRv9qkxdawL";
    let (_, first) = scram(Mechanism::ScramSha1, "a=b,c", "x", nonce);
    assert_eq!(first, "n,,n=a=3Db=2Cc,r=fyko+d2lbbFgONRv9qkxdawL");
    // RFC 4013 3: a soft hyphen is nothing, a compatibility character its plain one; a user's
    // keyboard may compose or not.
    for (typed, prepared) in [
        ("I\u{ad}X", "IX"),
        ("\u{2168}", "IX"),
        ("pa\u{df} e\u{301}", "pa\u{df} \u{e9}"),
    ] {
        let proof = |password| {
            let mut exchange = scram(Mechanism::ScramSha1, "user", password, nonce).0;
            respond(&mut exchange, SHA_1_FIRST).unwrap()
        };
        assert_eq!(proof(typed), proof(prepared));
    }
    let plain = begin(Mechanism::Plain, "j\u{fc}rgen", "p\u{e4}ss \u{1f511}", b"");
    assert_eq!(
        &**plain.initial().unwrap(),
        "\0j\u{fc}rgen\0p\u{e4}ss \u{1f511}".as_bytes()
    );

    use Mechanism::{CramMd5, External, Login, OAuthBearer, Plain, ScramSha256, XOAuth2};
    for (mechanism, user, secret, carried) in [
        (
            ScramSha256,
            "user",
            "younger than Unicode 3.2 \u{1f511}",
            true,
        ),
        (ScramSha256, "user", "bell \u{7}", false),
        (ScramSha256, "user", "\u{1f511}\u{7}", false),
        (ScramSha256, "user", "\u{627}1", false),
        (ScramSha256, "user", "\u{ad}", false),
        (ScramSha256, "\u{e000}", "word", false),
        (Plain, "user", "bell \u{7}", true),
        (Plain, "us\0er", "word", false),
        (Plain, "user", "wo\0rd", false),
        (Plain, "", "word", false),
        (Plain, "user", "", false),
        (Login, "", "word", false),
        (CramMd5, "user", "", false),
        (XOAuth2, "user", "token\x01auth=Bearer other", false),
        (XOAuth2, "us\x01er", "token", false),
        (XOAuth2, "", "token", false),
        (OAuthBearer, "", "token", true),
        (OAuthBearer, "user", "to ken", false),
        (OAuthBearer, "user", "token\n", false),
        (External, "", "", true),
        (External, "us\0er", "", false),
    ] {
        let made = Exchange::new(mechanism, &login(user, secret), "h.test", 25, b"nonce");
        assert_eq!(
            made.map(|_| ()),
            if carried {
                Ok(())
            } else {
                Err(SaslFault::Unprintable)
            },
            "{mechanism:?} {user:?} {secret:?}"
        );
    }
    let mut missing = login("user", "");
    missing.secret = None;
    let made = Exchange::new(Plain, &missing, "h.test", 25, b"");
    assert_eq!(made.map(|_| ()), Err(SaslFault::Unprintable));
    let made = Exchange::new(OAuthBearer, &login("user", "token"), "h\x01", 25, b"");
    assert_eq!(made.map(|_| ()), Err(SaslFault::Unprintable));
}

#[test]
fn candidates_strongest_first() {
    use Mechanism::{
        CramMd5, External, Login, OAuthBearer, Plain, ScramSha1, ScramSha256, XOAuth2,
    };
    use NoMechanism::{NoneInCommon, NoneOffered, OnlyInClear};
    const ALL: &[Mechanism] = &Mechanism::ALL;
    let auto = login("tim", "word");
    let token = super::Login {
        choice: LoginChoice::Token,
        ..auto.clone()
    };
    let daring = super::Login {
        in_clear: true,
        ..auto.clone()
    };
    let only = |mechanism| super::Login {
        choice: LoginChoice::Only(mechanism),
        ..auto.clone()
    };
    let card = super::Login {
        certificate: true,
        secret: None,
        ..auto.clone()
    };
    let both = super::Login {
        certificate: true,
        ..auto.clone()
    };
    let passwords = vec![ScramSha256, ScramSha1, CramMd5, Plain, Login];
    let safe = vec![ScramSha256, ScramSha1, CramMd5];
    let backwards = [Login, Plain, CramMd5, ScramSha1];
    for (login, offered, protected, expected) in [
        (&auto, ALL, true, Ok(passwords.clone())),
        (&auto, ALL, false, Ok(safe)),
        (&daring, ALL, false, Ok(passwords.clone())),
        (
            &auto,
            &backwards,
            true,
            Ok(vec![ScramSha1, CramMd5, Plain, Login]),
        ),
        (&auto, &[Login, Plain], true, Ok(vec![Plain, Login])),
        (&auto, &[Login, Plain], false, Err(OnlyInClear)),
        (&daring, &[Login, Plain], false, Ok(vec![Plain, Login])),
        (
            &auto,
            &[XOAuth2, OAuthBearer, External],
            true,
            Err(NoneInCommon),
        ),
        (&auto, &[], true, Err(NoneOffered)),
        (&token, ALL, true, Ok(vec![OAuthBearer, XOAuth2])),
        (&token, &[XOAuth2, Plain], true, Ok(vec![XOAuth2])),
        (&token, ALL, false, Err(OnlyInClear)),
        (&token, &[Plain], true, Err(NoneInCommon)),
        (&only(Login), ALL, true, Ok(vec![Login])),
        (&only(Login), ALL, false, Err(OnlyInClear)),
        (&only(CramMd5), ALL, false, Ok(vec![CramMd5])),
        (&only(CramMd5), &[Plain], true, Err(NoneInCommon)),
        (&only(External), ALL, true, Ok(vec![External])),
        (&card, ALL, true, Ok(vec![External])),
        (&card, &[Plain], true, Err(NoneInCommon)),
        (&both, ALL, true, Ok(passwords)),
    ] {
        let found = candidates(login, offered, protected);
        assert_eq!(found, expected, "{login:?} {offered:?} {protected}");
    }
}

#[test]
fn names() {
    for mechanism in Mechanism::ALL {
        let lower = mechanism.name().to_ascii_lowercase();
        assert_eq!(Mechanism::from_name(&lower), Some(mechanism));
        assert_eq!(serde_json::to_value(mechanism).unwrap(), lower);
        assert_eq!(LoginChoice::Only(mechanism).name(), lower);
    }
    assert_eq!(Mechanism::from_name("SCRAM-SHA-256-PLUS"), None);
    for choice in LoginChoice::ALL {
        let json = serde_json::to_value(choice).unwrap();
        assert_eq!(json, choice.name());
        assert_eq!(serde_json::from_value::<LoginChoice>(json).unwrap(), choice);
    }
    assert!(serde_json::from_str::<LoginChoice>("\"ntlm\"").is_err());
}

#[test]
fn base64_on_the_wire() {
    assert_eq!(*encode(b""), "");
    assert_eq!(*encode_initial(b""), "=");
    assert_eq!(*encode_initial(b"a"), "YQ==");
    for (text, challenge) in [
        ("", &b""[..]),
        ("=", b""),
        ("YQ==", b"a"),
        ("YQ", b"a"),
        (" YQ== ", b"a"),
    ] {
        assert_eq!(decode(text).as_deref(), Ok(challenge), "{text:?}");
    }
    let longest = encode(&vec![b'x'; limits::SASL_CHALLENGE]);
    assert_eq!(decode(&longest).unwrap().len(), limits::SASL_CHALLENGE);
    for text in [
        "ok, go on",
        "Y",
        "Y=Q=",
        "\u{e9}",
        &format!("{}YQ==", *longest),
    ] {
        assert_eq!(decode(text), Err(SaslFault::Challenge), "{text:?}");
    }
}

fn any_challenge() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        proptest::collection::vec(any::<u8>(), 0..64),
        "[rsivem]=[ -~]{0,40},s=[A-Za-z0-9+/]{0,8},i=[0-9]{1,2}".prop_map(String::into_bytes),
        // A server that goes along with SCRAM to the end, except for its signature.
        ("[!-+--~]{0,9}", "[A-Za-z0-9+/]{4}", 0..9_u8).prop_map(|(more, salt, rounds)| {
            format!("r={}{more},s={salt},i={rounds}", BASE64.encode(NONCE)).into_bytes()
        }),
        "v=[A-Za-z0-9+/]{27}=".prop_map(String::into_bytes),
    ]
}

const NONCE: &[u8] = b"0123456789abcdefgh";

proptest! {
    #[test]
    fn whatever_comes_it_ends_and_shows_no_secret(
        mechanism in prop::sample::select(Mechanism::ALL.to_vec()),
        user in "\\PC{0,12}",
        secret in "\\PC{6,20}|[!-~]{6,20}",
        challenges in proptest::collection::vec(any_challenge(), 8),
    ) {
        let login = login(&user, &format!("<<{secret}>>"));
        let word = login.secret.as_ref().unwrap().expose();
        let nameless = Login { user: String::new(), ..login.clone() };
        let shown = format!("{nameless:?}");
        prop_assert!(!shown.contains(word), "{}", shown);
        let Ok(mut exchange) = Exchange::new(mechanism, &login, "h.test", 25, NONCE) else {
            return Ok(());
        };
        let secret_patterns = exchange.secret_patterns();
        prop_assert!(secret_patterns.iter().any(|text| **text == word));
        prop_assert!(secret_patterns.is_sorted_by(|a, b| a.len() >= b.len()));
        let mut said: Vec<_> = exchange.initial().into_iter().collect();
        let mut faults = 0;
        for challenge in &challenges {
            match exchange.respond(challenge) {
                Ok(response) => {
                    prop_assert_eq!(faults, 0, "nothing is said once it is over");
                    said.push(response);
                }
                Err(_) => faults += 1,
            }
            let shown = format!("{exchange:?}");
            prop_assert!(!shown.contains(word), "{}", shown);
        }
        prop_assert!(faults > 0, "no mechanism has eight steps");
        for response in said.iter().filter(|response| !response.is_empty()) {
            let revealing = response.windows(word.len()).any(|w| w == word.as_bytes());
            prop_assert!(!revealing || mechanism.reveals_secret());
            let line = encode(response);
            prop_assert_eq!(revealing, secret_patterns.iter().any(|text| line.contains(&**text)));
        }
        if matches!(mechanism, Mechanism::ScramSha1 | Mechanism::ScramSha256) {
            let last = challenges.last().map(Vec::as_slice);
            prop_assert_eq!(exchange.accepted(last), Err(SaslFault::ServerNotProved));
        }
    }

    #[test]
    fn no_text_is_too_odd_to_decode(text in "\\PC{0,80}|[A-Za-z0-9+/=]{0,80}") {
        if let Ok(challenge) = decode(&text) {
            prop_assert_eq!(decode(&encode(&challenge)), Ok(challenge));
        }
    }
}
