//! The model and its view, tried without a terminal and without a daemon.

mod answering;
mod asking;
mod browsing;
mod random;
mod views;

use crossterm::event::{KeyCode, KeyEvent};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value, json};

use super::message::{Command, Message, Now};
use super::model::Model;
use super::view;

/// When all of this takes place.
const START: u64 = 1_800_000_000_000;

/// A model, and the clock it is told.
struct Stage {
    model: Model,
    now: Now,
}

impl Stage {
    /// A screen that has heard of no daemon yet.
    fn empty(width: u16, height: u16) -> Self {
        let model = Model::new((width, height), TimeZone::UTC, false);
        Self { model, now: Now { wall: START, steady: 0 } }
    }

    /// A screen with a bit of everything.
    fn new(width: u16, height: u16) -> Self {
        let mut stage = Self::empty(width, height);
        stage.frame(mixed());
        stage
    }

    fn tell(&mut self, message: Message) -> Vec<Command> {
        self.model.update(self.now, message)
    }

    fn frame(&mut self, frame: Value) {
        let frame = serde_json::from_value(frame).expect("a frame");
        assert_eq!(self.tell(Message::Frame(frame)), []);
    }

    fn press(&mut self, code: KeyCode) -> Vec<Command> {
        self.tell(Message::Key(KeyEvent::from(code)))
    }

    /// Types letters; what the last one leads to.
    fn keys(&mut self, letters: &str) -> Vec<Command> {
        letters.chars().map(|letter| self.press(KeyCode::Char(letter))).last().unwrap_or_default()
    }

    fn pass(&mut self, ms: u64) {
        self.now.wall += ms;
        self.now.steady += ms;
        self.tell(Message::Tick);
    }

    /// Draws the screen, and tells the model so.
    fn draw(&mut self) -> Terminal<TestBackend> {
        let (width, height) = self.model.size();
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal.draw(|frame| view::draw(frame, &self.model)).expect("a drawing");
        self.tell(Message::Drawn);
        terminal
    }

    fn selected(&self) -> &str {
        self.model.selected().map(|session| session.key.as_str()).unwrap_or_default()
    }

    fn status(&self) -> &str {
        self.model.status.as_ref().map(|status| status.text.as_str()).unwrap_or_default()
    }
}

fn session(key: &str, project: &str, state: &str, seconds: u64) -> Value {
    json!({ "key": key, "session_id": format!("id-{key}"), "project": project, "cwd": format!("/srv/{project}"),
        "state": state, "since": START - seconds * 1_000, "started": START - 7_200_000, "last_activity": START - 1_000,
        "evidence": { "text": "PermissionRequest Bash, hook still waiting", "at": START - seconds * 1_000 },
        "tools": 12, "approvals": 3 })
}

fn request(id: &str, session: &str, tool: &str, input: &Value) -> Value {
    json!({ "id": id, "session": session, "kind": "permission", "tool": tool, "input": input, "cwd": "/srv/api-server",
        "mode": "default", "opened": START - 20_000, "expires": START + 520_000, "shown": format!("hash-{id}"),
        "project": "api-server", "state": "pending" })
}

fn with(mut value: Value, more: Value) -> Value {
    let (Some(fields), Value::Object(more)) = (value.as_object_mut(), more) else {
        return value;
    };
    fields.extend(more);
    value
}

fn mixed() -> Value {
    let asking = json!({ "branch": "feat/login", "worktree": "login", "tag": "release", "model": "claude-opus-4",
        "mode": "default", "place": "tmux main:2.1", "host": "box", "tokens": 123_456,
        "prompt": "Fix the flaky login test, then push it.\nTell me when it is green.",
        "message": "The test passes. I push it now." });
    let hostile = json!({ "branch": "\u{1b}[31mred", "prompt": "日本語 e\u{301} \u{1b}]0;pwn\u{7} \u{202e}gnp" });
    let command = "git push --force-with-lease origin HEAD:refs/heads/fix/login && npm run deploy -- --env staging";
    let sessions = json!([
        with(session("1-1", "api-server", "awaiting_permission", 20), asking),
        with(session("2-2", "docs-site", "awaiting_answer", 180), json!({ "pinned": true })),
        with(session("3-3", "web-ui", "failed", 3_700), json!({ "prompt": "Make it blue" })),
        with(session("4-4", "infra", "done", 60), json!({ "prompt": "Upgrade the cluster", "headless": true })),
        with(session("5-5", "ccmon", "working", 5), json!({ "activity": "Bash: cargo test", "branch": "main" })),
        with(session("6-6", "evil\u{1b}[2J\u{202e}", "working", 100_000), hostile),
        session("7-7", "blog", "idle", 7_200),
        with(session("8-8", "hidden", "idle", 7_200), json!({ "dismissed": true })),
        session("9-9", "old", "ended", 90_000),
    ]);
    let question =
        json!({ "questions": [{ "question": "Which colour?", "options": [{ "label": "Blue" }, { "label": "Red" }] }] });
    let at = |part: &str| command.find(part).map(|at| json!({ "start": at, "end": at + part.len() }));
    let risk = json!({ "level": "high", "reversible": false, "automatic": true, "control_plane": false, "findings": [
        { "category": "git_remote", "level": "medium", "span": at("git push --force-with-lease origin"),
          "text": "Changes the remote repository.", "reversible": null, "scope": "remote" },
        { "category": "remote_change", "level": "high", "span": at("npm run deploy"),
          "text": "Deploys, which changes what others use.", "reversible": false, "scope": "remote" } ] });
    let trial = json!([{ "id": 3, "name": "push and deploy", "decision": "allow" }]);
    let approvals = json!([
        with(request("q", "2-2", "AskUserQuestion", &question), json!({ "kind": "question", "project": "docs-site" })),
        with(
            request("a", "1-1", "Bash", &json!({ "command": command, "description": "Push and deploy" })),
            json!({ "risk": risk, "trial": trial })
        ),
        request(
            "b",
            "1-1",
            "Edit",
            &json!({ "file_path": "/srv/api-server/a.rs", "old_string": "one", "new_string": "two" })
        ),
    ]);
    json!({ "type": "snapshot", "now": START, "sessions": sessions, "approvals": approvals, "trouble": null })
}
