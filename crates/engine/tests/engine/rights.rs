//! Who may do what with the service's engine, as another user of the machine finds it: over the real
//! socket, by the identity that the system tells.
//!
//! On Windows the client's token decides, which Wine has only one of: that of an administrator. What
//! is tried there is that this one is known, and may do everything.

use std::{fs, path::Path};

use dequeue_api::{Paths, Request, attach};
use dequeue_engine::{Attached, Hosting, host_or_attach};
#[cfg(target_os = "linux")]
use {
    dequeue_api::{Client, ErrorCode, Event, Response, Rights},
    dequeue_engine::StartError,
    std::time::Duration,
    tokio::time::timeout,
};

use crate::every_request::every_request;

const SETTINGS: &str = "version = 1\n# A note of the administrator's.\n\
    notice_webhook = \"https://hooks.example/key-in-the-address\"\n\
    notice_command = \"tell --token key-in-the-command\"\n\n[[account]]\nname = \"a\"\n\
    host = \"127.0.0.1\"\nport = 1\nheartbeat = \"https://beats.example/key-of-the-heartbeat\"\n\
    secret = \"command:vault --token key-of-the-vault\"\n";
/// What stands in there and is for administrators alone.
#[cfg(target_os = "linux")]
const KEYS: &str = "key-";

async fn service(folder: &Path) -> (Attached, Paths) {
    let paths = Paths::as_the_machines(folder);
    fs::create_dir_all(paths.settings().parent().unwrap()).unwrap();
    fs::write(paths.settings(), SETTINGS).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let closed = fs::Permissions::from_mode(0o700);
        fs::set_permissions(paths.settings().parent().unwrap(), closed).unwrap();
    }
    if let Some(runtime) = paths.runtime() {
        fs::create_dir_all(runtime).unwrap();
    }
    let engine = host_or_attach(&paths, Hosting::Service).await.unwrap();
    assert!(engine.is_hosting());
    (engine, paths)
}

/// Asks for everything: what needs more than this client may is refused. What comes is searched for keys.
#[cfg(target_os = "linux")]
async fn try_everything(client: &Client, may: Rights) {
    let mut events = client.events();
    for request in every_request() {
        let answer = timeout(Duration::from_secs(60), client.request(request.clone()));
        let answer = answer.await.expect("an answer");
        let is_refused = matches!(&answer, Err(error) if error.code == ErrorCode::NotAllowed);
        assert_eq!(is_refused, request.needs() > may, "{request:?}: {answer:?}");
        if let Err(error) = &answer
            && is_refused
        {
            assert!(error.message.contains("may look and poke"), "{error:?}");
        }
        if may == Rights::Look {
            let told = serde_json::to_string(&answer).unwrap();
            assert!(!told.contains(KEYS), "{request:?}: {told}");
        }
        if let Ok(Response::Snapshot { snapshot }) = &answer {
            assert_eq!(snapshot.may_change, may >= Rights::Change);
        }
    }
    while let Ok(event) = events.try_recv() {
        let told = serde_json::to_string(&event).unwrap();
        assert!(may > Rights::Look || !told.contains(KEYS), "{told}");
        if let Event::Changed { snapshot } = event {
            assert_eq!(snapshot.may_change, may >= Rights::Change);
        }
    }
}

#[cfg(windows)]
#[tokio::test]
async fn an_administrator_may_do_everything() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, paths) = service(folder.path()).await;
    let client = attach(&paths).await.unwrap();
    assert!(every_request().contains(&Request::Export));
    client.request(Request::Export).await.unwrap();
    assert!(client.snapshot().await.unwrap().may_change);
    engine.stop().await;
}

#[cfg(target_os = "linux")]
mod other_users {
    use std::{
        os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
        sync::mpsc,
    };

