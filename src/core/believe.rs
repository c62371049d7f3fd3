//! How a session's row takes in what no hook told: the client's own files, the user's marks, silence.

use super::observe::{FIRST_SEEN, excerpt};
use super::session::{Asked, Phase, Rest, Turn};
use super::{Client, ClientStatus, Evidence, Mark, Session, State, Time, Transcript};

/// The reason for the state of a row whose turn goes on although a hook said that it is over.
pub(super) const STILL_BUSY: &str = "its status file still says busy";

impl Session {
    /// What the client's own status file says at once. What takes a moment to be believed is `Core::weigh`'s.
    pub(super) fn believe(&mut self, client: &Client) {
        self.process = Some(client.process);
        self.converse(&client.session_id);
        self.headless |= client.headless;
        self.background |= client.background;
        self.place = client.place.clone().or(self.place.take());
        self.title = client.name.clone().or(self.title.take());
        self.transcript = self.transcript.take().or_else(|| client.transcript.clone());
        if self.cwd.is_empty() {
            self.move_to(&client.cwd);
        }
        self.believe_status(client);
    }

    fn believe_status(&mut self, client: &Client) {
        let (status, at) = (client.status, client.updated);
        if status != self.client {
            self.stuck = None;
        }
        if status == Some(ClientStatus::Busy) && at >= self.last_activity && self.turn.phase.rests() {
            self.go_on(at, "its status file says busy");
        }
        let first = self.turn.phase == Phase::Idle && self.turn.evidence.text == FIRST_SEEN;
        if first && matches!(status, Some(ClientStatus::Idle | ClientStatus::Shell)) {
            self.suppose(Phase::Idle, at, "its status file says idle");
        }
        (self.client, self.client_at, self.client_asks) = (status, at, client.asks);
    }

    /// It works, as nothing but the file says: until that says no more, when it stands as before.
    pub(super) fn go_on(&mut self, at: Time, why: &str) {
        let (since, seen, dismissed) = (self.since, self.seen, self.dismissed);
        let before = Rest { turn: self.turn.clone(), since, seen, dismissed };
        self.suppose(Phase::Working, at, why);
        self.resting = Some(before);
    }

    /// A hook, or nobody yet, says that nothing is at work. (A failure is no turn that may be forbidden to end, and what
    /// the file of a client without a terminal says after a Stop was not measured.)
    pub(super) fn is_said_to_rest(&self) -> bool {
        matches!(self.turn.phase, Phase::Idle | Phase::Done) && !self.headless
    }

    /// Nothing but the file had said that it worked: it stands as before.
    pub(super) fn stand_still(&mut self) {
        self.calls.clear();
        self.asked.clear();
        self.dialog = None;
        let Some(before) = self.resting.take() else { return };
        self.state = before.turn.phase.state();
        (self.since, self.seen, self.dismissed) = (before.since, before.seen, before.dismissed);
        self.turn = before.turn;
    }

    /// What a file says of the turn, until the next hook says more.
    fn suppose(&mut self, phase: Phase, at: Time, why: &str) {
        if !self.turn.gone {
            self.activity = None;
            self.turn = Turn { phase, evidence: Evidence { text: why.to_owned(), at }, ..self.turn };
        }
    }

    /// A dialog stands in the terminal that no hook told of.
    pub(super) fn meet_dialog(&mut self, state: State, at: Time) {
        let text = match state {
            State::AwaitingAnswer => "its status file says: input needed",
            _ => "its status file says: permission prompt",
        };
        let evidence = Evidence { text: text.into(), at };
        self.dialog = Some(Asked { state, agent: None, call: None, evidence });
    }

    /// Whether a dialog is believed to stand in the terminal since before then.
    pub(super) fn has_dialog_before(&self, at: Time) -> bool {
        self.dialog.is_some() || self.asked.iter().any(|asked| asked.evidence.at <= at)
    }

    /// No dialog stands in the terminal, as the status file has said for long enough.
    pub(super) fn close_dialogs(&mut self) {
        self.asked.retain(|asked| asked.evidence.at > self.client_at);
        self.dialog = None;
    }

