//! Rules that somebody may make of a request while they answer it, the least general first.
//!
//! Each is tried on the request itself: one that would not let it run is not offered. What is dangerous is
//! offered to the letter only, as no wider rule lets it run.

use serde::Serialize;

use super::input::{self, Input};
use super::risk::{Level, Place};
use super::suggest::shape::{self, Shape};
use super::{Action, Call, Decision, Kind, Rule, Table, faults, promote};

/// How long everything of a session may run for one click, in seconds.
const WHILE: u64 = 15 * 60;

/// A rule that would have answered a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// What it is about, in words,
    pub words: String,
    /// and the text of the session that follows them, when there is one.
    pub text: String,
    /// The rule: in this project, until the session ends. Not saved anywhere.
    pub rule: Rule,
}

/// What rules can be made of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Offers {
    /// The least general first.
    pub rules: Vec<Offer>,
    /// The folders of the project, as a rule says them; `null` when it is not known where it runs.
    pub project: Option<String>,
    /// A rule for everything of the session for 15 minutes; `null` when the request is dangerous.
    pub session_rule: Option<Rule>,
    /// Whether that rule would have answered this request.
    pub session_covers: bool,
}

/// Drafts what a rule could be made of this call.
#[must_use]
pub fn offers(call: &Call<'_>) -> Offers {
    let project = folders(call.place);
    let drafts = drafts(call).into_iter().map(|(words, text, kind, pattern)| {
        let base = Rule::allow(call.tool, kind, &pattern);
        let name = promote::name(call.tool, &pattern, &Action::Allow, &call.place.project);
        let lasts = super::Lasts::Session { session: call.session.to_owned() };
        let allow_high = kind == Kind::Literal && call.risk.level == Level::High;
        let rule = Rule { name, lasts, allow_high, cwd: project.clone(), ..base };
        Offer { words: words.to_owned(), text, rule }
    });
    let mut rules: Vec<Offer> = Vec::new();
    for offer in drafts.filter(|offer| lets_run(&offer.rule, call)) {
        if !rules.iter().any(|known| known.rule.pattern == offer.rule.pattern) {
            rules.push(offer);
        }
    }
    let session = (call.risk.level < Level::High && !call.session.is_empty())
        .then(|| Rule::session_wide(&session_name(call.place), call.session, WHILE));
    let session_covers = session.as_ref().is_some_and(|rule| lets_run(rule, call));
    Offers { rules, project, session_rule: session, session_covers }
}

fn lets_run(rule: &Rule, call: &Call<'_>) -> bool {
    let table = Table::new(std::slice::from_ref(rule));
    faults(rule).is_empty() && table.is_ok_and(|table| table.judge(call).decision == Decision::Allow)
}

fn session_name(place: &Place) -> String {
    promote::name("Bash", "all", &Action::Allow, &place.project) + ", one session"
}

/// The project and what is below it; of a home or a whole disk, only the very folder.
fn folders(place: &Place) -> Option<String> {
    let wide = place.project.len() > 1 && place.project != place.home;
    let escaped = globset::escape(if wide { &place.project } else { &place.cwd });
    match (escaped.is_empty(), wide) {
        (true, _) => None,
        (false, true) => Some(format!("{{{escaped},{escaped}/**}}")),
        (false, false) => Some(escaped),
    }
}

type Draft = (&'static str, String, Kind, String);

fn drafts(call: &Call<'_>) -> Vec<Draft> {
    let Some(main) = input::main(call.tool, call.input, call.place) else {
        return Vec::new();
    };
    let literal = |words, text: &str| (words, text.to_owned(), Kind::Literal, main.clone());
    match (call.tool, input::of(call.tool, call.input, call.place)) {
        ("Bash", _) => commands(call, main),
        ("Grep" | "Glob", _) => vec![literal("Search in", &main)],
        (tool, Some(Input::Path(path))) => files(tool, &path, call),
        (_, Some(Input::Host(host))) => vec![literal("Fetch any page of", &host)],
        ("WebSearch", _) => vec![literal("This very search", "")],
        ("Agent" | "Task", _) => vec![literal("Start agents of the kind", &main)],
        (tool, _) => vec![literal("Whatever it is given:", tool)],
    }
}

fn commands(call: &Call<'_>, main: String) -> Vec<Draft> {
    let mut drafts = vec![("This very command", String::new(), Kind::Literal, main)];
    let Some(Shape::Words(mut verb)) = shape::of(call) else {
        return drafts;
    };
    // `npm run build` alone, with anything behind it, and `npm run` with anything.
    while !verb.is_empty() {
        let text = verb.join(" ");
        let pattern = format!("{text}{}", if text.ends_with(char::is_alphanumeric) { "*" } else { " *" });
        drafts.push(("Any command beginning with", text, Kind::Glob, pattern));
        let keep = if verb.len() > 2 { verb.len() - 1 } else { 0 };
        verb.truncate(keep);
    }
    drafts
}

fn files(tool: &str, path: &str, call: &Call<'_>) -> Vec<Draft> {
    let does: [&'static str; 3] = match tool {
        "Read" => ["Read", "Read any file in", "Read any file below"],
        "Write" => ["Write", "Write any file in", "Write any file below"],
        _ => ["Edit", "Edit any file in", "Edit any file below"],
    };
    let mut drafts = vec![(does[0], path.to_owned(), Kind::Literal, path.to_owned())];
    if let Some(Shape::Folder(folder)) = shape::of(call) {
        let project = call.place.project.clone();
        drafts.push((does[1], folder.clone(), Kind::Glob, format!("{}/*", globset::escape(&folder))));
        let below = format!("{}/**", globset::escape(&project));
        drafts.push((does[2], project, Kind::Glob, below));
    }
    drafts
}

#[cfg(test)]
mod tests;
