//! `dequeue demo`: the whole job in a terminal or a pipe, which leaves nothing behind.

use crate::programs::{Home, outcome};

#[test]
fn shows_the_whole_job_in_either_manner_and_leaves_nothing_behind() {
    let home = Home::new();
    for (arguments, said) in [
        (
            &["demo"][..],
            ["ETRN example.org", "253 OK, 3 pending", "QUIT"],
        ),
        (
            &["demo", "--manner", "autoturn"],
            ["220 provider", "221 provider", "QUIT"],
        ),
    ] {
        let run = home.run(arguments);
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.err.is_empty(), "{run:?}");
        let arrived = ["Order 2041, two pallets", "Re: the meeting", "Invoice 77"];
        let proof = "3 messages were held, 3 have arrived";
        for part in said.iter().chain(&arrived).chain(&[proof]) {
            assert!(run.out.contains(part), "no {part:?} in {}", run.out);
        }
        // Plain lines in a pipe: no colours, no moving parts.
        assert!(!run.out.contains(['\u{1b}', '\r']), "{run:?}");
        assert!(run.out.lines().count() > 15, "{run:?}");
    }
    assert!(home.files().is_empty(), "{:?}", home.files());
}

#[test]
fn tells_programs_the_same() {
    for manner in ["etrn", "autoturn"] {
        let run = Home::new().run(&["demo", "--manner", manner, "--json"]);
        assert_eq!(run.status, 0, "{run:?}");
        let happened = run.objects();
        let of = |kind: &str| happened.iter().filter(|one| one["type"] == kind).count();
        assert_eq!((of("held"), of("arrived"), of("delivered")), (1, 3, 1));
        assert_eq!(happened[0]["arrived"], 0, "mail came before the poke");
        let poke = &happened[1]["poke"];
        let expected = match manner {
            "etrn" => ("started", "pending-started"),
            _ => ("signalled", "quit-signals"),
        };
        assert_eq!(outcome(poke), expected);
        assert_eq!(happened.last().unwrap()["arrived"], 3);
    }
}

#[test]
fn is_quiet_where_that_is_wanted() {
    let run = Home::new().run(&["demo", "-q"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!((run.out.as_str(), run.err.as_str()), ("", ""));
}