    use rustix::{
        process::{Gid, Uid, getuid},
        thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid},
    };

    use super::*;

    const STRANGER: u32 = 12_345;

    /// Whether this is root, who can become other users; else says what is left out.
    fn is_root() -> bool {
        if !getuid().is_root() {
            crate::left_out::left_out("only root can try what another user may do");
        }
        getuid().is_root()
    }

    /// Does this as another user with these groups, on a thread and a runtime of its own.
    fn as_user<T: Send>(user: u32, groups: &[u32], work: impl AsyncFnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let working = scope.spawn(|| {
                let ids: Vec<Gid> = groups.iter().copied().map(Gid::from_raw).collect();
                let (user, group) = (Uid::from_raw(user), Gid::from_raw(user));
                set_thread_groups(&ids).unwrap();
                set_thread_res_gid(group, group, group).unwrap();
                set_thread_res_uid(user, user, user).unwrap();
                let mut runtime = tokio::runtime::Builder::new_current_thread();
                runtime.enable_all().build().unwrap().block_on(work())
            });
            working.join().unwrap()
        })
    }

    /// A folder that everyone may look into.
    fn open_folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_stranger_looks_and_pokes_and_changes_nothing() {
        if !is_root() {
            return;
        }
        let folder = open_folder();
        let (engine, paths) = service(folder.path()).await;
        let socket = paths.runtime().unwrap().join("control.sock");
        assert_eq!(fs::metadata(&socket).unwrap().mode() & 0o777, 0o666);
        as_user(STRANGER, &[], async || {
            let client = attach(&paths).await.expect("everyone may attach");
            try_everything(&client, Rights::Look).await;
            let accounts = vec!["a".to_owned()];
            let answer = client.request(Request::PokeNow { accounts }).await;
            assert!(matches!(answer, Ok(Response::Pokes { .. })), "{answer:?}");
            // There is nothing to be had beside the engine.
            assert!(fs::read(paths.settings()).is_err());
            assert!(fs::read(paths.history()).is_err());
        });
        assert_eq!(fs::read_to_string(paths.settings()).unwrap(), SETTINGS);
        let snapshot = engine.client.snapshot().await.unwrap();
        assert!(snapshot.may_change && !snapshot.paused && !snapshot.demo);
        assert!(!paths.data().join("secrets").exists());
        // Root and the engine's own clients may do everything.
        let root = attach(&paths).await.unwrap();
        assert!(root.snapshot().await.unwrap().may_change);
        assert!(root.request(Request::Export).await.is_ok());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn one_user_takes_nobody_elses_place() {
        if !is_root() {
            return;
        }
        let folder = open_folder();
        let (_engine, paths) = service(folder.path()).await;
        let (full, is_full) = mpsc::channel();
        let (leave, left) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            // Where the test fails, the other thread ends with this.
            let (paths, leave) = (&paths, leave);
            scope.spawn(move || {
                as_user(STRANGER, &[], async move || {
                    let mut taken = Vec::new();
                    let mut refused = 0;
                    for _ in 0..60 {
                        match attach(paths).await {
                            Some(client) if client.snapshot().await.is_ok() => taken.push(client),
                            _ => refused += 1,
                        }
                    }
                    full.send((taken.len(), refused)).unwrap();
                    let _ = left.recv();
                    drop(taken);
                });
            });
            let (taken, refused) = is_full.recv().unwrap();
            assert!(taken > 0 && refused > 0, "{taken} let in, {refused} not");
            for other in [STRANGER + 1, 0] {
                as_user(other, &[], async || {
                    let client = attach(paths).await.expect("there is room");
                    client.snapshot().await.expect("an answer");
                });
            }
            leave.send(()).unwrap();
        });
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_users_own_engine_is_closed_to_others_and_open_to_root() {
        if !is_root() {
            return;
        }
        let folder = open_folder();
        let home = folder.path().join("home");
        fs::create_dir(&home).unwrap();
        chown(&home, Some(STRANGER), Some(STRANGER)).unwrap();
        let paths = Paths::in_folder(&home);
        // Others may read it: nobody else hosts an engine on it all the same.
        fs::write(paths.settings(), "version = 1\n").unwrap();
        let (hosted, hosts) = mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        std::thread::scope(|scope| {
            let (paths, stop) = (&paths, stop);
            scope.spawn(move || {
                as_user(STRANGER, &[], async move || {
                    let engine = host_or_attach(paths, Hosting::Rhythm).await.unwrap();
                    hosted.send(()).unwrap();
                    let _ = stopped.await;
                    engine.stop().await;
                });
            });
            hosts.recv().unwrap();
            // Whoever could reach the socket would still be nobody there.
            fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).unwrap();
            let socket = home.join("control.sock");
            fs::set_permissions(&socket, fs::Permissions::from_mode(0o666)).unwrap();
            as_user(STRANGER + 1, &[], async || {
                if let Some(client) = attach(paths).await {
                    assert!(client.snapshot().await.is_err());
                }
                let second = host_or_attach(paths, Hosting::Rhythm).await;
                assert!(
                    !second.as_ref().is_ok_and(Attached::is_hosting),
                    "two engines on one folder"
                );
            });
            as_user(0, &[], async || {
                let client = attach(paths).await.unwrap();
                assert!(client.snapshot().await.unwrap().may_change);
                let second = host_or_attach(paths, Hosting::Rhythm).await.unwrap();
                assert!(!second.is_hosting(), "two engines on one folder");
            });
            stop.send(()).unwrap();
        });
    }

    /// What somebody has put where the service's things belong is trusted by nobody, and nobody but
    /// root can put anything there.
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_planted_socket_is_told_nothing() {
        if !is_root() {
            return;
        }
        let folder = open_folder();
        let paths = Paths::as_the_machines(folder.path());
        let runtime = paths.runtime().unwrap();
        fs::create_dir_all(runtime).unwrap();
        fs::set_permissions(runtime, fs::Permissions::from_mode(0o777)).unwrap();
        let socket = runtime.join("control.sock");
        let planted = as_user(STRANGER, &[], async || {
            let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
            fs::set_permissions(&socket, fs::Permissions::from_mode(0o666)).unwrap();
            listener
        });
        let refused = async |what: &str| {
            let client = attach(&paths).await.expect("something is there");
            let secret = Request::SetSecret {
                account: "a".into(),
                secret: "hunter2".to_owned().into(),
            };
            let error = client.request(secret).await.unwrap_err();
            assert!(
                error.message.contains("does not belong to it"),
                "{what}: {error:?}"
            );
            let (mut stream, _) = planted.accept().unwrap();
            let mut heard = Vec::new();
            std::io::Read::read_to_end(&mut stream, &mut heard).unwrap();
            assert_eq!(heard, b"", "{what}");
        };
        refused("a folder that all may write").await;
        fs::set_permissions(runtime, fs::Permissions::from_mode(0o755)).unwrap();
        refused("a socket that is a stranger's in a folder of root's").await;
        as_user(STRANGER + 1, &[], async || {
            refused("seen by another user").await
        });
        // By a link, in a folder that is not root's.
        let elsewhere = folder.path().join("elsewhere");
        fs::rename(runtime, &elsewhere).unwrap();
        symlink(&elsewhere, runtime).unwrap();
        chown(&elsewhere, Some(STRANGER), Some(STRANGER)).unwrap();
        refused("by a link").await;
        fs::remove_file(runtime).unwrap();
        let above = folder.path();
        fs::rename(&elsewhere, runtime).unwrap();
        chown(above, Some(STRANGER), Some(STRANGER)).unwrap();
        refused("in a folder of a stranger's").await;
        chown(above, Some(0), Some(0)).unwrap();
        // As root has made it, it is the service's.
        let client = attach(&paths).await.unwrap();
        drop(client);
        let (_, _) = planted.accept().unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn the_service_does_not_start_on_what_others_have_made() {
        if !is_root() {
            return;
        }
        let folder = open_folder();
        let (engine, paths) = service(folder.path()).await;
        engine.stop().await;
        // Its lock, held by another user.
        as_user(STRANGER, &[], async || {
            let second = host_or_attach(&paths, Hosting::Service).await;
            let refused = second.expect_err("nothing of it is a stranger's to use");
            assert!(
                matches!(refused, StartError::Paths(_) | StartError::Folder { .. }),
                "{refused:?}"
            );
        });
    }
}
