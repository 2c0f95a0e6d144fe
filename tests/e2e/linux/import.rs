//! Settings from another program and to another machine: with a running engine, and passwords into
//! files, for want of a keyring; what other programs' files mean, compared with the real programs.

mod fetchmail;
mod msmtp;
mod rig;

use std::fs;

use serde_json::json;

use crate::{
    import::{import, to_another_machine},
    programs::Home,
};

#[test]
fn to_another_machine_where_an_engine_runs_and_back() {
    to_another_machine(Home::start_engine);
}

#[test]
fn passwords_come_along_and_show_nowhere() {
    let odmr = "poll odmr.test with proto ODMR,
  user \"office\" there with password \"hunter2\" fetchdomains a.test options ssl sslcertck\n";
    let home = Home::new();
    let run = import(&home, odmr, &["--from", "fetchmail"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(
        run.out.contains("“odmr.test” is stored in a file"),
        "{run:?}"
    );
    assert!(!run.out.contains("dequeue secret set"), "{run:?}");
    let again = ["--from", "fetchmail", "--replace", "--json"];
    let taken = import(&home, odmr, &again).object();
    assert_eq!(
        taken["passwords"],
        json!([{"account": "odmr.test", "kept_in": "file"}])
    );
    assert_eq!(taken["notes"], json!([]));
    let settings = fs::read_to_string(home.settings()).unwrap();
    for shown in [&run.out, &run.err, &settings, &taken.to_string()] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    // A folder cannot be made where a file is: all but the password is taken over.
    let other = Home::new();
    fs::write(other.path().join("secrets"), "").unwrap();
    let run = import(&other, odmr, &["--from", "fetchmail"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.out.contains("dequeue secret set"), "{run:?}");
    assert!(run.err.contains("secrets"), "{run:?}");
    assert!(other.settings().exists());
}
