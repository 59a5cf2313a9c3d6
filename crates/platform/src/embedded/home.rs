//! The directories of one server, and the lock that gives them one owner.
//!
//! Decision: root may name a directory that the user running Postgres cannot enter (a checkout under `/root`). Then
//! the server's own files go to a fresh directory below `/var/lib/purser/private`, and `postgres` in the data
//! directory is a link to them: found again at the next start, and forgotten with the data directory.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::error::EmbeddedError;

/// Where root puts server files that cannot lie in the data directory.
const PRIVATE_DIRS: &str = "/var/lib/purser/private";
/// Start of the name of a socket directory outside of the data directory.
const TEMPORARY_SOCKETS: &str = "/tmp/purser-pg-";
/// The shortest limit among the systems (macOS) on the path of a unix socket, in bytes.
const SOCKET_PATH_MAX: usize = 103;

/// A data directory, owned by this process while this value lives.
#[derive(Debug)]
pub(super) struct Home {
    data_dir: PathBuf,
    /// Parent of the database cluster; the data directory itself, unless it is out of reach.
    files: PathBuf,
    socket_dir: PathBuf,
    /// Holds the advisory lock; the kernel lets go of it however this process ends.
    _lock: File,
}

impl Home {
    /// Creates `data_dir` when missing and makes this process its owner.
    pub(super) fn claim(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let shown = data_dir.display().to_string();
        fs::create_dir_all(data_dir).map_err(EmbeddedError::io(format!("create {shown}")))?;
        let data_dir = data_dir.canonicalize().map_err(EmbeddedError::io(format!("open {shown}")))?;
        let lock = lock(&data_dir)?;
        let link = data_dir.join("postgres");
        let files = match fs::read_link(&link) {
            Ok(target) if target.is_dir() => target.parent().unwrap_or(&target).to_owned(),
            Ok(target) => {
                let what = format!("find {}, where {} points to", target.display(), link.display());
                return Err(EmbeddedError::io(what)(io::ErrorKind::NotFound.into()));
            }
            Err(_) => data_dir.clone(),
        };
        let socket_dir = files.join("socket");
        Ok(Self { data_dir, files, socket_dir, _lock: lock })
    }

    /// Makes sure that `account` can enter the directory of the server's files.
    pub(super) async fn make_reachable(&mut self, account: &Account) -> Result<(), EmbeddedError> {
        let Some(blocked) = account.blocked_at(&self.files).await? else { return Ok(()) };
        let instead = Path::new(PRIVATE_DIRS).join(uuid::Uuid::new_v4().to_string());
        let unreachable = |reason| EmbeddedError::Unreachable {
            uid: account.uid,
            blocked: blocked.clone(),
            instead: instead.clone(),
            reason,
        };
        if self.postgres_dir().exists() {
            return Err(unreachable(io::Error::other("it already holds data where it is")));
        }
        self.relocate(&instead, account).map_err(unreachable)?;
        tracing::warn!(
            "user id {} may not enter {}: the database of {} is kept in {}",
            account.uid,
            blocked.display(),
            self.data_dir.display(),
            instead.display()
        );
        Ok(())
    }

    fn relocate(&mut self, instead: &Path, account: &Account) -> io::Result<()> {
        let mut created = PathBuf::new();
        for part in instead.components() {
            created.push(part);
            if !created.exists() {
                fs::create_dir(&created)?;
                // Whatever the umask is: the account must get through, others need not look around.
                fs::set_permissions(&created, fs::Permissions::from_mode(0o711))?;
            }
        }
        // The link never points to nothing: the cluster's directory is made first, filled later.
        account.make_private_dir(&instead.join("postgres"))?;
        symlink(instead.join("postgres"), self.data_dir.join("postgres"))?;
        instead.clone_into(&mut self.files);
        self.socket_dir = self.files.join("socket");
        Ok(())
    }

    /// The directory for the server's socket, made for `account` alone. Next to the data, unless that path is
    /// longer than a socket's may be or holds characters that the server's list of directories gives a meaning.
    pub(super) fn make_socket_dir(&mut self, account: &Account) -> Result<PathBuf, EmbeddedError> {
        if !fits_a_socket(&self.socket_dir) {
            self.socket_dir = format!("{TEMPORARY_SOCKETS}{}", uuid::Uuid::new_v4().simple()).into();
        }
        let what = format!("create {}", self.socket_dir.display());
        account.make_private_dir(&self.socket_dir).map_err(EmbeddedError::io(what))?;
        Ok(self.socket_dir.clone())
    }

    pub(super) fn socket_dir(&self) -> PathBuf {
        self.socket_dir.clone()
    }

    /// The database cluster (`PGDATA`).
    pub(super) fn postgres_dir(&self) -> PathBuf {
        self.files.join("postgres")
    }

    /// Where a new cluster is built before it takes its name.
    pub(super) fn unfinished_dir(&self) -> PathBuf {
        self.files.join("postgres.unfinished")
    }

    pub(super) fn log_file(&self) -> PathBuf {
        self.data_dir.join("postgres.log")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        remove_temporary_sockets(&self.socket_dir);
    }
}

/// Deletes a socket directory that was made outside of the data directory; leaves every other alone.
pub(super) fn remove_temporary_sockets(dir: &Path) {
    if dir.to_str().is_some_and(|dir| dir.starts_with(TEMPORARY_SOCKETS)) {
        // It is empty of anything of value, and the next start makes its own.
        let _ = fs::remove_dir_all(dir);
    }
}

fn fits_a_socket(dir: &Path) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    dir.to_str()
        .is_some_and(|dir| dir.len() + "/.s.PGSQL.5432".len() <= SOCKET_PATH_MAX && dir.bytes().all(plain))
}

fn lock(data_dir: &Path) -> Result<File, EmbeddedError> {
    let path = data_dir.join("postgres.lock");
    let open = || EmbeddedError::io(format!("open {}", path.display()));
    let mut file =
        File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(open())?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(open())?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            let _ = file.rewind().and_then(|()| file.read_to_string(&mut owner));
            Err(EmbeddedError::InUse { dir: data_dir.to_owned(), owner: owner.trim().to_owned() })
        }
        Err(TryLockError::Error(error)) => Err(open()(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn socket_leaves_a_directory_whose_path_is_too_long_or_strange() {
        assert!(fits_a_socket(Path::new("/var/lib/purser/socket")));
        assert!(!fits_a_socket(Path::new(&format!("/{}", "a".repeat(100)))));
        assert!(!fits_a_socket(Path::new("/tmp/a,b")));
        assert!(!fits_a_socket(Path::new("/tmp/with space")));
    }
}
