//! What is neither a prompt, nor a call, nor an end, in plain words.

use super::fields::Fields;

/// What to say of an event; nothing of those that tell a reader nothing.
pub(super) fn in_words(kind: &str, fields: &Fields<'_>) -> Option<String> {
    let text = |name: &str| fields.text(name).unwrap_or_default();
    Some(match kind {
        "SessionStart" => start(fields),
        "PreCompact" => match text("trigger").as_str() {
            "auto" => "The conversation is compacted, as it became long".to_owned(),
            _ => "The conversation is compacted".to_owned(),
        },
        "Notification" => return notification(fields),
        "CwdChanged" => format!("Claude went to {}", text("new_cwd")),
        "ConfigChange" => format!("Settings changed: {}", text("file_path")),
        "PostModelSwitch" => format!("The model is now {}", text("to_model")),
        "InstructionsLoaded" => format!("Claude read {}", text("file_path")),
        "Elicitation" => format!("{} asks: {}", text("mcp_server_name"), text("message")),
        "ElicitationResult" => format!("The answer to {}: {}", text("mcp_server_name"), text("action")),
        "ccmon.refused" => format!("A decision was refused: {}", text("why")),
        "ccmon.silent" => "Nothing was heard of it for long".to_owned(),
        // Told by others, or of no interest to a reader.
        "PostCompact" | "PreModelSwitch" | "MessageDisplay" => return None,
        ours if ours.starts_with("ccmon.") => return None,
        other => other.to_owned(),
    })
}

fn start(fields: &Fields<'_>) -> String {
    match fields.text("source").as_deref() {
        Some("resume") => "The session was resumed",
        Some("fork") => "The session goes on in a copy of the conversation",
        Some("clear") => "A new conversation began",
        Some("compact") => "The conversation was compacted",
        _ => "The session started",
    }
    .to_owned()
}

/// Why a session ended.
pub(super) fn end(fields: &Fields<'_>) -> String {
    match fields.text("reason").as_deref() {
        Some("clear") => "The conversation was cleared",
        Some("resume") => "The conversation was left for another",
        Some("prompt_input_exit") => "The user ended the session",
        _ => "The session ended",
    }
    .to_owned()
}

fn notification(fields: &Fields<'_>) -> Option<String> {
    match fields.text("notification_type").as_deref() {
        // The request itself stands there.
        Some("permission_prompt") => None,
        _ => fields.text("message"),
    }
}

/// What Claude Code made up a prompt for.
pub(super) fn task(prompt: &str) -> String {
    let summary = prompt.split_once("<summary>").and_then(|(_, rest)| rest.split_once("</summary>"));
    match summary {
        Some((summary, _)) => format!("In the background: {}", summary.trim()),
        None => "Something ended in the background".to_owned(),
    }
}
