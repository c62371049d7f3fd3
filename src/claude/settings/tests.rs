//! Whatever the file: installed and uninstalled, it is what it was, byte for byte.

use proptest::prelude::*;
use serde_json::Value;

use super::events::COMMON;
use super::found::ours;
use super::plan::{Wanted, install, settings, uninstall};
use super::scan::scan;

fn wanted(hold: bool) -> Wanted {
    Wanted { program: "/usr/bin/ccmon-hook".into(), hold, events: COMMON.to_vec() }
}

/// JSON values, with other people's hooks among them.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[ -~é\\n\"\\\\]{0,8}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z\"]{1,5}", inner, 0..4).prop_map(Value::from_iter)
        ]
    })
}

fn hooks() -> impl Strategy<Value = Value> {
    let hook = "[a-z /]{1,10}".prop_map(|command| serde_json::json!({ "type": "command", "command": command }));
    let group =
        (prop::option::of("[A-Z][a-z]{2,4}"), prop::collection::vec(hook, 0..3)).prop_map(|(matcher, hooks)| {
            match matcher {
                Some(matcher) => serde_json::json!({ "matcher": matcher, "hooks": hooks }),
                None => serde_json::json!({ "hooks": hooks }),
            }
        });
    let event = prop_oneof![Just("Stop"), Just("PreToolUse"), Just("PermissionRequest"), Just("Tomorrow")];
    prop::collection::btree_map(event, prop::collection::vec(group, 0..3), 0..4)
        .prop_map(|map| Value::from_iter(map.into_iter().map(|(event, groups)| (event, Value::from(groups)))))
}

/// A document in one of the layouts that people have.
fn document() -> impl Strategy<Value = String> {
    let fields = prop::collection::btree_map("[a-gi-z]{1,6}", value(), 0..4);
    (fields, prop::option::of(hooks()), 0..5u8, prop::sample::select(vec!["", "\n", "\r\n", "  \n\n"])).prop_map(
        |(fields, hooks, layout, end)| {
            let mut object: serde_json::Map<String, Value> = fields.into_iter().collect();
            if let Some(hooks) = hooks {
                object.insert("hooks".into(), hooks);
            }
            let object = Value::Object(object);
            let pretty = serde_json::to_string_pretty(&object).unwrap();
            let text = match layout {
                0 => object.to_string(),
                1 => pretty,
                2 => pretty.replace("\n  ", "\n\t"),
                3 => pretty.replace('\n', "\r\n"),
                _ => format!("\u{feff}{pretty}"),
            };
            text + end
        },
    )
}

proptest! {
    #[test]
    fn in_and_out_leaves_no_trace(text in document(), hold: bool) {
        let wanted = wanted(hold);
        let installed = install(Some(&text), &wanted, None).unwrap();
        let after = installed.after.clone().unwrap();
        prop_assert_eq!(ours(&scan(&after).unwrap()).len(), COMMON.len());
        let json: Value = serde_json::from_str(after.trim_start_matches('\u{feff}')).unwrap();
        prop_assert!(json.is_object());

        let again = install(Some(&after), &wanted, installed.memory.as_ref()).unwrap();
        prop_assert_eq!(again.after.as_deref(), Some(after.as_str()), "twice is once");

        let out = uninstall(Some(&after), installed.memory.as_ref()).unwrap();
        prop_assert_eq!(out.after.as_deref(), Some(text.as_str()));
    }

    /// Without memory, as when the state directory was lost: nobody else's setting suffers.
    #[test]
    fn without_memory_others_keep_theirs(text in document()) {
        let after = install(Some(&text), &wanted(true), None).unwrap().after.unwrap();
        let out = uninstall(Some(&after), None).unwrap().after.unwrap();
        prop_assert!(ours(&scan(&out).unwrap()).is_empty());
        let plain = |text: &str| -> Value { serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap() };
        let (before, left) = (plain(&text), plain(&out));
        for (key, value) in before.as_object().unwrap().iter().filter(|(key, _)| *key != "hooks") {
            prop_assert_eq!(left.get(key), Some(value));
        }
        for (event, groups) in before.get("hooks").and_then(Value::as_object).into_iter().flatten() {
            // An empty list may have been made by us: without memory nobody knows.
            let empty = groups.as_array().is_some_and(Vec::is_empty);
            prop_assert!(empty || left["hooks"].get(event) == Some(groups));
        }
    }

    /// Nothing that can be in a file makes it panic, or makes it damage the file.
    #[test]
    fn any_text_is_refused_or_restored(text in "[ -~\\n\\t{}\\[\\]\":,/*]{0,60}") {
        if let Ok(plan) = install(Some(&text), &wanted(true), None) {
            let out = uninstall(plan.after.as_deref(), plan.memory.as_ref()).unwrap();
            prop_assert_eq!(out.after.as_deref(), Some(text.as_str()));
        }
    }
}

#[test]
fn what_was_added_by_others_meanwhile_stays() {
    let text = "{\n  \"model\": \"opus\"\n}\n";
    let installed = install(Some(text), &wanted(true), None).unwrap();
    let edited = installed.after.unwrap().replace("\"opus\"", "\"haiku\"");
    let out = uninstall(Some(&edited), installed.memory.as_ref()).unwrap().after.unwrap();
    assert_eq!(out, "{\n  \"model\": \"haiku\"\n}\n");
}

#[test]
fn comments_and_trailing_commas_are_understood_and_kept() {
    let text = "{\n  // mine\n  \"model\": \"opus\", /* yes */\n}\n";
    let installed = install(Some(text), &wanted(true), None).unwrap();
    assert!(installed.after.as_ref().unwrap().contains("// mine"));
    let out = uninstall(installed.after.as_deref(), installed.memory.as_ref()).unwrap();
    assert_eq!(out.after.as_deref(), Some(text));
}

#[test]
fn a_changed_program_or_manner_replaces_the_old_hooks() {
    let text = "{}";
    let first = install(Some(text), &wanted(true), None).unwrap();
    let moved = Wanted { program: "/opt/ccmon-hook".into(), ..wanted(false) };
    let second = install(first.after.as_deref(), &moved, first.memory.as_ref()).unwrap();
    let after = second.after.unwrap();
    let doc = settings(&after).unwrap();
    assert!(ours(&doc).iter().all(|found| found.ours.program == "/opt/ccmon-hook" && !found.ours.waits));
    let out = uninstall(Some(&after), second.memory.as_ref()).unwrap();
    assert_eq!(out.after.as_deref(), Some(text));
}

#[test]
fn hooks_that_a_session_waited_for_are_registered_anew() {
    let first = install(None, &wanted(true), None).unwrap();
    let text = first.after.unwrap();
    let older: String = text.lines().filter(|line| !line.contains("\"async\"")).collect::<Vec<_>>().join("\n");
    let older = older.replace("\"timeout\": 10,\n", "\"timeout\": 10\n");
    assert!(older.len() < text.len(), "{text}");
    let second = install(Some(&older), &wanted(true), first.memory.as_ref()).unwrap();
    assert_eq!(second.after.unwrap().matches("\"async\": true").count(), 1);
}

#[test]
fn where_there_was_no_file_there_is_none_again() {
    let installed = install(None, &wanted(true), None).unwrap();
    let out = uninstall(installed.after.as_deref(), installed.memory.as_ref()).unwrap();
    assert_eq!(out.after, None);
}
