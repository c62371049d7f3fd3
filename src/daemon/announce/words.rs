//! What notifications say, in plain words. Names, commands and messages are others' text: on one line,
//! bounded, and with everything that would deceive a reader shown as an escape.

use std::collections::BTreeMap;

use serde_json::Value;

use super::news::Topic;
use crate::cli::visible;
use crate::core::{Approval, Board, Kind, Session, State};
use crate::rules::main_text;
use crate::rules::risk::Level;

/// Longest name of a project, a branch or a tag, in characters.
const NAME: usize = 40;
/// Longest text of another's, in characters.
const TEXT: usize = 400;
/// Most projects that are named in one notification.
const PROJECTS: usize = 4;

/// The two lines of one topic.
pub fn one(board: &Board, topic: &Topic) -> (String, String) {
    match topic {
        Topic::Request(id) => board.approvals.get(id).map(|approval| request(board, approval)),
        Topic::Session(key, _) => board.sessions.get(key).map(|session| state(session)),
    }
    .unwrap_or_default()
}

/// The two lines of several.
pub fn many(board: &Board, topics: &[Topic]) -> (String, String) {
    let requests = topics.iter().filter(|topic| matches!(topic, Topic::Request(_))).count();
    let summary = match (requests, topics.len() - requests) {
        (requests, 0) => format!("{requests} requests wait for you"),
        (0, sessions) => format!("{sessions} sessions need you"),
        (1, sessions) => format!("A request waits, and {} you", counted(sessions, "session needs", "sessions need")),
        (requests, sessions) => {
            format!("{requests} requests wait, and {} you", counted(sessions, "session needs", "sessions need"))
        }
    };
    let mut projects: BTreeMap<String, usize> = BTreeMap::new();
    for topic in topics {
        *projects.entry(project(session_of(board, topic))).or_default() += 1;
    }
    let mut projects: Vec<_> = projects.into_iter().collect();
    projects.sort_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
    let others = projects.len().saturating_sub(PROJECTS);
    let named = projects.into_iter().take(PROJECTS).map(|(name, count)| format!("{name}: {count}"));
    let others = (others > 0).then(|| counted(others, "other project", "other projects"));
    (summary, named.chain(others).collect::<Vec<_>>().join(", "))
}

/// The words of a test.
pub fn test() -> (String, String) {
    ("ccmon can be heard".to_owned(), "Notifications of this sort look and sound like this one.".to_owned())
}

fn request(board: &Board, approval: &Approval) -> (String, String) {
    let who = who(board.sessions.get(&approval.session).map(|session| &**session));
    let (wants, what) = match approval.kind {
        Kind::Permission => ("asks for permission", call(approval)),
        Kind::Question => ("has a question", text(&question(&approval.input))),
        // Who asks is not Claude, and the words are not ours.
        Kind::Elicitation => ("is asked by an MCP server", elicitation(&approval.input)),
        Kind::Plan => ("has a plan for you", text(approval.input["plan"].as_str().unwrap_or_default())),
    };
    let agent = approval.agent.as_ref().filter(|agent| !agent.kind.is_empty());
    let agent = agent.map(|agent| format!("Asked by the sub-agent {}.", cut(&agent.kind, NAME)));
    let risk = approval.known.as_ref().filter(|known| known.risk.level == Level::High);
    let risk = risk.map(|_| "High risk: read it whole before you answer.".to_owned());
    let lines = [Some(what).filter(|what| !what.is_empty()), agent, risk];
    (format!("{who} {wants}"), lines.into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

fn call(approval: &Approval) -> String {
    let what = main_text(&approval.tool, &approval.input).map(text).unwrap_or_default();
    let tool = cut(&approval.tool, NAME);
    if what.is_empty() { tool } else { format!("{tool}: {what}") }
}

/// What an MCP server asks, and which.
fn elicitation(input: &Value) -> String {
    let told = |name: &str| input[name].as_str().unwrap_or_default();
    text(&format!("“{}” asks: {}", cut(told("server"), NAME), told("message")))
}

/// The questions of an `AskUserQuestion`.
fn question(input: &Value) -> String {
    let questions = input["questions"].as_array().into_iter().flatten();
    questions.filter_map(|question| question["question"].as_str()).collect::<Vec<_>>().join(" ")
}

fn state(session: &Session) -> (String, String) {
    let who = who(Some(session));
    let message = session.message.as_deref().map(text).filter(|message| !message.is_empty());
    match session.state {
        State::Failed => (format!("{who} failed"), text(&session.evidence.text)),
        State::Stuck => {
            let doing = session.activity.as_deref().map(|activity| format!(" Last: {}", text(activity)));
            (format!("{who} is stuck"), text(&session.evidence.text) + &doing.unwrap_or_default())
        }
        _ => (format!("{who} is done"), message.unwrap_or_else(|| "Claude stopped.".to_owned())),
    }
}

fn session_of<'a>(board: &'a Board, topic: &Topic) -> Option<&'a Session> {
    let key = match topic {
        Topic::Request(id) => &board.approvals.get(id)?.session,
        Topic::Session(key, _) => key,
    };
    board.sessions.get(key).map(|session| &**session)
}

/// `api (main) [the user's tag]`
fn who(session: Option<&Session>) -> String {
    let part = |text: Option<&String>, open: &str, close: &str| {
        let text = text.map(|text| cut(text, NAME)).filter(|text| !text.is_empty());
        text.map(|text| format!(" {open}{text}{close}")).unwrap_or_default()
    };
    let branch = part(session.and_then(|s| s.branch.as_ref()), "(", ")");
    let tag = part(session.and_then(|s| s.tag.as_ref()), "[", "]");
    project(session) + &branch + &tag
}

fn project(session: Option<&Session>) -> String {
    let name = session.map(|session| cut(&session.project, NAME)).unwrap_or_default();
    if name.is_empty() { "A session".to_owned() } else { name }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A text of another's.
pub fn text(text: &str) -> String {
    cut(text, TEXT)
}

/// On one line, nothing hidden, and not longer than that; what is cut says so.
fn cut(text: &str, most: usize) -> String {
    // A character becomes one or more: more of them need not be looked at.
    let start: String = text.chars().take(most * 4).collect();
    let line = visible(&start.split_whitespace().collect::<Vec<_>>().join(" "));
    if line.chars().count() <= most && start.len() == text.len() {
        return line;
    }
    line.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_one_bounded_line_without_tricks() {
        assert_eq!(cut("a\n\tb \u{202e}c\u{1b}[2J", 40), "a b \\u{202e}c\\u{1b}[2J");
        assert_eq!(cut("abcdef", 4), "abc…");
        let long = cut(&"x".repeat(1_000_000), TEXT);
        assert_eq!((long.chars().count(), long.ends_with('…')), (TEXT, true));
        assert!(cut(&format!("a{}b", " ".repeat(10_000)), 40).ends_with('…'), "what is not shown is not denied");
        assert_eq!(cut(&"\u{202e}".repeat(9_000), 40).chars().count(), 40);
    }
}
