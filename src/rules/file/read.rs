//! Reading the file: strict, and with a line for every complaint.

use std::ops::Range;

use toml_edit::{Document, Item, Table, Value};

use crate::rules::{Action, Kind, Lasts, Rule, faults};

/// Larger files are none that a person wrote.
const LARGEST: usize = 1024 * 1024;
/// More rules than that nobody oversees.
const MOST: usize = 1000;

const KEYS: [&str; 12] =
    ["name", "tool", "action", "glob", "literal", "regex", "message", "cwd", "dry_run", "enabled", "allow_high", "for"];

/// Why a file cannot be read: nothing of it is then taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {text}")]
pub struct ImportError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, why, and what to do.
    pub text: String,
}

/// A complaint and the bytes that it is about.
struct Complaint(Option<Range<usize>>, String);

/// Reads what [`super::export`] or a person wrote.
///
/// # Errors
/// The first thing that is wrong: of the syntax, a key or value that is not known, or a rule that could
/// not be saved either.
pub fn import(text: &str) -> Result<Vec<Rule>, ImportError> {
    rules(text).map_err(|Complaint(span, what)| ImportError { line: line_of(text, span), text: what })
}

fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let before = span.and_then(|span| text.as_bytes().get(..span.start)).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

fn rules(text: &str) -> Result<Vec<Rule>, Complaint> {
    if text.len() > LARGEST {
        return Err(Complaint(
            None,
            "The file is larger than 1 MiB; rules take a fraction of that, so check what it is.".into(),
        ));
    }
    let parsed = Document::parse(text).map_err(|error| {
        Complaint(
            error.span(),
            format!("This is not TOML ({}); correct it there.", error.message().trim().replace('\n', ", ")),
        )
    })?;
    let mut found = Vec::new();
    for (key, item) in parsed.as_table() {
        if key != "rule" {
            let span = parsed.as_table().get_key_value(key).and_then(|(key, _)| key.span());
            return Err(Complaint(
                span,
                format!("`{key}` is not known here; each rule begins with a line `[[rule]]`."),
            ));
        }
        let Some(tables) = item.as_array_of_tables() else {
            return Err(Complaint(
                item.span(),
                "Rules are a list; write `[[rule]]` with two brackets on each side.".into(),
            ));
        };
        if tables.len() > MOST {
            return Err(Complaint(None, format!("These are more than {MOST} rules; leave some out.")));
        }
        for table in tables {
            found.push(rule(table)?);
        }
    }
    Ok(found)
}

fn rule(table: &Table) -> Result<Rule, Complaint> {
    known_keys(table)?;
    let (kind, pattern) = pattern(table)?;
    let rule = Rule {
        name: needed(table, "name", "the log says by it which rule decided")?,
        tool: text(table, "tool")?.unwrap_or_else(|| "Bash".to_owned()),
        kind,
        pattern,
        cwd: text(table, "cwd")?,
        action: action(table)?,
        lasts: lasts(table)?,
        dry_run: flag(table, "dry_run")?.unwrap_or(false),
        enabled: flag(table, "enabled")?.unwrap_or(true),
        allow_high: flag(table, "allow_high")?.unwrap_or(false),
    };
    match faults(&rule).into_iter().next() {
        Some(lint) => Err(Complaint(blamed(table, lint.code), lint.text)),
        None => Ok(rule),
    }
}

/// Where the key stands that a lint is about; else the rule.
fn blamed(table: &Table, code: &str) -> Option<Range<usize>> {
    let key = match code.split('-').next().unwrap_or_default() {
        "pattern" => KEYS[3..6].iter().copied().find(|key| table.contains_key(key)).unwrap_or("name"),
        "allow" => "allow_high",
        "question" => "tool",
        "seconds" => "for",
        key => key,
    };
    table.get(key).and_then(Item::span).or_else(|| table.span())
}

