//! Conversations as the client writes them: `<config>/projects/<slug>/<session id>.jsonl`, one JSON
//! object a line, as recorded from Claude Code 2.1.329 and 2.0.76. Only what a row shows is read.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use crate::core::{Time, Transcript, excerpt};

/// What Claude Code writes where the user pressed Esc, in mid-turn and in mid-tool.
const INTERRUPTED: [&str; 2] = ["[Request interrupted by user]", "[Request interrupted by user for tool use]"];
/// What it writes as the result of a tool whose dialog was answered with No.
const REJECTED: &str = "User rejected tool use";
/// The model named in messages that the client made up itself.
const MADE_UP: &str = "<synthetic>";

/// What a transcript has told so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// What a row shows of it.
    pub tells: Transcript,
    /// The user's own title wins over Claude's, whichever comes last.
    custom: bool,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    timestamp: Option<Cow<'a, str>>,
    #[serde(rename = "isSidechain", default)]
    sidechain: bool,
    #[serde(rename = "isMeta", default)]
    meta: bool,
    #[serde(borrow)]
    message: Option<Message<'a>>,
    #[serde(rename = "toolUseResult", borrow)]
    result: Option<&'a serde_json::value::RawValue>,
    #[serde(rename = "aiTitle")]
    ai_title: Option<String>,
    #[serde(rename = "customTitle")]
    custom_title: Option<String>,
    #[serde(rename = "lastPrompt")]
    last_prompt: Option<String>,
    #[serde(borrow)]
    origin: Option<&'a serde_json::value::RawValue>,
}

#[derive(Deserialize)]
struct Origin<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    model: Option<Cow<'a, str>>,
    usage: Option<Usage>,
    #[serde(borrow)]
    content: Option<&'a serde_json::value::RawValue>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    cache_creation_input_tokens: u64,
    #[serde(default)]
    cache_read_input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
}

impl Told {
    /// Takes in one line; one that is no entry tells nothing.
    pub fn line(&mut self, line: &[u8]) {
        let Some(entry) = std::str::from_utf8(line).ok().and_then(|line| serde_json::from_str::<Entry>(line).ok())
        else {
            return;
        };
        if entry.sidechain {
            return;
        }
        let at = entry.timestamp.as_deref().and_then(moment).unwrap_or(self.tells.at);
        self.tells.at = self.tells.at.max(at);
        match entry.kind.as_deref() {
            Some("assistant") => self.assistant(entry.message.as_ref(), at),
            Some("user") if entry.is_interruption() => self.tells.interrupted = Some(at),
            Some("user") if entry.is_prompt() => {
                self.prompted(entry.message.as_ref().and_then(Message::text).as_deref());
            }
            Some("ai-title") if !self.custom => self.tells.title = entry.ai_title.or(self.tells.title.take()),
            Some("custom-title") if entry.custom_title.is_some() => {
                (self.tells.title, self.custom) = (entry.custom_title, true);
            }
            Some("last-prompt") => self.prompted(entry.last_prompt.as_deref()),
            _ => {}
        }
    }

    /// A row shows no more of it.
    fn prompted(&mut self, text: Option<&str>) {
        self.tells.prompt = text.map(excerpt).or(self.tells.prompt.take());
    }

    fn assistant(&mut self, message: Option<&Message>, at: Time) {
        let Some(message) = message.filter(|m| m.model.as_deref() != Some(MADE_UP)) else {
            return;
        };
        if let Some(model) = &message.model {
            (self.tells.model, self.tells.model_at) = (Some(model.clone().into_owned()), at);
        }
        if let Some(usage) = &message.usage {
            let parts = [
                usage.input_tokens,
                usage.cache_creation_input_tokens,
                usage.cache_read_input_tokens,
                usage.output_tokens,
            ];
            self.tells.tokens = Some(parts.into_iter().fold(0, u64::saturating_add));
        }
    }
}