    /// The turn ended in the terminal, where no hook fires. Agents that are gone leave Claude's
    /// last word to be read; a user who pressed Esc (`by_user`) has read it.
    pub(super) fn interrupt(&mut self, evidence: &str, by_user: bool, at: Time) {
        // Other versions noted so what is no interruption.
        if self.resting.is_some() && !by_user {
            return self.stand_still();
        }
        self.calls.clear();
        self.asked.clear();
        (self.dialog, self.resting) = (None, None);
        let (phase, why) =
            if self.agents > 0 { (Phase::Done, "its agents are gone") } else { (Phase::Idle, "interrupted") };
        self.agents = 0;
        self.suppose(phase, at, &format!("{why}: {evidence}"));
    }

    /// What the tail of the transcript tells.
    pub(super) fn read(&mut self, transcript: &Transcript) {
        if transcript.model_at >= self.model_at {
            self.model = transcript.model.clone().or(self.model.take());
        }
        self.title = transcript.title.clone().or(self.title.take());
        self.tokens = transcript.tokens.or(self.tokens);
        if self.prompt.is_none() || self.guessed {
            self.prompt = transcript.prompt.as_deref().map(excerpt).or(self.prompt.take());
            self.guessed = true;
        }
        if transcript.at > self.last_activity {
            self.last_activity = transcript.at;
            self.stuck = None;
        }
    }

    /// What the user says of it.
    pub(super) fn mark(&mut self, mark: &Mark, at: Time) {
        match mark {
            Mark::Tag(tag) => self.tag.clone_from(tag),
            Mark::Pin(on) => self.pinned = *on,
            Mark::Dismiss(on) => self.dismissed = *on,
            Mark::Seen(how) if self.turn.phase == Phase::Done => {
                let text = format!("{}, then seen: {how}", self.turn.evidence.text);
                self.turn = Turn { phase: Phase::Idle, evidence: Evidence { text, at }, ..self.turn };
            }
            Mark::Seen(_) => self.seen = true,
        }
    }

    /// Nothing was heard of it for longer than the user allows.
    pub(super) fn fall_silent(&mut self, at: Time) {
        let text = format!("no sign of life since {}", self.turn.evidence.text);
        self.stuck = Some(Evidence { text, at });
    }

    /// When this session counts as stuck; a call under way says itself why it takes long.
    pub(super) fn stuck_at(&self, after_ms: u64) -> Option<Time> {
        let silent = self.state == State::Working && self.calls.is_empty();
        silent.then(|| self.last_activity.plus(after_ms))
    }

    /// The wall clock was set: nothing may lie in the future, and silence is measured anew.
    pub(super) fn shift(&mut self, by_ms: i64) {
        self.last_activity = self.last_activity.shifted(by_ms);
        if by_ms < 0 {
            for at in self.times() {
                *at = at.shifted(by_ms);
            }
        }
    }

    /// No time of it later than `now`.
    pub(super) fn clamp(&mut self, now: Time) {
        self.last_activity = self.last_activity.min(now);
        for at in self.times() {
            *at = (*at).min(now);
        }
    }

    /// Every time that it keeps, its last activity aside.
    fn times(&mut self) -> impl Iterator<Item = &mut Time> {
        let asked = self.asked.iter_mut().chain(&mut self.dialog).map(|asked| &mut asked.evidence.at);
        let stuck = self.stuck.iter_mut().map(|evidence| &mut evidence.at);
        let resting = self.resting.iter_mut().flat_map(|rest| {
            let Rest { turn, since, .. } = rest;
            [&mut turn.evidence.at, &mut turn.floor, since]
        });
        let turn = [&mut self.turn.evidence.at, &mut self.turn.floor];
        let own = [&mut self.started, &mut self.since, &mut self.evidence.at, &mut self.client_at];
        let told = [&mut self.prompted_at, &mut self.moved_at, &mut self.model_at, &mut self.main_floor];
        own.into_iter().chain(told).chain(turn).chain(asked).chain(stuck).chain(resting)
    }
}
