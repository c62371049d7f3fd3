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
/// How long the file may go on to say *waiting* after a hook answered (2.1.329: 85 ms).
const ANSWERED_MS: u64 = 1_000;
/// A dialog is on the screen by so long after its hook started (2.1.329: 43 ms), whether or not we
/// were there to see the status file say so.
const DIALOG_MS: u64 = 250;

/// How long after a Stop the file says *idle* at the latest (2.1.197 and 2.1.329: 160 and 230 ms). Where it says
/// *busy* for longer, another Stop hook made Claude go on, or is still at it.
const GOES_ON_MS: u64 = 2_000;

/// What a status file began to say, and when that is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The turn is over, though no hook said so.
    Idle(Time),
    /// A dialog stands in the terminal that no hook told of.
    Dialog(Time, State),
    /// No dialog stands there any more.
    NoDialog(Time),
    /// The turn goes on, though a hook said that it is over.
    GoesOn(Time),
}

impl Doubt {
    pub(super) fn until(self) -> Time {
        match self {
            Self::Idle(at) | Self::Dialog(at, _) | Self::NoDialog(at) | Self::GoesOn(at) => at,
        }
    }

    pub(super) fn shift(&mut self, by_ms: i64) {
        let (Self::Idle(at) | Self::Dialog(at, _) | Self::NoDialog(at) | Self::GoesOn(at)) = self;
        *at = at.shifted(by_ms);
    }

    fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

impl Core {
    pub(super) fn on_client(&mut self, now: Time, mut client: Client, step: &mut Step) {
        // A clock that was set back must not leave words from the future.
        client.updated = client.updated.min(now);
        client.started = client.started.min(now);
        if self.clients.get(&client.process) == Some(&client) {
            return;
        }
        self.clients.insert(client.process, client.clone());
        let key = self.board.key_for(Some(client.process), &client.session_id);
        let known = self.board.sessions.get(&key).cloned();
        self.note(now, Note::Client(client.clone()), step);
        if known.as_ref().and_then(|session| session.process) != Some(client.process) {
            step.effects.push(Effect::Watch(client.process));
        }
        if known.is_none() {
            step.effects.push(Effect::Place(key.clone(), client.cwd));
        }
        self.follow_transcript(&key, known.and_then(|s| s.transcript.clone()).as_deref(), step);
        self.weigh(now, &key);
    }

    pub(super) fn on_transcript(
        &mut self,
        now: Time,
        key: SessionKey,
        path: &str,
        mut tells: Transcript,
        step: &mut Step,
    ) {
        // Read a moment ago, it may be of the conversation before `/clear`: nothing of that is true of this one.
        let is_current = |session: &&Arc<Session>| session.transcript.as_deref() == Some(path);
        let Some(session) = self.board.sessions.get(&key).filter(is_current).cloned() else {
            return;
        };
        (tells.at, tells.model_at) = (tells.at.min(now), tells.model_at.min(now));
        tells.interrupted = tells.interrupted.map(|at| at.min(now));
        let interrupted = tells.interrupted.filter(|at| *at > session.turn.evidence.at);
        self.note(now, Note::Transcript { session: key.clone(), tells }, step);
        let Some(at) = interrupted else { return };
        // Clients with a status file say it there, sooner, but not that it was the user when a Stop had been forbidden.
        if session.client.is_some() {
            if session.resting.is_some() || session.turn.phase == Phase::Done {
                self.note_interrupted(now, key, at, step);
            }
            return;
        }
        // The others also leave the hook running.
        self.settle_all(now, &key, Outcome::AnsweredInTerminal, |a| a.agent.is_none() && a.opened <= at, step);
        if session.turn.phase == Phase::Working {
            self.note_interrupted(now, key, at, step);
        }
    }

    fn note_interrupted(&mut self, now: Time, session: SessionKey, at: Time, step: &mut Step) {
        let evidence = "its transcript says so".to_owned();
        self.note(now, Note::Interrupted { session, evidence, since: Some(at), by_user: true }, step);
    }