impl Entry<'_> {
    /// Whether the user gave it, not the client. (`last-prompt` is written now and then only, 2.1.329.)
    fn is_prompt(&self) -> bool {
        let origin = self.origin.and_then(|raw| serde_json::from_str::<Origin>(raw.get()).ok());
        !self.meta && origin.is_some_and(|origin| origin.kind == "human")
    }

    fn is_interruption(&self) -> bool {
        let rejected = self.result.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
        if rejected.is_some_and(|text| text.trim_start_matches("Error: ") == REJECTED) {
            return true;
        }
        let Some(content) = self.message.as_ref().and_then(|message| message.content) else {
            return false;
        };
        match serde_json::from_str::<Vec<Block>>(content.get()) {
            Ok(blocks) => blocks.iter().any(|b| b.text.as_deref().is_some_and(|text| INTERRUPTED.contains(&text))),
            Err(_) => serde_json::from_str::<String>(content.get()).is_ok_and(|t| INTERRUPTED.contains(&t.as_str())),
        }
    }
}

/// What Claude said last in this end of a transcript, after the user's last prompt; in a sub-agent's name it says
/// nothing here.
#[must_use]
pub fn said(tail: &[u8]) -> Option<String> {
    let lines = tail.rsplit(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
    for entry in lines.filter_map(|line| serde_json::from_str::<Entry>(line).ok()).filter(|e| !e.sidechain) {
        let text = entry.message.as_ref().and_then(Message::text);
        match (entry.kind.as_deref(), text) {
            (Some("assistant"), text @ Some(_)) => return text,
            (Some("user"), Some(_)) if !entry.meta => return None,
            _ => {}
        }
    }
    None
}

impl Message<'_> {
    /// What it says in words; none when it only calls tools, or answers for them.
    fn text(&self) -> Option<String> {
        if self.model.as_deref() == Some(MADE_UP) {
            return None;
        }
        let content = self.content?.get();
        let words = serde_json::from_str(content).ok().or_else(|| {
            let blocks: Vec<Block> = serde_json::from_str(content).ok()?;
            let texts: Vec<_> = blocks.into_iter().filter_map(|block| block.text).collect();
            Some(texts.join("\n\n"))
        });
        words.filter(|words: &String| !words.trim().is_empty())
    }
}

fn moment(text: &str) -> Option<Time> {
    let stamp: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(stamp.as_millisecond()).ok().map(Time)
}

/// The config directory above a transcript's path; `None` for a path that is no transcript's.
#[must_use]
pub fn config_of(path: &Path) -> Option<&Path> {
    let plain = |part| matches!(part, Component::RootDir | Component::Normal(_));
    let projects = path.parent()?.parent()?;
    let fits = path.is_absolute() && path.components().all(plain) && path.extension()? == "jsonl";
    (fits && projects.file_name()? == "projects").then(|| projects.parent()).flatten()
}

