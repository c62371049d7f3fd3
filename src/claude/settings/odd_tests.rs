//! Odd files: white space in every place, repeated keys, comments among our hooks, memory lost or outdated.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::events::{COMMON, NEWER_SINCE, for_client};
use super::plan::{Memory, Plan, Wanted, install, uninstall};

fn wanted(program: &str, hold: bool) -> Wanted {
    Wanted { program: program.into(), hold, events: COMMON.into() }
}

fn usual() -> Wanted {
    wanted("/usr/bin/ccmon-hook", true)
}

fn installed(text: &str) -> (String, Memory) {
    let Plan { after, memory } = install(Some(text), &usual(), None).unwrap();
    (after.unwrap(), memory.unwrap())
}

/// Without a memory, as when the state directory was lost.
fn stripped(text: &str) -> String {
    uninstall(Some(text), None).unwrap().after.unwrap()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap()
}

/// What is left of a document when the groups with our hooks and empty lists are taken out.
fn others(mut value: Value) -> Value {
    let Some(hooks) = value.get_mut("hooks").and_then(Value::as_object_mut) else {
        return value;
    };
    for groups in hooks.values_mut().filter_map(Value::as_array_mut) {
        groups.retain(|group| !group.to_string().contains("/ccmon-hook"));
    }
    hooks.retain(|_, groups| *groups != json!([]));
    if hooks.is_empty() {
        value.as_object_mut().unwrap().shift_remove("hooks");
    }
    value
}

#[test]
fn what_is_written_looks_like_the_file() {
    let one = Wanted { events: vec!["Stop"], ..usual() };
    let add = |text: Option<&str>| install(text, &one, None).unwrap().after.unwrap();
    let hook =
        r#"{"type": "command", "command": "[ ! -x /usr/bin/ccmon-hook ] || exec /usr/bin/ccmon-hook", "timeout": 10}"#;
    let tight = hook.replace(": ", ":").replace(", ", ",");
    let pretty = "{\n  \"hooks\": {\n    \"Stop\": [\n      {\n        \"hooks\": [\n          {\n            \"type\": \"command\",\n            \
         \"command\": \"[ ! -x /usr/bin/ccmon-hook ] || exec /usr/bin/ccmon-hook\",\n            \"timeout\": 10\n          }\n        ]\n      }\n    ]\n  }\n}";
    assert_eq!(add(None), format!("{pretty}\n"));
    assert_eq!(add(Some("{}")), pretty);
    assert_eq!(add(Some(" {} \n")), format!(" {pretty} \n"));
    assert_eq!(add(Some("{\n}\n")), format!("{pretty}\n"));
    assert_eq!(add(Some("\u{feff}\n")), format!("\u{feff}{pretty}\n"));
    assert_eq!(add(Some("{\"a\":1}")), format!("{{\"a\":1,\"hooks\":{{\"Stop\":[{{\"hooks\":[{tight}]}}]}}}}"));
    let crlf = "{\r\n\t\"a\": 1, // one\r\n}";
    let lines = pretty.split_once('\n').unwrap().1.rsplit_once('\n').unwrap().0;
    let lines = lines.replace("  ", "\t").replace('\n', "\r\n");
    assert_eq!(add(Some(crlf)), format!("{{\r\n\t\"a\": 1, // one\r\n{lines},\r\n}}"));
    let there = "{\n  \"hooks\": {\n    \"Stop\": [{\"hooks\": []}]\n  }\n}";
    assert_eq!(add(Some(there)), there.replace("[]}]", &format!("[]}}, {{\"hooks\": [{hook}]}}]")));
}

