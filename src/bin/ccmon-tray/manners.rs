//! Which requests the popup may show just now: none where it would disturb, unless somebody asked for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ccmon::api::{Comes, Showing, Stage};
use ccmon::core::{Approval, ApprovalId, Board};

use crate::pulse::Pulse;

/// How long a request waits to be told whether its terminal is looked at. That takes milliseconds, hundreds of them
/// where much runs, or for ever: terminals may hang. Longer on a machine that is busy with tests.
const PATIENCE: Duration = Duration::from_millis(if cfg!(debug_assertions) { 10_000 } else { 400 });

/// What the popup goes by.
#[derive(Debug, Default)]
pub struct Manners {
    /// The desktop around it.
    pub stage: Arc<Stage>,
    /// A window fills its monitor.
    pub covered: bool,
    /// It comes only when it is asked for.
    shy: bool,
    /// It cannot come: no window could be made.
    pub missing: bool,
    /// Whether its page lives.
    pub pulse: Pulse,
    /// It has the keyboard: what is being read is not taken away.
    pub focused: bool,
    /// When each pending request was first heard of.
    heard: BTreeMap<String, Instant>,
    /// Those that somebody asked for.
    asked: BTreeSet<String>,
    /// Those that must not be shown.
    silent: BTreeSet<String>,
    /// Those that the page has been able to show.
    shown: BTreeSet<String>,
}

impl Manners {
    /// At first nothing is known. `shy`: here the popup comes only when it is asked for.
    #[must_use]
    pub fn new(shy: bool) -> Self {
        Self { shy, ..Self::default() }
    }

    /// Looks at what is pending: which of it must not be shown.
    pub fn look(&mut self, board: &Board, now: Instant) -> &BTreeSet<String> {
        let pending: BTreeMap<String, &Approval> =
            board.pending().into_iter().map(|approval| (approval.id.to_string(), &**approval)).collect();
        self.heard.retain(|id, _| pending.contains_key(id));
        self.asked.retain(|id| pending.contains_key(id));
        self.shown.retain(|id| pending.contains_key(id));
        for id in pending.keys() {
            self.heard.entry(id.clone()).or_insert(now);
        }
        let silent = pending.iter().filter(|(id, approval)| self.is_silent(id, approval, now));
        self.silent = silent.map(|(id, _)| id.clone()).collect();
        &self.silent
    }

    /// The page has taken in what it may show. That waits no more to be told whether its terminal is looked at: nobody
    /// knows for a moment when its session asks again, or when it is settled and the picture does not say so yet.
    pub fn took(&mut self) {
        self.pulse.took();
        self.shown.extend(self.heard.keys().filter(|id| !self.silent.contains(*id)).cloned());
    }

    /// Whether one must not be shown, as it was last looked at.
    #[must_use]
    pub fn holds_back(&self, id: &str) -> bool {
        self.silent.contains(id)
    }

    /// Somebody asks for these: they are shown.
    pub fn ask_for(&mut self, ids: impl IntoIterator<Item = String>) {
        self.asked.extend(ids);
    }

    /// They were put away again.
    pub fn forget(&mut self, id: &str) {
        self.asked.remove(id);
    }

    /// How long until one that waits to be told is shown without it.
    #[must_use]
    pub fn wait(&self, board: &Board, now: Instant) -> Option<Duration> {
        let unknown =
            board.pending().into_iter().filter(|approval| !self.stage.terminals.contains_key(&approval.session));
        let waits = unknown.filter_map(|approval| {
            let heard = self.heard.get(&approval.id.to_string())?;
            Some(PATIENCE.saturating_sub(now.duration_since(*heard))).filter(|wait| !wait.is_zero())
        });
        waits.min()
    }

