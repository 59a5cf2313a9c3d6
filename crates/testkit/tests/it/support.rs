//! Directories and processes of these tests.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command};

use tempfile::TempDir;

/// A directory that the user who runs Postgres can enter, also when the tests run as root.
pub fn open_dir() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    dir
}

pub fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim() == "0"
}

pub fn testkit() -> Command {
    Command::new(env!("CARGO_BIN_EXE_testkit"))
}

/// Whether the process runs. One that has ended and only waits to be collected by its parent does not.
pub fn is_alive(pid: u32) -> bool {
    let output = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
    let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

pub fn terminate(child: &Child) {
    let done = Command::new("/bin/sh").args(["-c", "kill -TERM $0", &child.id().to_string()]).status();
    assert!(done.unwrap().success());
}

/// Pid in the first line of a running server's pid file, once it says that it is ready.
pub fn ready_server_in(dir: &Path) -> Option<u32> {
    let text = std::fs::read_to_string(dir.join("postgres/postmaster.pid")).ok()?;
    let ready = text.lines().nth(7).is_some_and(|state| state.trim() == "ready");
    ready.then(|| text.lines().next()?.trim().parse().ok()).flatten()
}

pub fn is_empty(dir: &Path) -> bool {
    std::fs::read_dir(dir).unwrap().next().is_none()
}
