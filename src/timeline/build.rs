//! The story as it grows, event by event.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::Fields;
use super::{Happened, Item, Kind, Outcome, Texts, notices, texts};

/// Sub-agents in sub-agents are shown so deep; what is deeper stands beside them.
const DEEPEST: usize = 8;

/// Turns and items, and where to find them.
pub(super) struct Story {
    pub(super) texts: Texts,
    pub(super) turns: Vec<Draft>,
    /// A parent always stands before what is in it.
    pub(super) nodes: Vec<Node>,
    /// The turns by Claude's ids of their prompts.
    prompts: BTreeMap<String, usize>,
    /// The items by Claude's ids of their calls,
    pub(super) calls: BTreeMap<String, usize>,
    /// of their agents,
    pub(super) agents: BTreeMap<String, usize>,
    /// and by the ids of their approvals.
    pub(super) approvals: BTreeMap<String, usize>,
}

/// A turn, without its items.
pub(super) struct Draft {
    pub(super) id: i64,
    pub(super) at: u64,
    pub(super) ended: Option<u64>,
    pub(super) prompt: Option<String>,
    pub(super) outcome: Option<Outcome>,
    /// The latest event that told of it.
    pub(super) last: i64,
}

/// An item, without those in it.
pub(super) struct Node {
    pub(super) turn: usize,
    /// The sub-agent it belongs to.
    pub(super) parent: Option<usize>,
    pub(super) depth: usize,
    pub(super) item: Item,
    /// What the tool was given, whole: by it requests are told apart.
    pub(super) given: Value,
    /// The latest event that told of it.
    pub(super) last: i64,
    /// Claude's id of the call it is.
    pub(super) call: Option<String>,
    /// A hook told its end, not only that everything ended.
    pub(super) surely_ended: bool,
    /// Another item tells the same.
    pub(super) hidden: bool,
}

/// An event with its fields.
pub(super) struct Telling<'a> {
    pub(super) event: &'a Happened<'a>,
    pub(super) fields: Fields<'a>,
}

impl Story {
    pub(super) fn new(texts: Texts) -> Self {
        let (prompts, calls, agents, approvals) = <_>::default();
        Self { texts, turns: Vec::new(), nodes: Vec::new(), prompts, calls, agents, approvals }
    }

    pub(super) fn take(&mut self, event: &Happened<'_>) {
        let told = &Telling { event, fields: Fields::of(event.payload) };
        match event.kind {
            "UserPromptSubmit" => self.prompted(told),
            "PreToolUse" => self.tool_started(told),
            "PostToolUse" | "PostToolUseFailure" => self.tool_ended(told),
            "PostToolBatch" => self.batch_ended(told),
            "PermissionDenied" => self.tool_denied(told),
            "PermissionRequest" => self.asked(told),
            "SubagentStart" => self.agent_started(told),
            "SubagentStop" => self.agent_stopped(told),
            "Stop" => self.stopped(told),
            "StopFailure" => self.stop_failed(told),
            "SessionEnd" => self.session_ended(told),
            "ccmon.settled" => self.settled(told),
            "ccmon.interrupted" => self.interrupted(told),
            "ccmon.process_gone" | "ccmon.forgotten" => self.gone(told),
            _ => self.noticed(told),
        }
    }

    fn prompted(&mut self, told: &Telling<'_>) {
        let prompt_id = told.fields.text("prompt_id");
        // The hook may be installed twice.
        if prompt_id.as_ref().is_some_and(|id| self.prompts.contains_key(id)) {
            return;
        }
        if let Some(before) = self.turns.last_mut().filter(|turn| turn.outcome == Some(Outcome::Open)) {
            before.outcome = None;
        }
        let text = told.fields.text("prompt").unwrap_or_default();
        let made_up = text.trim_start().starts_with("<task-notification>");
        let prompt = (!made_up).then(|| self.texts.text(text.clone()));
        let turn = self.begin(told.event.id, told, prompt, Some(Outcome::Open));
        self.prompts.extend(prompt_id.map(|id| (id, turn)));
        if made_up {
            self.notice(told, notices::task(&text));
        }
    }

    fn begin(&mut self, id: i64, told: &Telling<'_>, prompt: Option<String>, outcome: Option<Outcome>) -> usize {
        let Happened { id: last, at, .. } = *told.event;
        self.turns.push(Draft { id, at, ended: None, prompt, outcome, last });
        self.turns.len() - 1
    }

    /// The turn that an event belongs to: the one of its prompt, where that is told, else the latest.
    pub(super) fn turn_of(&mut self, told: &Telling<'_>) -> usize {
        let named = told.fields.text("prompt_id").and_then(|id| self.prompts.get(&id).copied());
        match named.or(self.turns.len().checked_sub(1)) {
            Some(turn) => turn,
            None => self.begin(0, told, None, None),
        }
    }

    /// The turn, and the sub-agent in it, that an event belongs to.
    pub(super) fn place_of(&mut self, told: &Telling<'_>) -> (usize, Option<usize>) {
        match told.fields.text("agent_id") {
            None => (self.turn_of(told), None),
            Some(id) => {
                let agent = self.agent(told, &id);
                (self.nodes.get(agent).map_or(0, |node| node.turn), Some(agent))
            }
        }
    }

    /// A new item.
    pub(super) fn add(&mut self, told: &Telling<'_>, kind: Kind, turn: usize, parent: Option<usize>) -> usize {
        let Happened { id, at, .. } = *told.event;
        let above = parent.and_then(|parent| self.nodes.get(parent));
        let beside = above.filter(|node| node.depth >= DEEPEST).map(|node| node.parent);
        let depth = above.map_or(0, |node| (node.depth + 1).min(DEEPEST));
        self.nodes.push(Node {
            turn,
            parent: beside.unwrap_or(parent),
            depth,
            item: blank(id, at, kind),
            given: Value::Null,
            last: id,
            call: None,
            surely_ended: false,
            hidden: false,
        });
        self.nodes.len() - 1
    }

    /// Something that takes no time, in plain words. The same once more is not said again.
    pub(super) fn notice(&mut self, told: &Telling<'_>, text: String) {
        let (turn, parent) = self.place_of(told);
        let text = self.texts.text(text);
        if let Some(before) = self.nodes.last_mut()
            && (before.turn, before.parent, before.item.kind) == (turn, parent, Kind::Notice)
            && before.item.text.as_ref() == Some(&text)
        {
            before.last = told.event.id;
            return;
        }
        let at = self.add(told, Kind::Notice, turn, parent);
        self.say(at, text);
    }

    /// Gives an item its text.
    pub(super) fn say(&mut self, at: usize, text: String) {
        if let Some(node) = self.nodes.get_mut(at) {
            node.item.preview = texts::line(&text);
            node.item.text = Some(text);
        }
    }

    fn noticed(&mut self, told: &Telling<'_>) {
        if let Some(text) = notices::in_words(told.event.kind, &told.fields) {
            self.notice(told, text);
        }
    }
}

fn blank(id: i64, at: u64, kind: Kind) -> Item {
    Item {
        id,
        at,
        ended: None,
        kind,
        tool: None,
        preview: String::new(),
        input: None,
        text: None,
        failed: false,
        error: None,
        agent: None,
        approval: None,
        items: Vec::new(),
    }
}