    /// Whether one waited to be told for as long as it may, and is still held back for that.
    #[must_use]
    pub fn is_late(&self, board: &Board, now: Instant) -> bool {
        let late = |approval: &Approval| {
            let heard = self.heard.get(&approval.id.to_string());
            heard.is_some_and(|heard| now.duration_since(*heard) >= PATIENCE)
        };
        let unknown = |approval: &Approval| !self.stage.terminals.contains_key(&approval.session);
        board.pending().into_iter().any(|a| unknown(a) && late(a) && self.holds_back(&a.id.to_string()))
    }

    /// What comes on the screen, for all that the desktop's monitors tell.
    #[must_use]
    pub fn showing(&self) -> Showing {
        let missing = self.missing || self.pulse.is_lost(Instant::now());
        let comes = match (self.covered, self.shy || missing) {
            (true, _) => Comes::Quietly,
            (false, true) => Comes::Asked,
            (false, false) => Comes::Itself,
        };
        let asked = self.asked.iter().filter(|_| !missing);
        Showing { comes, asked: asked.map(|id| ApprovalId(id.as_str().into())).collect() }
    }

    fn is_silent(&self, id: &str, approval: &Approval, now: Instant) -> bool {
        // Nothing comes up before, or over, what locks the screen.
        if self.stage.hidden {
            return true;
        }
        if self.asked.contains(id) || (self.focused && self.heard.contains_key(id) && !self.silent.contains(id)) {
            return false;
        }
        let new = self.heard.get(id).is_none_or(|heard| now.duration_since(*heard) < PATIENCE);
        let waits = new && !self.shown.contains(id);
        let looked_at = self.stage.terminals.get(&approval.session).copied().unwrap_or(waits);
        self.stage.quiet.is_some() || self.covered || self.shy || looked_at
    }
}

#[cfg(test)]
mod tests {
    use ccmon::core::{ApprovalId, Core, Input, Limits, SessionKey, Time};

    use super::*;

