//! The directory of one test run's server.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use platform::embedded::EmbeddedPostgres;

use super::RunError;

const PREFIX: &str = "purser-test-";

/// A directory below the system's temporary one, deleted with this value.
#[derive(Debug)]
pub(super) struct Scratch {
    dir: PathBuf,
}

impl Scratch {
    /// Makes a new one, and ends and deletes what killed runs of the same user left behind.
    pub(super) async fn create() -> Result<Self, RunError> {
        let parent = std::env::temp_dir();
        let dir = parent.join(format!("{PREFIX}{}", uuid::Uuid::new_v4().simple()));
        let failed = || RunError::io(format!("create {}", dir.display()));
        // Others may pass, because root's server runs as another user; its own directories below are private.
        fs::DirBuilder::new().mode(0o711).create(&dir).map_err(failed())?;
        let owner = fs::symlink_metadata(&dir).map_err(failed())?.uid();
        let scratch = Self { dir };
        for left in scratch.others_of(&parent, owner) {
            // Refused while its run is alive, and then it is not ours to delete.
            if let Ok(files) = EmbeddedPostgres::end_leftover(&left).await {
                delete(&left, &files);
            }
        }
        Ok(scratch)
    }

    fn others_of(&self, parent: &Path, owner: u32) -> Vec<PathBuf> {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
        named
            .map(|entry| entry.path())
            .filter(|path| *path != self.dir)
            .filter(|path| {
                fs::symlink_metadata(path).is_ok_and(|found| found.is_dir() && found.uid() == owner)
            })
            .collect()
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Stops the server and deletes its files, wherever they are.
    pub(super) async fn discard(self, server: EmbeddedPostgres) -> Result<(), RunError> {
        let files = server.postgres_dir();
        server.stop().await?;
        delete(&self.dir, &files);
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        delete(&self.dir, &self.dir.join("postgres"));
    }
}

/// Deletes a server's directory, and its files' own one when they had to be put elsewhere.
fn delete(dir: &Path, postgres_dir: &Path) {
    let elsewhere = postgres_dir.parent().filter(|files| !dir.canonicalize().is_ok_and(|dir| dir == **files));
    for gone in elsewhere.into_iter().chain([dir]) {
        // What cannot be deleted now is tried again by the next run.
        let _ = fs::remove_dir_all(gone);
    }
}
