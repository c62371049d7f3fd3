//! The picture of all sessions and requests, and its order of need.

use std::collections::BTreeMap;

use super::wire::{Approval, Frame, Session, State};

/// A heading, and the column below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// A human is needed.
    NeedsYou,
    /// Claude works.
    Working,
    /// Nothing happens.
    Idle,
    /// Over.
    Ended,
}

impl Group {
    /// All of them, as they stand from left to right.
    pub const ALL: [Self; 4] = [Self::NeedsYou, Self::Working, Self::Idle, Self::Ended];

    /// The heading.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NeedsYou => "Needs you",
            Self::Working => "Working",
            Self::Idle => "Idle",
            Self::Ended => "Ended",
        }
    }

    /// Where a session belongs.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        match (session.state, session.needs_you) {
            (State::Ended, _) => Self::Ended,
            (_, Some(true)) => Self::NeedsYou,
            (state, None) if state <= State::Done => Self::NeedsYou,
            // The daemon says that nobody is waited for: what is over rests, the rest goes on.
            (State::Failed | State::Done | State::Idle | State::Lost | State::Unknown, _) => Self::Idle,
            _ => Self::Working,
        }
    }
}

/// What the daemon told, and what the store added about the past.
#[derive(Clone, Debug, Default)]
pub struct Board {
    sessions: BTreeMap<String, Session>,
    past: BTreeMap<String, Session>,
    approvals: Vec<Approval>,
    /// What is wrong with the daemon, in its words.
    pub trouble: String,
    revision: u64,
}

impl Board {
    /// Takes in a frame. A request that it settles is handed back, as it was settled.
    pub fn take(&mut self, frame: Frame) -> Option<Approval> {
        self.revision += 1;
        match frame {
            Frame::Snapshot { sessions, approvals, trouble } => {
                self.sessions = sessions.into_iter().map(|s| (s.key.clone(), s)).collect();
                self.approvals = approvals;
                self.trouble = trouble;
            }
            Frame::SessionUpdate { session } => {
                // A row without a process gives way once its process is known; nobody announces that.
                self.sessions.remove(&format!("s-{}", session.session_id));
                self.sessions.insert(session.key.clone(), *session);
            }
            Frame::SessionGone { key } => {
                self.sessions.remove(&key);
                self.past.remove(&key);
            }
            Frame::ApprovalPending { approval } => {
                self.approvals.retain(|known| known.id != approval.id);
                self.approvals.push(*approval);
                self.approvals.sort_by_key(|a| a.opened);
            }
            Frame::ApprovalResolved { approval } => {
                self.approvals.retain(|known| known.id != approval.id);
                return Some(*approval);
            }
            Frame::Other => self.revision -= 1,
        }
        None
    }

    /// Takes in what the store knows of sessions that ended.
    pub fn take_past(&mut self, sessions: Vec<Session>) {
        self.revision += 1;
        let ended = sessions.into_iter().filter(|s| s.state == State::Ended);
        self.past = ended.map(|s| (s.key.clone(), s)).collect();
    }

    /// Changes whenever anything else may have changed.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The session with this key.
    #[must_use]
    pub fn session(&self, key: &str) -> Option<&Session> {
        self.sessions.get(key).or_else(|| self.past.get(key))
    }

    /// The pending request with this id.
    #[must_use]
    pub fn approval(&self, id: &str) -> Option<&Approval> {
        self.approvals.iter().find(|a| a.id == id)
    }

    /// The pending requests of a session, oldest first.
    pub fn requests<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Approval> {
        self.approvals.iter().filter(move |a| a.session == key)
    }

    /// The keys of the sessions in each group, those that need a human most first.
    #[must_use]
    pub fn groups(&self, filter: &str, ended: bool) -> [Vec<String>; 4] {
        let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
        let past = self.past.values().filter(|s| !self.sessions.contains_key(&s.key));
        let mut shown: Vec<&Session> = self.sessions.values().chain(past).collect();
        shown.retain(|s| self.is_shown(s, ended) && matches(s, &words));
        // The past counts backwards: what ended last is what somebody looks for.
        let waited = |s: &Session| if s.state == State::Ended { u64::MAX - s.since } else { s.since };
        shown.sort_by(|a, b| (!a.pinned, a.state, waited(a), &a.key).cmp(&(!b.pinned, b.state, waited(b), &b.key)));
        Group::ALL.map(|group| {
            let of_group = shown.iter().filter(|s| Group::of(s) == group);
            of_group.map(|s| s.key.clone()).collect()
        })
    }

