//! The one loop: owner of the core. One inbox, one `match`; whatever waits, waits elsewhere.

mod deciding;
mod forgetting;
mod judging;
mod telling;

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::clock::Clock;
use super::keeper::Keeper;
use super::perform::{Delivery, Due, Errands};
use super::record;
use super::seen::Applied;
use super::shown::Shown;
use super::whence::Home;
use crate::api::{Ask, Change, Held};
use crate::claude::payload;
use crate::core::{
    Answer, ApprovalId, Board, By, Core, Decide, Effect, Event, Input, Mark, Note, Refusal, Session, SessionKey, State,
    Step, Time,
};
use crate::rules::Book;
use crate::store::{Batch, Line, RuleChanges, Store};

use judging::Look;
pub use judging::rules_are_off;
use telling::Drains;

/// Owns the [`Core`] and everybody who waits for an answer of it.
pub struct Engine {
    core: Core,
    clock: Clock,
    /// Where hooks are whose process ids are ours.
    home: Home,
    store: Store,
    errands: Errands,
    /// The hooks that wait, and on which connection.
    waiting: BTreeMap<ApprovalId, Waiting>,
    /// The events that need not be folded again, only stored.
    applied: Applied,
    /// What is taken out of the spool together.
    drains: Drains,
    board: watch::Sender<Arc<Board>>,
    changes: broadcast::Sender<Change>,
    /// The rules,
    keeper: Keeper,
    /// what is to be stored of them with the next batch,
    rule_changes: RuleChanges,
    /// and for whoever reads them.
    book: watch::Sender<Arc<Book>>,
    /// The requests that are being looked at before the core hears of them.
    looks: JoinSet<Look>,
    /// What is in the store, or on its way there.
    shown: Shown,
    /// Something happened since the last picture,
    stale: bool,
    /// and this is to be told with the next.
    news: Vec<Change>,
    stop: watch::Sender<bool>,
}

/// What others see of the engine.
pub struct Views {
    /// The picture,
    pub board: watch::Sender<Arc<Board>>,
    /// the rules,
    pub book: watch::Sender<Arc<Book>>,
    /// and what changes.
    pub changes: broadcast::Sender<Change>,
}

/// How many asks may share a picture of the Board: making one takes as long as taking an event.
const BURST: usize = 64;

/// A hook that waits for an answer.
struct Waiting {
    connection: u64,
    /// Its process, where the kernel tells.
    hook: Option<u32>,
    reply: oneshot::Sender<Held>,
}

impl Waiting {
    /// Whether somebody else comes under its id, while it is still there: everything but the answer can be read by
    /// whoever asks, so the same words are no proof. A hook that lost its connection is the same process.
    fn keeps_from(&self, other: &Self) -> bool {
        let others = matches!((self.hook, other.hook), (Some(ours), Some(theirs)) if ours != theirs);
        others && !self.reply.is_closed()
    }
}

impl Engine {
    /// An engine around a core that has been brought up to date.
    pub fn new(
        core: Core,
        keeper: Keeper,
        store: Store,
        errands: Errands,
        views: Views,
        stop: watch::Sender<bool>,
    ) -> Self {
        let Views { board, book, changes } = views;
        board.send_replace(Arc::new(core.board().clone()));
        book.send_replace(Arc::new(keeper.book().clone()));
        let (waiting, applied, looks) = (BTreeMap::new(), Applied::default(), JoinSet::new());
        let (shown, stale, news) = (Shown::of(core.board()), false, Vec::new());
        let (clock, home, rule_changes) = (Clock::start(), Home::here(), RuleChanges::default());
        Self {
            core,
            clock,
            home,
            store,
            errands,
            waiting,
            applied,
            drains: Drains::default(),
            board,
            changes,
            keeper,
            rule_changes,
            book,
            looks,
            shown,
            stale,
            news,
            stop,
        }
    }

    /// Runs until both inboxes are closed.
    pub async fn run(mut self, mut asks: mpsc::Receiver<Ask>, mut inputs: mpsc::Receiver<Input>) {
        loop {
            let deadline = self.until_deadline();
            self.show();
            tokio::select! {
                ask = asks.recv() => match ask {
                    Some(ask) => self.on_asks(ask, &mut asks),
                    None => return,
                },
                Some(input) = inputs.recv() => self.take(input, |_| {}),
                Some(Ok(looked)) = self.looks.join_next() => self.on_looked(looked),
                () = deadline => self.on_deadline(),
            }
        }
    }

