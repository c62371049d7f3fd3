//! Sub-agents: the call that starts one and the agent itself are one item.

use super::build::{Node, Story, Telling};
use super::fields::Fields;
use super::{Agent, Kind, texts};

/// Whether this tool starts sub-agents.
pub(super) fn starts_agents(tool: &str) -> bool {
    matches!(tool, "Agent" | "Task")
}

/// A call that ended while the agent it started works on.
pub(super) fn goes_on(answer: &Fields<'_>) -> bool {
    answer.value("isAsync") == Some(true.into())
}

impl Story {
    pub(super) fn agent_started(&mut self, told: &Telling<'_>) {
        if let Some(id) = told.fields.text("agent_id") {
            self.agent(told, &id);
        }
    }

    pub(super) fn agent_stopped(&mut self, told: &Telling<'_>) {
        let id = told.fields.text("agent_id").unwrap_or_default();
        // Claude's own, such as the one that compacts, are no news.
        if told.fields.text("agent_type").is_none() && !self.agents.contains_key(&id) {
            return;
        }
        let at = self.agent(told, &id);
        let said = told.fields.text("last_assistant_message").map(|text| self.texts.text(text));
        if let Some(node) = self.nodes.get_mut(at) {
            node.end(told);
            node.item.text = said.or(node.item.text.take());
        }
    }

    /// The item of a sub-agent that speaks, or is spoken of.
    pub(super) fn agent(&mut self, told: &Telling<'_>, id: &str) -> usize {
        let at = match self.agents.get(id) {
            Some(at) => *at,
            None => self.new_agent(told, id),
        };
        if let Some(node) = self.nodes.get_mut(at) {
            node.touch(told);
        }
        at
    }

    fn new_agent(&mut self, told: &Telling<'_>, id: &str) -> usize {
        let turn = self.turn_of(told);
        let kind = told.fields.text("agent_type").unwrap_or_default();
        let starts = |node: &Node| {
            let wanted = node.given.get("subagent_type").and_then(|wanted| wanted.as_str());
            node.item.kind == Kind::Tool
                && node.item.tool.as_deref().is_some_and(starts_agents)
                && node.turn == turn
                && !node.surely_ended
                && wanted.is_none_or(|wanted| wanted == kind)
        };
        let at = self.nodes.iter().position(starts).unwrap_or_else(|| self.add(told, Kind::Agent, turn, None));
        self.agents.insert(id.to_owned(), at);
        if let Some(node) = self.nodes.get_mut(at) {
            node.item.kind = Kind::Agent;
            if node.item.preview.is_empty() {
                node.item.preview = texts::line(&format!("Agent: {kind}"));
            }
            node.item.agent = Some(Agent { id: id.to_owned(), kind });
        }
        at
    }

    /// The agent that a call has started, when it was heard of first.
    pub(super) fn agent_of_call(&mut self, told: &Telling<'_>, turn: usize, parent: Option<usize>) -> Option<usize> {
        let wanted = told.fields.within("tool_input").text("subagent_type");
        self.nodes.iter().position(|node| {
            let kind = node.item.agent.as_ref().map(|agent| agent.kind.as_str());
            node.item.kind == Kind::Agent
                && node.call.is_none()
                && (node.turn, node.parent) == (turn, parent)
                && node.is_near(told.event.at)
                && wanted.as_deref().is_none_or(|wanted| kind == Some(wanted))
        })
    }

    /// The end of a call names the agent it started: if that stands elsewhere, it takes the call's place.
    pub(super) fn join_agent(&mut self, told: &Telling<'_>, call: usize, answer: &Fields<'_>) {
        let id = answer.text("agentId");
        let Some(agent) = id.and_then(|id| self.agents.get(&id).copied()).filter(|agent| *agent != call) else {
            return;
        };
        let Some(node) = self.nodes.get_mut(call).filter(|node| node.item.kind == Kind::Tool) else {
            return;
        };
        node.hidden = true;
        let (item, given, name) = (node.item.clone(), node.given.clone(), node.call.clone());
        if let Some(node) = self.nodes.get_mut(agent).filter(|node| node.call.is_none()) {
            (node.item.tool, node.item.preview, node.item.input) = (item.tool, item.preview, item.input);
            node.item.approval = item.approval;
            (node.given, node.call) = (given, name);
            node.touch(told);
        }
    }
}
