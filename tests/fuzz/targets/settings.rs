//! Any text as Claude Code's settings.json: our hooks put in and taken out leave it as it was, byte for byte, and
//! without memory of what it was nobody else's setting suffers.

use ccmon::claude::settings::events::COMMON;
use ccmon::claude::settings::found::ours;
use ccmon::claude::settings::plan::{Wanted, install, uninstall};
use ccmon::claude::settings::scan::{BOM, scan};
use serde_json::{Map, Value};

/// The first byte says how to install; the rest is the file.
pub fn run(bytes: &[u8]) {
    let Some((how, rest)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let wanted = Wanted { program: "/usr/bin/ccmon-hook".into(), hold: how & 1 == 0, events: COMMON.to_vec() };
    let Ok(installed) = install(Some(text), &wanted, None) else { return };
    let after = installed.after.expect("a file with hooks in it");
    let again = install(Some(&after), &wanted, installed.memory.as_ref()).expect("what we wrote is understood");
    assert_eq!(again.after.as_deref(), Some(after.as_str()), "twice is once");
    let out = uninstall(Some(&after), installed.memory.as_ref()).expect("what we wrote is understood");
    // Where ours are in it from the beginning, there is nothing to remember, and they go.
    if installed.memory.is_some() && ours_in(text) == 0 {
        assert_eq!(out.after.as_deref(), Some(text));
    }
    forgotten(text, &after);
}

/// The state directory was lost.
fn forgotten(before: &str, after: &str) {
    let Ok(out) = uninstall(Some(after), None) else { return };
    let left = out.after.expect("a file that was there stays");
    assert_eq!(ours_in(&left), 0);
    let (Some(before), Some(left)) = (plain(before), plain(&left)) else { return };
    for (key, value) in before.iter().filter(|(key, _)| *key != "hooks") {
        assert_eq!(left.get(key), Some(value), "{key} is somebody else's");
    }
}

fn ours_in(text: &str) -> usize {
    scan(text).map_or(0, |doc| ours(&doc).len())
}

/// The settings, where they are the JSON that everybody reads alike.
fn plain(text: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(text.trim_start_matches(BOM)).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}
