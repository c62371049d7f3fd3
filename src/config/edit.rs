//! Changes of some values in the text of a `config.toml`. Whatever else stands there stays: comments, order, blank
//! lines, tables written in an odd way.
//!
//! A value that is there is replaced where it stands; a new one goes below the comment that shows its default, so
//! that taking it out again gives back the text as it was. Nothing is believed that was not read again.

use std::ops::Range;

use serde_json::{Map, Value};
use toml_edit::{Array, Document, DocumentMut, Item, Key, Table, TableLike};

use super::Config;

/// What may be set: every value of the settings, with its table in front.
#[must_use]
pub fn keys() -> Vec<String> {
    let whole = serde_json::to_value(Config::default()).unwrap_or_default();
    let mut keys = Vec::new();
    collect("", &whole, &mut keys);
    keys
}

fn collect(at: &str, value: &Value, keys: &mut Vec<String>) {
    let Value::Object(table) = value else {
        return keys.push(at.to_owned());
    };
    for (name, value) in table {
        let key = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        collect(&key, value, keys);
    }
}

/// Sets the keys of `patch` in `text`, and takes out those that are null there: the new text, and what it says.
///
/// # Errors
/// In words, when a key is not known or a value cannot be.
pub fn change(text: &str, patch: &Map<String, Value>) -> Result<(String, Config), String> {
    let mut config = Config::read(text).map_err(|error| error.to_string())?;
    let (known, mut text) = (keys(), text.to_owned());
    for (key, value) in patch {
        if !known.contains(key) {
            return Err(unknown(key, &known));
        }
        config = with(&config, key, value)?;
        let says_so = |text: &String| Config::read(text).is_ok_and(|read| read == config);
        let edited =
            spliced(&text, key, value).filter(says_so).or_else(|| rewritten(&text, key, value).filter(says_so));
        text = edited.ok_or_else(|| format!("`{key}` cannot be put into the file: write it there yourself"))?;
    }
    config.check().map_err(|mistake| mistake.to_string())?;
    Ok((text, config))
}

/// The line on which the value of `key` stands, from 1.
pub(super) fn line_of(text: &str, key: &str) -> Option<usize> {
    let document = Document::parse(text).ok()?;
    let (table, name) = holder(document.as_table(), key)?;
    let (_, item) = table.get_key_value(name)?;
    Some(1 + text.get(..item.span()?.start)?.matches('\n').count())
}

fn unknown(key: &str, known: &[String]) -> String {
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let near = similar::get_close_matches(key, &names, 1, 0.5);
    let last = key.rsplit('.').next().unwrap_or_default();
    let inside = names.iter().find(|name| name.starts_with(&format!("{key}.")) || name.ends_with(&format!(".{last}")));
    match near.first().or(inside) {
        Some(near) => format!("there is no setting `{key}`: did you mean `{near}`?"),
        None => format!("there is no setting `{key}`: GET /settings tells those there are"),
    }
}

/// The settings with one of them changed; set back, for null.
fn with(config: &Config, key: &str, value: &Value) -> Result<Config, String> {
    let whole = |config: &Config| serde_json::to_value(config).unwrap_or_default();
    let path = format!("/{}", key.replace('.', "/"));
    let usual = || whole(&Config::default()).pointer(&path).cloned().unwrap_or_default();
    let mut wanted = whole(config);
    if let Some(place) = wanted.pointer_mut(&path) {
        *place = if value.is_null() { usual() } else { value.clone() };
    }
    serde_json::from_value(wanted).map_err(|error| format!("`{key}` cannot be {value}: {error}"))
}

/// The text with one value changed where it stands, put in below its comment, or taken out with its line.
fn spliced(text: &str, key: &str, value: &Value) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let root = document.as_table();
    let Some((table, name)) = holder(root, key) else {
        return if value.is_null() { Some(text.to_owned()) } else { appended(text, key, value) };
    };
    match (table.get_key_value(name), value) {
        (None, Value::Null) => Some(text.to_owned()),
        (Some(found), Value::Null) => taken_out(text, found),
        (Some((_, item)), value) => Some(replaced(text, item.span()?, &toml(value)?)),
        (None, value) => put_in(text, root, table, key, value),
    }
}

