//! A long past: sessions as Claude Code plays them, written through the real store.

use std::io;
use std::path::Path;

use ccmon::store::{ApprovalRow, Batch, EventRow, RuleChanges, SessionRow, Store, SummaryRow};
use serde_json::{Value, json};

use super::dice::{Dice, Library};
use super::views::{approval_json, session_json};

const TURN: &str = include_str!("../data/turn.jsonl");
/// The word that is said in one session of five hundred.
pub const RARE: &str = "quokka";
/// Sessions that live at once.
const LIVING: usize = 12;
/// Events that are stored together.
const TOGETHER: usize = 250;
/// When it begins, ms since the Unix epoch.
const BEGIN: u64 = 1_755_000_000_000;
/// How long it takes, in days.
const DAYS: u64 = 90;

/// How much of it there is to be.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Events.
    pub events: usize,
    /// Sessions.
    pub sessions: usize,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    /// Bytes of the payloads.
    pub payloads: usize,
    /// And of what the hooks said beside them.
    pub contexts: usize,
    /// Requests.
    pub approvals: usize,
}

/// Makes the database in `dir`.
pub fn make(dir: &Path, size: Size) -> io::Result<Written> {
    let store = Store::open(&dir.join("ccmon.db")).map_err(io::Error::other)?.store;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut past = Past::new(size)?;
    let mut waiting = std::collections::VecDeque::new();
    for _ in (0..size.events).step_by(TOGETHER) {
        waiting.push_back(store.append(past.next_batch()));
        if waiting.len() > 8
            && let Some(commit) = waiting.pop_front()
        {
            runtime.block_on(commit).map_err(io::Error::other)?;
        }
    }
    let written = past.written;
    waiting.push_back(store.append(past.end()));
    for commit in waiting {
        runtime.block_on(commit).map_err(io::Error::other)?;
    }
    for summary in past.summaries() {
        runtime.block_on(store.put_summary(summary)).map_err(io::Error::other)?;
    }
    runtime.block_on(store.close()).map_err(io::Error::other)?;
    Ok(written)
}

struct Past {
    dice: Dice,
    library: Library,
    lines: Vec<Value>,
    size: Size,
    now: u64,
    begun: usize,
    living: Vec<Life>,
    batch: Batch,
    written: Written,
}

/// A session.
struct Life {
    row: SessionRow,
    left: usize,
    /// What is to happen next; the last comes first.
    script: Vec<EventRow>,
    project: String,
}

impl Past {
    fn new(size: Size) -> io::Result<Self> {
        let lines = TURN.lines().map(|line| serde_json::from_str(line).map_err(io::Error::other));
        Ok(Self {
            dice: Dice::new(5),
            library: Library::open()?,
            lines: lines.collect::<io::Result<_>>()?,
            size,
            now: BEGIN,
            begun: 0,
            living: Vec::new(),
            batch: Batch::default(),
            written: Written::default(),
        })
    }

    fn next_batch(&mut self) -> Batch {
        for _ in 0..TOGETHER {
            self.now += DAYS * 86_400_000 / self.size.events as u64;
            while self.living.len() < LIVING {
                let life = self.begin();
                self.living.push(life);
            }
            let at = self.dice.below(self.living.len());
            self.step(at);
        }
        let living = self.living.iter().map(|life| life.row.clone());
        self.batch.sessions.extend(living);
        std::mem::take(&mut self.batch)
    }

    /// All sessions but a few are over.
    fn end(&mut self) -> Batch {
        let over = self.living.split_off(3.min(self.living.len()));
        let sessions = over.into_iter().map(|life| ended(life.row, self.now)).collect();
        Batch { sessions, rules: RuleChanges::default(), durable: true, ..Batch::default() }
    }

