//! Whether the desktop gives `ccmon://` links to us: its lists of who opens what, read as the desktop reads them.
//! <https://specifications.freedesktop.org/mime-apps-spec/latest/>

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::Finding;

/// What our links are called in those lists.
const LINKS: &str = "x-scheme-handler/ccmon";
const CHECK: &str = "links";

/// Where desktops keep their lists and entries.
struct Places {
    /// Of `mimeapps.list`.
    config: Vec<PathBuf>,
    /// Of `applications/`.
    data: Vec<PathBuf>,
}

pub(super) fn look() -> Finding {
    Places::here().find()
}

impl Places {
    fn here() -> Self {
        let home = env::var_os("HOME").map(PathBuf::from);
        let own = |name: &str, usual: &str| {
            let named = env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
            named.or_else(|| Some(home.as_ref()?.join(usual)))
        };
        let shared = |name: &str, usual: &str| {
            let named = env::var_os(name).filter(|value| !value.is_empty()).unwrap_or_else(|| usual.into());
            env::split_paths(&named).collect::<Vec<_>>()
        };
        let config = own("XDG_CONFIG_HOME", ".config").into_iter().chain(shared("XDG_CONFIG_DIRS", "/etc/xdg"));
        let data = own("XDG_DATA_HOME", ".local/share").into_iter();
        Self {
            config: config.collect(),
            data: data.chain(shared("XDG_DATA_DIRS", "/usr/local/share:/usr/share")).collect(),
        }
    }

    fn find(&self) -> Finding {
        if let Some(opener) = self.opener() {
            return Finding::ok(CHECK, format!("{opener} opens ccmon:// links"));
        }
        let (found, remedy) = match self.unlisted() {
            Some(entry) => (
                format!("{} says that it opens ccmon:// links, but the desktop has not taken that in", entry.display()),
                "`sudo update-desktop-database`, of the package desktop-file-utils",
            ),
            None => (
                "nobody opens ccmon:// links".to_owned(),
                "install ccmon's package, which brings a desktop entry; without one only clicks on such links fail",
            ),
        };
        Finding::warning(CHECK, found, remedy)
    }

    /// The first entry that is named for our links, and is there.
    fn opener(&self) -> Option<String> {
        let chosen = self.config.iter().map(|dir| dir.join("mimeapps.list"));
        let lists = self
            .data
            .iter()
            .flat_map(|dir| ["applications/mimeapps.list", "applications/mimeinfo.cache"].map(|list| dir.join(list)));
        let named = chosen.chain(lists).flat_map(|list| named_in(&list));
        let there = |entry: &String| self.data.iter().any(|dir| dir.join("applications").join(entry).is_file());
        named.into_iter().find(there)
    }

    /// An entry that would open them, where no list names it.
    fn unlisted(&self) -> Option<PathBuf> {
        let folders = self.data.iter().filter_map(|dir| fs::read_dir(dir.join("applications")).ok());
        let entries = folders.flatten().flatten().map(|entry| entry.path());
        let ours = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().contains("ccmon"));
        entries.filter(ours).find(|path| fs::read_to_string(path).is_ok_and(|text| text.contains(LINKS)))
    }
}

/// Whom a list names for our links, the preferred first. What it takes away from somebody is no matter: the desktop
/// would have to be asked, and asks nobody else.
fn named_in(list: &Path) -> Vec<String> {
    let text = fs::read_to_string(list).unwrap_or_default();
    let section = |line: &str| line.starts_with('[').then(|| line == "[Removed Associations]");
    let mut removed = false;
    let mut named = Vec::new();
    for line in text.lines().map(str::trim) {
        removed = section(line).unwrap_or(removed);
        let entries = line.split_once('=').filter(|(key, _)| key.trim() == LINKS && !removed);
        named.extend(
            entries.into_iter().flat_map(|(_, entries)| entries.split(';')).map(|entry| entry.trim().to_owned()),
        );
    }
    named.retain(|entry| !entry.is_empty());
    named
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn who_opens_links_is_found_as_the_desktop_finds_it() {
        let root = tempfile::tempdir().unwrap();
        let put = |file: &str, text: &str| {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let places = Places { config: vec![root.path().join("config")], data: vec![root.path().join("data")] };
        let found = || places.find();
        assert!(found().found.contains("nobody opens") && found().remedy.is_some(), "{:?}", found());

        put("data/applications/ccmon.desktop", "[Desktop Entry]\nMimeType=x-scheme-handler/ccmon;\n");
        assert!(found().remedy.is_some_and(|remedy| remedy.contains("update-desktop-database")));
        let line = "x-scheme-handler/ccmon=gone.desktop;ccmon.desktop;\n";
        put("config/mimeapps.list", &format!("[Removed Associations]\n{line}"));
        assert_eq!(found().result, Verdict::Warning);
        put("data/applications/mimeinfo.cache", &format!("[MIME Cache]\n{line}"));
        assert_eq!((found().result, found().found.as_str()), (Verdict::Ok, "ccmon.desktop opens ccmon:// links"));
        put("data/applications/other.desktop", "");
        put("config/mimeapps.list", "[Default Applications]\nx-scheme-handler/ccmon = other.desktop\n");
        assert_eq!(found().found, "other.desktop opens ccmon:// links");
    }
}
