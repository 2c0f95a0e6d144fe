//! What the programs are made of: a bill of materials (SBOM, in CycloneDX's JSON) and the licences of
//! everything by others. Cargo tells the crates that are in a program for its target, npm's lock file
//! what is in the window's page.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{programs::Programs, stage};
use crate::{
    process::{cargo, read},
    workspace,
};

/// One of them.
struct Part {
    name: String,
    version: String,
    licence: String,
    /// Its name for machines (package URL).
    purl: String,
    /// The SHA-256 of what the registry gives.
    checksum: Option<String>,
    /// The URLs of those that it stands on.
    depends_on: BTreeSet<String>,
    /// The files that it brings about its licence: name and text.
    texts: Vec<(String, String)>,
    is_ours: bool,
}

/// The bill of materials of these programs.
///
/// # Errors
/// When cargo or the lock file cannot be read.
pub(super) fn sbom(programs: &Programs) -> Result<String> {
    let parts = parts(programs)?;
    let date: Timestamp = Timestamp::from_second(stage::date()?.parse()?)?;
    let version = workspace::version()?;
    let components: Vec<Value> = parts
        .iter()
        .map(|part| {
            let mut component = json!({
                "type": "library",
                "bom-ref": part.purl,
                "name": part.name,
                "version": part.version,
                "purl": part.purl,
                "licenses": [{ "expression": part.licence }],
            });
            if let Some(checksum) = &part.checksum {
                component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
            }
            component
        })
        .collect();
    let mut dependencies: Vec<Value> = parts
        .iter()
        .map(|part| json!({ "ref": part.purl, "dependsOn": part.depends_on }))
        .collect();
    let name = |part: &&Part| programs.names().contains(&part.name.as_str());
    let own: Vec<&String> = parts.iter().filter(name).map(|part| &part.purl).collect();
    dependencies.push(json!({ "ref": "product", "dependsOn": own }));
    let sbom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": date.to_string(),
            "component": {
                "type": "application",
                "bom-ref": "product",
                "name": "dequeue",
                "version": version,
                "licenses": [{ "expression": "MIT OR Apache-2.0" }],
            },
        },
        "components": components,
        "dependencies": dependencies,
    });
    Ok(format!("{sbom:#}\n"))
}

/// The licences of everything by others, each text once.
///
/// # Errors
/// As [`sbom`].
pub(super) fn licences(programs: &Programs) -> Result<String> {
    let parts = parts(programs)?;
    let mut by_text: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut text = String::from(
        "Dequeue is licensed under MIT or Apache-2.0, as you like. It contains the following, each\n\
         under the licence named behind it; the texts follow as they come with it.\n\n",
    );
    for part in parts.iter().filter(|part| !part.is_ours) {
        let named = format!("{} {}", part.name, part.version);
        writeln!(text, "  {named}: {}", part.licence)?;
        for (_, licence) in &part.texts {
            by_text.entry(licence).or_default().insert(named.clone());
        }
    }
    // By whom they are of, not by how they begin.
    let mut texts: Vec<_> = by_text.into_iter().collect();
    texts.sort_by(|one, other| one.1.cmp(&other.1).then(one.0.cmp(other.0)));
    for (licence, of) in texts {
        let of: Vec<String> = of.into_iter().collect();
        write!(
            text,
            "\n{}\n{}:\n\n{licence}\n",
            "-".repeat(78),
            of.join(", ")
        )?;
    }
    Ok(text)
}

/// All of them, by name.
fn parts(programs: &Programs) -> Result<Vec<Part>> {
    let mut parts = crates(programs)?;
    if programs.window {
        parts.extend(page()?);
    }
    parts.sort_by(|one, other| one.purl.cmp(&other.purl));
    Ok(parts)
}

