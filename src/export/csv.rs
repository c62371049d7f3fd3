//! Comma-separated values, RFC 4180, of which no spreadsheet makes a formula.

use serde_json::Value;

/// The columns of the audit log.
const COLUMNS: [&str; 18] = [
    "asked",
    "settled",
    "pending_ms",
    "outcome",
    "by",
    "rule",
    "message",
    "tool",
    "input",
    "project",
    "cwd",
    "risk",
    "session",
    "id",
    "answers",
    "edited",
    "remembered",
    "made",
];

/// The first line.
#[must_use]
pub fn head() -> String {
    row(COLUMNS.map(str::to_owned))
}

/// The line of a request, as the API shows it.
#[must_use]
pub fn approval(view: &Value) -> String {
    row(COLUMNS.map(|column| match column {
        "asked" => time(view, "opened"),
        "settled" => time(view, "settled"),
        "rule" => text(view.pointer("/rule/name")),
        "made" => text(view.pointer("/made/name")),
        "risk" => text(view.pointer("/risk/level")),
        plain => text(view.get(plain)),
    }))
}

fn row(cells: [String; COLUMNS.len()]) -> String {
    cells.map(|cell| quoted(&cell)).join(",") + "\r\n"
}

/// Excel and its like compute what begins with one of these.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = super::plain(cell);
    let cell = if formula { format!("'{cell}") } else { cell };
    let needs = |c: char| matches!(c, ',' | '"' | '\r' | '\n' | '\t' | ';');
    if cell.contains(needs) || cell.trim() != cell { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn time(view: &Value, name: &str) -> String {
    let at = view.get(name).and_then(Value::as_i64);
    at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok()).map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_a_line() {
        let view = json!({
            "id": "0a", "session": "7-9", "project": "shop, \"new\"", "cwd": "/p", "tool": "Bash",
            "input": { "command": "echo 'a\nb'" }, "opened": 1_700_000_000_123_i64, "settled": 1_700_000_001_000_i64,
            "pending_ms": 877, "outcome": "allowed", "by": "rule", "rule": { "id": 3, "name": "=cmd|' /C calc'!A0" },
            "message": null, "risk": { "level": "low" }, "answers": { "Which?": "=1+1" }, "edited": { "command": "ls" },
            "remembered": [{ "type": "setMode" }], "made": { "id": 4, "name": "@ls" },
        });
        assert_snapshot!(head() + &approval(&view), @r#"
        asked,settled,pending_ms,outcome,by,rule,message,tool,input,project,cwd,risk,session,id,answers,edited,remembered,made
        2023-11-14T22:13:20.123Z,2023-11-14T22:13:21Z,877,allowed,rule,'=cmd|' /C calc'!A0,,Bash,"{""command"":""echo 'a\nb'""}","shop, ""new""",/p,low,7-9,0a,"{""Which?"":""=1+1""}","{""command"":""ls""}","[{""type"":""setMode""}]",'@ls
        "#);
    }

    #[test]
    fn no_cell_is_a_formula_or_a_command() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "'\\u{d}=1"),
            ("a=1", "a=1"),
            ("a\"b", "\"a\"\"b\""),
            ("a\u{1b}[2J", "a\\u{1b}[2J"),
            (" a", "\" a\""),
            ("a\r\nb", "\"a\nb\""),
        ] {
            assert_eq!(quoted(cell), safe, "{cell:?}");
        }
    }

    /// As a spreadsheet reads it.
    fn read(line: &str) -> Vec<String> {
        let (mut cells, mut cell, mut inside) = (Vec::new(), String::new(), false);
        let mut rest = line.strip_suffix("\r\n").expect("an end").chars().peekable();
        while let Some(c) = rest.next() {
            match (c, inside) {
                ('"', true) if rest.peek() == Some(&'"') => cell.extend(rest.next()),
                ('"', _) => inside = !inside,
                (',', false) => cells.push(std::mem::take(&mut cell)),
                _ => cell.push(c),
            }
        }
        assert!(!inside, "a quote is open");
        cells.push(cell);
        cells
    }

    proptest! {
        #[test]
        fn every_cell_stays_in_its_column(texts in prop::collection::vec("\\PC*|[=+@,\"'\r\n\t;a-]{0,12}", COLUMNS.len())) {
            let cells: [String; COLUMNS.len()] = texts.try_into().expect("as many");
            let told = read(&row(cells.clone()));
            prop_assert_eq!(told.len(), COLUMNS.len());
            for (told, cell) in told.iter().zip(&cells) {
                prop_assert!(!told.starts_with(['=', '+', '-', '@', '\t', '\r']), "{:?}", told);
                let plain = super::super::plain(cell);
                prop_assert_eq!(told.trim_start_matches('\''), plain.trim_start_matches('\''));
            }
        }
    }
}
