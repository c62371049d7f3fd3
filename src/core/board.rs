//! The Board: the one picture that every view draws. It changes only by folding Events.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Approval, ApprovalId, HookCall, Kind, ProcessId, Rows, Session, SessionKey, State, Time};
use crate::rules::risk::Level;

/// How many settled requests, and how many ended sessions, stay on the Board. The store has all.
const RECENT: usize = 50;
/// How many living sessions without a known process stay that are heard in one way (through one `ssh`, or through
/// nothing that lives): nothing would ever tell that they ended.
const STRANGERS: usize = 100;

/// Sessions and requests as they stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    /// Every living session, and the ones that ended last.
    pub sessions: Rows<SessionKey, Session>,
    /// Every pending request, and the ones settled last.
    pub approvals: Rows<ApprovalId, Approval>,
    /// What is wrong with the daemon itself, in words.
    pub trouble: Option<String>,
    /// Rules are paused: nothing is decided by one until they are resumed.
    pub rules_paused: bool,
}

impl Board {
    /// Pending requests, oldest first.
    #[must_use]
    pub fn pending(&self) -> Vec<&Arc<Approval>> {
        let mut pending: Vec<_> = self.approvals.values().filter(|a| a.is_pending()).collect();
        pending.sort_by(|a, b| (a.opened, &a.id).cmp(&(b.opened, &b.id)));
        pending
    }

    /// The pending permissions for the very same call as this one, itself included, oldest first: those that
    /// somebody may decide together. None when one of them is of high risk, or not yet known.
    #[must_use]
    pub fn alike(&self, approval: &Approval) -> Vec<&Arc<Approval>> {
        let same = |a: &Approval| a.kind == Kind::Permission && a.tool == approval.tool && a.input == approval.input;
        let alike: Vec<_> = self.pending().into_iter().filter(|a| same(a)).collect();
        let fit = |a: &&Arc<Approval>| a.known.as_ref().is_some_and(|known| known.risk.level < Level::High);
        if alike.iter().all(fit) { alike } else { Vec::new() }
    }

    /// Settled requests, newest first.
    #[must_use]
    pub fn settled(&self) -> Vec<&Arc<Approval>> {
        let mut settled: Vec<_> = self.approvals.values().filter(|a| !a.is_pending()).collect();
        settled.sort_by_key(|a| std::cmp::Reverse(a.settled.as_ref().map(|s| s.at)));
        settled
    }

    /// The number on the badge.
    #[must_use]
    pub fn badge(&self) -> usize {
        self.approvals.values().filter(|a| a.is_pending()).count()
    }

    /// The living session of a process.
    #[must_use]
    pub fn of_process(&self, process: ProcessId) -> Option<&Arc<Session>> {
        self.sessions
            .get(&SessionKey::of_process(process))
            .or_else(|| self.sessions.values().find(|s| s.process == Some(process)))
    }

    /// The row that a hook call belongs to; a new key when there is none yet.
    #[must_use]
    pub fn key_for(&self, process: Option<ProcessId>, session_id: &str) -> SessionKey {
        if let Some(known) = process.and_then(|p| self.of_process(p)) {
            return known.key.clone();
        }
        let here = |s: &Session| s.away.is_none() || s.process.is_some();
        let same = |s: &&Arc<Session>| s.session_id == session_id && s.state != State::Ended && here(s);
        let kin = self.sessions.values().filter(same);
        match process {
            None => kin.max_by_key(|s| s.last_activity).map(|s| s.key.clone()),
            Some(_) => kin.filter(|s| s.process.is_none()).map(|s| s.key.clone()).next(),
        }
        .unwrap_or_else(|| process.map_or_else(|| SessionKey::of_session(session_id), SessionKey::of_process))
    }

    /// The row that a hook call belongs to. What runs elsewhere has numbers that say nothing here: it is told
    /// by what is its own among all machines, and never by a process or a conversation of ours.
    #[must_use]
    pub fn key_of(&self, call: &HookCall) -> SessionKey {
        let process = call.origin.process;
        let Some(away) = &call.origin.away else {
            return self.key_for(process, &call.session_id);
        };
        let known = self.sessions.values().find(|s| s.away.as_ref().is_some_and(|known| known.id == away.id));
        known
            .or_else(|| self.of_process(process?))
            .map_or_else(|| SessionKey(away.id.as_str().into()), |session| session.key.clone())
    }

    /// Living sessions that are heard through this process.
    pub fn heard_through(&self, relay: ProcessId) -> impl Iterator<Item = &Arc<Session>> {
        let through = move |s: &&Arc<Session>| s.away.as_ref().is_some_and(|away| away.relay == Some(relay));
        self.sessions.values().filter(|s| s.state != State::Ended).filter(through)
    }

    /// Living sessions whose end nothing would tell, beyond those heard of last in the same way.
    pub(super) fn surplus(&self) -> Vec<SessionKey> {
        let stranger = |s: &&Arc<Session>| s.process.is_none() && s.state != State::Ended;
        // Looked at before each input, and hardly ever more than this.
        if self.sessions.values().filter(stranger).count() <= STRANGERS {
            return Vec::new();
        }
        let asking: BTreeSet<_> = self.approvals.values().filter(|a| a.is_pending()).map(|a| &a.session).collect();
        let mut ways: BTreeMap<Option<ProcessId>, Vec<&Arc<Session>>> = BTreeMap::new();
        for session in self.sessions.values().filter(stranger).filter(|s| !asking.contains(&s.key)) {
            // One that is gone is no way any more: connections come and go for ever.
            let way = session.away.as_ref().and_then(|away| away.relay).filter(|_| session.state != State::Lost);
            ways.entry(way).or_default().push(session);
        }
        let oldest = |mut strangers: Vec<&Arc<Session>>| {
            strangers.sort_by_key(|s| std::cmp::Reverse((s.last_activity, s.key.clone())));
            strangers.into_iter().skip(STRANGERS).map(|s| s.key.clone()).collect::<Vec<_>>()
        };
        ways.into_values().filter(|way| way.len() > STRANGERS).flat_map(oldest).collect()
    }

    /// No time later than `now`: the clock may have been set while nobody was there to notice.
    pub(super) fn clamp(&mut self, now: Time) {
        for session in self.sessions.values_mut() {
            Arc::make_mut(session).clamp(now);
        }
        for approval in self.approvals.values_mut().filter(|a| a.is_pending() && a.opened > now) {
            let ahead = approval.opened.since(now);
            let approval = Arc::make_mut(approval);
            approval.opened = now;
            approval.expires = Time(approval.expires.0.saturating_sub(ahead));
        }
    }

    /// Forgets what is long settled or ended.
    pub(super) fn trim(&mut self) {
        self.trim_settled();
        self.trim_ended();
    }

    fn trim_settled(&mut self) {
        let surplus: Vec<_> = self.settled().into_iter().skip(RECENT).map(|a| a.id.clone()).collect();
        for id in surplus {
            self.approvals.remove(&id);
        }
    }

    fn trim_ended(&mut self) {
        let mut ended: Vec<_> = self.sessions.values().filter(|s| s.state == State::Ended).collect();
        ended.sort_by_key(|s| std::cmp::Reverse(s.since));
        let surplus: Vec<_> = ended.into_iter().skip(RECENT).map(|s| s.key.clone()).collect();
        for key in surplus {
            self.sessions.remove(&key);
        }
    }
}
