//! The tests of Linux: real mail servers, a real desktop, networks and disks of a test's own, and an
//! engine that runs beside the test.

mod arrivals;
mod auto;
mod autoturn;
mod disk;
mod doctor;
mod engine;
mod exim;
mod files;
mod health;
mod held;
mod import;
mod input;
mod link_local;
mod logins;
mod mail_server_first;
mod man;
mod notices;
mod odmr;
mod overview;
mod pictures;
mod postfix;
mod programs;
mod proof;
mod rig;
mod running;
mod secrets;
mod sendmail;
mod servers;
mod strangers;
mod tray;
mod trusting;
mod turn;
mod window;
mod windows;