/// Where a client writes a conversation: its directory's name is the working directory's with
/// everything but letters and digits made a dash (2.1.329).
#[must_use]
pub fn path_of(config: &Path, cwd: &str, session_id: &str) -> PathBuf {
    let slug: String = cwd.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    config.join("projects").join(slug).join(format!("{session_id}.jsonl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[&str]) -> Transcript {
        let mut told = Told::default();
        lines.iter().for_each(|line| told.line(line.as_bytes()));
        told.tells
    }

    #[test]
    fn model_tokens_and_titles_are_told() {
        let tells = told(&[
            r#"{"type":"ai-title","aiTitle":"Fix the build","sessionId":"s"}"#,
            r#"{"type":"assistant","timestamp":"2026-11-21T04:18:05.038Z","message":{"model":"claude-opus-5-5","content":[],
                "usage":{"input_tokens":1200,"cache_creation_input_tokens":300,"cache_read_input_tokens":5000,"output_tokens":42}}}"#,
            r#"{"type":"custom-title","customTitle":"mine"}"#,
            r#"{"type":"ai-title","aiTitle":"again"}"#,
            r#"{"type":"assistant","isSidechain":true,"message":{"model":"claude-haiku","content":[]}}"#,
            r#"{"type":"assistant","message":{"model":"<synthetic>","content":[]}}"#,
            r#"{"type":"last-prompt","lastPrompt":"do it"}"#,
            "not json",
            r#"{"type":7}"#,
        ]);
        assert_eq!(tells.model.as_deref(), Some("claude-opus-5-5"));
        assert_eq!((tells.tokens, tells.title.as_deref()), (Some(6_542), Some("mine")));
        assert_eq!((tells.prompt.as_deref(), tells.at), (Some("do it"), Time(1_795_234_685_038)));
        assert_eq!(tells.interrupted, None);
    }

    #[test]
    fn the_prompt_is_the_last_that_a_person_gave() {
        let user = |origin: &str, text: &str| {
            format!(r#"{{"type":"user","origin":{origin},"message":{{"role":"user","content":"{text}"}}}}"#)
        };
        let told = |more: &str| told(&[r#"{"type":"last-prompt","lastPrompt":"one"}"#, more]).prompt;
        assert_eq!(told(&user(r#"{"kind":"human"}"#, "two")).as_deref(), Some("two"));
        for made_up in [user(r#"{"kind":"task"}"#, "two"), user(r#""human""#, "two"), user("null", "two")] {
            assert_eq!(told(&made_up).as_deref(), Some("one"), "{made_up}");
        }
    }

    #[test]
    fn interruptions_are_told_and_talk_about_them_is_not() {
        let at = r#""timestamp":"2026-11-21T04:18:05Z""#;
        let user = |content: &str| format!(r#"{{"type":"user",{at},"message":{{"role":"user","content":{content}}}}}"#);
        let mid_tool = user(r#"[{"type":"text","text":"[Request interrupted by user for tool use]"}]"#);
        assert!(told(&[&mid_tool]).interrupted.is_some());
        assert!(told(&[&user(r#""[Request interrupted by user]""#)]).interrupted.is_some());
        assert!(told(&[&user(r#""why [Request interrupted by user]?""#)]).interrupted.is_none());
        let no =
            format!(r#"{{"type":"user",{at},"message":{{"content":[]}},"toolUseResult":"User rejected tool use"}}"#);
        assert!(told(&[&no]).interrupted.is_some());
        let result = format!(r#"{{"type":"user",{at},"message":{{"content":[]}},"toolUseResult":{{"stdout":"x"}}}}"#);
        assert!(told(&[&result]).interrupted.is_none());
    }

    #[test]
    fn what_was_said_last_is_told_when_it_belongs_to_this_turn() {
        let line = |kind: &str, more: &str, content: &str| {
            format!(r#"{{"type":"{kind}"{more},"message":{{"model":"m","content":{content}}}}}"#)
        };
        let words = |kind: &str, more: &str, text: &str| {
            line(kind, more, &format!(r#"[{{"type":"text","text":"{text}"}},{{"type":"thinking","thinking":"hm"}}]"#))
        };
        let asked = line("user", "", r#""do it""#);
        let call = line("assistant", "", r#"[{"type":"tool_use","id":"t","name":"Bash","input":{}}]"#);
        let result = line("user", "", r#"[{"type":"tool_result","tool_use_id":"t","content":"text"}]"#);
        let side = words("assistant", r#","isSidechain":true"#, "aside");
        let meta = line("user", r#","isMeta":true"#, r#""a reminder""#);
        let one = words("assistant", "", "one");
        let two = words("assistant", "", "two");
        let told = |lines: &[&String]| said(lines.iter().map(|l| l.as_str()).collect::<Vec<_>>().join("\n").as_bytes());
        assert_eq!(told(&[&asked, &one, &call, &result, &two, &side, &meta, &call]).as_deref(), Some("two"));
        assert_eq!(told(&[&one, &asked, &call]), None, "that was said in the turn before");
        let cut = "half a line\"}".to_owned();
        assert_eq!(told(&[&cut, &one]).as_deref(), Some("one"));
        assert_eq!((told(&[]), told(&[&cut])), (None, None));
    }

    #[test]
    fn only_transcripts_have_a_config_directory() {
        let config = |path: &str| config_of(Path::new(path)).map(|c| c.display().to_string());
        assert_eq!(config("/h/.claude/projects/-p/s.jsonl").as_deref(), Some("/h/.claude"));
        for path in
            ["/h/.claude/projects/../../x.jsonl", "projects/-p/s.jsonl", "/h/s.jsonl", "/h/projects/p/s.key", "/"]
        {
            assert_eq!(config(path), None, "{path}");
        }
        let path = path_of(Path::new("/h/.claude"), "/home/dev/my_proj.x", "s-1");
        assert_eq!(path, Path::new("/h/.claude/projects/-home-dev-my-proj-x/s-1.jsonl"));
    }
}
