//! The operating system's user that runs Postgres.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::EmbeddedError;
use super::home::Home;

/// Who the server's processes run as.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// We are root, and the processes must be started as another user.
    drops_root: bool,
}

impl Account {
    /// The account for the data in `home`: ourselves; for root the data's owner, else user `postgres`.
    pub(super) async fn for_data(home: &Home) -> Result<Self, EmbeddedError> {
        let own = Self { uid: id(&["-u"]).await?, gid: id(&["-g"]).await?, drops_root: false };
        let data = home.postgres_dir();
        let owner = fs::metadata(&data).ok().map(|found| (found.uid(), found.gid()));
        if own.uid != 0 {
            return match owner {
                Some((owner, _)) if owner != own.uid => Err(EmbeddedError::OtherOwner { data, owner }),
                _ => Ok(own),
            };
        }
        match owner {
            Some((uid, gid)) if uid != 0 => Ok(Self { uid, gid, drops_root: true }),
            _ => {
                let missing = |_| EmbeddedError::NoUser;
                let uid = id(&["-u", "postgres"]).await.map_err(missing)?;
                let gid = id(&["-g", "postgres"]).await.map_err(missing)?;
                Ok(Self { uid, gid, drops_root: true })
            }
        }
    }

    /// A command that runs as this account, with none of the caller's Postgres settings and out of reach of the
    /// terminal's Ctrl-C: the owner stops the server when it has drained.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null()).process_group(0).env("LC_ALL", "C");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        if self.drops_root {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Creates `dir` (its parent exists) for this account alone.
    pub(super) fn make_private_dir(&self, dir: &Path) -> std::io::Result<()> {
        use std::os::unix::fs::DirBuilderExt as _;
        if !dir.is_dir() {
            fs::DirBuilder::new().mode(0o700).create(dir)?;
        }
        self.give(dir)
    }

    /// Makes `path` this account's own.
    pub(super) fn give(&self, path: &Path) -> std::io::Result<()> {
        if self.drops_root {
            std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    /// The outermost of `dir` and its parents that this account may not enter.
    pub(super) async fn blocked_at(&self, dir: &Path) -> Result<Option<std::path::PathBuf>, EmbeddedError> {
        if !self.drops_root {
            return Ok(None);
        }
        // Asking the system as that user sees group membership and access lists as they are.
        let mut parents: Vec<&Path> = dir.ancestors().collect();
        parents.reverse();
        let mut command = self.command("/bin/sh");
        command
            .args(["-c", r#"for d; do [ -x "$d" ] || { printf %s "$d"; exit 0; }; done"#, "sh"])
            .args(parents);
        let output = tokio::process::Command::from(command).output().await;
        let output = output.map_err(EmbeddedError::io(format!("start a command as user id {}", self.uid)))?;
        let blocked = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok((!blocked.is_empty()).then(|| blocked.into()))
    }
}

/// Numeric ids come from `id`, which knows every source of users; std cannot ask without unsafe code.
async fn id(args: &[&str]) -> Result<u32, EmbeddedError> {
    let what = || format!("read a user id (id {})", args.join(" "));
    let output =
        tokio::process::Command::new("id").args(args).output().await.map_err(EmbeddedError::io(what()))?;
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .map_err(|_| EmbeddedError::io(what())(std::io::ErrorKind::NotFound.into()))
}