fn known_keys(table: &Table) -> Result<(), Complaint> {
    for (key, _) in table {
        if KEYS.contains(&key) {
            continue;
        }
        let span = table.get_key_value(key).and_then(|(key, _)| key.span());
        let hint = match key {
            "pattern" | "kind" | "match" => "write the pattern as `glob = …`, `literal = …` or `regex = …`".to_owned(),
            "allow" | "deny" | "ask" => format!("write `action = \"{key}\"` and the pattern as `glob = …`"),
            "lasts" | "seconds" | "session" | "duration" => {
                "write `for = \"1 h\"`, or leave it out for ever".to_owned()
            }
            _ => format!("a rule has {}", KEYS.join(", ")),
        };
        return Err(Complaint(
            span,
            format!("`{key}` is not known, and a rule that is half understood may do harm; {hint}."),
        ));
    }
    Ok(())
}

fn pattern(table: &Table) -> Result<(Kind, String), Complaint> {
    let mut found = None;
    for (key, kind) in [("literal", Kind::Literal), ("glob", Kind::Glob), ("regex", Kind::Regex)] {
        let Some(pattern) = text(table, key)? else {
            continue;
        };
        if found.replace((kind, pattern)).is_some() {
            let span = table.get(key).and_then(Item::span);
            return Err(Complaint(
                span,
                "A rule has one pattern, and this is its second; make it a rule of its own.".into(),
            ));
        }
    }
    let missing =
        || Complaint(table.span(), "This rule has no pattern; write `glob = …`, `literal = …` or `regex = …`.".into());
    found.ok_or_else(missing)
}

fn action(table: &Table) -> Result<Action, Complaint> {
    let message = text(table, "message")?;
    let action = match needed(table, "action", "a rule has to do something")?.as_str() {
        "allow" => Action::Allow,
        "ask" => Action::Ask,
        "deny" => return Ok(Action::Deny { message }),
        other => {
            let span = table.get("action").and_then(Item::span);
            return Err(Complaint(span, format!("`{other}` is no action; write \"allow\", \"deny\" or \"ask\".")));
        }
    };
    match message {
        Some(_) => Err(Complaint(
            table.get("message").and_then(Item::span),
            "Only a rule that denies tells Claude why; take the message away, or write `action = \"deny\"`.".into(),
        )),
        None => Ok(action),
    }
}

fn lasts(table: &Table) -> Result<Lasts, Complaint> {
    let Some(text) = text(table, "for")? else {
        return Ok(Lasts::Forever);
    };
    let wrong = || {
        let span = table.get("for").and_then(Item::span);
        let text = format!(
            "`{text}` is no length of time; write such as \"15 min\", \"1 h\", \"30 days\", \"once\", \"restart\" or \"ever\"."
        );
        Complaint(span, text)
    };
    match text.as_str() {
        "ever" | "forever" => return Ok(Lasts::Forever),
        "once" => return Ok(Lasts::Once),
        "restart" => return Ok(Lasts::Restart),
        _ => {}
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at(digits);
    let unit: u64 = match unit.trim() {
        "s" | "sec" => 1,
        "min" => 60,
        "h" => 60 * 60,
        "d" | "day" | "days" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let seconds = count.parse::<u64>().ok().and_then(|count| count.checked_mul(unit)).ok_or_else(wrong)?;
    Ok(Lasts::Seconds { seconds })
}

fn needed(table: &Table, key: &str, why: &str) -> Result<String, Complaint> {
    text(table, key)?
        .ok_or_else(|| Complaint(table.span(), format!("This rule has no {key}, and {why}; add `{key} = …`.")))
}

fn text(table: &Table, key: &str) -> Result<Option<String>, Complaint> {
    let value = |value: &Value| value.as_str().map(str::to_owned);
    typed(table, key, "a text; put it in quotes", value)
}

fn flag(table: &Table, key: &str) -> Result<Option<bool>, Complaint> {
    typed(table, key, "true or false, without quotes", Value::as_bool)
}

fn typed<T>(table: &Table, key: &str, what: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Option<T>, Complaint> {
    let Some(item) = table.get(key) else {
        return Ok(None);
    };
    let complaint = || Complaint(item.span().or_else(|| table.span()), format!("`{key}` has to be {what}."));
    item.as_value().and_then(read).map(Some).ok_or_else(complaint)
}
