//! How turns end.

use super::build::{Story, Telling};
use super::{Kind, Outcome, notices};

impl Story {
    pub(super) fn stopped(&mut self, told: &Telling<'_>) {
        if let Some(text) = told.fields.text("last_assistant_message") {
            self.message(told, text);
        }
        let turn = self.turn_of(told);
        self.close(told, turn, false);
        self.end(told, turn, told.event.at, Outcome::Done);
    }

    /// What Claude said; once, though the hook may be installed twice.
    fn message(&mut self, told: &Telling<'_>, text: String) {
        let (turn, parent) = self.place_of(told);
        let text = self.texts.text(text);
        let twice = self.nodes.last().is_some_and(|node| {
            (node.item.kind, node.turn) == (Kind::Message, turn)
                && node.item.text.as_ref() == Some(&text)
                && node.is_near(told.event.at)
        });
        if !twice {
            let at = self.add(told, Kind::Message, turn, parent);
            self.say(at, text);
        }
    }

    pub(super) fn stop_failed(&mut self, told: &Telling<'_>) {
        let (turn, parent) = self.place_of(told);
        let said = ["last_assistant_message", "error"].into_iter().find_map(|name| told.fields.text(name));
        let error = self.texts.text(said.unwrap_or_else(|| "no reason given".to_owned()));
        let at = self.add(told, Kind::Notice, turn, parent);
        self.say(at, "The turn ended in an error".to_owned());
        if let Some(node) = self.nodes.get_mut(at) {
            node.item.failed = true;
            node.item.error = Some(error);
        }
        if parent.is_none() {
            self.close(told, turn, false);
            self.end(told, turn, told.event.at, Outcome::Failed);
        }
    }

    /// Esc, or No, in the terminal: no hook tells of it, ccmon notices.
    pub(super) fn interrupted(&mut self, told: &Telling<'_>) {
        let turn = self.turn_of(told);
        self.notice(told, "Interrupted in the terminal".to_owned());
        self.close(told, turn, false);
        self.end(told, turn, told.fields.number("since").unwrap_or(told.event.at), Outcome::Interrupted);
    }

    pub(super) fn session_ended(&mut self, told: &Telling<'_>) {
        self.over(told, notices::end(&told.fields));
    }

    pub(super) fn gone(&mut self, told: &Telling<'_>) {
        let text = if told.event.kind == "ccmon.forgotten" {
            "Nothing was heard of it for long: it counts as ended"
        } else {
            "The process is gone"
        };
        self.over(told, text.to_owned());
    }

    /// The session is over, and whatever was going on in it.
    fn over(&mut self, told: &Telling<'_>, text: String) {
        self.notice(told, text);
        let Some(turn) = self.turns.len().checked_sub(1) else {
            return;
        };
        self.close(told, turn, true);
        if self.turns[turn].outcome == Some(Outcome::Open) {
            self.end(told, turn, told.event.at, Outcome::Interrupted);
        }
    }

    fn end(&mut self, told: &Telling<'_>, turn: usize, at: u64, outcome: Outcome) {
        let Some(turn) = self.turns.get_mut(turn) else {
            return;
        };
        turn.last = turn.last.max(told.event.id);
        // What came before the first prompt is no turn that ends.
        if turn.id != 0 {
            turn.ended = Some(at.max(turn.at));
            turn.outcome = Some(outcome);
        }
    }

    /// What still ran in a turn has ended with it; sub-agents only when `all` has.
    fn close(&mut self, told: &Telling<'_>, turn: usize, all: bool) {
        for node in self.nodes.iter_mut().filter(|node| node.item.ended.is_none()) {
            let timed = matches!(node.item.kind, Kind::Tool | Kind::Approval | Kind::Agent);
            let ends = all || (node.turn == turn && node.parent.is_none() && node.item.kind != Kind::Agent);
            if timed && ends && node.item.at <= told.event.at {
                node.item.ended = Some(told.event.at);
                node.touch(told);
            }
        }
    }
}
