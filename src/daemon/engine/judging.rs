//! Where the engine meets the rules: requests are looked at before the core hears of them, and the user
//! changes what is to be said to them.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::task::JoinError;

use super::super::assess::{self, Looked, Question};
use super::super::perform::Due;
use super::Engine;
use crate::api::{Change, RuleEdit};
use crate::core::{ApprovalId, Hook, HookCall, Input};
use crate::store::{Batch, RuleChanges};

impl Engine {
    /// Has a request looked at; the core hears of it then.
    pub(super) fn look(&mut self, call: HookCall, question: Question) {
        let book = self.book.borrow().clone();
        let session = self.core.board().key_for(call.origin.process, &call.session_id).to_string();
        self.looks.spawn(async move {
            let looked = assess::in_time(&question, book, session).await;
            (call, question, looked)
        });
    }

    /// A request is known for what it is: now the rules may answer it, if the hook still waits.
    pub(super) fn on_looked(&mut self, looked: Result<(HookCall, Question, Looked), JoinError>) {
        let Ok((call, question, looked)) = looked else {
            return;
        };
        self.expire();
        let id = ApprovalId(call.id.as_str().into());
        let waits = self.waiting.contains_key(&id);
        let known = self.core.board().approvals.contains_key(&id);
        let session = self.core.board().key_for(call.origin.process, &call.session_id).to_string();
        let now = self.now();
        let (assessment, changes) = self.keeper.judge(&question, looked, &session, waits && !known, now.0);
        self.change_rules(changes);
        self.take(Input::Judged(call, Box::new(assessment)), |_| {});
        if !waits {
            self.take(Input::HungUp(id), |_| {});
        }
    }

    pub(super) fn on_rules(&mut self, edit: RuleEdit, reply: oneshot::Sender<Result<Vec<i64>, String>>) {
        self.expire();
        let now = self.now();
        let broken = self.keeper.book().broken().map(rules_are_off);
        let (ids, changes) = match self.keeper.edit(edit, now.0) {
            Ok(done) => done,
            Err(why) => return drop(reply.send(Err(why))),
        };
        self.change_rules(changes);
        if broken.is_some() && broken == self.core.board().trouble {
            let still = self.keeper.book().broken().map(rules_are_off);
            self.take(Input::Trouble(still), |_| {});
        }
        let step = self.core.apply(now, Input::PauseRules(self.keeper.book().is_paused()));
        self.absorb(step, move |stored| {
            let unstored = || "it is in force, but could not be stored: it is lost when ccmon ends".to_owned();
            let _ = reply.send(if stored { Ok(ids) } else { Err(unstored()) });
        });
    }

    /// Takes out the rules whose time is over.
    pub(super) fn expire(&mut self) {
        let over = self.keeper.expire();
        if !over.is_empty() {
            self.change_rules(over);
            let batch = Batch { rules: std::mem::take(&mut self.rule_changes), ..Batch::default() };
            self.append(batch, Due::default(), |_| {});
        }
    }

    /// Has changes of the rules stored with what comes next, and shown.
    pub(super) fn change_rules(&mut self, changes: RuleChanges) {
        if !changes.is_empty() {
            self.rule_changes.extend(changes);
            self.stale = true;
            if !self.news.iter().any(|change| matches!(change, Change::Rules)) {
                self.news.push(Change::Rules);
            }
            self.book.send_replace(Arc::new(self.keeper.book().clone()));
        }
    }
}

/// What is said while no rule counts.
pub fn rules_are_off(why: &str) -> String {
    format!("no rule counts, everything is asked: {why}")
}

/// What a request asks.
pub(super) fn question(call: &HookCall) -> Option<Question> {
    match &call.what {
        Hook::Asked(ask) => {
            Some(Question { tool: ask.tool.clone(), input: Arc::clone(&ask.input), cwd: call.cwd.clone() })
        }
        _ => None,
    }
}
