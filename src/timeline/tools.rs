//! Tool calls: a start and an end, in either order, either of which may be missing.

use serde_json::Value;

use super::build::{Node, Story, Telling};
use super::fields::Fields;
use super::{Kind, agents, texts};
use crate::core::activity;

/// How far the request for a call, or the sub-agent it starts, may lie from it.
pub(super) const NEAR_MS: u64 = 10_000;

impl Story {
    pub(super) fn tool_started(&mut self, told: &Telling<'_>) {
        let at = self.call(told);
        if let Some(node) = self.nodes.get_mut(at) {
            node.item.at = node.item.at.min(told.event.at);
        }
    }

    pub(super) fn tool_ended(&mut self, told: &Telling<'_>) {
        let known = self.nodes.len();
        let at = self.call(told);
        // What other tools answer is long, and of no interest here.
        let starts = told.fields.text("tool_name").is_some_and(|tool| agents::starts_agents(&tool));
        let answer = if starts { told.fields.within("tool_response") } else { Fields::default() };
        self.join_agent(told, at, &answer);
        let error = told.fields.text("error").map(|error| self.texts.text(error));
        let Some(node) = self.nodes.get_mut(at) else {
            return;
        };
        if at == known {
            // Its start was not told.
            let took = told.fields.number("duration_ms").unwrap_or(0);
            node.item.at = told.event.at.saturating_sub(took);
        }
        if !agents::goes_on(&answer) {
            node.end(told);
        }
        node.item.failed = told.event.kind == "PostToolUseFailure";
        node.item.error = error;
    }

    /// All calls of a message are settled: one that neither ran nor failed was denied.
    pub(super) fn batch_ended(&mut self, told: &Telling<'_>) {
        for call in told.fields.each("tool_calls") {
            let known = call.text("tool_use_id").and_then(|id| self.calls.get(&id).copied());
            let Some(node) = known.and_then(|at| self.nodes.get_mut(at)) else {
                continue;
            };
            if node.item.ended.is_none() && node.item.kind != Kind::Agent {
                node.item.ended = Some(told.event.at.max(node.item.at));
                node.touch(told);
                node.item.error = node.item.error.take().or(call.text("tool_response").map(|why| texts::line(&why)));
            }
        }
    }

    /// Claude Code itself did not let it run.
    pub(super) fn tool_denied(&mut self, told: &Telling<'_>) {
        let at = self.call(told);
        let why = told.fields.text("reason").unwrap_or_else(|| "no reason given".to_owned());
        let why = self.texts.text(format!("Claude Code denied it: {why}"));
        if let Some(node) = self.nodes.get_mut(at) {
            node.end(told);
            node.item.failed = true;
            node.item.error = Some(why);
        }
    }

    /// The item of the call that an event is about.
    fn call(&mut self, told: &Telling<'_>) -> usize {
        let id = told.fields.text("tool_use_id");
        let known = id.as_ref().and_then(|id| self.calls.get(id).copied());
        let at = known.unwrap_or_else(|| self.new_call(told));
        let (texts, input) = (self.texts, told.fields.value("tool_input"));
        if let Some(node) = self.nodes.get_mut(at) {
            node.touch(told);
            if node.call.is_none() || node.given.is_null() {
                node.give(told.fields.text("tool_name"), input, texts);
            }
            node.call = id.clone().or(node.call.take());
        }
        self.calls.extend(id.map(|id| (id, at)));
        at
    }

    /// A request, or a sub-agent, that was heard of before its call; else a new item.
    fn new_call(&mut self, told: &Telling<'_>) -> usize {
        let (turn, parent) = self.place_of(told);
        let tool = told.fields.text("tool_name").unwrap_or_default();
        if agents::starts_agents(&tool) {
            return self.agent_of_call(told, turn, parent).unwrap_or_else(|| self.add(told, Kind::Tool, turn, parent));
        }
        let input = told.fields.value("tool_input").unwrap_or_default();
        let asked = |node: &Node| {
            node.item.kind == Kind::Approval && node.is_like(parent, &tool, &input) && node.is_near(told.event.at)
        };
        match self.nodes.iter().position(asked) {
            Some(at) => {
                self.nodes[at].item.kind = Kind::Tool;
                at
            }
            None => self.add(told, Kind::Tool, turn, parent),
        }
    }
}

impl Node {
    /// This event tells of it too.
    pub(super) fn touch(&mut self, told: &Telling<'_>) {
        self.item.id = self.item.id.min(told.event.id);
        self.last = self.last.max(told.event.id);
    }

    /// A hook tells its end.
    pub(super) fn end(&mut self, told: &Telling<'_>) {
        self.item.ended = Some(told.event.at.max(self.item.at));
        self.surely_ended = true;
        self.touch(told);
    }

    /// What the tool is, and what it is given.
    pub(super) fn give(&mut self, tool: Option<String>, input: Option<Value>, texts: super::Texts) {
        let tool = tool.unwrap_or_else(|| "a tool".to_owned());
        self.given = input.unwrap_or_default();
        self.item.preview = texts::line(&activity(&tool, &self.given));
        self.item.tool = Some(texts::line(&tool));
        self.item.input = Some(texts.input(self.given.clone())).filter(|input| !input.is_null());
    }

    /// The same tool, given the same by the same agent.
    pub(super) fn is_like(&self, parent: Option<usize>, tool: &str, input: &Value) -> bool {
        self.parent == parent && self.item.tool.as_deref() == Some(tool) && self.given == *input
    }

    pub(super) fn is_near(&self, at: u64) -> bool {
        self.item.at.abs_diff(at) < NEAR_MS
    }
}
