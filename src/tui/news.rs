//! What the daemon tells, and what it answers.

use super::ask::Ask;
use super::detail::when;
use super::message::{Command, Message};
use super::model::{Link, Mode, Model};
use super::wire::{Approval, Frame};

impl Model {
    pub(super) fn frame(&mut self, frame: Frame) -> Vec<Command> {
        if matches!(frame, Frame::Snapshot { .. }) {
            self.connected();
        }
        let settled = self.board.take(frame);
        if let Some(settled) = settled {
            self.settled(&settled);
        }
        vec![]
    }

    fn connected(&mut self) {
        if matches!(self.link, Link::Lost { .. }) {
            self.say("Connected. This is how things stand now.");
        }
        self.link = Link::Live;
    }

    pub(super) fn lost(&mut self, why: String) -> Vec<Command> {
        let at = if let Link::Lost { at, .. } = self.link { at } else { self.now.wall };
        if self.online() {
            // What was said before is no longer the news.
            self.status = None;
        }
        self.link = Link::Lost { at, why };
        vec![]
    }

    /// What to say about the daemon while it is away; before it ever told anything, the empty list says why.
    #[must_use]
    pub fn absence(&self) -> Option<String> {
        match self.link {
            Link::Lost { at, .. } if self.board.revision() > 0 => {
                let at = when(at, &self.zone);
                Some(format!("The daemon stopped answering at {at}. This is how things stood then."))
            }
            _ => None,
        }
    }

    /// A request that is being looked at was settled: by somebody else, unless it was sent from here.
    fn settled(&mut self, approval: &Approval) {
        let sent = self.sent.remove(&approval.id);
        let text = format!("{}: {} in {}", outcome(approval), approval.tool, approval.project);
        if let Mode::Ask(ask) = &mut self.mode
            && ask.approval().id == approval.id
        {
            ask.end(&text);
        }
        if sent {
            self.say(text);
        }
    }

    pub(super) fn decided(&mut self, id: &str, result: Result<(), String>) -> Vec<Command> {
        match result {
            // The frame that settles it says how.
            Ok(()) => vec![],
            Err(why) => {
                self.sent.remove(id);
                self.say_bad(format!("Not decided: {why}"))
            }
        }
    }

    pub(super) fn jumped(&mut self, result: Result<String, String>) -> Vec<Command> {
        match result {
            Ok(_) if self.exit_after_jump => vec![Command::Quit],
            Ok(text) => self.say(text),
            Err(why) => self.say_bad(why),
        }
    }

    pub(super) fn resize(&mut self, width: u16, height: u16) -> Vec<Command> {
        self.size = (width, height);
        self.follow = true;
        let pane = self.pane();
        if let Mode::Ask(ask) = &mut self.mode {
            ask.lay_out(pane);
        }
        vec![]
    }

    /// The screen shows what the model says.
    pub(super) fn drawn(&mut self) -> Vec<Command> {
        if let Mode::Ask(ask) = &mut self.mode {
            ask.drawn(self.now.steady);
        }
        vec![]
    }

    /// A request that is gone, or reads differently, is not decided by what was on the screen.
    pub(super) fn keep_ask(&mut self) {
        let Mode::Ask(ask) = &mut self.mode else {
            return;
        };
        let Some(current) = self.board.approval(&ask.approval().id).cloned() else {
            return ask.end("It is no longer asked here.");
        };
        if ask.over().is_some() || ask.renew(&current) {
            return;
        }
        let purpose = ask.purpose_for(&current);
        self.mode = Mode::Ask(Box::new(Ask::new(current, purpose, self.pane())));
        self.say("What is asked has changed: read it again.");
    }

    pub(super) fn online(&self) -> bool {
        self.link == Link::Live
    }
}

/// What became of a request, and through whom.
fn outcome(approval: &Approval) -> String {
    let by = match approval.by.as_str() {
        "" | "tui" | "terminal" | "timeout" | "unseen" | "session_ended" => String::new(),
        "rule" => " by a rule".to_owned(),
        other => format!(" in the {other}"),
    };
    let what = match approval.outcome.as_str() {
        "allowed" => "Approved",
        "denied" => "Denied",
        "released" => "Left to the terminal",
        "timed_out" => "Nobody answered in time, the terminal asks",
        "answered_in_terminal" => "Answered in the terminal",
        "session_ended" => "The session ended",
        _ => "Settled",
    };
    format!("{what}{by}")
}

/// Whether the model reads the same after it: then nothing has to be drawn.
#[must_use]
pub fn is_silent(message: &Message) -> bool {
    matches!(message, Message::Drawn | Message::Frame(Frame::Other))
}
