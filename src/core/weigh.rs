//! Signals that no hook asserts are weighed before they are believed: the client's own status file,
//! its transcript, and silence.

use std::sync::Arc;

use super::session::Phase;
use super::{
    Approval, Client, ClientStatus, Core, Effect, Note, Outcome, Session, SessionKey, State, Step, Time, Transcript,
};

/// How long the client's status file has to say the same before that is believed: it flickers
/// between two dialogs, and it is written before the hooks of the same moment run.
const STATUS_CONFIRM_MS: u64 = 250;
/// A dialog is on the screen by so long after its hook started (2.1.329: 43 ms), whether or not we
/// were there to see the status file say so.
const DIALOG_MS: u64 = 250;

/// What a status file began to say, and when that is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The turn is over, though no hook said so.
    Idle(Time),
    /// A dialog stands in the terminal that no hook told of.
    Dialog(Time, State),
}

impl Doubt {
    pub(super) fn until(self) -> Time {
        match self {
            Self::Idle(at) | Self::Dialog(at, _) => at,
        }
    }

    pub(super) fn shift(&mut self, by_ms: i64) {
        let (Self::Idle(at) | Self::Dialog(at, _)) = self;
        *at = at.shifted(by_ms);
    }

    fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

impl Core {
    pub(super) fn on_client(&mut self, now: Time, client: &Client, step: &mut Step) {
        if self.clients.insert(client.process, client.clone()).as_ref() == Some(client) {
            return;
        }
        let key = self.board.key_for(Some(client.process), &client.session_id);
        let known = self.board.sessions.get(&key).cloned();
        self.note(now, Note::Client(client.clone()), step);
        if known.is_none() {
            let place = Effect::Place(key.clone(), client.cwd.clone());
            step.effects.extend([Effect::Watch(client.process), place]);
        }
        self.follow_transcript(&key, known.and_then(|s| s.transcript.clone()).as_deref(), step);
        self.weigh_status(now, &key, client.status, client.updated, client.asks);
    }

    pub(super) fn on_transcript(&mut self, now: Time, key: SessionKey, tells: Transcript, step: &mut Step) {
        let Some(session) = self.board.sessions.get(&key).cloned() else {
            return;
        };
        let interrupted = tells.interrupted.filter(|at| *at > session.turn.evidence.at);
        self.note(now, Note::Transcript { session: key.clone(), tells }, step);
        // Clients with a status file say it there, sooner; these also leave the hook running.
        let Some(at) = interrupted.filter(|_| session.client.is_none()) else {
            return;
        };
        self.settle_all(now, &key, Outcome::AnsweredInTerminal, |a| a.agent.is_none() && a.opened <= at, step);
        if session.turn.phase == Phase::Working {
            self.note(now, Note::Interrupted { session: key, evidence: "its transcript says so".into() }, step);
        }
    }

    /// What has been said for long enough.
    pub(super) fn believe_doubts(&mut self, now: Time, step: &mut Step) {
        let due: Vec<_> = self.doubts.iter().filter(|(_, d)| d.until() <= now).map(|(k, d)| (k.clone(), *d)).collect();
        for (session, doubt) in due {
            self.doubts.remove(&session);
            let note = match doubt {
                Doubt::Idle(_) => Note::Interrupted { session, evidence: "its status file says idle".into() },
                Doubt::Dialog(_, asks) => Note::Dialog { session, asks },
            };
            self.note(now, note, step);
        }
        for session in self.silent(now) {
            self.note(now, Note::Silent { session }, step);
        }
    }

    /// When the first working session counts as stuck.
    pub(super) fn silence(&self) -> Option<Time> {
        let after = self.limits.stuck_ms?;
        self.board.sessions.values().filter_map(|s| s.stuck_at(after)).min()
    }

    fn silent(&self, now: Time) -> Vec<SessionKey> {
        let Some(after) = self.limits.stuck_ms else {
            return Vec::new();
        };
        let silent = |s: &&Arc<Session>| s.stuck_at(after).is_some_and(|at| at <= now);
        self.board.sessions.values().filter(silent).map(|s| s.key.clone()).collect()
    }

    /// Starts, or stops, believing that no dialog is open, that one is, and that the turn is over.
    fn weigh_status(
        &mut self,
        now: Time,
        key: &SessionKey,
        status: Option<ClientStatus>,
        updated: Time,
        asks: Option<State>,
    ) {
        let Some(session) = self.board.sessions.get(key).cloned() else {
            return;
        };
        let confirmed = now.plus(STATUS_CONFIRM_MS);
        let no_dialog = status.is_some_and(|s| s != ClientStatus::Waiting);
        let dialog = |a: &Approval| a.waiting_seen && a.opened <= updated;
        let had_dialog = |a: &Approval| !session.headless && a.agent.is_none() && a.opened.plus(DIALOG_MS) <= updated;
        for id in self.pending_where(|a, _| a.session == *key && (dialog(a) || had_dialog(a))) {
            if let Some(hold) = self.holds.get_mut(&id) {
                hold.no_dialog = no_dialog.then(|| hold.no_dialog.unwrap_or(confirmed));
            }
        }
        let pending = !self.pending_where(|a, _| a.session == *key && a.agent.is_none()).is_empty();
        let doubt = doubt(&session, status, updated, confirmed, asks.filter(|_| !pending));
        match doubt {
            Some(doubt) if self.doubts.get(key).is_some_and(|old| old.is_like(doubt)) => {}
            Some(doubt) => drop(self.doubts.insert(key.clone(), doubt)),
            None => drop(self.doubts.remove(key)),
        }
    }
}

/// What the status says that the row does not.
fn doubt(
    session: &Session,
    status: Option<ClientStatus>,
    updated: Time,
    confirmed: Time,
    asks: Option<State>,
) -> Option<Doubt> {
    let newer = updated >= session.last_activity;
    match status? {
        ClientStatus::Idle | ClientStatus::Shell if newer && session.turn.phase == Phase::Working => {
            Some(Doubt::Idle(confirmed))
        }
        ClientStatus::Waiting if session.asked.is_none() => asks.map(|asks| Doubt::Dialog(confirmed, asks)),
        _ => None,
    }
}
