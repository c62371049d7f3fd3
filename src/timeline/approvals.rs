//! Requests: marked on the call they are about, or on their own where that is not known.

use super::build::{Node, Story, Telling};
use super::tools::NEAR_MS;
use super::{Asked, Kind, texts};

impl Story {
    pub(super) fn asked(&mut self, told: &Telling<'_>) {
        let id = told.event.hook.unwrap_or_default().to_owned();
        let (turn, parent) = self.place_of(told);
        let tool = told.fields.text("tool_name").unwrap_or_default();
        let input = told.fields.value("tool_input").unwrap_or_default();
        let about = |node: &Node| {
            matches!(node.item.kind, Kind::Tool | Kind::Agent)
                && node.item.approval.is_none()
                && node.is_like(parent, &tool, &input)
                && node.item.at <= told.event.at.saturating_add(NEAR_MS)
                && node.item.ended.is_none_or(|ended| ended >= told.event.at)
        };
        let at = self.nodes.iter().position(about).unwrap_or_else(|| {
            let at = self.add(told, Kind::Approval, turn, parent);
            let texts = self.texts;
            self.nodes[at].give(told.fields.text("tool_name"), Some(input.clone()), texts);
            at
        });
        if let Some(node) = self.nodes.get_mut(at) {
            node.touch(told);
            node.item.approval = Some(Asked { id: id.clone(), outcome: None, by: None });
        }
        self.approvals.insert(id, at);
    }

    pub(super) fn settled(&mut self, told: &Telling<'_>) {
        let settled = told.fields.within("settled");
        let (outcome, by) = (settled.text("outcome"), settled.text("by"));
        let known = told.fields.text("approval").and_then(|id| self.approvals.get(&id).copied());
        let said = settled.within("answer").text("message").map(|text| self.texts.text(text));
        let Some(node) = known.and_then(|at| self.nodes.get_mut(at)) else {
            let words = |text: Option<String>| texts::line(&text.unwrap_or_default().replace('_', " "));
            return self.notice(told, format!("A request was settled: {} by {}", words(outcome), words(by)));
        };
        if outcome.as_deref() == Some("denied") && !node.surely_ended {
            node.item.ended = Some(told.event.at.max(node.item.at));
            node.item.error = said.or(node.item.error.take());
        }
        if let Some(asked) = &mut node.item.approval {
            (asked.outcome, asked.by) = (outcome.map(|text| texts::line(&text)), by.map(|text| texts::line(&text)));
        }
        if node.item.kind == Kind::Approval {
            node.item.ended = node.item.ended.or(Some(told.event.at.max(node.item.at)));
        }
        node.touch(told);
    }
}
