//! No text takes more memory or time than its length allows for: what made copies of copies is shared,
//! and what comes of all of it has a limit.

use super::*;

#[test]
fn parents_that_double_with_each_account() {
    let mut text = "account a0\nhost h.test\nuser u\n".to_owned();
    for account in 1..60 {
        let parent = account - 1;
        text += &format!("account a{account} : a{parent}, a{parent}\n");
    }
    assert_eq!(read(ImportFormat::Msmtp, &text).unwrap().accounts.len(), 60);
    let many = format!(
        "account b\nhost h.test\naccount c : b{}\n",
        ", b".repeat(300_000)
    );
    assert_eq!(read(ImportFormat::Msmtp, &many).unwrap().accounts.len(), 2);
}

#[test]
fn one_name_for_many_calls() {
    let calls = "etrn.pl h.test a.test\n".repeat(40_000);
    let imported = read(ImportFormat::Etrn, &calls).unwrap();
    assert_eq!(imported.accounts.len(), 40_000);
    assert_eq!(imported.accounts[39_999].name(), "h.test 40000");
}

#[test]
fn a_time_that_many_calls_have_in_common() {
    let days = "1,".repeat(200_000) + "1";
    let calls = "dequeue h.test;".repeat(30_000);
    for text in [
        format!("0 0 {days} * * {calls}"),
        format!(
            "schtasks /create /sc monthly /st 10:00 /d {days} /tr \"{}\"",
            calls.replace(';', "&")
        ),
    ] {
        assert_eq!(
            fault(ImportFormat::Dequeue, &text).1,
            ImportFaultKind::TooLarge
        );
    }
}

#[test]
fn what_is_no_comment_in_a_last_line() {
    let text = format!("poll h proto etrn\nfetchdomains {}", "# ".repeat(500_000));
    assert_eq!(
        read(ImportFormat::Fetchmail, &text).unwrap().accounts.len(),
        1
    );
}

#[test]
fn elements_within_elements() {
    let deep = format!(
        "<Task>{}{}</Task>",
        "<a>".repeat(140_000),
        "</a>".repeat(140_000)
    );
    assert_eq!(
        fault(ImportFormat::Dequeue, &deep).1,
        ImportFaultKind::Unknown
    );
    let exec = "<Command>d</Command><Arguments>e</Arguments>".repeat(20_000);
    let wide = format!("<Task><Actions><Exec>{exec}</Exec></Actions></Task>");
    assert_eq!(
        fault(ImportFormat::Dequeue, &wide).1,
        ImportFaultKind::Nothing
    );
}

#[test]
fn a_long_value_that_many_have_in_common() {
    let long = "a.test,".repeat(60_000);
    for (kind, text) in [
        (
            ImportFormat::Fetchmail,
            format!(
                "defaults proto etrn fetchdomains {long}\n{}",
                "poll h\n".repeat(40_000)
            ),
        ),
        (
            ImportFormat::Fetchmail,
            format!(
                "poll h proto odmr via {} {}",
                "v".repeat(400_000),
                "user u ".repeat(40_000)
            ),
        ),
        (
            ImportFormat::Msmtp,
            (0..30_000).fold(
                format!("defaults\nhost {}\n", "h".repeat(400_000)),
                |text, account| text + &format!("account {account}\n"),
            ),
        ),
    ] {
        assert_eq!(fault(kind, &text).1, ImportFaultKind::TooLarge);
    }
}
