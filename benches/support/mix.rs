//! Lives of all that Claude Code reports, as it was recorded, with texts and files as long as real ones.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::dice::{Dice, Library};
use super::play::{SESSION_ID, Script};

/// In the order of a working life; files of `tests/data/payloads`.
const LIFE: &[&str] = &[
    "SessionStart-startup",
    "InstructionsLoaded",
    "UserPromptSubmit-typed",
    "PreToolUse-Read",
    "PostToolUse-Read",
    "PreToolUse-Edit",
    "PermissionRequest-Edit",
    "PostToolUse-Edit",
    "PreToolUse-Bash",
    "PermissionRequest-Bash",
    "Notification-permission_prompt",
    "PostToolUse-Bash",
    "PreToolUse-WebFetch",
    "PermissionRequest-WebFetch",
    "PostToolUseFailure-WebFetch",
    "PreToolUse-Agent",
    "SubagentStart",
    "PostToolUse-Agent",
    "PreToolUse-Bash-subagent",
    "PostToolUse-Bash-subagent",
    "SubagentStop",
    "PreToolUse-mcp",
    "PermissionRequest-mcp",
    "PostToolUse-mcp",
    "PostToolBatch-two",
    "MessageDisplay",
    "Stop-text",
    "Notification-idle_prompt",
    "UserPromptSubmit-typed",
    "PreToolUse-Write",
    "PermissionRequest-Write",
    "PostToolUse-Write",
    "PreToolUse-Bash",
    "PostToolUseFailure-Bash",
    "PreToolUse-Read",
    "PostToolUse-Read",
    "PreToolUse-AskUserQuestion",
    "PermissionRequest-AskUserQuestion",
    "PostToolUse-AskUserQuestion",
    "PreToolUse-ExitPlanMode",
    "PermissionRequest-ExitPlanMode",
    "PostToolUse-ExitPlanMode",
    "PreToolUse-Edit",
    "PostToolUse-Edit",
    "PreCompact-manual",
    "PostCompact-manual",
    "CwdChanged",
    "Stop-text",
    "StopFailure-api400",
];

/// What real payloads have more of than recorded ones, where it stands, and how much: lines of code, or sentences.
const LONG: &[(&str, &str, Text)] = &[
    ("PostToolUse-Read", "/tool_response/file/content", Text::Code(400)),
    ("PreToolUse-Write", "/tool_input/content", Text::Code(200)),
    ("PermissionRequest-Write", "/tool_input/content", Text::Code(200)),
    ("PostToolUse-Write", "/tool_input/content", Text::Code(200)),
    ("PostToolUse-Edit", "/tool_response/originalFile", Text::Code(400)),
    ("PostToolUse-Bash", "/tool_response/stdout", Text::Code(100)),
    ("UserPromptSubmit-typed", "/prompt", Text::Prose(12)),
    ("Stop-text", "/last_assistant_message", Text::Prose(12)),
];

#[derive(Clone, Copy)]
enum Text {
    Code(usize),
    Prose(usize),
}

/// So many lives: the same events, each with other texts.
pub fn lives(count: usize) -> io::Result<Vec<Script>> {
    let (library, mut dice) = (Library::open()?, Dice::new(8));
    (0..count).map(|_| LIFE.iter().map(|name| payload(name, &library, &mut dice)).collect()).collect()
}

/// One recorded payload, under the session's name that is replaced when it is played.
pub fn recorded(name: &str) -> io::Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/payloads").join(format!("{name}.json"));
    let text = fs::read_to_string(&path).map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
    let id = serde_json::from_str::<Value>(&text)?["session_id"].as_str().unwrap_or_default().to_owned();
    Ok(text.trim_end().replace(&id, SESSION_ID))
}

fn payload(name: &str, library: &Library, dice: &mut Dice) -> io::Result<String> {
    let text = recorded(name)?;
    let mut value: Value = serde_json::from_str(&text)?;
    for (_, pointer, long) in LONG.iter().filter(|(of, ..)| *of == name) {
        let place = value.pointer_mut(pointer);
        let place = place.ok_or_else(|| io::Error::other(format!("{name} has no {pointer}")))?;
        *place = match long {
            Text::Code(lines) => json!(library.code(dice, *lines)),
            Text::Prose(sentences) => json!(library.prose(dice, *sentences)),
        };
    }
    Ok(value.to_string())
}
