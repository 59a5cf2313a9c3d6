//! What the environment says beyond the variables of single settings.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// Where this user's data belongs by default.
pub(super) fn data_dir() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    default_data_dir(is_root(), variable("XDG_DATA_HOME"), variable("HOME"))
}

fn default_data_dir(root: bool, data_home: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    if root {
        return Some(PathBuf::from("/var/lib/purser"));
    }
    // The XDG specification: a relative path counts as unset.
    let data_home = data_home.filter(|dir| dir.is_absolute());
    data_home.or_else(|| home.map(|home| home.join(".local/share"))).map(|dir| dir.join("purser"))
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_directory_follows_the_user() {
        let dir = |root, data_home: &str, home: &str| {
            let path = |text: &str| (!text.is_empty()).then(|| PathBuf::from(text));
            default_data_dir(root, path(data_home), path(home)).map(|dir| dir.display().to_string())
        };
        assert_eq!(dir(true, "/x", "/root").as_deref(), Some("/var/lib/purser"));
        assert_eq!(dir(false, "/x", "/home/a").as_deref(), Some("/x/purser"));
        assert_eq!(dir(false, "relative", "/home/a").as_deref(), Some("/home/a/.local/share/purser"));
        assert_eq!(dir(false, "", ""), None);
    }
}
