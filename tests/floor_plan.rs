//! The rules of the floor plan that no compiler holds: which way the arrows run, and who may know
//! what. A rule that is broken is named with the file or the dependency that breaks it.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The packages of the workspace with their direct dependencies, those of tests left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let needed = package["dependencies"].as_array().unwrap().iter();
            let needed = needed.filter(|needed| needed["kind"] != "dev");
            (
                text(&package["name"]),
                needed.map(|needed| text(&needed["name"])).collect(),
            )
        })
        .collect()
}

/// The files below a folder of the workspace whose names end so.
fn files(folder: &str, ends: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if ends.iter().any(|end| name.ends_with(end)) {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "no {ends:?} in {folder}");
    found
}

/// What the programs that host an engine may need.
const FACE: [&str; 5] = [
    "dequeue-engine",
    "dequeue-api",
    "dequeue-core",
    "dequeue-platform",
    "dequeue-smtp",
];

#[test]
fn arrows_run_from_the_faces_over_the_engine_to_smtp() {
    let own = [
        "dequeue",
        "dequeue-smtp",
        "dequeue-core",
        "dequeue-platform",
        "dequeue-api",
        "dequeue-engine",
        "dequeue-tray",
        "dequeue-window",
    ];
    let dependencies = dependencies();
    for (package, may) in [
        ("dequeue-smtp", &[] as &[&str]),
        ("dequeue-platform", &[]),
        ("dequeue-core", &["dequeue-smtp"]),
        ("dequeue-api", &["dequeue-core", "dequeue-smtp"]),
        (
            "dequeue-engine",
            &[
                "dequeue-api",
                "dequeue-core",
                "dequeue-platform",
                "dequeue-smtp",
            ],
        ),
        ("dequeue", &FACE),
        ("dequeue-tray", &FACE),
        ("dequeue-window", &["dequeue-api"]),
    ] {
        for needed in own {
            let needs = dependencies[package].contains(needed);
            assert!(
                !needs || may.contains(&needed),
                "{package} must not need {needed}"
            );
        }
    }
}

#[test]
fn each_room_knows_its_own_trade_only() {
    let dependencies = dependencies();
    for (package, never) in [
        (
            "dequeue-smtp",
            &["tokio", "socket2", "rusqlite", "tracing", "jiff"] as &[&str],
        ),
        (
            "dequeue-platform",
            &[
                "tauri",
                "tray-icon",
                "ksni",
                "tao",
                "clap",
                "rusqlite",
                "rustls",
                "lettre",
                "toml_edit",
            ],
        ),
        (
            "dequeue-engine",
            &[
                "tauri",
                "tray-icon",
                "ksni",
                "tao",
                "clap",
                "notify-rust",
                "keyring-core",
            ],
        ),
        (
            "dequeue",
            &["tauri", "tray-icon", "ksni", "tao", "rusqlite", "toml_edit"],
        ),
        (
            "dequeue-tray",
            &["tauri", "clap", "rusqlite", "toml_edit", "notify-rust"],
        ),
        (
            "dequeue-window",
            &["tray-icon", "ksni", "clap", "rusqlite", "toml_edit"],
        ),
    ] {
        for needed in never {
            assert!(
                !dependencies[package].contains(*needed),
                "{package} must not need {needed}"
            );
        }
    }
}

#[test]
fn the_conversation_reads_no_clock_and_opens_no_socket() {
    for (path, text) in files("crates/smtp/src", &[".rs"]) {
        for never in [
            "Instant",
            "SystemTime",
            "TcpStream",
            "std::io",
            "std::fs",
            "async fn",
        ] {
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let found = code.filter(|line| line.contains(never)).count();
            assert_eq!(found, 0, "{never} in {}", path.display());
        }
    }
}

#[test]
fn one_module_of_the_page_talks_to_the_outside() {
    for (path, text) in files("ui/src", &[".ts", ".svelte"]) {
        if path
            .components()
            .any(|part| part.as_os_str() == "transport")
        {
            continue;
        }
        for never in ["@tauri-apps", "WebSocket", "fetch(", "XMLHttpRequest"] {
            assert!(!text.contains(never), "{never} in {}", path.display());
        }
    }
}