    /// A board on which two sessions ask, one each.
    fn asking() -> Arc<Board> {
        let mut core = Core::new(Limits::default());
        for pid in [1, 2] {
            let context = format!(r#"{{"id":"{pid:032}","started_ms":1,"pid":{pid},"start":1,"env":{{}}}}"#);
            let payload = format!(
                r#"{{"hook_event_name":"PermissionRequest","session_id":"s{pid}","cwd":"/p","tool_name":"Bash",
                "tool_input":{{"command":"make"}}}}"#
            );
            let asked = ccmon::claude::payload::read(&context, payload.as_bytes(), Time(1)).expect("a hook call");
            core.apply(Time(1), Input::Request(asked));
        }
        Arc::new(core.board().clone())
    }

    fn id(pid: u32) -> String {
        format!("{pid:032}")
    }

    fn key(board: &Board, pid: u32) -> SessionKey {
        board.approvals[&ApprovalId(id(pid).into())].session.clone()
    }

    /// Somebody who knows of both terminals whether they are looked at.
    fn knowing(board: &Board, looks: [bool; 2]) -> (Manners, Stage) {
        let terminals = [(key(board, 1), looks[0]), (key(board, 2), looks[1])].into();
        let stage = Stage { terminals, ..Stage::default() };
        (Manners { stage: Arc::new(stage.clone()), ..Manners::new(false) }, stage)
    }

    fn silent(manners: &mut Manners, board: &Board, now: Instant) -> Vec<String> {
        manners.look(board, now).iter().cloned().collect()
    }

    #[test]
    fn who_looks_at_the_terminal_sees_no_popup_for_it() {
        let (board, now) = (asking(), Instant::now());
        let (mut manners, stage) = knowing(&board, [true, false]);
        assert_eq!(silent(&mut manners, &board, now), [id(1)]);
        manners.stage = Arc::new(Stage { terminals: [(key(&board, 2), false)].into(), ..stage });
        assert_eq!(silent(&mut manners, &board, now), [id(1)], "not known yet");
        assert!(manners.wait(&board, now).is_some());
        let late = now + PATIENCE;
        assert!(manners.is_late(&board, late) && manners.wait(&board, late).is_none());
        assert!(silent(&mut manners, &board, late).is_empty(), "a terminal that hangs is not waited for");
        assert!(!manners.is_late(&board, late));
    }

    #[test]
    fn what_was_shown_waits_no_more_to_be_told() {
        let (board, now) = (asking(), Instant::now());
        let (mut manners, stage) = knowing(&board, [true, false]);
        assert_eq!(silent(&mut manners, &board, now), [id(1)]);
        manners.took();
        manners.stage = Arc::new(Stage { terminals: BTreeMap::new(), ..stage.clone() });
        assert_eq!(silent(&mut manners, &board, now), [id(1)], "nobody knows for a moment");
        manners.stage = Arc::new(Stage { terminals: [(key(&board, 2), true)].into(), ..stage });
        assert_eq!(silent(&mut manners, &board, now).len(), 2, "who looks there now needs none");
    }

    #[test]
    fn what_would_disturb_comes_only_when_asked_for() {
        let (board, now) = (asking(), Instant::now());
        let (mut manners, stage) = knowing(&board, [false, false]);
        let quiet = Stage { quiet: Some(Time(1)), ..stage.clone() };
        manners.stage = Arc::new(quiet);
        assert_eq!(silent(&mut manners, &board, now).len(), 2);
        manners.stage = Arc::new(stage.clone());
        manners.covered = true;
        assert_eq!(silent(&mut manners, &board, now).len(), 2);
        assert_eq!(manners.showing(), Showing { comes: Comes::Quietly, asked: BTreeSet::new() });
        manners.ask_for([id(2)]);
        assert_eq!(silent(&mut manners, &board, now), [id(1)]);
        assert_eq!(manners.showing().asked, [ApprovalId(id(2).into())].into(), "and it is on the screen");
        manners.forget(&id(2));
        assert!(manners.showing().asked.is_empty());
        assert_eq!(silent(&mut manners, &board, now).len(), 2, "put away again");
        manners.ask_for([id(2)]);
        manners.stage = Arc::new(Stage { hidden: true, ..stage });
        assert_eq!(silent(&mut manners, &board, now).len(), 2, "never over a locked screen");
    }

    #[test]
    fn what_is_being_read_stays() {
        let (board, now) = (asking(), Instant::now());
        let (mut manners, stage) = knowing(&board, [false, true]);
        assert_eq!(silent(&mut manners, &board, now), [id(2)]);
        manners.focused = true;
        manners.stage = Arc::new(Stage { quiet: Some(Time(1)), ..stage });
        assert_eq!(silent(&mut manners, &board, now), [id(2)]);
        manners.focused = false;
        assert_eq!(silent(&mut manners, &board, now).len(), 2);
    }

    #[test]
    fn where_a_popup_takes_the_focus_notifications_come_first() {
        let (board, now) = (asking(), Instant::now());
        let (known, _) = knowing(&board, [false, false]);
        assert_eq!(known.showing().comes, Comes::Itself);
        let mut manners = Manners { shy: true, ..known };
        assert_eq!(silent(&mut manners, &board, now).len(), 2);
        assert_eq!(manners.showing(), Showing { comes: Comes::Asked, asked: BTreeSet::new() });
        manners.ask_for([id(1)]);
        assert_eq!(silent(&mut manners, &board, now), [id(2)]);
        assert_eq!(manners.showing().asked, [ApprovalId(id(1).into())].into(), "who asks for it sees it");
        let missing = Manners { missing: true, ..manners };
        assert_eq!(
            missing.showing(),
            Showing { comes: Comes::Asked, asked: BTreeSet::new() },
            "without a window nobody"
        );
        manners = Manners { missing: false, ..missing };
        manners.covered = true;
        assert_eq!(manners.showing().comes, Comes::Quietly, "a film is not disturbed by notifications either");
    }
}
