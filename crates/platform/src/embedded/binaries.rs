//! Finding the server's programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cluster::Existing;
use super::error::EmbeddedError;

/// Oldest major version this system runs on.
pub const OLDEST_MAJOR: u32 = 15;

/// Folders that hold one folder per installed major version, with the path from there to the programs.
const VERSIONED: [(&str, &str); 7] = [
    ("/usr/lib/postgresql", "bin"),
    ("/usr/libexec", ""),
    ("/usr", "bin"),
    ("/opt/homebrew/opt", "bin"),
    ("/usr/local/opt", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "bin"),
    ("/usr/local", "bin"),
];

/// A directory with `initdb`, `pg_ctl` and `postgres` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// In this order: `wanted`, `PURSER_POSTGRES_BIN`, `PATH`, the newest of the usual folders. Data that exists
    /// is only opened by the major version that made it.
    pub(super) fn find(wanted: Option<&Path>, existing: Option<Existing>) -> Result<Self, EmbeddedError> {
        let wanted =
            wanted.map(Path::to_owned).or_else(|| std::env::var_os("PURSER_POSTGRES_BIN").map(PathBuf::from));
        let (found, searched) = match wanted.filter(|dir| !dir.as_os_str().is_empty()) {
            Some(dir) => (Self::at(&dir).into_iter().collect(), format!("in {}", dir.display())),
            None => (Self::installed(), "on PATH and in the usual folders".to_owned()),
        };
        Self::choose(&found, &searched, existing)
    }

    fn choose(found: &[Self], searched: &str, existing: Option<Existing>) -> Result<Self, EmbeddedError> {
        let versions: Vec<String> = found.iter().map(|one| one.major.to_string()).collect();
        let listed = if versions.is_empty() { "none".to_owned() } else { versions.join(", ") };
        if let Some(existing) = existing {
            let same = found.iter().find(|one| one.major == existing.major).cloned();
            let (data, needed) = (existing.data, existing.major);
            return same.ok_or(EmbeddedError::OtherMajor { data, needed, found: listed });
        }
        let new_enough = found.iter().find(|one| one.major >= OLDEST_MAJOR).cloned();
        new_enough
            .ok_or_else(|| EmbeddedError::NoBinaries { searched: format!("{searched}; versions: {listed}") })
    }

    /// Everything installed: what `PATH` names, then the usual folders, newest first.
    fn installed() -> Vec<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut found: Vec<Self> = std::env::split_paths(&path).filter_map(|dir| Self::at(&dir)).collect();
        let mut usual: Vec<Self> =
            VERSIONED.iter().flat_map(|(parent, bin)| Self::below(parent, bin)).collect();
        usual.sort_by_key(|one| std::cmp::Reverse(one.major));
        found.extend(usual);
        found
    }

    fn below(parent: &str, bin: &str) -> Vec<Self> {
        let names_a_server = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_digit())
                || name.contains("pgsql")
                || name.contains("postgresql")
        };
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.file_name().to_str().is_some_and(names_a_server))
            .filter_map(|entry| Self::at(&entry.path().join(bin)))
            .collect()
    }

    /// The programs in `dir`, when it has them all and they say their version.
    fn at(dir: &Path) -> Option<Self> {
        if !["initdb", "pg_ctl", "postgres"].iter().all(|program| dir.join(program).is_file()) {
            return None;
        }
        let output = Command::new(dir.join("postgres")).arg("--version").output().ok()?;
        let major = major_of(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { dir: dir.to_owned(), major })
    }

    /// Path of one program.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0)` is 15; `17beta1` is 17.
fn major_of(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL) ")?.1;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn of(majors: &[u32]) -> Vec<Binaries> {
        majors.iter().map(|major| Binaries { dir: format!("/{major}").into(), major: *major }).collect()
    }

    #[test]
    fn major_is_read_from_what_servers_print() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 17beta1"), Some(17));
        assert_eq!(major_of("something else"), None);
    }

    #[test]
    fn first_that_is_new_enough_wins() {
        assert_eq!(Binaries::choose(&of(&[14, 16, 17]), "", None).unwrap().major, 16);
        let error = Binaries::choose(&of(&[13, 14]), "here", None).unwrap_err().to_string();
        assert!(error.contains("here; versions: 13, 14") && error.contains("PURSER_POSTGRES_BIN"), "{error}");
    }

    #[test]
    fn existing_data_is_opened_by_its_own_major_only() {
        let made_by = |major| Some(Existing { data: "/data".into(), major });
        assert_eq!(Binaries::choose(&of(&[17, 15]), "", made_by(15)).unwrap().major, 15);
        let error = Binaries::choose(&of(&[17]), "", made_by(15)).unwrap_err().to_string();
        assert!(error.contains("/data was made by PostgreSQL 15") && error.contains("(17)"), "{error}");
    }
}