    fn summaries(&mut self) -> Vec<SummaryRow> {
        let summary = |n: usize| SummaryRow {
            session: key(n),
            text: self.library.prose(&mut self.dice, 4),
            at: self.now,
            model: Some("claude-haiku".to_owned()),
            cost_usd: Some(0.002),
            event: 1,
        };
        (0..self.begun).step_by(4).map(summary).collect()
    }

    fn begin(&mut self) -> Life {
        let n = self.begun;
        self.begun += 1;
        let name = ["api", "website", "ccmon", "infra", "notes", "compiler", "shop"][self.dice.small(7)];
        let project = format!("/home/dev/work/{name}");
        let usual = self.size.events / self.size.sessions;
        let row = SessionRow {
            key: key(n),
            session_id: self.dice.uuid(),
            project: name.to_owned(),
            cwd: project.clone(),
            branch: Some("main".to_owned()),
            started: self.now,
            state: "working".to_owned(),
            title: Some(self.library.prose(&mut self.dice, 1)),
            ..SessionRow::default()
        };
        Life { row, left: 1 + usual / 4 + self.dice.small(usual * 3), script: Vec::new(), project }
    }

    fn step(&mut self, at: usize) {
        let mut life = self.living.swap_remove(at);
        if life.script.is_empty() {
            self.write(&mut life);
        }
        if let Some(event) = life.script.pop() {
            self.happen(&mut life, event);
        }
        life.left = life.left.saturating_sub(1);
        if life.left == 0 && self.begun < self.size.sessions {
            self.batch.sessions.push(ended(life.row, self.now));
        } else {
            self.living.push(life);
        }
    }

