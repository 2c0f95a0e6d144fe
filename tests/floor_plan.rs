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

/// What `cargo metadata` tells of the workspace.
fn metadata(arguments: &[&str]) -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline"])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The packages of the workspace with their direct dependencies, those of tests left out.
fn dependencies() -> Dependencies {
    let metadata = metadata(&["--no-deps"]);
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
    assert!(
        !found.is_empty() || ends == ["mod.rs"],
        "no {ends:?} in {folder}"
    );
    found
}

/// A package of the workspace, and what keeps it readable and light by itself.
struct Room {
    package: &'static str,
    /// Which other rooms it may know.
    may: &'static [&'static str],
    /// Which trades are other rooms'.
    never: &'static [&'static str],
    why: &'static str,
}

/// What the programs that host an engine may know.
const HOST: &[&str] = &[
    "dequeue-engine",
    "dequeue-api",
    "dequeue-core",
    "dequeue-platform",
    "dequeue-smtp",
];

const ROOMS: [Room; 8] = [
    Room {
        package: "dequeue-smtp",
        may: &[],
        never: &["tokio", "socket2", "rusqlite", "tracing", "jiff"],
        why: "the conversation is bytes in and bytes out, so that it can be tested and fuzzed whole",
    },
    Room {
        package: "dequeue-core",
        may: &["dequeue-smtp"],
        never: &["tokio", "rusqlite", "rustls", "socket2", "ureq", "lettre"],
        why: "the rules are pure: what they decide depends on what they are given and on nothing else",
    },
    Room {
        package: "dequeue-platform",
        may: &[],
        never: &[
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
        why: "it knows operating systems and nothing of mail",
    },
    Room {
        package: "dequeue-api",
        may: &["dequeue-core", "dequeue-smtp"],
        never: &[
            "rusqlite",
            "rustls",
            "lettre",
            "ureq",
            "notify-rust",
            "keyring-core",
        ],
        why: "every client links it, also the one that only passes JSON on",
    },
    Room {
        package: "dequeue-engine",
        may: &[
            "dequeue-api",
            "dequeue-core",
            "dequeue-platform",
            "dequeue-smtp",
        ],
        never: &[
            "tauri",
            "tray-icon",
            "ksni",
            "tao",
            "clap",
            "notify-rust",
            "keyring-core",
        ],
        why: "it runs where there is no screen, and knows the system through platform alone",
    },
    Room {
        package: "dequeue",
        may: HOST,
        never: &["tauri", "tray-icon", "ksni", "tao", "rusqlite", "toml_edit"],
        why: "the command line asks an engine; files are the engine's",
    },
    Room {
        package: "dequeue-tray",
        may: HOST,
        never: &["tauri", "clap", "rusqlite", "toml_edit", "notify-rust"],
        why: "it rests in the tray all day and must stay small",
    },
    Room {
        package: "dequeue-window",
        may: &["dequeue-api"],
        never: &["tray-icon", "ksni", "clap", "rusqlite", "toml_edit"],
        why: "the window passes JSON on; what is known stands in the engine",
    },
];

type Dependencies = BTreeMap<String, BTreeSet<String>>;

/// Each dependency that no room may have, with the reason.
fn forbidden_in(dependencies: &Dependencies) -> Vec<String> {
    let mut found = Vec::new();
    for Room {
        package,
        may,
        never,
        why,
    } in ROOMS
    {
        let other_rooms = ROOMS.map(|room| room.package);
        let needed = dependencies[package].iter();
        let forbidden = needed.filter(|needed| {
            let needed = needed.as_str();
            never.contains(&needed) || other_rooms.contains(&needed) && !may.contains(&needed)
        });
        found.extend(forbidden.map(|needed| format!("{package} must not need {needed}: {why}")));
    }
    found
}

#[test]
fn each_room_knows_its_own_trade_and_the_rooms_below() {
    let dependencies = dependencies();
    assert_eq!(forbidden_in(&dependencies), [""; 0]);
    let rooms: BTreeSet<&str> = ROOMS.iter().map(|room| room.package).collect();
    let without_product = ["xtask"];
    let unknown = dependencies.keys().map(String::as_str);
    let unknown: Vec<&str> = unknown
        .filter(|package| !rooms.contains(package) && !without_product.contains(package))
        .collect();
    assert_eq!(
        unknown, [""; 0],
        "a package without a place in the floor plan"
    );
}

/// The rule itself, on dependencies that break it.
#[test]
fn a_planted_arrow_is_found() {
    for (package, needed) in [
        ("dequeue-core", "dequeue-engine"),
        ("dequeue-smtp", "dequeue-core"),
        ("dequeue-window", "dequeue-engine"),
        ("dequeue-window", "rusqlite"),
        ("dequeue-engine", "tauri"),
    ] {
        let mut dependencies = dependencies();
        let planted = dependencies.get_mut(package).unwrap();
        assert!(planted.insert(needed.to_owned()));
        let found = forbidden_in(&dependencies);
        assert_eq!(found.len(), 1, "{found:?}");
        let sentence = format!("{package} must not need {needed}: ");
        assert!(found[0].starts_with(&sentence), "{found:?}");
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

/// Their tests pass or fail alike everywhere, and are run on one system.
#[test]
fn the_conversation_and_the_rules_are_the_same_on_every_system() {
    // Which shell a person types into, and what ends a line in their editor. Both ways are tested here.
    let known = [
        "crates/core/src/sink.rs",
        "crates/core/src/settings/file.rs",
    ];
    let mut asked = Vec::new();
    for folder in ["crates/smtp/src", "crates/core/src"] {
        for (path, text) in files(folder, &[".rs"]) {
            let asks = |line: &str| {
                let words = ["windows", "unix", "target_os", "target_family"];
                let words = words.map(|word| line.contains(&format!("({word}")));
                words.contains(&true) && line.contains("cfg") || line.contains("consts::OS")
            };
            for line in text.lines().filter(|line| asks(line)) {
                asked.push((path.clone(), line.trim().to_owned()));
            }
        }
    }
    let known = known.map(|path| root().join(path));
    let unknown: Vec<_> = (asked.iter().filter(|(path, _)| !known.contains(path))).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert_eq!(asked.len(), known.len(), "{asked:?}");
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

/// The tree of a program's dependencies, those of tests and builds left out: all packages below it.
fn tree_below(metadata: &serde_json::Value, package: &str) -> BTreeSet<String> {
    let packages = metadata["packages"].as_array().unwrap();
    let name_of = |id: &serde_json::Value| {
        let found = packages.iter().find(|package| package["id"] == *id);
        found.unwrap()["name"].as_str().unwrap().to_owned()
    };
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let mut below = BTreeSet::new();
    let mut next: Vec<&serde_json::Value> = nodes
        .iter()
        .filter(|node| name_of(&node["id"]) == package)
        .collect();
    assert_eq!(next.len(), 1, "{package} is one package");
    let mut seen = BTreeSet::new();
    while let Some(node) = next.pop() {
        for dependency in node["deps"].as_array().unwrap() {
            let mut kinds = dependency["dep_kinds"].as_array().unwrap().iter();
            let id = dependency["pkg"].as_str().unwrap();
            if kinds.any(|kind| kind["kind"].is_null()) && seen.insert(id.to_owned()) {
                below.insert(name_of(&dependency["pkg"]));
                next.extend(nodes.iter().filter(|node| node["id"] == *id));
            }
        }
    }
    below
}

/// The same tree, with one package more below another.
fn with_planted(metadata: &serde_json::Value, below: &str, planted: &str) -> serde_json::Value {
    let mut metadata = metadata.clone();
    let id_of = |name: &str| {
        let mut packages = metadata["packages"].as_array().unwrap().iter();
        let package = packages.find(|package| package["name"] == name);
        package.unwrap()["id"].clone()
    };
    let (below, planted) = (id_of(below), id_of(planted));
    let nodes = metadata["resolve"]["nodes"].as_array_mut().unwrap();
    let node = nodes.iter_mut().find(|node| node["id"] == below).unwrap();
    let dependency = serde_json::json!({ "pkg": planted, "dep_kinds": [{ "kind": null }] });
    node["deps"].as_array_mut().unwrap().push(dependency);
    metadata
}

/// What no program may link that only passes JSON on.
const HEAVY: [&str; 9] = [
    "rusqlite",
    "libsqlite3-sys",
    "rustls",
    "native-tls",
    "lettre",
    "ureq",
    "hyper",
    "reqwest",
    "dequeue-engine",
];

fn heavy_in(tree: &BTreeSet<String>) -> Vec<&str> {
    let found = HEAVY.into_iter().filter(|heavy| tree.contains(*heavy));
    found.collect()
}

#[test]
fn the_window_links_no_database_tls_mail_or_http() {
    let metadata = metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let window = tree_below(&metadata, "dequeue-window");
    assert!(window.contains("tauri") && window.contains("dequeue-core"));
    assert_eq!(
        heavy_in(&window),
        [""; 0],
        "the window passes JSON on: what it links it has to load, and to trust"
    );
    // The same look finds them where they are, also below something that the window links.
    let engine = tree_below(&metadata, "dequeue-engine");
    let found = heavy_in(&engine);
    assert!(found.contains(&"rusqlite") && found.contains(&"rustls"));
    let planted = with_planted(&metadata, "dequeue-api", "rusqlite");
    let found = tree_below(&planted, "dequeue-window");
    assert!(heavy_in(&found).contains(&"rusqlite"));
    // Nor does the pure core need a compiler for C, or a runtime.
    let core = tree_below(&metadata, "dequeue-core");
    for never in ["tokio", "ring", "cc", "rusqlite", "rustls", "socket2"] {
        assert!(!core.contains(never), "dequeue-core must not need {never}");
    }
}

/// One crate's files by their module paths: `""` is the root.
type Modules = BTreeMap<String, String>;

/// The files of a crate: those in its folder, and the one beside it that is named after the folder.
fn modules_of(folder: &str) -> Modules {
    let base = root().join(folder);
    let mut modules: Modules = files(folder, &[".rs"])
        .into_iter()
        .map(|(path, text)| {
            let path = path.strip_prefix(&base).unwrap().with_extension("");
            let mut parts: Vec<String> = path
                .components()
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect();
            if matches!(parts.last().map(String::as_str), Some("lib" | "main")) {
                parts.pop();
            }
            (parts.join("::"), text)
        })
        .collect();
    if let Ok(text) = fs::read_to_string(base.with_extension("rs")) {
        modules.insert(String::new(), text);
    }
    modules
}

/// The words and signs of Rust code: names, `::`, and each other sign by itself; without comments,
/// texts and characters.
fn tokens(source: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => while rest.next().is_some_and(|c| c != '\n') {},
            '"' => {
                while let Some(c) = rest.next() {
                    match c {
                        '\\' => drop(rest.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            // A character, not a lifetime.
            '\'' => {
                let mut ahead = rest.clone();
                let first = ahead.next();
                if first == Some('\\') || ahead.next() == Some('\'') {
                    if rest.next() == Some('\\') {
                        rest.next();
                    }
                    while rest.next().is_some_and(|c| c != '\'') {}
                }
            }
            ':' if rest.peek() == Some(&':') => {
                rest.next();
                tokens.push("::".to_owned());
            }
            c if c.is_alphanumeric() || c == '_' => {
                let mut word = c.to_string();
                while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(c);
                }
                // r"…" and r#"…"#, in which nothing is escaped.
                if matches!(word.as_str(), "r" | "br") && matches!(rest.peek(), Some('"' | '#')) {
                    let mut hashes = 0;
                    while rest.next_if_eq(&'#').is_some() {
                        hashes += 1;
                    }
                    if rest.next_if_eq(&'"').is_some() {
                        let end = format!("\"{}", "#".repeat(hashes));
                        let left: String = rest.clone().collect();
                        let inner = left.find(&end).map_or(left.len(), |at| at + end.len());
                        let inner = left[..inner].chars().count();
                        rest.by_ref().take(inner).for_each(drop);
                        continue;
                    }
                }
                tokens.push(word);
            }
            c if c.is_whitespace() => {}
            c => tokens.push(c.to_string()),
        }
    }
    tokens
}

/// The paths that a `use` tree names, from its tokens; gives where it ends.
fn use_tree(
    tokens: &[String],
    mut at: usize,
    prefix: &[String],
    paths: &mut Vec<Vec<String>>,
) -> usize {
    let mut path = prefix.to_vec();
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    at = use_tree(tokens, at, &path, paths);
                    if tokens.get(at).is_some_and(|token| token == ",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            Some("::") => at += 1,
            Some("," | "}" | ";") | None => break,
            Some("as") => at += 2,
            Some(word) => {
                path.push(word.to_owned());
                at += 1;
            }
        }
    }
    paths.push(path);
    at
}

/// Whether a condition of `cfg`, from its parenthesis on, is `test` or all of `test` and more.
fn is_for_tests(condition: &[String]) -> bool {
    let condition = condition.iter().map(String::as_str);
    let words: Vec<&str> = condition.take_while(|word| *word != "]").collect();
    matches!(
        words.as_slice(),
        ["(", "test", ")"] | ["(", "all", "(", "test", ..]
    )
}

/// The modules that a file needs, by the paths in it; modules of tests within it left out.
fn needed_by(module: &str, source: &str, modules: &Modules) -> BTreeSet<String> {
    let tokens = tokens(source);
    let mut paths: Vec<(usize, Vec<String>)> = Vec::new();
    // Modules within the file, each with the depth of braces that it ends at.
    let mut within: Vec<usize> = Vec::new();
    let (mut at, mut depth) = (0, 0);
    let is = |at: usize, words: &[&str]| {
        words
            .iter()
            .enumerate()
            .all(|(i, word)| tokens.get(at + i).is_some_and(|token| token == word))
    };
    while at < tokens.len() {
        if is(at, &["#", "[", "cfg", "("]) && is_for_tests(&tokens[at + 3..]) {
            while tokens.get(at).is_some_and(|token| token != "]") {
                at += 1;
            }
            at += 1;
            // What follows is for tests: to the end of its braces, or to a semicolon.
            let mut open = 0;
            while at < tokens.len() {
                match tokens[at].as_str() {
                    "{" => open += 1,
                    "}" => open -= 1,
                    _ => {}
                }
                at += 1;
                let last = tokens[at - 1].as_str();
                if open == 0 && matches!(last, "}" | ";") {
                    break;
                }
            }
            continue;
        }
        match tokens[at].as_str() {
            "mod" if tokens.get(at + 2).is_some_and(|token| token == "{") => {
                within.push(depth);
                depth += 1;
                at += 3;
                continue;
            }
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if within.last() == Some(&depth) {
                    within.pop();
                }
            }
            "use" if tokens.get(at + 1).is_none_or(|next| next != "<") => {
                let mut named = Vec::new();
                at = use_tree(&tokens, at + 1, &[], &mut named);
                paths.extend(named.into_iter().map(|path| (within.len(), path)));
                continue;
            }
            "crate" | "super" | "self" if tokens.get(at + 1).is_some_and(|next| next == "::") => {
                let mut path = vec![tokens[at].clone()];
                while tokens.get(at + 1).is_some_and(|next| next == "::")
                    && tokens.get(at + 2).is_some_and(|next| {
                        next.starts_with(|c: char| c.is_alphabetic() || c == '_')
                    })
                {
                    path.push(tokens[at + 2].clone());
                    at += 2;
                }
                paths.push((within.len(), path));
            }
            _ => {}
        }
        at += 1;
    }
    paths
        .into_iter()
        .filter_map(|(inside, path)| module_of(module, inside, &path, modules))
        .filter(|needed| needed != module)
        .collect()
}

/// The module with a file of its own that a path leads to.
fn module_of(module: &str, inside: usize, path: &[String], modules: &Modules) -> Option<String> {
    let mut parts: Vec<&str> = module.split("::").filter(|part| !part.is_empty()).collect();
    let mut up = inside;
    let mut rest = path.iter().map(String::as_str).peekable();
    match rest.peek() {
        Some(&"crate") => {
            parts.clear();
            rest.next();
        }
        Some(&("super" | "self")) => {
            while let Some(word) = rest.next_if(|word| matches!(*word, "super" | "self")) {
                if word == "super" {
                    match up {
                        0 => drop(parts.pop()),
                        _ => up -= 1,
                    }
                }
            }
        }
        // Another crate, or a name of this file.
        _ => return None,
    }
    let mut found = parts.join("::");
    for word in rest {
        let deeper = if found.is_empty() {
            word.to_owned()
        } else {
            format!("{found}::{word}")
        };
        if !modules.contains_key(&deeper) {
            break;
        }
        found = deeper;
    }
    Some(found)
}

/// A circle of files that need one another, if there is one.
fn circle(modules: &Modules) -> Option<Vec<String>> {
    fn visit<'a>(
        module: &'a str,
        arrows: &'a BTreeMap<String, BTreeSet<String>>,
        done: &mut BTreeSet<&'a str>,
        way: &mut Vec<&'a str>,
    ) -> Option<Vec<String>> {
        if let Some(start) = way.iter().position(|there| *there == module) {
            return Some(way[start..].iter().map(|m| (*m).to_owned()).collect());
        }
        if !done.insert(module) {
            return None;
        }
        way.push(module);
        for needed in &arrows[module] {
            if let Some(found) = visit(needed, arrows, done, way) {
                return Some(found);
            }
        }
        way.pop();
        None
    }
    let arrows: BTreeMap<String, BTreeSet<String>> = modules
        .iter()
        .map(|(module, source)| (module.clone(), needed_by(module, source, modules)))
        .collect();
    let mut done = BTreeSet::new();
    let mut modules = arrows.keys();
    modules.find_map(|module| visit(module, &arrows, &mut done, &mut Vec::new()))
}

#[test]
fn no_circle_of_files_stands_anywhere() {
    // What a folder of tests holds by itself is a crate of one file: it needs no other.
    for folder in [
        "crates/smtp/tests/session",
        "crates/engine/tests/engine",
        "crates/engine/tests/hostile",
        "crates/engine/tests/simulation",
        "tests/e2e",
        "crates/smtp/src",
        "crates/core/src",
        "crates/platform/src",
        "crates/api/src",
        "crates/engine/src",
        "crates/tray/src",
        "src-tauri/src",
        "src",
        "xtask/src",
    ] {
        let modules = modules_of(folder);
        if let Some(circle) = circle(&modules) {
            panic!(
                "in {folder} these files need one another in a circle, so that none can be read, \
                 tested or moved without the others: {}; put what they share into a file below",
                circle.join(" -> ")
            );
        }
    }
}

/// The rule itself, on files that break it.
#[test]
fn a_planted_circle_is_found() {
    let planted = |files: &[(&str, &str)]| {
        let files = files.iter();
        let modules: Modules = files
            .map(|(m, s)| ((*m).to_owned(), (*s).to_owned()))
            .collect();
        circle(&modules)
    };
    let lib = ("", "mod a; mod b; pub use a::Thing;");
    for (a, b) in [
        ("use crate::b::B;", "use crate::a::Thing;"),
        (
            "use super::b::{B, C};",
            "fn f() -> crate::a::Thing { todo!() }",
        ),
        (
            "use crate::{b::B};",
            "mod inner { use super::super::a::Thing; }",
        ),
        ("use crate::b::B;", "use crate::Thing;"),
    ] {
        let lib = match b {
            "use crate::Thing;" => ("", "mod a; mod b; pub use self::a::Thing;"),
            _ => lib,
        };
        assert!(planted(&[lib, ("a", a), ("b", b)]).is_some(), "{a} {b}");
    }
    for (a, b) in [
        ("use crate::b::B;", "fn f() {}"),
        (
            "use crate::b::B;",
            "// use crate::a::Thing;\nconst S: &str = \"crate::a::Thing\";",
        ),
        (
            "use crate::b::B;",
            "#[cfg(test)]\nmod tests { use crate::a::Thing; }",
        ),
        ("use std::fmt;", "use crate::a::Thing;"),
        ("use crate::b::B;", "mod inner { use super::B; }"),
    ] {
        assert_eq!(planted(&[lib, ("a", a), ("b", b)]), None, "{a} {b}");
    }
}

#[test]
fn modules_are_named_after_their_files() {
    for folder in ["crates", "src", "src-tauri/src", "tests", "xtask/src"] {
        for (path, _) in files(folder, &["mod.rs"]) {
            let name = path.file_name().unwrap();
            assert_ne!(
                name,
                "mod.rs",
                "{} is named after its folder: NAME.rs",
                path.display()
            );
        }
    }
}

/// What goes to a terminal goes through the one writer that makes a stranger's words safe there; the main
/// file has what comes before it and after it.
#[test]
fn the_command_line_writes_in_one_place() {
    let writes = ["println!", "eprintln!", "io::stdout()", "io::stderr()"];
    for (path, source) in files("src", &[".rs"]) {
        let name = path.file_name().unwrap().to_string_lossy();
        let may = matches!(&*name, "output.rs" | "main.rs");
        let found = writes.iter().find(|it| source.contains(**it));
        assert!(may || found.is_none(), "{}: {found:?}", path.display());
    }
}
