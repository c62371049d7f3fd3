//! How our hooks stand in a settings file, for `doctor`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::events::{COMMON, waits};
use super::file;
use super::found::{Found, mentions, ours};
use super::plan::{is_blank, settings};
use crate::claude::installed::is_program;

/// What there is to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HooksStatus {
    /// Why the file could not be read, in words.
    pub unreadable: Option<String>,
    /// Events of every client that have no hook of ours.
    pub missing: Vec<&'static str>,
    /// Every event with a hook of ours, to be compared with what the client knows
    /// ([`for_client`](super::events::for_client)): one that it does not know can cost the whole file.
    pub events: Vec<String>,
    /// Events with more than one hook of ours.
    pub doubled: Vec<String>,
    /// Events whose hook a matcher narrows to some tools or kinds, so that others are not seen.
    pub narrowed: Vec<String>,
    /// Commands of the person's own that run our program too, with their event: that event may arrive twice.
    pub also_run_by: Vec<(String, String)>,
    /// Programs that our hooks run.
    pub programs: Vec<PathBuf>,
    /// Those of them that are not there, or cannot be run.
    pub dead: Vec<PathBuf>,
    /// Whether permission requests are held for an answer.
    pub holds: bool,
    /// Events that are only watched, although permission requests are held: an older ccmon put them in.
    pub unheld: Vec<String>,
    /// Events whose command does not look for the program first, as an older ccmon wrote it: without the
    /// program, Claude Code shows an error at each.
    pub unguarded: Vec<String>,
    /// `disableAllHooks` stands in the file.
    pub disabled: bool,
}

impl HooksStatus {
    /// No hook of ours is there at all.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.missing.len() == COMMON.len()
    }
}

/// Looks at the settings at `path`; changes nothing.
#[must_use]
pub fn inspect(path: &Path) -> HooksStatus {
    let absent = HooksStatus { missing: COMMON.to_vec(), ..HooksStatus::default() };
    let text = match file::read(path) {
        Ok(snapshot) => snapshot.text.unwrap_or_default(),
        Err(refusal) => {
            return HooksStatus { unreadable: Some(refusal.to_string()), ..absent };
        }
    };
    if is_blank(&text) {
        return absent;
    }
    let doc = match settings(&text) {
        Ok(doc) => doc,
        Err(refusal) => {
            return HooksStatus { unreadable: Some(refusal.to_string()), ..absent };
        }
    };
    let disabled = doc.get(super::scan::Doc::ROOT, "disableAllHooks").is_some_and(|id| doc.raw(id) == "true");
    let found: Vec<Found> = ours(&doc).into_iter().filter(|found| found.effective).collect();
    HooksStatus { disabled, also_run_by: mentions(&doc), ..status(&found) }
}

fn status(found: &[Found]) -> HooksStatus {
    let of = |event: &str| found.iter().filter(|found| found.event == event).count();
    let events: BTreeSet<String> = found.iter().map(|found| found.event.clone()).collect();
    let programs: BTreeSet<PathBuf> = found.iter().map(|found| PathBuf::from(&found.ours.program)).collect();
    let narrowed = found.iter().filter(|found| found.matcher.is_some());
    let holds = found.iter().any(|found| found.event == "PermissionRequest" && found.ours.waits);
    let unheld = found.iter().filter(|found| holds && waits(&found.event) && !found.ours.waits);
    let unguarded = found.iter().filter(|found| !found.ours.guarded);
    HooksStatus {
        narrowed: narrowed.map(|found| found.event.clone()).collect(),
        missing: COMMON.into_iter().filter(|event| of(event) == 0).collect(),
        doubled: events.iter().filter(|event| of(event) > 1).cloned().collect(),
        events: events.into_iter().collect(),
        dead: programs.iter().filter(|program| !is_program(program)).cloned().collect(),
        programs: programs.into_iter().collect(),
        unheld: unheld.map(|found| found.event.clone()).collect(),
        unguarded: unguarded.map(|found| found.event.clone()).collect(),
        holds,
        ..HooksStatus::default()
    }
}

