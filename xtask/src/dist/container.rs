//! An image for containers: one file, in the layout of the Open Container Initiative, which `docker
//! load`, `podman load` and `skopeo` take. It holds the command line, the libraries that it loads, and
//! the authorities that TLS trusts; no shell. Its settings and its data are in `/data`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    parts,
    programs::Programs,
    stage::{self, FILE, PROGRAM, Packed, Root, say},
};
use crate::{
    process::{command, read, run},
    workspace,
};

/// The user that it runs as, and the user's group. Not root, and nobody of the host's.
const USER: &str = "10001";
/// What TLS trusts, where Debian has it.
const AUTHORITIES: &str = "etc/ssl/certs/ca-certificates.crt";

/// Makes the image in `out`.
///
/// # Errors
/// When one of the tools fails.
pub(super) fn pack(programs: &Programs, out: &Path, packed: Packed) -> Result<()> {
    say("the image for containers");
    let version = workspace::version()?;
    let work = workspace::target()?.join("packing/container");
    let root = Root::at(work.join("root"))?;
    let program = root.copy(&programs.path("dequeue")?, "usr/bin/dequeue", PROGRAM)?;
    run(command("strip").arg(&program))?;
    for library in libraries(&program)? {
        root.copy(&library, without_slash(&library)?, PROGRAM)?;
    }
    root.copy(&Path::new("/").join(AUTHORITIES), AUTHORITIES, FILE)?;
    root.put(
        "etc/passwd",
        FILE,
        format!("dequeue:x:{USER}:{USER}:Dequeue:/data:/nonexistent\n"),
    )?;
    root.put("etc/group", FILE, format!("dequeue:x:{USER}:\n"))?;
    root.put("etc/nsswitch.conf", FILE, "hosts: files dns\n")?;
    root.put(
        "usr/share/doc/dequeue/THIRD-PARTY.txt",
        FILE,
        parts::licences(programs)?,
    )?;
    let libc = Path::new("/usr/share/doc/libc6/copyright");
    root.copy(libc, "usr/share/doc/libc6/copyright", FILE)?;
    root.folder("tmp", 0o1777)?;
    root.finish()?;
    let data = Root::at(work.join("data"))?;
    data.folder("data", 0o700)?;
    data.finish()?;

    let image = Root::at(work.join("image"))?;
    image.folder("blobs/sha256", PROGRAM)?;
    let mut layers = Vec::new();
    let mut diffs = Vec::new();
    // Two, since tar gives all that it packs the same owner.
    for (folder, owner) in [(&root.0, "0"), (&data.0, USER)] {
        let tar = work.join("layer.tar");
        stage::tar(
            folder,
            &tar,
            &format!("--owner={owner}"),
            &format!("--group={owner}"),
        )?;
        diffs.push(format!("sha256:{}", digest(&tar)?));
        run(command("gzip")
            .args([packed.level(), "-n", "--force"])
            .arg(&tar))?;
        let layer = work.join("layer.tar.gz");
        layers.push(blob(
            &image,
            &layer,
            "application/vnd.oci.image.layer.v1.tar+gzip",
        )?);
    }
    let created = Timestamp::from_second(stage::date()?.parse()?)?.to_string();
    let config = json!({
        "created": created,
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "User": format!("{USER}:{USER}"),
            "Env": ["PATH=/usr/bin", "DEQUEUE_HOME=/data"],
            "Entrypoint": ["/usr/bin/dequeue"],
            "Cmd": ["run"],
            "Volumes": { "/data": {} },
            "WorkingDir": "/data",
            "StopSignal": "SIGTERM",
            "Labels": {
                "org.opencontainers.image.title": "Dequeue",
                "org.opencontainers.image.version": version,
                "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
            },
        },
        "rootfs": { "type": "layers", "diff_ids": diffs },
        "history": [
            { "created": created, "created_by": "cargo xtask dist" },
            { "created": created, "created_by": "cargo xtask dist" },
        ],
    });
    let config = json_blob(&image, &config, "application/vnd.oci.image.config.v1+json")?;
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": kind,
        "config": config,
        "layers": layers,
    });
    let mut manifest = json_blob(&image, &manifest, kind)?;
    manifest["annotations"] = json!({
        "org.opencontainers.image.ref.name": version,
        // What docker calls it when it is loaded.
        "io.containerd.image.name": format!("docker.io/library/dequeue:{version}"),
    });
    let index = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [manifest],
    });
    image.put("index.json", FILE, index.to_string())?;
    image.put(
        "oci-layout",
        FILE,
        json!({ "imageLayoutVersion": "1.0.0" }).to_string(),
    )?;
    image.finish()?;
    let file = out.join(format!("dequeue-{version}-container.tar"));
    stage::tar(&image.0, &file, "--owner=0", "--group=0")
}

/// The libraries that a program loads, with the loader itself.
fn libraries(program: &Path) -> Result<Vec<PathBuf>> {
    let said = read(command("ldd").arg(program))?;
    let paths = said.lines().filter_map(|line| {
        let words = line.split_whitespace();
        words
            .map(Path::new)
            .find(|word| word.is_absolute())
            .map(Path::to_owned)
    });
    Ok(paths.collect())
}

fn without_slash(path: &Path) -> Result<&str> {
    let path = path.strip_prefix("/")?;
    path.to_str().context("a path that is not UTF-8")
}

fn digest(file: &Path) -> Result<String> {
    let said = read(command("sha256sum").arg(file))?;
    Ok(said.split(' ').next().unwrap_or_default().to_owned())
}

/// Moves a file into the image; gives what names it there.
fn blob(image: &Root, file: &Path, kind: &str) -> Result<Value> {
    let digest = digest(file)?;
    let size = fs::metadata(file)?.len();
    image.copy(file, &format!("blobs/sha256/{digest}"), FILE)?;
    Ok(json!({ "mediaType": kind, "digest": format!("sha256:{digest}"), "size": size }))
}

fn json_blob(image: &Root, value: &Value, kind: &str) -> Result<Value> {
    image.put("blob", FILE, value.to_string())?;
    let file = image.0.join("blob");
    let named = blob(image, &file, kind)?;
    fs::remove_file(file)?;
    Ok(named)
}