#[test]
fn hooks_of_others_in_the_same_events_stay() {
    let text =
        r#"{"hooks": {"Stop": [{"matcher": "", "hooks": [{"type": "command", "command": "say done"}]}], "X": []}}"#;
    let (after, memory) = installed(text);
    assert_eq!(parsed(&after)["hooks"]["Stop"][0], parsed(text)["hooks"]["Stop"][0]);
    assert_eq!(stripped(&after), text);
    // Somebody moved our hook in with theirs, or theirs in with ours.
    let ours = parsed(&after)["hooks"]["Stop"][1]["hooks"][0].clone();
    let mixed =
        json!({"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "a"}, ours, {"type": "prompt"}]}]}});
    let without = json!({"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "a"}, {"type": "prompt"}]}]}});
    for memory in [None, Some(&memory)] {
        let left = uninstall(Some(&mixed.to_string()), memory).unwrap().after.unwrap();
        assert_eq!(parsed(&left), without);
    }
}

#[test]
fn a_file_that_others_edited_since_loses_only_ours() {
    let (after, memory) = installed("{\n  \"hooks\": {\n    \"Stop\": []\n  }\n}\n");
    let rewritten = serde_json::to_string(&parsed(&after)).unwrap();
    let left = uninstall(Some(&rewritten), Some(&memory)).unwrap().after.unwrap();
    assert_eq!(left, r#"{"hooks":{"Stop":[]}}"#);
    assert_eq!(stripped(&rewritten), "{}");
    let added = rewritten.replacen('{', "{\"model\":\"opus\",", 1);
    let again = install(Some(&added), &wanted("/opt/ccmon-hook", true), Some(&memory)).unwrap();
    let left = uninstall(again.after.as_deref(), again.memory.as_ref()).unwrap().after.unwrap();
    assert_eq!(left, r#"{"model":"opus","hooks":{"Stop":[]}}"#);
}

#[test]
fn a_file_that_we_made_goes_again_unless_somebody_uses_it() {
    let Plan { after, memory } = install(None, &usual(), None).unwrap();
    let after = after.unwrap();
    let left = |text: &str| uninstall(Some(text), memory.as_ref()).unwrap().after;
    assert_eq!(left(&after), None);
    assert_eq!(left(&serde_json::to_string(&parsed(&after)).unwrap()), None);
    assert_eq!(left(&after.replacen('{', "{ // mine\n", 1)).as_deref(), Some("{ // mine\n}\n"));
    assert_eq!(left(&after.replacen('{', "{\n  \"a\": 1,", 1)).as_deref(), Some("{\n  \"a\": 1\n}\n"));
}

#[test]
fn a_moved_program_other_events_and_no_approval_replace_what_was_there() {
    let text = "{\n  \"model\": \"opus\"\n}";
    let (after, memory) = installed(text);
    let more = Wanted { events: for_client(Some(NEWER_SINCE)), ..usual() };
    for next in [wanted("/opt/c c/ccmon-hook", true), wanted("/usr/bin/ccmon-hook", false), more] {
        let fresh = install(Some(text), &next, None).unwrap();
        for memory in [Some(&memory), None] {
            let changed = install(Some(&after), &next, memory).unwrap();
            assert_eq!(changed.after, fresh.after);
            let left = uninstall(changed.after.as_deref(), changed.memory.as_ref()).unwrap();
            assert_eq!(left.after.as_deref(), Some(text));
        }
    }
}

#[test]
fn hooks_registered_twice_or_by_hand_are_put_right() {
    let (after, _) = installed("{}");
    let mut twice = parsed(&after);
    let group = twice["hooks"]["Stop"][0].clone();
    twice["hooks"]["Stop"].as_array_mut().unwrap().push(group.clone());
    twice["hooks"]["Odd"] = json!([group]);
    let right = install(Some(&twice.to_string()), &usual(), None).unwrap().after.unwrap();
    assert_eq!(parsed(&right), parsed(&after));
    let hidden = after.replacen("\"hooks\"", "\"hooks\": {\"Stop\": []}, \"hooks\"", 1);
    assert_eq!(install(Some(&hidden), &usual(), None).unwrap().after, Some(hidden));
}

#[test]
fn commented_files_survive() {
    for text in [
        "{ // nothing yet\n}",
        "{ // nothing yet\n  }",
        "// a\n{\"hooks\": {} /* b */, // c\n \"a\": 1 // d\n} // e",
        "{\"hooks\": { // a\n}}",
        "{\"hooks\": {\"Stop\": [ // mine\n {\"hooks\": []}, // last\n ], },}",
        "{\"a\": 1 // one\n}",
        "{\"hooks\": {\"Stop\": [1 // one\n, 2 // two\n], \"PreToolUse\": [/* none */]} // x\n}",
    ] {
        let (after, memory) = installed(text);
        assert_eq!(install(Some(&after), &usual(), Some(&memory)).unwrap().after.as_ref(), Some(&after));
        assert_eq!(uninstall(Some(&after), Some(&memory)).unwrap().after.as_deref(), Some(text));
        let touched = format!("{after}\n");
        let left = uninstall(Some(&touched), Some(&memory)).unwrap().after.unwrap();
        assert_eq!(
            left.split_whitespace().collect::<Vec<_>>().concat(),
            text.split_whitespace().collect::<Vec<_>>().concat()
        );
    }
}

#[test]
fn what_cannot_be_edited_safely_is_refused() {
    for (text, why) in [
        (
            "{",
            "the file is not JSON (line 1, column 2: expected a key in double quotes, or `}`): correct that place, then try again",
        ),
        ("[]", "the file holds an array instead of an object: settings begin with `{`; correct it, then try again"),
        (
            "null",
            "the file holds true, false or null instead of an object: settings begin with `{`; correct it, then try again",
        ),
        (
            "{\"hooks\": null}",
            "`hooks` is true, false or null, but Claude Code wants an object there: correct it, then try again",
        ),
        ("{\"hooks\": []}", "`hooks` is an array, but Claude Code wants an object there: correct it, then try again"),
        (
            "{\"hooks\": {\"Stop\": {}}}",
            "`hooks.Stop` is an object, but Claude Code wants an array there: correct it, then try again",
        ),
        (
            "{\"a\": NaN}",
            "the file is not JSON (line 1, column 7: expected a value): correct that place, then try again",
        ),
        (
            "{\"a\": 1}\u{0}",
            "the file is not JSON (line 1, column 9: something follows the end of the document): correct that place, then try again",
        ),
    ] {
        assert_eq!(install(Some(text), &usual(), None).unwrap_err().to_string(), why, "{text}");
    }
}

/// White space, also none.
fn space() -> impl Strategy<Value = String> {
    "[ \t\r\n]{0,3}"
}

/// A document as text, oddly formatted. Keys may repeat.
fn document() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        any::<i32>().prop_map(|number| number.to_string()),
        "[a-z\"\\\\\\n é😀/]{0,6}".prop_map(|text| Value::from(text).to_string()),
    ];
    let value = scalar.prop_recursive(3, 12, 3, |inner| prop_oneof![list(inner.clone()), object(KEY, inner)]);
    let hook = prop_oneof![Just(r#"{"type": "command", "command": "say ccmon-hook"}"#.to_owned()), value.clone()];
    let group = prop_oneof![object("\"(hooks|matcher)\"", list(hook)), value.clone()];
    let table = object("\"(Stop|PreToolUse|PermissionRequest|Odd)\"", list(group));
    let member = prop_oneof![3 => table.prop_map(|table| (true, table)), 4 => value.prop_map(|value| (false, value))];
    let members = prop::collection::vec((member, KEY, space(), space()), 0..5);
    (members, space(), "(\u{feff})?", space()).prop_map(|(members, inside, bom, after)| {
        let text = |((hooks, value), key, a, b): ((bool, String), String, String, String)| {
            format!("{a}{}{b}:{a}{value}{b}", if hooks { "\"hooks\"" } else { &key })
        };
        let members: Vec<_> = members.into_iter().map(text).collect();
        format!("{bom}{after}{{{inside}{}{inside}}}{after}", members.join(","))
    })
}

const KEY: &str = "\"[a-z]{1,3}\"";

fn list(element: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let elements = prop::collection::vec((element, space(), space()), 0..3);
    (elements, space()).prop_map(|(elements, inside)| {
        let elements: Vec<_> = elements.into_iter().map(|(element, a, b)| format!("{a}{element}{b}")).collect();
        format!("[{inside}{}{inside}]", elements.join(","))
    })
}

fn object(key: &'static str, value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let members = prop::collection::vec((key, value, space(), space()), 0..3);
    (members, space()).prop_map(|(members, inside)| {
        let text = |(key, value, a, b): (String, String, String, String)| format!("{a}{key}{b}:{a}{value}{b}");
        let members: Vec<_> = members.into_iter().map(text).collect();
        format!("{{{inside}{}{inside}}}", members.join(","))
    })
}

proptest! {
    #[test]
    fn install_then_uninstall_is_as_before(text in document(), hold in any::<bool>()) {
        let plan = install(Some(&text), &wanted("/a b/ccmon-hook", hold), None);
        let Plan { after, memory } = plan.map_err(|refusal| TestCaseError::fail(format!("{text:?}: {refusal}")))?;
        let after = after.unwrap();
        prop_assert_eq!(others(parsed(&after)), others(parsed(&text)));
        for memory in [None, memory.as_ref()] {
            let again = install(Some(&after), &wanted("/a b/ccmon-hook", hold), memory).unwrap();
            prop_assert_eq!(again.after.as_ref(), Some(&after));
        }
        let back = uninstall(Some(&after), memory.as_ref()).unwrap().after;
        prop_assert_eq!(back.as_ref(), Some(&text));
        prop_assert_eq!(others(parsed(&stripped(&after))), others(parsed(&text)));
        // Edited since: exactly ours goes, and what we had made.
        let left = uninstall(Some(&format!("{after} ")), memory.as_ref()).unwrap().after.unwrap();
        prop_assert_eq!(parsed(&left), parsed(&text));
        prop_assert_eq!(uninstall(Some(&text), None).unwrap().after, Some(text));
    }

    #[test]
    fn comments_and_commas_anywhere_swallow_nothing(text in commented()) {
        let Plan { after, memory } = install(Some(&text), &usual(), None).unwrap();
        let after = after.unwrap();
        let back = uninstall(Some(&after), memory.as_ref()).unwrap().after;
        prop_assert_eq!(back, Some(text));
        // Comments among ours too, and the memory lost.
        for (from, to) in [("{", "{ // x\n"), ("]", "/* x */]"), (",", ", // x\n"), ("]", "// x\n]"), ("[", "/* x */ [ // x\n")] {
            let edited = after.replace("[ ! -x", "! -x").replace(" ] ||", " ||").replace(from, to);
            let edited = edited.replace("! -x", "[ ! -x").replace(" ||", " ] ||");
            let left = uninstall(Some(&edited), None).unwrap().after.unwrap();
            prop_assert!(!left.contains("ccmon-hook"), "{}", left);
        }
    }
}

/// Hooks of others among comments and trailing commas, ours to be added.
fn commented() -> impl Strategy<Value = String> {
    let trivia = || "( |\n|/\\*c\\*/|//c\n){0,3}";
    let groups = prop::collection::vec(prop_oneof![Just("{}"), Just("1"), Just("{\"hooks\": []}")], 0..3);
    (groups, prop::collection::vec(trivia(), 8), prop::collection::vec(any::<bool>(), 3)).prop_map(
        |(groups, t, commas)| {
            let comma = |at: usize, full: bool| if commas[at] && full { "," } else { "" };
            let list = groups.join(&format!("{},{}", t[0], t[1]));
            let stop = format!("[{}{list}{}{}{}]", t[2], t[3], comma(0, !groups.is_empty()), t[4]);
            let hooks = format!("{{{}\"Stop\":{stop}{}{}{}}}", t[5], t[6], comma(1, true), t[7]);
            format!("{}{{{}\"hooks\":{hooks}{}{}{}}}", t[0], t[1], t[2], comma(2, true), t[3])
        },
    )
}
