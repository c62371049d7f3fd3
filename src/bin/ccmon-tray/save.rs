//! A file that the dashboard's page gives the user, in their downloads.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use gtk::glib::{UserDirectory, user_special_dir};
use serde_json::{Value, json};

/// Longest name, in characters.
const LONGEST: usize = 120;
/// How many numbers are tried for a name that is taken.
const TRIES: u32 = 1_000;

/// Where downloads go.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    user_special_dir(UserDirectory::Downloads).filter(|folder| folder.is_dir()).or_else(home)
}

/// Writes a file under a free name: what the page is told of it.
#[must_use]
pub fn save(folder: Option<PathBuf>, name: &str, text: &str) -> Value {
    let folder = folder.ok_or_else(|| io::Error::new(ErrorKind::NotFound, "there is no folder for downloads"));
    match folder.and_then(|folder| write(&folder, &plain(name), text)) {
        Ok(path) => json!({ "type": "saved", "path": path, "error": null }),
        Err(error) => json!({ "type": "saved", "path": null, "error": format!("The file was not saved: {error}") }),
    }
}

fn write(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    for number in 0..TRIES {
        let path = folder.join(numbered(name, number));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => return file.write_all(text.as_bytes()).map(|()| path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// `name (2).md` for `name.md`.
fn numbered(name: &str, number: u32) -> String {
    match (number, name.rsplit_once('.')) {
        (0, _) => name.into(),
        (number, Some((stem, kind))) => format!("{stem} ({number}).{kind}"),
        (number, None) => format!("{name} ({number})"),
    }
}

/// A name that is only a name, and begins with a letter or a number.
fn plain(name: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    let kept: String = name.chars().map(|c| if fits(c) { c } else { '-' }).collect();
    let kept: String = kept.trim_start_matches(|c: char| !c.is_alphanumeric()).chars().take(LONGEST).collect();
    if kept.is_empty() { "ccmon.txt".into() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_the_folder() {
        for (name, kept) in [
            ("checkout-api 14.10.md", "checkout-api 14.10.md"),
            ("../../.bashrc", "bashrc"),
            ("/etc/passwd", "etc-passwd"),
            ("a\n\u{202e}b.csv", "a--b.csv"),
            ("-rf", "rf"),
            ("", "ccmon.txt"),
            ("..", "ccmon.txt"),
        ] {
            assert_eq!(plain(name), kept, "{name:?}");
        }
        assert_eq!(plain(&"x".repeat(500)).len(), LONGEST);
    }

    #[test]
    fn what_is_there_stays_as_it_is() {
        let folder = tempfile::tempdir().expect("a directory");
        let at = |name: &str| folder.path().join(name);
        let saved = |text| save(Some(folder.path().to_owned()), "a.md", text)["path"].clone();
        assert_eq!(saved("one"), json!(at("a.md")));
        std::os::unix::fs::symlink(at("victim"), at("a (1).md")).expect("a link");
        assert_eq!(saved("two"), json!(at("a (2).md")));
        assert_eq!(std::fs::read_to_string(at("a.md")).expect("the first"), "one");
        assert!(!at("victim").exists());
        assert!(save(Some(at("none")), "a.md", "x")["error"].is_string());
    }
}