/// What managed settings forbid, in words; they win over the user's own.
#[must_use]
pub fn forbidden_by(managed: &Path) -> Option<&'static str> {
    let text = file::read(managed).ok()?.text?;
    let settings: Value = serde_json::from_str(&text).ok()?;
    let is = |name: &str| settings.get(name).and_then(Value::as_bool) == Some(true);
    if is("disableAllHooks") {
        return Some("they switch every hook off");
    }
    is("allowManagedHooksOnly").then_some("they allow only hooks of their own")
}

#[cfg(test)]
mod tests {
    use super::super::command::command;
    use super::*;

    fn file_with(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("settings.json");
        std::fs::write(&path, text).unwrap();
        (dir, path)
    }

    #[test]
    fn nothing_broken_and_dead_are_told_apart() {
        assert!(inspect(Path::new("/nowhere/settings.json")).is_absent());
        let (_dir, broken) = file_with("{");
        assert!(inspect(&broken).unreadable.is_some());
        let hook = serde_json::json!({ "type": "command", "command": command("/nowhere/ccmon-hook", true) });
        let group = serde_json::json!([{ "hooks": [hook] }, { "hooks": [hook] }]);
        let narrow = serde_json::json!([{ "matcher": "Bash", "hooks": [hook] }]);
        let own = serde_json::json!([{ "hooks": [{ "type": "command", "command": "nice ccmon-hook" }] }]);
        let hooks = serde_json::json!({ "PermissionRequest": group, "PreToolUse": narrow, "Stop": own });
        let text = serde_json::json!({ "disableAllHooks": true, "hooks": hooks }).to_string();
        let (_dir, path) = file_with(&text);
        let status = inspect(&path);
        assert!(status.holds && status.disabled && !status.is_absent());
        assert_eq!(status.doubled, ["PermissionRequest"]);
        assert_eq!(status.dead, [PathBuf::from("/nowhere/ccmon-hook")]);
        assert_eq!(status.missing.len(), COMMON.len() - 2);
        assert_eq!((status.events.len(), status.narrowed.as_slice()), (2, &["PreToolUse".to_owned()][..]));
        assert!(status.unguarded.is_empty(), "{status:?}");
        assert_eq!(status.also_run_by, [("Stop".to_owned(), "nice ccmon-hook".to_owned())]);
    }

    #[test]
    fn an_elicitation_that_an_older_ccmon_only_watches_is_told() {
        let group = |waits| {
            let hook = serde_json::json!({ "type": "command", "command": command("/nowhere/ccmon-hook", waits) });
            serde_json::json!([{ "hooks": [hook] }])
        };
        for (request, elicitation, unheld) in [(true, false, 1), (true, true, 0), (false, false, 0)] {
            let hooks = serde_json::json!({ "PermissionRequest": group(request), "Elicitation": group(elicitation) });
            let (_dir, path) = file_with(&serde_json::json!({ "hooks": hooks }).to_string());
            assert_eq!(inspect(&path).unheld.len(), unheld, "{request} {elicitation}");
        }
    }

    #[test]
    fn a_command_that_does_not_look_for_its_program_is_told() {
        let hook = |command: &str| serde_json::json!([{ "hooks": [{ "type": "command", "command": command }] }]);
        let new = command("/nowhere/ccmon-hook", false);
        let hooks = serde_json::json!({ "Stop": hook("/nowhere/ccmon-hook"), "PreToolUse": hook(&new) });
        let (_dir, path) = file_with(&serde_json::json!({ "hooks": hooks }).to_string());
        assert_eq!(inspect(&path).unguarded, ["Stop"]);
    }

    #[test]
    fn managed_settings_are_heard() {
        let (_dir, path) = file_with(r#"{"allowManagedHooksOnly": true}"#);
        assert!(forbidden_by(&path).is_some());
        assert_eq!(forbidden_by(Path::new("/nowhere")), None);
    }
}
