//! The client's own status files, `<config>/sessions/PID.json` (2.1.197 and later). They tell what
//! no hook does: that a dialog was answered in the terminal, and that Esc ended a turn.

use serde::Deserialize;

use crate::core::{Client, ClientStatus, ProcessId, State, Time};

/// Largest status file that is read, in bytes; they are about 700.
pub const LARGEST: u64 = 64 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    pid: u32,
    proc_start: String,
    session_id: String,
    #[serde(default)]
    cwd: String,
    status: Option<String>,
    name: Option<String>,
    name_source: Option<String>,
    entrypoint: Option<String>,
    kind: Option<String>,
    waiting_for: Option<String>,
    #[serde(default)]
    started_at: u64,
    tmux: Option<String>,
    /// Only the status counts: the file is also written for other reasons.
    status_updated_at: Option<u64>,
    #[serde(default)]
    updated_at: u64,
}

/// Reads a status file's text. `None` when it is not one: half written, or of another kind.
#[must_use]
pub fn read(text: &str) -> Option<Client> {
    let wire: Wire = serde_json::from_str(text).ok()?;
    let start = wire.proc_start.parse().ok()?;
    let status = match wire.status.as_deref() {
        Some("idle") => Some(ClientStatus::Idle),
        Some("shell") => Some(ClientStatus::Shell),
        Some("busy") => Some(ClientStatus::Busy),
        Some("waiting") => Some(ClientStatus::Waiting),
        _ => None,
    };
    // A derived name only repeats the directory.
    let named = wire.name_source.as_deref() != Some("derived");
    Some(Client {
        process: ProcessId { pid: wire.pid, start },
        session_id: wire.session_id,
        cwd: wire.cwd,
        status,
        name: wire.name.filter(|_| named),
        headless: wire.entrypoint.as_deref().is_some_and(|e| e.starts_with("sdk")),
        background: wire.kind.as_deref() == Some("bg"),
        asks: status.filter(|s| *s == ClientStatus::Waiting).map(|_| asks(wire.waiting_for.as_deref())),
        transcript: None,
        started: Time(wire.started_at),
        place: wire.tmux.as_deref().map(place),
        updated: Time(wire.status_updated_at.unwrap_or(wire.updated_at)),
    })
}

/// What `waitingFor` means; `permission prompt` and `input needed` were seen.
fn asks(waiting_for: Option<&str>) -> State {
    match waiting_for {
        Some("permission prompt") | None => State::AwaitingPermission,
        Some(_) => State::AwaitingAnswer,
    }
}

/// `work:@0.%3` in words.
fn place(tmux: &str) -> String {
    let (session, pane) = tmux.rsplit_once(':').unwrap_or(("", tmux));
    let pane = pane.rsplit('.').next().unwrap_or(pane);
    format!("tmux {session} {pane}").replace("  ", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_file_is_understood() {
        let client = read(
            r#"{"pid":25500,"sessionId":"fd81c0df","cwd":"/home/dev/proj","startedAt":1,"procStart":"194846",
               "version":"2.1.329","kind":"interactive","entrypoint":"cli","tmux":"native:@0.%0","name":"proj-b4",
               "nameSource":"derived","status":"waiting","updatedAt":1795234682894,"waitingFor":"permission prompt"}"#,
        )
        .unwrap();
        assert_eq!(client.process, ProcessId { pid: 25500, start: 194_846 });
        assert_eq!(client.status, Some(ClientStatus::Waiting));
        assert_eq!(client.place.as_deref(), Some("tmux native %0"));
        assert_eq!(client.name, None);
        assert!(!client.headless);
    }

    #[test]
    fn half_a_file_is_none() {
        assert_eq!(read(r#"{"pid":25500,"sess"#), None);
        assert_eq!(read(""), None);
    }
}
