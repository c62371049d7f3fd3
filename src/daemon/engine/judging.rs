//! Where the engine meets the rules: requests are looked at before the core hears of them, and the user
//! changes what is to be said to them.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::super::assess::{self, Looked, Question};
use super::super::fence;
use super::super::perform::Due;
use super::Engine;
use crate::api::{Change, Refused, RuleEdit};
use crate::core::{ApprovalId, By, Hook, HookCall, Input};
use crate::store::{Batch, RuleChanges};

/// A request, and what was found out about it; nothing where that failed.
pub(super) type Look = (HookCall, Question, Option<Looked>);

impl Engine {
    /// Has a request looked at; the core hears of it then.
    pub(super) fn look(&mut self, call: HookCall, question: Question) {
        let book = self.book.borrow().clone();
        let session = self.core.board().key_of(&call).to_string();
        let asked = question.clone();
        // A task within the task: should one fail, whoever waits is not forgotten with it.
        let looks = tokio::spawn(async move { assess::in_time(&asked, book, session).await });
        self.looks.spawn(async move { (call, question, looks.await.ok()) });
    }

    /// A request is known for what it is: now the rules may answer it, if the hook still waits.
    pub(super) fn on_looked(&mut self, (call, question, looked): Look) {
        self.expire();
        let id = ApprovalId(call.id.as_str().into());
        let waits = self.waiting.contains_key(&id);
        let Some(looked) = looked else {
            tracing::error!("a request could not be looked at, and no rule answers it: {id}");
            return self.on_unlooked(call, id, waits);
        };
        let known = self.core.board().approvals.contains_key(&id);
        let session = self.core.board().key_of(&call).to_string();
        let now = self.now();
        let (assessment, changes) = self.keeper.judge(&question, looked, &session, waits && !known, now.0);
        self.change_rules(changes);
        self.take(Input::Judged(call, Box::new(assessment)), |_| {});
        if !waits {
            self.take(Input::HungUp(id), |_| {});
        }
    }

    fn on_unlooked(&mut self, call: HookCall, id: ApprovalId, waits: bool) {
        self.take(Input::Request(call), |_| {});
        if !waits {
            self.take(Input::HungUp(id), |_| {});
        }
    }

    pub(super) fn on_rules(&mut self, edit: RuleEdit, by: By, reply: oneshot::Sender<Result<Vec<i64>, Refused>>) {
        self.expire();
        let elsewhere = self.core.elsewhere(by).filter(|_| fence::lets_more_run(self.keeper.book(), &edit));
        if let Some(elsewhere) = elsewhere {
            return drop(reply.send(Err(Refused::Elsewhere(elsewhere.to_string()))));
        }
        let now = self.now();
        let broken = self.keeper.book().broken().map(rules_are_off);
        let (ids, changes) = match self.keeper.edit(edit, now.0) {
            Ok(done) => done,
            Err(why) => return drop(reply.send(Err(Refused::Unusable(why)))),
        };
        self.change_rules(changes);
        if broken.is_some() && broken == self.core.board().trouble {
            let still = self.keeper.book().broken().map(rules_are_off);
            self.take(Input::Trouble(still), |_| {});
        }
        let step = self.core.apply(now, Input::PauseRules(self.keeper.book().is_paused()));
        self.absorb(step, move |stored| {
            let unstored =
                || "it is in force, but could not be stored yet: it is lost if ccmon ends before that".to_owned();
            let _ = reply.send(if stored { Ok(ids) } else { Err(Refused::Unusable(unstored())) });
        });
    }

    /// Takes out the rules whose time is over.
    pub(super) fn expire(&mut self) {
        let over = self.keeper.expire();
        if !over.is_empty() {
            self.change_rules(over);
            let batch = Batch { rules: std::mem::take(&mut self.rule_changes), kept: true, ..Batch::default() };
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
        Hook::Asked(ask) => Some(Question {
            tool: ask.tool.clone(),
            input: Arc::clone(&ask.input),
            cwd: call.cwd.clone(),
            away: call.origin.away.is_some(),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::sync::{broadcast, mpsc, watch};

    use super::super::super::keeper::Keeper;
    use super::super::super::perform::Errands;
    use super::super::{Views, Waiting};
    use super::*;
    use crate::claude::payload;
    use crate::core::{Board, Core, Limits};
    use crate::rules::Book;
    use crate::store::Store;

    fn engine(directory: &std::path::Path) -> Engine {
        crate::paths::own_directory(directory).unwrap();
        let store = Store::open(&directory.join("ccmon.db")).unwrap().store;
        let (changes, _) = broadcast::channel(8);
        let errands = Errands::new(mpsc::channel(8).0, changes.clone(), store.trouble()).unwrap();
        let (board, book) = (watch::Sender::new(Arc::<Board>::default()), watch::Sender::new(Arc::<Book>::default()));
        let keeper = Keeper::load(&store.reader(), |_| true);
        let views = Views { board, book, changes };
        Engine::new(Core::new(Limits::default()), keeper, store, errands, views, watch::Sender::new(false))
    }

    #[tokio::test]
    async fn a_request_that_could_not_be_looked_at_is_asked() {
        let directory = tempfile::tempdir().unwrap();
        let mut engine = engine(directory.path());
        let now = engine.now();
        let context = json!({ "v": 1, "id": "0123456789abcdef0123456789abcdef", "started_ms": now.0, "env": {} });
        let asks = json!({ "session_id": "one", "cwd": "/p", "hook_event_name": "PermissionRequest",
            "tool_name": "Bash", "tool_input": { "command": "ls" } });
        let call = payload::read(&context.to_string(), asks.to_string().as_bytes(), now).unwrap();
        let id = ApprovalId(call.id.as_str().into());
        let (reply, mut waits) = oneshot::channel();
        engine.waiting.insert(id.clone(), Waiting { connection: 1, hook: None, reply });
        let question = question(&call).unwrap();
        engine.on_looked((call, question, None));
        let asked = &engine.core.board().approvals[&id];
        assert!(asked.is_pending(), "{asked:?}");
        assert!(waits.try_recv().is_err() && engine.waiting.contains_key(&id), "its hook waits on");
    }
}