    /// Takes an ask, and what has come with it.
    fn on_asks(&mut self, first: Ask, asks: &mut mpsc::Receiver<Ask>) {
        self.on_ask(first);
        for _ in 1..BURST {
            match asks.try_recv() {
                Ok(ask) => self.on_ask(ask),
                Err(_) => return,
            }
        }
    }

    /// Shows the new Board to everybody who watches, and then tells what has changed on it.
    fn show(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        let board = Arc::new(self.core.board().clone());
        let before = self.board.send_replace(Arc::clone(&board));
        if before.trouble != board.trouble {
            self.news.push(Change::Trouble(board.trouble.clone()));
        }
        for change in self.news.drain(..) {
            let _ = self.changes.send(change);
        }
    }

    /// Waits until the core wants to be called again, or a rule ends; for ever when neither does.
    fn until_deadline(&mut self) -> impl Future<Output = ()> + use<> {
        let wait = self.core.deadline().map(|at| at.since(self.now()));
        let wait = wait.into_iter().chain(self.keeper.ends_in()).min().map(Duration::from_millis);
        async move {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => pending().await,
            }
        }
    }

    fn on_ask(&mut self, ask: Ask) {
        match ask {
            Ask::Event { context, payload, hook, spooled, reply } => {
                let context = self.home.judge(&context, hook);
                let line = spooled.map(|drain| self.drains.line(drain));
                self.on_event(&context, &payload, line, reply);
            }
            Ask::Approval { context, payload, connection, hook, reply } => {
                let context = self.home.judge(&context, hook);
                self.on_approval(&context, &payload, Waiting { connection, hook, reply });
            }
            Ask::HungUp { approval, connection } => self.on_hung_up(approval, connection),
            Ask::Decide { approval, shown, answer, rule, by, reply } => {
                self.on_decide(Decide { approval, shown, answer, by, made: None }, rule, reply);
            }
            Ask::AllowAlike { approvals, by, reply } => self.on_allow_alike(approvals, by, reply),
            Ask::Mark { session, mark, reply } => self.on_mark(&session, mark, reply),
            Ask::Forget { session, reply } => self.on_forget(session, reply),
            Ask::Rules { edit, by, reply } => self.on_rules(edit, by, reply),
            Ask::Filling { approval, reply } => {
                let now = self.now();
                self.answer(now, Input::Filling(approval.clone()), &approval, reply);
            }
            Ask::Settle { reply } => self.on_settle(reply),
            Ask::Watched(watched) => self.take(Input::Watched(watched), |_| {}),
            Ask::Limit(limits) => self.take(Input::Limit(limits), |_| {}),
            Ask::Refused { approval, why } => self.take(Input::Refuse { approval, why }, |_| {}),
            Ask::ReleaseAll { reply } => self.take(Input::ReleaseAll, move |_| {
                let _ = reply.send(());
            }),
            Ask::Shutdown => {
                self.stop.send_replace(true);
            }
        }
    }

    fn on_approval(&mut self, context: &str, payload: &[u8], waiting: Waiting) {
        let now = self.now();
        match payload::read(context, payload, now) {
            Err(malformed) => {
                tracing::info!("refused a hook's request: {malformed}");
                let _ = waiting.reply.send(Held::Malformed(malformed.to_string()));
            }
            Ok(call) => {
                let id = ApprovalId(call.id.as_str().into());
                let place = self.waiting.get(&id);
                if self.core.is_taken(&id, &call) || place.is_some_and(|other| other.keeps_from(&waiting)) {
                    let _ = waiting.reply.send(Held::Malformed("this id belongs to another request".into()));
                    return;
                }
                let known = self.core.board().approvals.contains_key(&id);
                self.waiting.insert(id, waiting);
                match judging::question(&call).filter(|_| !known) {
                    Some(question) => self.look(call, question),
                    None => self.take(Input::Request(call), |_| {}),
                }
            }
        }
    }

    fn on_deadline(&mut self) {
        self.expire();
        self.take(Input::Tick, |_| {});
    }

    fn on_hung_up(&mut self, approval: ApprovalId, connection: u64) {
        if self.waiting.get(&approval).is_some_and(|waiting| waiting.connection == connection) {
            self.waiting.remove(&approval);
            self.take(Input::HungUp(approval), |_| {});
        }
    }

    fn on_mark(&mut self, key: &SessionKey, mark: Mark, reply: oneshot::Sender<Result<Arc<Session>, Refusal>>) {
        let now = self.now();
        let step = self.core.apply(now, Input::Mark(key.clone(), mark));
        let marked = self.core.board().sessions.get(key).cloned().filter(|_| step.refused.is_none());
        self.absorb(step, move |_| {
            let _ = reply.send(marked.ok_or(Refusal::NoSession));
        });
    }

    /// Says so when all that came before is on the Board that others see, and the store has been through it.
    fn on_settle(&mut self, reply: oneshot::Sender<()>) {
        self.show();
        let store = self.store.clone();
        tokio::spawn(async move {
            // Whatever it says: it says so in its turn.
            let _ = store.knows("").await;
            let _ = reply.send(());
        });
    }

    fn take(&mut self, input: Input, then: impl FnOnce(bool) + Send + 'static) {
        let now = self.now();
        let step = self.core.apply(now, input);
        self.absorb(step, then);
    }

    /// Stores what happened, and has the effects done: what a hook that waits, or a caller, is
    /// told (`then`: whether it was stored) only when that is durable.
    fn absorb(&mut self, step: Step, then: impl FnOnce(bool) + Send + 'static) {
        self.absorb_in(None, step, then);
    }

    fn absorb_in(&mut self, line: Option<Line>, step: Step, then: impl FnOnce(bool) + Send + 'static) {
        let batch = self.rows(&step);
        let opened = batch.events.iter().position(|row| row.held).zip(opened(&step.events));
        let deliveries = self.perform(step.effects);
        self.append(batch, Due { deliveries, opened, line, ..Due::default() }, then);
    }

    fn append(&self, batch: Batch, due: Due, then: impl FnOnce(bool) + Send + 'static) {
        let watched = self.changes.receiver_count() > 0;
        let followed = if watched { batch.events.clone() } else { Vec::new() };
        self.errands.store(&self.store, batch, Due { followed, ..due }, then);
    }

    /// The rows to be stored. What they say is shown at the end of the burst, before anybody can hear
    /// that they are stored.
    fn rows(&mut self, step: &Step) -> Batch {
        let board = self.core.board();
        let mut batch = Batch {
            events: step.events.iter().filter_map(|event| record::event_row(board, event)).collect(),
            durable: !self.rule_changes.settings.is_empty() || step.events.iter().any(is_decision),
            kept: !self.rule_changes.is_empty(),
            rules: std::mem::take(&mut self.rule_changes),
            ..Batch::default()
        };
        if step.events.is_empty() {
            return batch;
        }
        self.stale = true;
        let (sessions, approvals) = self.shown.news(board);
        for ended in sessions.iter().filter(|session| session.state == State::Ended) {
            let over = self.keeper.end_session(&ended.key.to_string());
            self.change_rules(over);
        }
        batch.rules.extend(std::mem::take(&mut self.rule_changes));
        let board = self.core.board();
        batch.sessions = sessions.iter().map(|session| record::session_row(session)).collect();
        batch.approvals = approvals.iter().map(|approval| record::approval_row(board, approval)).collect();
        batch.kept = !(batch.approvals.is_empty() && batch.rules.is_empty());
        self.news.extend(sessions.into_iter().map(Change::Session));
        self.news.extend(approvals.into_iter().map(|approval| match approval.is_pending() {
            true => Change::Pending(approval),
            false => Change::Resolved(approval),
        }));
        batch
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for effect in effects {
            match effect {
                Effect::Answer(id, answer) => {
                    let waiting = self.waiting.remove(&id);
                    deliveries.extend(waiting.map(|hook| Delivery::new(hook.reply, &answer)));
                }
                errand => self.errands.run(errand),
            }
        }
        deliveries
    }

    /// The time; tells the core first when the wall clock jumped.
    fn now(&mut self) -> Time {
        let (now, jump) = self.clock.now();
        if let Some(by_ms) = jump {
            let step = self.core.apply(now, Input::ClockJumped { by_ms });
            let batch = self.rows(&step);
            self.errands.store(&self.store, batch, Due::default(), |_| {});
        }
        now
    }
}

/// Whether a person decided: that has to survive a power cut before the hook hears of it. A rule's decision
/// survives the death of this process, and says so within the time that starting a process takes.
fn is_decision(event: &Event) -> bool {
    let Event::Noted { note: Note::Settled { settled, .. }, .. } = event else {
        return false;
    };
    settled.by != By::Rule && settled.answer.as_ref().is_some_and(|answer| *answer != Answer::Release)
}

/// The request that was opened, if one was.
fn opened(events: &[Event]) -> Option<ApprovalId> {
    events.iter().find_map(|event| match event {
        Event::Requested(call) => Some(ApprovalId(call.id.as_str().into())),
        _ => None,
    })
}
