//! One session with a core around it, driven signal by signal.

use std::sync::Arc;

use serde_json::json;

use crate::core::*;

/// One session with a core around it; times are relative milliseconds.
pub struct Scene {
    pub core: Core,
    pub now: Time,
    calls: u32,
    pub last: Step,
}

pub const PROCESS: ProcessId = ProcessId { pid: 42, start: 7 };
/// Where its conversation is.
pub const TRANSCRIPT: &str = "/c/projects/p/session.jsonl";

impl Scene {
    /// A session whose user has just sent a prompt.
    pub fn open() -> Self {
        Self::open_with(Limits::default())
    }

    /// The same, with other limits.
    pub fn open_with(limits: Limits) -> Self {
        let mut scene = Self::begun(limits);
        scene.file(ClientStatus::Busy);
        scene
    }

    /// The same, with a client that writes no status files.
    pub fn open_without_files() -> Self {
        Self::begun(Limits::default())
    }

    /// Before anything was heard.
    pub fn empty() -> Self {
        Self { core: Core::new(Limits::default()), now: Time(1_000_000), calls: 0, last: Step::default() }
    }

    fn begun(limits: Limits) -> Self {
        let mut scene = Self { core: Core::new(limits), ..Self::empty() };
        scene.hook(Hook::SessionStarted { source: "startup".into(), model: None, title: None });
        scene.hook(Hook::Prompted { text: "do it".into(), synthetic: false });
        scene
    }

    pub fn pass(&mut self, ms: u64) -> &mut Self {
        let until = self.now.plus(ms);
        while let Some(due) = self.core.deadline().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.take(Input::Tick);
        }
        self.now = until;
        self
    }

    pub fn take(&mut self, input: Input) -> &mut Self {
        self.last = self.core.apply(self.now, input);
        self
    }

    pub fn hook(&mut self, what: Hook) -> &mut Self {
        let call = self.call(None, what);
        self.take(Input::Hook(call))
    }

    /// Claude is about to run a tool, and asks for it.
    pub fn asks(&mut self, agent: Option<&str>, command: &str) -> ApprovalId {
        let (tool, input) = ("Bash".to_owned(), Arc::new(json!({ "command": command })));
        let started = self.call(agent, Hook::ToolStarted { call: format!("call {command}"), tool, input });
        self.take(Input::Hook(started));
        self.requests(agent, command)
    }

    /// Claude asks for a tool; nothing was heard of its start.
    pub fn requests(&mut self, agent: Option<&str>, command: &str) -> ApprovalId {
        let request = self.request(agent, command);
        let id = ApprovalId(request.id.as_str().into());
        self.take(Input::Request(request));
        id
    }

    /// A call of the MCP server `my db` begins.
    pub fn calls_server(&mut self, agent: Option<&str>, id: &str) -> &mut Self {
        let (tool, input) = ("mcp__my_db__ask".to_owned(), Arc::new(json!({})));
        let started = self.call(agent, Hook::ToolStarted { call: id.into(), tool, input });
        self.take(Input::Hook(started))
    }

    /// The MCP server `my db` asks for a name, and a hook waits.
    pub fn elicits(&mut self) -> ApprovalId {
        let request = self.call(None, Hook::Elicited(elicitation()));
        let id = ApprovalId(request.id.as_str().into());
        self.take(Input::Request(request));
        id
    }

    /// A request for a tool, not made yet.
    pub fn request(&mut self, agent: Option<&str>, command: &str) -> HookCall {
        let (tool, input) = ("Bash".to_owned(), Arc::new(json!({ "command": command })));
        let ask = Ask { tool, input, suggestions: Arc::new(json!([])), shown: "hash".into(), hold_ms: 0 };
        self.call(agent, Hook::Asked(ask))
    }

    pub fn ran(&mut self, command: &str) -> &mut Self {
        let input = Arc::new(json!({ "command": command }));
        self.hook(Hook::ToolEnded { call: format!("call {command}"), tool: "Bash".into(), input, failed: false })
    }

    pub fn file(&mut self, status: ClientStatus) -> &mut Self {
        let client = self.client(status);
        self.take(Input::Client(client))
    }

    /// What the status file says now.
    pub fn client(&self, status: ClientStatus) -> Client {
        Client {
            process: PROCESS,
            session_id: "session".into(),
            cwd: "/p".into(),
            status: Some(status),
            name: None,
            headless: false,
            background: false,
            asks: (status == ClientStatus::Waiting).then_some(State::AwaitingPermission),
            transcript: None,
            started: self.now,
            place: None,
            updated: self.now,
        }
    }

    /// The transcript of the session was read.
    pub fn reads(&mut self, tells: Transcript) -> &mut Self {
        let session = SessionKey::of_process(PROCESS);
        self.take(Input::Transcript { session, path: TRANSCRIPT.into(), tells })
    }

    pub fn decide(&mut self, id: &ApprovalId, answer: Answer) -> Option<Refusal> {
        self.take(Input::Decide(Decide {
            approval: id.clone(),
            shown: "hash".into(),
            answer,
            by: By::Popup,
            made: None,
        }));
        self.last.refused.clone()
    }

    pub fn call(&mut self, agent: Option<&str>, what: Hook) -> HookCall {
        self.calls += 1;
        HookCall {
            id: format!("{:032x}", self.calls),
            at: self.now,
            origin: Origin { process: Some(PROCESS), ..Origin::default() },
            session_id: "session".into(),
            transcript: Some(TRANSCRIPT.into()),
            cwd: "/p".into(),
            prompt_id: None,
            mode: None,
            agent: agent.map(|id| Agent { id: id.into(), kind: "general-purpose".into() }),
            what,
            raw: Raw::default(),
        }
    }

    pub fn outcome(&self, id: &ApprovalId) -> Option<Outcome> {
        self.core.board().approvals[id].settled.as_ref().map(|s| s.outcome)
    }

    pub fn state(&self) -> State {
        self.core.board().of_process(PROCESS).unwrap().state
    }

    pub fn session(&self) -> Session {
        Session::clone(self.core.board().of_process(PROCESS).unwrap())
    }

    /// An event of a sub-agent.
    pub fn agent(&mut self, agent: &str, what: Hook) -> &mut Self {
        let call = self.call(Some(agent), what);
        self.take(Input::Hook(call))
    }

    pub fn mark(&mut self, mark: Mark) -> &mut Self {
        self.take(Input::Mark(SessionKey::of_process(PROCESS), mark))
    }
}

/// What the MCP server `my db` asks.
pub fn elicitation() -> Ask {
    let schema = json!({ "properties": { "name": { "type": "string" } }, "required": ["name"] });
    let input = Arc::new(json!({ "server": "my db", "message": "Who?", "mode": "form", "schema": schema }));
    Ask { tool: ELICITATION.into(), input, suggestions: Arc::new(json!([])), shown: "hash".into(), hold_ms: 0 }
}

/// A plain yes.
pub fn allow() -> Answer {
    Answer::Allow { updated_input: None, updated_permissions: None }
}