    /// What has been said for long enough.
    pub(super) fn believe_doubts(&mut self, now: Time, step: &mut Step) {
        let due: Vec<_> = self.doubts.iter().filter(|(_, d)| d.until() <= now).map(|(k, d)| (k.clone(), *d)).collect();
        for (key, doubt) in due {
            self.doubts.remove(&key);
            let session = key.clone();
            let note = match doubt {
                Doubt::Idle(_) if self.board.sessions.get(&key).is_some_and(|session| session.resting.is_some()) => {
                    Note::Busy { session, on: false }
                }
                Doubt::Idle(_) => {
                    let since = self.board.sessions.get(&session).map(|session| session.client_at);
                    let evidence = "its status file says idle".into();
                    Note::Interrupted { session, evidence, since, by_user: false }
                }
                Doubt::Dialog(_, asks) => Note::Dialog { session, asks },
                Doubt::NoDialog(_) => Note::DialogsGone { session },
                Doubt::GoesOn(_) => Note::Busy { session, on: true },
            };
            self.note(now, note, step);
            self.weigh(now, &key);
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

    /// Starts, or stops, believing what the status file said last: that no dialog is open, that one is, that
    /// the turn is over, that it goes on. Asked again after every hook, because the file does not change again.
    pub(super) fn weigh(&mut self, now: Time, key: &SessionKey) {
        let Some(session) = self.board.sessions.get(key).cloned() else {
            return;
        };
        let (status, updated) = (session.client, session.client_at);
        let no_dialog = status.is_some_and(|s| s != ClientStatus::Waiting);
        let asked = self.pending_where(|a, _| a.session == *key && a.has_dialog());
        // The next one comes as soon as the machine gets to it.
        let confirm =
            if asked.len() > 1 && status == Some(ClientStatus::Busy) { ANSWERED_MS } else { STATUS_CONFIRM_MS };
        let confirmed = now.plus(confirm);
        let dialog = |a: &Approval| a.waiting_seen && a.opened <= updated;
        let had_dialog = |a: &Approval| !session.headless && a.has_dialog() && a.opened.plus(DIALOG_MS) <= updated;
        for id in self.pending_where(|a, _| a.session == *key && (dialog(a) || had_dialog(a))) {
            if let Some(hold) = self.holds.get_mut(&id) {
                hold.no_dialog = no_dialog.then(|| hold.no_dialog.unwrap_or(confirmed));
            }
        }
        match doubt(&session, now, !asked.is_empty()) {
            Some(doubt) if self.doubts.get(key).is_some_and(|old| old.is_like(doubt)) => {}
            Some(doubt) => drop(self.doubts.insert(key.clone(), doubt)),
            None => drop(self.doubts.remove(key)),
        }
    }
}

/// What the status says that the row does not; `asked`: a hook waits for the answer to a dialog.
fn doubt(session: &Session, now: Time, asked: bool) -> Option<Doubt> {
    let silent = session.asked.is_empty() && session.dialog.is_none() && !asked;
    match session.client? {
        ClientStatus::Idle | ClientStatus::Shell
            if session.client_at >= session.turn.floor && session.turn.phase == Phase::Working =>
        {
            Some(Doubt::Idle(now.plus(STATUS_CONFIRM_MS)))
        }
        ClientStatus::Waiting if silent && session.turn.phase != Phase::Ended => {
            // A dialog that a hook has just answered is gone from the file only a moment later.
            let fresh = now.since(session.client_at) < STATUS_CONFIRM_MS;
            let confirm = if fresh { STATUS_CONFIRM_MS } else { ANSWERED_MS };
            session.client_asks.map(|asks| Doubt::Dialog(now.plus(confirm), asks))
        }
        ClientStatus::Waiting => None,
        _ if session.has_dialog_before(session.client_at) => Some(Doubt::NoDialog(now.plus(STATUS_CONFIRM_MS))),
        ClientStatus::Busy if session.is_said_to_rest() => Some(Doubt::GoesOn(now.plus(GOES_ON_MS))),
        _ => None,
    }
}