/// The table that `key` belongs into, and its name there.
fn holder<'a>(root: &'a Table, key: &'a str) -> Option<(&'a dyn TableLike, &'a str)> {
    let (path, name) = key.rsplit_once('.')?;
    let mut table: &dyn TableLike = root;
    for part in path.split('.') {
        table = table.get(part)?.as_table_like()?;
    }
    Some((table, name))
}

/// Takes out a line, or what is before the comment on it.
fn taken_out(text: &str, (key, item): (&Key, &Item)) -> Option<String> {
    let start = text.get(..key.span()?.start)?.rfind('\n').map_or(0, |end| end + 1);
    let end = item.span()?.end;
    let rest = text.get(end..line_end(text, end))?;
    let end = if rest.trim().is_empty() { end + rest.len() } else { end + rest.len() - rest.trim_start().len() };
    Some(replaced(text, start..end, ""))
}

/// Puts a new value into the table that has a header of its own.
fn put_in(text: &str, root: &Table, table: &dyn TableLike, key: &str, value: &Value) -> Option<String> {
    let name = key.rsplit('.').next()?;
    let header = header(root, key)?;
    let section = header..headers(root).into_iter().filter(|start| *start > header).min().unwrap_or(text.len());
    let (at, indent) = match comment_on(text, section.clone(), name) {
        Some(found) => found,
        None => {
            let values = table.iter().filter_map(|(_, item)| item.span().filter(|_| item.is_value()));
            (line_end(text, values.map(|span| span.end).max().unwrap_or(section.start)), "")
        }
    };
    let line = format!("{indent}{name} = {}{}", toml(value)?, line_break(text));
    let before = if text.get(..at)?.ends_with('\n') { "" } else { line_break(text) };
    Some(replaced(text, at..at, &format!("{before}{line}")))
}

/// The end of the line `#name = …` in a section, and how far it is indented.
fn comment_on<'a>(text: &'a str, section: Range<usize>, name: &str) -> Option<(usize, &'a str)> {
    let mut at = section.start;
    for line in text.get(section)?.split_inclusive('\n') {
        at += line.len();
        let bare = line.trim_start();
        let shown = bare.strip_prefix('#').and_then(|shown| shown.trim_start().strip_prefix(name));
        if shown.is_some_and(|rest| rest.trim_start().starts_with('=')) {
            return Some((at, line.get(..line.len() - bare.len())?));
        }
    }
    None
}

/// A table of its own at the end.
fn appended(text: &str, key: &str, value: &Value) -> Option<String> {
    let (table, name) = key.rsplit_once('.')?;
    let end = line_break(text);
    let gap = match text {
        "" => String::new(),
        text if text.ends_with('\n') => end.to_owned(),
        _ => end.repeat(2),
    };
    Some(format!("{text}{gap}[{table}]{end}{name} = {}{end}", toml(value)?))
}

/// Where the header of the table stands that `key` belongs into, when it has one.
fn header(root: &Table, key: &str) -> Option<usize> {
    let (path, _) = key.rsplit_once('.')?;
    let table = path.split('.').try_fold(root, |table, part| table.get(part)?.as_table())?;
    Some(table).filter(|table| !table.is_dotted() && !table.is_implicit())?.span().map(|span| span.start)
}

/// Where the headers of all tables stand.
fn headers(table: &Table) -> Vec<usize> {
    let mut starts = Vec::new();
    for (_, item) in table {
        let inner = item.as_table().into_iter().chain(item.as_array_of_tables().into_iter().flatten());
        for table in inner {
            let own = table.span().filter(|_| !table.is_dotted() && !table.is_implicit());
            starts.extend(own.map(|span| span.start));
            starts.extend(headers(table));
        }
    }
    starts
}

/// The same by way of the document, for tables that have no lines of their own.
fn rewritten(text: &str, key: &str, value: &Value) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let (path, name) = key.rsplit_once('.')?;
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for part in path.split('.') {
        table = table.entry(part).or_insert_with(toml_edit::table).as_table_like_mut()?;
    }
    match value {
        Value::Null => table.remove(name),
        value => table.insert(name, Item::Value(toml(value)?)),
    };
    Some(document.to_string())
}

fn toml(value: &Value) -> Option<toml_edit::Value> {
    let mut value: toml_edit::Value = match value {
        Value::Bool(on) => (*on).into(),
        Value::Number(number) => number.as_i64()?.into(),
        Value::String(text) => text.into(),
        Value::Array(values) => toml_edit::Value::Array(values.iter().map(toml).collect::<Option<Array>>()?),
        Value::Null | Value::Object(_) => return None,
    };
    value.decor_mut().clear();
    Some(value)
}

