//! How dangerous a request is, as the daemon told: the level, the reasons, and what to mark.

use std::ops::Range;

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use serde::Deserialize;
use serde_json::Value;

use super::text::{Mark, prose};
use super::wire::{Approval, line, or_default};

/// More reasons than this are only counted; their marks stay.
const MOST: usize = 12;

/// How much care it needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Level {
    #[default]
    Low,
    Medium,
    High,
}

impl Level {
    fn words(self) -> &'static str {
        match self {
            Self::Low => "▂   Low risk",
            Self::Medium => "▂▄  Medium risk",
            Self::High => "▂▄▆ High risk",
        }
    }

    /// Never colour alone: the reasons have their sign, the marks their line.
    fn style(self) -> Style {
        match self {
            Self::Low => Style::new().add_modifier(Modifier::DIM),
            Self::Medium => Style::new().fg(Color::Yellow),
            Self::High => Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
        }
    }
}

/// What the daemon says of a request; see `rules::risk::Risk`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Risk {
    /// The highest of the findings.
    pub level: Level,
    /// What there is to know.
    #[serde(default, deserialize_with = "or_default")]
    pub findings: Vec<Finding>,
}

/// One thing to know before deciding.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "they are documented where they come from")]
pub struct Finding {
    #[serde(deserialize_with = "or_default")]
    pub level: Level,
    /// Bytes of the tool's main input.
    #[serde(deserialize_with = "or_default")]
    pub span: Range<usize>,
    #[serde(deserialize_with = "line")]
    pub text: String,
    #[serde(deserialize_with = "or_default")]
    pub reversible: Option<bool>,
}

/// A rule on trial that matches, and what it would have done.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "they are documented where they come from")]
pub struct Trial {
    #[serde(deserialize_with = "line")]
    pub name: String,
    #[serde(deserialize_with = "line")]
    pub decision: String,
}

/// The level, if anybody said.
#[must_use]
pub fn level(approval: &Approval, width: usize) -> Vec<Line<'static>> {
    let level = approval.risk.as_ref().map(|risk| risk.level);
    level.map(|level| prose(level.words(), width, 0, level.style())).unwrap_or_default()
}

/// Why it is not low, the highest first, and what rules on trial would have done.
#[must_use]
pub fn reasons(approval: &Approval, width: usize) -> Vec<Line<'static>> {
    let told = sorted(approval);
    let mut lines: Vec<_> = told.iter().take(MOST).flat_map(|finding| reason(finding, width)).collect();
    if told.len() > MOST {
        lines.extend(prose(&format!("and {} more like these", told.len() - MOST), width, 2, Style::new()));
    }
    for trial in &approval.trial {
        let would = match trial.decision.as_str() {
            "allow" => "have allowed it",
            "deny" => "have denied it",
            "ask" => "have left it to you",
            _ => continue,
        };
        let text = format!("A rule on trial, “{}”, would {would}.", trial.name);
        lines.extend(prose(&text, width, 0, Style::new().add_modifier(Modifier::DIM)));
    }
    lines
}

/// One sentence, behind the sign of its level.
fn reason(finding: &Finding, width: usize) -> Vec<Line<'static>> {
    let said = ["undone", "brought back"].iter().any(|words| finding.text.contains(words));
    let last = if finding.reversible == Some(false) && !said { " Cannot be undone." } else { "" };
    let mut lines = prose(&format!("{}{last}", finding.text), width, 2, Style::new());
    let sign = if finding.level == Level::High { "! " } else { "· " };
    if let Some(first) = lines.first_mut().and_then(|line| line.spans.first_mut()) {
        *first = Span::styled(sign, finding.level.style());
    }
    lines
}

/// Those above low, the highest first, each sentence once.
fn sorted(approval: &Approval) -> Vec<&Finding> {
    let mut told: Vec<&Finding> = Vec::new();
    for finding in approval.risk.iter().flat_map(|risk| &risk.findings).filter(|f| f.level > Level::Low) {
        if !told.iter().any(|known| (known.level, &known.text) == (finding.level, &finding.text)) {
            told.push(finding);
        }
    }
    told.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    told
}

/// The field that the spans refer to.
#[must_use]
pub fn main_input(approval: &Approval) -> Option<&'static str> {
    let names: &[&str] = match approval.tool.as_str() {
        "Bash" => &["command"],
        "Edit" | "MultiEdit" | "Write" => &["file_path"],
        "Read" | "NotebookRead" => &["file_path", "notebook_path"],
        "NotebookEdit" => &["notebook_path", "file_path"],
        "WebFetch" => &["url"],
        "WebSearch" => &["query"],
        "Grep" | "Glob" => &["pattern"],
        _ => &[],
    };
    names.iter().find(|name| approval.input.get(name).is_some_and(Value::is_string)).copied()
}

/// What to mark in it, high ones last: where marks overlap, the last one shows.
#[must_use]
pub fn marks(approval: &Approval) -> Vec<Mark> {
    let findings = approval.risk.iter().flat_map(|risk| &risk.findings).filter(|f| f.level > Level::Low);
    let mut marked: Vec<_> = findings.collect();
    marked.sort_by_key(|finding| finding.level);
    let style = |level: Level| level.style().add_modifier(Modifier::UNDERLINED);
    marked.into_iter().map(|finding| Mark { span: finding.span.clone(), style: style(finding.level) }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn approval(risk: &Value) -> Approval {
        let wire = json!({ "tool": "Bash", "input": { "command": "x" }, "risk": risk, "trial": null });
        serde_json::from_value(wire).expect("an approval")
    }

    fn plain(lines: &[Line]) -> Vec<String> {
        lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn reasons_come_the_highest_first_and_once() {
        let finding = |level: &str, text: &str, reversible: Option<bool>| {
            json!({ "level": level, "text": text,
            "span": { "start": 0, "end": 1 }, "reversible": reversible })
        };
        let approval = approval(&json!({ "level": "high", "findings": [
            finding("medium", "Fetches.", None), finding("low", "Reads.", None),
            finding("high", "Deletes\u{1b}.", Some(false)), finding("medium", "Fetches.", None),
            finding("high", "It cannot be brought back.", Some(false)),
        ] }));
        let expected = ["! Deletes\\u{1b}. Cannot be undone.", "! It cannot be brought back.", "· Fetches."];
        assert_eq!(plain(&reasons(&approval, 60)), expected);
        assert_eq!(plain(&level(&approval, 60)), ["▂▄▆ High risk"]);
    }

    #[test]
    fn what_is_missing_or_odd_says_nothing() {
        for risk in [json!(null), json!({}), json!({ "level": "extreme" }), json!("high")] {
            let approval = approval(&risk);
            assert_eq!((level(&approval, 60), reasons(&approval, 60), marks(&approval)), (vec![], vec![], vec![]));
        }
    }
}
