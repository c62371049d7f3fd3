//! Judges a row of the cases as the daemon would, but for its look-ups on disk.

use std::path::Path;

use ccmon::rules::risk::{self, Place, Risk};
use ccmon::rules::shell::{self, Line, Unparsed};
use ccmon::rules::{Call, Decision, Rule, Table, Verdict};
use serde_json::{Value, json};

/// Rows of a file.
pub fn rows(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("the cases");
    text.lines().filter(|l| !l.is_empty()).map(|l| serde_json::from_str(l).expect("a row of JSON")).collect()
}

/// A call, and what is known of it before any rule is asked.
pub struct Case {
    pub tool: String,
    pub input: Value,
    pub place: Place,
    pub line: Option<Result<Line, Unparsed>>,
    pub risk: Risk,
}

impl Case {
    /// Reads a row: `tool` and `input`, or `command`; `cwd`, `real` for paths that are not what they seem,
    /// and `own` for folders that are ccmon's.
    pub fn new(row: &Value) -> Self {
        let tool = row["tool"].as_str().unwrap_or("Bash").to_owned();
        let input = row.get("command").map_or_else(|| row["input"].clone(), |line| json!({ "command": line }));
        let line = input["command"].as_str().filter(|_| tool == "Bash").map(shell::parse);
        let place = place(row, &input, line.as_ref());
        let risk = risk::tool(&tool, &input, &place, line.as_ref(), &shell::parse);
        Self { tool, input, place, line, risk }
    }

    /// What the rules say.
    pub fn judge(&self, table: &Table) -> Verdict {
        table.judge(&Call {
            tool: &self.tool,
            input: &self.input,
            line: self.line.as_ref(),
            place: &self.place,
            session: "",
            risk: &self.risk,
        })
    }
}

fn place(row: &Value, input: &Value, line: Option<&Result<Line, Unparsed>>) -> Place {
    let cwd = row["cwd"].as_str().unwrap_or("/home/u/proj");
    let mut place = Place {
        cwd: cwd.to_owned(),
        project: "/home/u/proj".to_owned(),
        home: "/home/u".to_owned(),
        own: row["own"].as_array().into_iter().flatten().filter_map(|own| Some(own.as_str()?.to_owned())).collect(),
        ..Place::default()
    };
    let argument = |command: &shell::Simple| command.argv.get(1).and_then(|word| word.text.clone());
    let words = line.into_iter().flatten().flat_map(|line| &line.commands).filter_map(argument);
    let paths = ["file_path", "notebook_path", "path"].iter().filter_map(|key| input[*key].as_str().map(str::to_owned));
    for written in words.chain(paths).chain([cwd.to_owned()]).filter(|path| !path.is_empty()) {
        let path = risk::paths::resolve(&written, cwd, &place);
        if path.starts_with('/') && !written.starts_with('~') {
            place.real.insert(written, path);
        }
    }
    for (written, real) in row["real"].as_object().into_iter().flatten() {
        match real.as_str() {
            Some(real) => place.real.insert(written.clone(), real.to_owned()),
            None => place.real.remove(written),
        };
    }
    place
}

/// The rules of a row: `rule`, or `rules` in order.
pub fn rules(row: &Value) -> Vec<Rule> {
    let one = row.get("rule").into_iter();
    let written = one.chain(row["rules"].as_array().into_iter().flatten());
    written.map(|rule| complete(rule, row["tool"].as_str().unwrap_or("Bash"))).collect()
}

fn complete(rule: &Value, tool: &str) -> Rule {
    let mut whole = json!({ "name": "case", "tool": tool, "kind": "glob", "action": "allow", "lasts": "forever" });
    for (key, value) in rule.as_object().expect("a rule") {
        whole[key] = value.clone();
    }
    serde_json::from_value(whole).expect("a rule")
}

/// The decision in one word.
pub fn word(decision: &Decision) -> &'static str {
    match decision {
        Decision::Allow => "allow",
        Decision::Deny { .. } => "deny",
        Decision::Ask => "ask",
    }
}

/// What becomes of a row.
pub fn judge(row: &Value) -> Verdict {
    let table = Table::new(&rules(row)).expect("rules that compile");
    Case::new(row).judge(&table)
}