fn replaced(text: &str, range: Range<usize>, by: &(impl ToString + ?Sized)) -> String {
    let (before, after) = (text.get(..range.start).unwrap_or_default(), text.get(range.end..).unwrap_or_default());
    format!("{before}{}{after}", by.to_string())
}

/// The end of the line in which `at` is, its break included.
fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at + end + 1)
}

fn line_break(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::config::DEFAULT;

    fn changed(text: &str, patch: &Value) -> String {
        let patch = patch.as_object().expect("an object");
        change(text, patch).unwrap_or_else(|why| panic!("{patch:?}: {why}\n{text}")).0
    }

    /// The lines that are in only one of two texts, as a diff shows them.
    fn difference(before: &str, after: &str) -> String {
        let diff = similar::TextDiff::from_lines(before, after);
        let lines = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
        lines.map(|change| format!("{}{change}", change.tag())).collect()
    }

    #[test]
    fn a_new_value_stands_below_the_comment_that_shows_its_default() {
        let patch = json!({
            "approvals.hold": 300,
            "sessions.stuck_after": 90,
            "jump.terminal": ["gnome-terminal", "--"],
            "web.port": 7000,
            "notifications.finished.on": true,
            "notifications.finished.urgency": "critical",
            "notifications.stuck.sound": "bell",
            "quiet.from": "21:15",
            "retention.audit_days": 400,
        });
        let text = changed(DEFAULT, &patch);
        insta::assert_snapshot!(text);
        let mut back = patch;
        back.as_object_mut().unwrap().values_mut().for_each(|value| *value = Value::Null);
        assert_eq!(changed(&text, &back), DEFAULT, "back to the defaults is back to the byte");
    }

    #[test]
    fn what_is_there_is_changed_where_it_stands() {
        let text = "# mine\n[approvals] # holds\n  hold   =   30   # half a minute\n\n[web]\nport=1 # one\n";
        let after = changed(text, &json!({ "approvals.hold": 60, "web.port": 80 }));
        let expected =
            "-  hold   =   30   # half a minute\n+  hold   =   60   # half a minute\n-port=1 # one\n+port=80 # one\n";
        assert_eq!(difference(text, &after), expected);
        let after = changed(text, &json!({ "approvals.hold": null, "web.port": null }));
        assert_eq!(after, "# mine\n[approvals] # holds\n# half a minute\n\n[web]\n# one\n");
        assert_eq!(changed(text, &json!({ "approvals.subagent_hold": null, "quiet.on": null })), text);
    }

    #[test]
    fn odd_layouts_are_understood() {
        let hold = json!({ "approvals.hold": 60, "notifications.stuck.on": false });
        for (text, expected) in [
            ("", "[approvals]\nhold = 60\n\n[notifications.stuck]\non = false\n"),
            ("# only this", "# only this\n\n[approvals]\nhold = 60\n\n[notifications.stuck]\non = false\n"),
            (
                "[approvals]\r\nhold = 1\r\n[notifications.stuck]\r\n  # on=true\r\n",
                "[approvals]\r\nhold = 60\r\n[notifications.stuck]\r\n  # on=true\r\n",
            ),
            (
                "[approvals]\nsubagent_hold = 9",
                "[approvals]\nsubagent_hold = 9\nhold = 60\n\n[notifications.stuck]\non = false\n",
            ),
            (
                "approvals.hold = 7\n\n[notifications]\nstuck = { sound = \"x\" } # s\n",
                "approvals.hold = 60\n\n[notifications]\nstuck = { sound = \"x\" , on = false } # s\n",
            ),
            (
                "approvals = { subagent_hold = 5 }\nnotifications.stuck.urgency = 'low'\n[web]\nport = 5\n",
                "approvals = { subagent_hold = 5 , hold = 60 }\nnotifications.stuck.urgency = 'low'\nnotifications.stuck.on = false\n[web]\nport = 5\n",
            ),
        ] {
            let after = changed(text, &hold);
            assert_eq!(after.replace("on=true\r\n  on = false\r\n", "on=true\r\n"), expected, "{text}");
            let config = Config::parse(&after).unwrap();
            assert_eq!((config.approvals.hold, config.notifications.stuck.on), (60, false));
            let back = changed(&after, &json!({ "approvals.hold": null, "notifications.stuck.on": null }));
            let config = Config::parse(&back).unwrap();
            assert_eq!((config.approvals.hold, config.notifications.stuck.on), (540, true), "{back}");
        }
    }

    #[test]
    fn tables_within_a_line_can_be_changed_too() {
        let patch = json!({ "notifications.failed.on": false, "notifications.stuck.sound": "bell" });
        for text in
            ["notifications = {}\n", "[notifications]\nstuck = {}\n", "notifications = { stuck = { on = true } }"]
        {
            let config = Config::parse(&changed(text, &patch)).unwrap();
            assert!(!config.notifications.failed.on && config.notifications.stuck.sound == "bell", "{text}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_in_words() {
        for (patch, words) in [
            (json!({ "retention.day": 1 }), "did you mean `retention.days`"),
            (json!({ "hold": 1 }), "did you mean `approvals.hold`"),
            (json!({ "quiet": {} }), "did you mean `quiet."),
            (json!({ "": 1 }), "GET /settings"),
            (json!({ "approvals.hold": 541 }), "`approvals.hold` is a number of seconds from 1 to 540"),
            (json!({ "approvals.hold": "60" }), "`approvals.hold` cannot be \"60\""),
            (json!({ "approvals.hold": 1.5 }), "`approvals.hold` cannot be 1.5"),
            (json!({ "approvals.hold": -1 }), "`approvals.hold` cannot be -1"),
            (json!({ "retention.days": u64::MAX }), "`retention.days`"),
            (json!({ "summaries.at_once": 0 }), "from 1 to 2"),
            (json!({ "quiet.from": "9:00" }), "\"22:00\""),
            (json!({ "notifications.failed.urgency": "loud" }), "critical"),
            (json!({ "notifications.failed.sound": "a/b" }), "the name of a sound"),
            (json!({ "jump.terminal": "xterm" }), "`jump.terminal`"),
            (json!({ "popup.monitor": "a\nb" }), "`popup.monitor`"),
            (json!({ "popup.corner": "middle" }), "top-left"),
            (json!({ "jump.terminal": [1] }), "`jump.terminal`"),
            (json!({ "approvals.decide_from": ["rule"] }), "`approvals.decide_from`"),
        ] {
            let said = change(DEFAULT, patch.as_object().unwrap()).unwrap_err();
            assert!(said.contains(words), "{patch}: {said}");
        }
    }

    /// Any setting with a value that it may have.
    fn setting() -> impl Strategy<Value = (String, Value)> {
        (prop::sample::select(keys()), 1..100u64, any::<bool>()).prop_map(|(key, number, on)| {
            let usual = serde_json::to_value(Config::default()).unwrap();
            let value = match usual.pointer(&format!("/{}", key.replace('.', "/"))).unwrap() {
                Value::Bool(_) => json!(on),
                Value::Number(_) => json!(number % 2 + 1),
                _ if key.ends_with("decide_from") => json!(["popup", "tui"]),
                Value::Array(_) => json!(["a b", "#\"'"]),
                _ if key.ends_with("urgency") => json!("critical"),
                _ if key == "shortcut.next" => json!("<Super>n"),
                _ if key == "shortcut.popup" => json!("<Ctrl><Alt>space"),
                _ if key.ends_with("sound") => json!("bell-1"),
                _ if key.ends_with("corner") => json!("top-left"),
                _ if key == "otlp.endpoint" => json!("http://[::1]:4318/a"),
                _ if key == "otlp.headers_file" => json!("/etc/\"'#"),
                _ if key.ends_with("monitor") => json!("DP-1 \"'"),
                _ => json!(format!("{:02}:{:02}", number % 24, number % 60)),
            };
            (key, value)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_set_counts_and_can_be_set_back(settings in prop::collection::vec(setting(), 1..20)) {
            let mut text = DEFAULT.to_owned();
            for (key, value) in &settings {
                text = changed(&text, &json!({ key.as_str(): value }));
                let says = serde_json::to_value(Config::parse(&text).unwrap()).unwrap();
                prop_assert_eq!(says.pointer(&format!("/{}", key.replace('.', "/"))), Some(value));
            }
            let back: Map<String, Value> = settings.into_iter().map(|(key, _)| (key, Value::Null)).collect();
            prop_assert_eq!(changed(&text, &back.into()), DEFAULT);
        }
    }
}
