//! The database cluster on disk: creating it, and knowing which version made it.

use std::fs;
use std::path::PathBuf;

use tokio::process::Command;

use super::account::Account;
use super::binaries::Binaries;
use super::error::EmbeddedError;
use super::home::Home;
use super::settings::Durability;

/// A cluster that is already there.
#[derive(Debug)]
pub(super) struct Existing {
    pub(super) data: PathBuf,
    pub(super) major: u32,
}

/// The cluster in `home`, if there is one.
pub(super) fn major(home: &Home) -> Result<Option<Existing>, EmbeddedError> {
    let data = home.postgres_dir();
    let file = data.join("PG_VERSION");
    match fs::read_to_string(&file) {
        Ok(text) => {
            let major = text.trim().parse().map_err(|_| {
                EmbeddedError::io(format!("read a version in {}", file.display()))(
                    std::io::ErrorKind::InvalidData.into(),
                )
            })?;
            Ok(Some(Existing { data, major }))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(EmbeddedError::io(format!("read {}", file.display()))(error)),
    }
}

/// Creates the cluster unless there is one. Killed half way, the next call starts over.
pub(super) async fn create_if_missing(
    home: &Home,
    binaries: &Binaries,
    account: &Account,
    durability: Durability,
) -> Result<(), EmbeddedError> {
    if major(home)?.is_some() {
        return Ok(());
    }
    let unfinished = home.unfinished_dir();
    let io = |what: &str| EmbeddedError::io(format!("{what} {}", unfinished.display()));
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(io("remove"))?;
    }
    account.make_private_dir(&unfinished).map_err(io("create"))?;
    let mut command = account.command(binaries.program("initdb"));
    command
        .arg("-D")
        .arg(&unfinished)
        .args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--data-checksums",
            "--no-instructions",
        ])
        .arg(format!("--locale={}", locale().await));
    if durability == Durability::Disposable {
        command.arg("--no-sync");
    }
    let output = Command::from(command)
        .kill_on_drop(true)
        .output()
        .await
        .map_err(EmbeddedError::io("start initdb"))?;
    if !output.status.success() {
        return Err(EmbeddedError::Initdb(complaint(&String::from_utf8_lossy(&output.stderr))));
    }
    // Replaces the empty directory that a relocated cluster's link points to; fails on one with anything in it.
    fs::rename(&unfinished, home.postgres_dir()).map_err(io("finish"))
}

/// Sorts by code point and knows every letter, where the system has it; else by byte.
async fn locale() -> &'static str {
    let listed = Command::new("locale").arg("-a").output().await;
    let listed =
        listed.map(|output| String::from_utf8_lossy(&output.stdout).to_lowercase()).unwrap_or_default();
    if listed.lines().any(|name| name == "c.utf8" || name == "c.utf-8") { "C.UTF-8" } else { "C" }
}

/// The one line of a Postgres program's output that says what was wrong.
pub(super) fn complaint(output: &str) -> String {
    let mut lines = output.lines().rev().map(str::trim).filter(|line| !line.is_empty());
    let named = output.lines().rev().find(|line| line.contains("FATAL:") || line.contains("error:"));
    named.or_else(|| lines.next()).unwrap_or("it said nothing").trim().to_owned()
}