/// The crates in the programs, and nothing that only builds or tests them.
fn crates(programs: &Programs) -> Result<Vec<Part>> {
    let own = host()?;
    let target = programs.target.unwrap_or(&own);
    let mut metadata = cargo();
    metadata.args([
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        target,
    ]);
    let metadata: Value = serde_json::from_str(&read(&mut metadata)?)?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();

    let packages: BTreeMap<String, Value> = list(&metadata["packages"])
        .into_iter()
        .map(|package| (text(&package["id"]), package))
        .collect();
    let nodes: BTreeMap<String, BTreeSet<String>> = list(&metadata["resolve"]["nodes"])
        .into_iter()
        .map(|node| {
            let is_in = |dependency: &Value| {
                // Neither of the tests nor of a build script.
                list(&dependency["dep_kinds"])
                    .iter()
                    .any(|kind| kind["kind"].is_null())
            };
            let ids = list(&node["deps"]).into_iter().filter(is_in);
            (text(&node["id"]), ids.map(|it| text(&it["pkg"])).collect())
        })
        .collect();
    let purl = |id: &String| {
        let package = packages.get(id).unwrap_or(&Value::Null);
        format!(
            "pkg:cargo/{}@{}",
            text(&package["name"]),
            text(&package["version"])
        )
    };

    let checksums = checksums()?;
    let mut wanted: Vec<String> = packages
        .iter()
        .filter(|(_, package)| {
            package["source"].is_null()
                && programs.names().contains(&text(&package["name"]).as_str())
        })
        .map(|(id, _)| id.clone())
        .collect();
    let mut seen = BTreeSet::new();
    let mut parts = Vec::new();
    while let Some(id) = wanted.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let package = packages
            .get(&id)
            .with_context(|| format!("cargo does not say what {id} is"))?;
        let below = nodes.get(&id).cloned().unwrap_or_default();
        let (name, version) = (text(&package["name"]), text(&package["version"]));
        let manifest = text(&package["manifest_path"]);
        let folder = Path::new(&manifest)
            .parent()
            .context("a manifest in no folder")?;
        parts.push(Part {
            licence: match text(&package["license"]).as_str() {
                "" => "LicenseRef-see-text".to_owned(),
                // As it was written before there were expressions.
                licence => licence.replace('/', " OR "),
            },
            purl: purl(&id),
            checksum: checksums.get(&(name.clone(), version.clone())).cloned(),
            depends_on: below.iter().map(purl).collect(),
            texts: texts(folder)?,
            is_ours: package["source"].is_null(),
            name,
            version,
        });
        wanted.extend(below);
    }
    Ok(parts)
}

/// What `Cargo.lock` has of each crate.
fn checksums() -> Result<BTreeMap<(String, String), String>> {
    let lock = fs::read_to_string(workspace::root().join("Cargo.lock"))?;
    let of = lock.split("[[package]]").filter_map(|package| {
        let value = |key: &str| {
            let start = format!("{key} = \"");
            let line = package.lines().find_map(|line| line.strip_prefix(&start))?;
            line.strip_suffix('"').map(str::to_owned)
        };
        Some(((value("name")?, value("version")?), value("checksum")?))
    });
    Ok(of.collect())
}

/// What the window's page holds: what it is said to stand on, and Svelte, whose runtime is built into it.
fn page() -> Result<Vec<Part>> {
    let ui = workspace::ui();
    let read = |file: &str| -> Result<Value> {
        let text = fs::read_to_string(ui.join(file)).with_context(|| file.to_owned())?;
        Ok(serde_json::from_str(&text)?)
    };
    let (package, lock) = (read("package.json")?, read("package-lock.json")?);
    let stands_on = package["dependencies"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let names = stands_on.keys().map(String::as_str).chain(["svelte"]);
    names
        .map(|name| {
            let of = &lock["packages"][format!("node_modules/{name}")];
            let value = |key: &str| of[key].as_str().unwrap_or_default().to_owned();
            let version = value("version");
            Ok(Part {
                purl: format!("pkg:npm/{}@{version}", name.replace('@', "%40")),
                name: name.to_owned(),
                licence: value("license"),
                checksum: None,
                depends_on: BTreeSet::new(),
                texts: texts(&ui.join("node_modules").join(name))?,
                is_ours: false,
                version,
            })
        })
        .collect()
}

/// The files in a package's folder that say something about its licence.
fn texts(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut texts = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let starts = |start: &&str| name.to_uppercase().starts_with(start);
        let is_licence = [
            "LICENSE",
            "LICENCE",
            "COPYING",
            "NOTICE",
            "UNLICENSE",
            "COPYRIGHT",
        ];
        if entry.file_type()?.is_file() && is_licence.iter().any(starts) {
            let text = fs::read(entry.path())?;
            let text = String::from_utf8_lossy(&text).replace("\r\n", "\n");
            texts.push((name, text.trim_end().to_owned()));
        }
    }
    texts.sort();
    Ok(texts)
}

/// The target of this machine.
fn host() -> Result<String> {
    let version = read(crate::process::command("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host
        .context("rustc does not say what it runs on")?
        .to_owned())
}