    fn happen(&mut self, life: &mut Life, event: EventRow) {
        let (now, number) = (self.now, self.written.payloads as u128 + 1);
        // As far from each other as random ones: an index of them is written to all over.
        let id = format!("{:032x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
        let (pid, start) = life.row.key.split_once('-').unwrap_or_default();
        let context = format!(
            r#"{{"v":1,"id":"{id}","started_ms":{now},"pid":{pid},"start":{start},"tty":"/dev/pts/3","host":"box","env":{{"TMUX":"/tmp/tmux-1000/default,2041,0","TMUX_PANE":"%{pid}","TERM_PROGRAM":"tmux","DISPLAY":":0","CLAUDE_CODE_ENTRYPOINT":"cli","CLAUDE_PROJECT_DIR":"{}"}}}}"#,
            life.project
        );
        life.row.last_activity = now;
        life.row.tools += u64::from(event.kind == "PreToolUse");
        if event.held {
            self.ask(life, &id, &event);
        }
        life.row.json = session_json(&life.row);
        self.written.payloads += event.payload.len();
        self.written.contexts += context.len();
        self.batch.events.push(EventRow { hook_id: Some(id), at: now, context: Some(context), ..event });
    }

    /// Asked, and settled soon after.
    fn ask(&mut self, life: &mut Life, id: &str, event: &EventRow) {
        let Ok(payload) = serde_json::from_str::<Value>(&event.payload) else { return };
        life.row.approvals += 1;
        self.written.approvals += 1;
        let wait = 800 + self.dice.small(120_000) as u64;
        let (outcome, by, wait) = match self.dice.below(100) {
            0..40 => ("allowed", "rule", 0),
            40..75 => ("allowed", "popup", wait),
            75..85 => ("denied", "popup", wait),
            85..95 => ("answered_in_terminal", "terminal", wait),
            _ => ("timed_out", "timeout", 540_000),
        };
        let asked = approval(life, id, self.now, &payload);
        let mut settled = ApprovalRow {
            outcome: Some(outcome.to_owned()),
            by: Some(by.to_owned()),
            message: (outcome == "denied").then(|| self.library.prose(&mut self.dice, 1)),
            settled: Some(self.now + wait),
            pending_ms: Some(wait),
            ..asked.clone()
        };
        settled.json = approval_json(&settled, &payload);
        self.batch.approvals.extend([asked, settled]);
    }

    /// What happens in a turn: a prompt, tools, the end.
    fn write(&mut self, life: &mut Life) {
        let mut turn = vec![self.prompt(life)];
        for _ in 0..=self.dice.small(16) {
            self.tool(life, &mut turn);
        }
        let mut stop = self.line("Stop", "");
        stop["last_assistant_message"] = self.library.prose(&mut self.dice, 8).into();
        turn.push(self.event(life, stop, false));
        turn.reverse();
        life.script = turn;
    }

    fn prompt(&mut self, life: &Life) -> EventRow {
        let mut line = self.line("UserPromptSubmit", "");
        let mut said = self.library.prose(&mut self.dice, 6);
        if self.dice.percent(20) {
            said += &format!(" Look at {}.", self.library.path(&mut self.dice));
        }
        if life.row.last_activity == 0 && self.begun % 500 == 7 {
            said += &format!(" Mind the {RARE}.");
        }
        line["prompt"] = said.into();
        self.event(life, line, false)
    }

    fn tool(&mut self, life: &Life, turn: &mut Vec<EventRow>) {
        let (like, tool) = match self.dice.below(100) {
            0..38 => ("Bash", "Bash"),
            38..65 => ("Read", "Read"),
            65..83 => ("Edit", "Edit"),
            83..92 => ("Read", "Grep"),
            92..96 => ("Edit", "Write"),
            96..98 => ("WebFetch", "WebFetch"),
            _ => ("mcp__demo__echo", "mcp__demo__echo"),
        };
        let (input, response) = self.call(life, tool);
        let id = format!("toolu_01{}", &self.dice.uuid().replace('-', "")[..22]);
        let after = if like == "WebFetch" { "PostToolUseFailure" } else { "PostToolUse" };
        let mut kinds = vec!["PreToolUse", after];
        if self.dice.percent(20) {
            kinds.insert(1, "PermissionRequest");
        }
        if self.dice.percent(50) {
            kinds.push("PostToolBatch");
        }
        for kind in kinds {
            let mut line = self.line(kind, if matches!(kind, "PreToolUse" | "PostToolUse") { like } else { "" });
            let call = if kind == "PostToolBatch" { &mut line["tool_calls"][0] } else { &mut line };
            call["tool_name"] = tool.into();
            call["tool_input"] = input.clone();
            if call.get("tool_use_id").is_some() {
                call["tool_use_id"] = id.clone().into();
            }
            if call.get("tool_response").is_some() {
                call["tool_response"] = response.clone();
            }
            turn.push(self.event(life, line, kind == "PermissionRequest"));
        }
    }

    /// What a tool is given, and what it answers.
    fn call(&mut self, life: &Life, tool: &str) -> (Value, Value) {
        let Self { dice, library, .. } = self;
        let path = format!("{}/{}", life.project, library.path(dice));
        match tool {
            "Bash" => {
                let input = json!({ "command": command(dice, library), "description": library.prose(dice, 1) });
                let output = library.code(dice, 60);
                (input, json!({ "stdout": output, "stderr": "", "interrupted": false, "isImage": false }))
            }
            "Edit" => {
                let (old, new) = (library.code(dice, 20), library.code(dice, 24));
                let input = json!({ "file_path": path, "old_string": old, "new_string": new, "replace_all": false });
                let file = library.code(dice, 150);
                let patch =
                    json!([{ "oldStart": 1, "oldLines": 9, "newStart": 1, "newLines": 9, "lines": [old, new] }]);
                let answer = json!({ "filePath": path, "oldString": old, "newString": new, "originalFile": file, "structuredPatch": patch });
                (input, answer)
            }
            "Write" => {
                let content = library.code(dice, 200);
                let answer = json!({ "type": "create", "filePath": path, "content": content, "structuredPatch": [] });
                (json!({ "file_path": path, "content": content }), answer)
            }
            "Grep" => {
                let pattern = library.path(dice).rsplit('/').next().unwrap_or_default().replace(".rs", "_");
                let found = library.code(dice, 30);
                (
                    json!({ "pattern": pattern, "path": life.project, "output_mode": "content" }),
                    json!({ "mode": "content", "content": found }),
                )
            }
            "WebFetch" => (json!({ "url": "https://docs.rs/tokio", "prompt": library.prose(dice, 1) }), Value::Null),
            "Read" => {
                let file = library.code(dice, 200);
                (
                    json!({ "file_path": path }),
                    json!({ "type": "text", "file": { "filePath": path, "content": file, "numLines": 90 } }),
                )
            }
            _ => {
                (json!({ "text": library.prose(dice, 2) }), json!([{ "type": "text", "text": library.prose(dice, 4) }]))
            }
        }
    }

    /// As it was recorded.
    fn line(&self, kind: &str, tool: &str) -> Value {
        let fits = |line: &&Value| line["hook_event_name"] == kind && (tool.is_empty() || line["tool_name"] == tool);
        self.lines.iter().find(fits).cloned().unwrap_or_default()
    }

    fn event(&mut self, life: &Life, mut line: Value, held: bool) -> EventRow {
        let (id, dir) = (&life.row.session_id, life.project.replace('/', "-"));
        line["session_id"] = id.as_str().into();
        line["transcript_path"] = format!("/home/dev/.claude/projects/{dir}/{id}.jsonl").into();
        line["cwd"] = life.project.as_str().into();
        line["prompt_id"] = self.dice.uuid().into();
        EventRow {
            session: life.row.key.clone(),
            session_id: id.clone(),
            kind: line["hook_event_name"].as_str().unwrap_or_default().to_owned(),
            held,
            payload: line.to_string(),
            ..EventRow::default()
        }
    }
}

fn command(dice: &mut Dice, library: &Library) -> String {
    let path = library.path(dice);
    match dice.below(8) {
        0 => format!("cargo test --no-default-features {}", path.rsplit('/').nth(1).unwrap_or_default()),
        1 => "cargo clippy --all-targets 2>&1 | tail -20".to_owned(),
        2 => format!("git diff --stat HEAD~{} -- {path}", dice.below(9)),
        3 => format!("sed -n '{},{}p' {path}", dice.below(200), dice.below(400)),
        4 => format!(
            "grep -rn \"{}\" src --include='*.rs' | head -30",
            dice.pick(&["fn new", "TODO", "unwrap()", "impl"])
        ),
        5 => format!("cat > /tmp/try.py <<'E'\n{}\nE\npython3 /tmp/try.py", library.code(dice, 30)),
        6 => format!("npm run build && ls -la dist && git commit -am \"{}\"", library.prose(dice, 1)),
        _ => format!("rg -n {} {path} && wc -l {path}", dice.pick(&["Store", "async", "match", "Result"])),
    }
}

fn key(n: usize) -> String {
    format!("{}-{}", 1_000 + n * 7, 5_000_000 + n * 3_331)
}

fn ended(row: SessionRow, now: u64) -> SessionRow {
    let row = SessionRow { ended: Some(now), state: "ended".to_owned(), ..row };
    SessionRow { json: session_json(&row), ..row }
}

fn approval(life: &Life, id: &str, now: u64, payload: &Value) -> ApprovalRow {
    let asked = ApprovalRow {
        id: id.to_owned(),
        session: life.row.key.clone(),
        session_id: life.row.session_id.clone(),
        kind: "permission".to_owned(),
        project: life.row.project.clone(),
        tool: payload["tool_name"].as_str().unwrap_or_default().to_owned(),
        input: payload["tool_input"].to_string(),
        cwd: life.row.cwd.clone(),
        prompt: life.row.title.clone(),
        opened: now,
        expires: now + 540_000,
        shown: format!("{id}{id}"),
        ..ApprovalRow::default()
    };
    let json = approval_json(&asked, payload);
    ApprovalRow { json, ..asked }
}
