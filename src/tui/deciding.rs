//! What keys mean while a request is decided: nothing is sent by one of them alone.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::answering::Answering;
use super::ask::{Ask, Purpose, Readiness};
use super::message::{Answer, Command};
use super::model::{Mode, Model};
use super::wire::{Approval, Kind};
use crate::answers::plan;

impl Model {
    /// The request that a key is for, unless nothing can be said to it now; that is told.
    fn asked(&mut self) -> Option<Approval> {
        let Some((_, approval)) = self.focused() else {
            self.say("This session has no request that waits for you.");
            return None;
        };
        let approval = approval.clone();
        if !self.online() {
            self.say_bad("ccmon is not answering. The request is open in its terminal too, answer it there.");
            return None;
        }
        if self.sent.contains(&approval.id) {
            self.say("Your decision is on its way.");
            return None;
        }
        Some(approval)
    }

    /// Lets the request go, so that its terminal asks: of some it shows nothing before.
    pub(super) fn hand_over(&mut self) -> Vec<Command> {
        let Some(approval) = self.asked() else {
            return vec![];
        };
        if approval.headless {
            return self.say("It has no terminal that could ask.");
        }
        self.sent.insert(approval.id.clone());
        self.say(format!("Handing over to the terminal: {} in {}…", approval.tool, approval.project));
        vec![Command::Decide { id: approval.id, shown: approval.shown, answer: Answer::Release }]
    }

    pub(super) fn ask(&mut self, purpose: Purpose) -> Vec<Command> {
        let Some(approval) = self.asked() else {
            return vec![];
        };
        let purpose = match (purpose, approval.kind) {
            (Purpose::Approve, Kind::Plan) => Purpose::Plan(plan::Mode::default()),
            (Purpose::Approve, Kind::Question | Kind::Elicitation) => match Answering::new(&approval) {
                Ok(answering) => Purpose::Answer(Box::new(answering)),
                Err(why) => return self.say(format!("Not from here: {why}. o hands it over to its terminal.")),
            },
            (Purpose::Approve, Kind::Unknown) => {
                return self.say("Answer it in the popup or in the terminal (o hands it over, Enter jumps).");
            }
            (other, _) => other,
        };
        self.mode = Mode::Ask(Box::new(Ask::new(approval, purpose, self.pane())));
        vec![]
    }

    pub(super) fn ask_key(&mut self, key: KeyEvent, mut ask: Box<Ask>) -> Vec<Command> {
        let approving = ask.purpose == Purpose::Approve;
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let deciding = plain && key.code == KeyCode::Enter;
        // The key that opened the pane, held down, comes again and again: it never decides.
        let opening = plain && approving && key.code == KeyCode::Char('a');
        if key.code == KeyCode::Esc {
            return vec![];
        }
        if ask.over().is_some() {
            scrolled(&mut ask, key.code);
            self.mode = Mode::Ask(ask);
            return vec![];
        }
        if ask.takes(key) {
            self.mode = Mode::Ask(ask);
            return vec![];
        }
        if !deciding && !opening && !scrolled(&mut ask, key.code) {
            ask.typed(key);
        }
        if deciding && ask.readiness(self.now.steady) == Readiness::Armed && self.online() {
            return self.decide(ask);
        }
        if deciding || opening {
            self.too_early(&mut ask);
        }
        self.mode = Mode::Ask(ask);
        vec![]
    }

    fn decide(&mut self, ask: Box<Ask>) -> Vec<Command> {
        let approval = ask.approval();
        let (answer, word) = match &ask.purpose {
            Purpose::Approve => (Answer::Allow, "Approving"),
            Purpose::Plan(mode) => (Answer::With(plan::approved(plan::text_of(&approval.input), *mode)), "Approving"),
            Purpose::Answer(answering) => match answering.decision() {
                Ok(decision) => (Answer::With(decision), "Answering"),
                Err(why) => {
                    self.mode = Mode::Ask(ask);
                    return self.say_bad(format!("Nothing was sent: {why}"));
                }
            },
            Purpose::Deny(field) => {
                // An MCP server is told no reason.
                let told = approval.kind != Kind::Elicitation;
                let reason = Some(field.text().trim().to_owned()).filter(|text| told && !text.is_empty());
                (Answer::Deny(reason), "Denying")
            }
        };
        self.sent.insert(approval.id.clone());
        self.say(format!("{word}: {} in {}…", approval.tool, approval.project));
        vec![Command::Decide { id: approval.id.clone(), shown: approval.shown.clone(), answer }]
    }

    fn too_early(&mut self, ask: &mut Ask) {
        match ask.readiness(self.now.steady) {
            _ if !self.online() => drop(self.say_bad("ccmon is not answering: nothing was sent.")),
            Readiness::Unread(_) => {
                ask.scroll_on();
                self.say("Read it to its end first.");
            }
            Readiness::Arming | Readiness::Armed => ask.disarm(self.now.steady),
        }
    }
}

/// Keys that scroll the request, whatever is typed about it.
fn scrolled(ask: &mut Ask, code: KeyCode) -> bool {
    let reads = matches!(ask.purpose, Purpose::Approve | Purpose::Plan(_));
    match code {
        KeyCode::Up => ask.scroll_by(-1),
        KeyCode::Down => ask.scroll_by(1),
        KeyCode::PageUp => ask.scroll_page(-1),
        KeyCode::PageDown => ask.scroll_page(1),
        KeyCode::Char('k') if reads => ask.scroll_by(-1),
        KeyCode::Char('j') if reads => ask.scroll_by(1),
        KeyCode::Char(' ') if reads => ask.scroll_page(1),
        KeyCode::Home if reads => ask.scroll_by(isize::MIN),
        KeyCode::End if reads => ask.scroll_by(isize::MAX),
        _ => return false,
    }
    true
}