    /// How many sessions are in each group, filtered or not; hidden ones aside.
    #[must_use]
    pub fn counts(&self) -> [usize; 4] {
        self.groups("", true).map(|keys| keys.len())
    }

    fn is_shown(&self, session: &Session, ended: bool) -> bool {
        if session.state == State::Ended {
            return ended;
        }
        !session.dismissed || session.needs_you == Some(true) || self.requests(&session.key).next().is_some()
    }
}

/// Whether every word occurs somewhere in what is shown of the session.
fn matches(session: &Session, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let s = session;
    let fields =
        [&s.project, &s.branch, &s.worktree, &s.tag, &s.cwd, &s.title, &s.activity, &s.prompt, &s.place, &s.host];
    let text = fields.map(String::as_str).join("\n").to_lowercase() + "\n" + s.state.words();
    words.iter().all(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(key: &str, state: State, since: u64) -> Session {
        Session { key: key.into(), state, since, project: format!("project-{key}"), ..Session::default() }
    }

    fn board(sessions: Vec<Session>) -> Board {
        let mut board = Board::default();
        board.take(Frame::Snapshot { sessions, approvals: vec![], trouble: String::new() });
        board
    }

    #[test]
    fn pinned_first_then_need_then_the_longest_waiting() {
        let mut pinned = session("pinned", State::Done, 9);
        pinned.pinned = true;
        let board = board(vec![
            session("late", State::AwaitingPermission, 5),
            session("early", State::AwaitingPermission, 1),
            session("failed", State::Failed, 0),
            session("busy", State::Working, 0),
            session("odd", State::Unknown, 0),
            pinned,
        ]);
        let [needs, working, idle, ended] = board.groups("", false);
        assert_eq!(needs, ["pinned", "early", "late", "failed"]);
        assert_eq!((working, idle, ended), (vec!["busy".to_owned()], vec!["odd".to_owned()], vec![]));
    }

    #[test]
    fn the_daemons_own_word_on_need_counts() {
        let told = |state, needs_you| Group::of(&Session { needs_you, ..session("1-1", state, 0) });
        assert_eq!(told(State::Idle, Some(true)), Group::NeedsYou);
        assert_eq!(told(State::Done, Some(false)), Group::Idle);
        assert_eq!(told(State::AwaitingPermission, Some(false)), Group::Working);
        assert_eq!(told(State::Stuck, None), Group::NeedsYou);
        assert_eq!(told(State::Ended, Some(true)), Group::Ended);
    }

    #[test]
    fn what_was_dismissed_comes_back_with_a_request() {
        let mut hidden = session("1-1", State::AwaitingPermission, 0);
        hidden.dismissed = true;
        let mut board = board(vec![hidden]);
        assert!(board.groups("", false)[0].is_empty());
        let approval = Approval { id: "a".into(), session: "1-1".into(), ..Approval::default() };
        board.take(Frame::ApprovalPending { approval: Box::new(approval) });
        assert_eq!(board.groups("", false)[0], ["1-1"]);
    }

    #[test]
    fn a_known_process_takes_the_place_of_a_bare_session() {
        let mut board = board(vec![session("s-x", State::Working, 0)]);
        let known = Session { session_id: "x".into(), ..session("7-7", State::Working, 0) };
        board.take(Frame::SessionUpdate { session: Box::new(known) });
        assert_eq!(board.groups("", false)[1], ["7-7"]);
        let bare = Session { session_id: "x".into(), ..session("s-x", State::Working, 0) };
        board.take(Frame::SessionUpdate { session: Box::new(bare) });
        assert!(board.session("s-x").is_some());
    }

    #[test]
    fn what_was_deleted_is_gone_from_the_past_as_well() {
        let mut board = board(vec![session("one", State::Ended, 0), session("two", State::Working, 0)]);
        board.take_past(vec![session("one", State::Ended, 0)]);
        board.take(Frame::SessionGone { key: "one".into() });
        assert!(board.session("one").is_none() && board.session("two").is_some());
    }

    #[test]
    fn every_word_of_the_filter_has_to_match() {
        let board = board(vec![session("one", State::Working, 0), session("two", State::Working, 0)]);
        assert_eq!(board.groups("PROJECT two", false)[1], ["two"]);
        assert!(board.groups("one two", false)[1].is_empty());
    }
}
