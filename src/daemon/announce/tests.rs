//! What is said, and what is taken back.

mod offered;
mod random;
mod returned;
mod spoken;
mod untold;

use std::sync::Arc;

use jiff::civil::{Time as Local, time};
use serde_json::{Value, json};

use super::news::{Moment, News, Step, View};
use crate::config::Config;
use crate::core::{
    Approval, ApprovalId, Board, By, ELICITATION, Kind, Outcome, Session, SessionKey, Settled, State, Time, Watched,
};
use crate::notify::Card;

const NOON: Local = time(12, 0, 0, 0);
const NIGHT: Local = time(3, 0, 0, 0);

/// Somebody who looks at a Board as time goes by.
struct Scene {
    board: Board,
    config: Config,
    news: News,
    at: u64,
    local: Local,
    hushed: bool,
    watched: Option<Watched>,
}

impl Scene {
    /// A Board on which there is nothing, and somebody who has looked at it.
    fn begun() -> Self {
        let mut scene = Self::new();
        assert_eq!(scene.look(), []);
        scene
    }

    fn new() -> Self {
        let (board, news) = (Board::default(), News::default());
        Self { board, config: Config::default(), news, at: 1_000, local: NOON, hushed: false, watched: None }
    }

    fn look(&mut self) -> Vec<Step> {
        let view = View { board: &self.board, config: &self.config, watched: self.watched.as_ref() };
        self.news.look(self.moment(), view)
    }

    /// What is done in the next so many milliseconds, looking whenever there is a reason to.
    fn pass(&mut self, ms: u64) -> Vec<Step> {
        let until = self.at + ms;
        let mut steps = self.look();
        while let Some(wait) = self.wait().filter(|wait| self.at + (*wait).max(1) <= until) {
            self.at += wait.max(1);
            steps.extend(self.look());
        }
        self.at = until;
        steps.extend(self.look());
        steps
    }

    fn wait(&self) -> Option<u64> {
        self.news.wait(self.moment(), &self.config)
    }

    fn moment(&self) -> Moment {
        Moment { at: self.at, local: self.local, hushed: self.hushed }
    }

    /// The only card that is shown in the next seconds.
    fn card(&mut self) -> Card {
        let mut cards = cards(self.pass(10_000));
        assert_eq!(cards.len(), 1, "{cards:?}");
        cards.remove(0)
    }

    fn ask(&mut self, id: &str, tool: &str, input: Value) {
        self.session("k", State::AwaitingPermission);
        let approval = approval(id, tool, input);
        self.board.approvals.insert(approval.id.clone(), Arc::new(approval));
    }

    fn settle(&mut self, id: &str) {
        let approval = self.board.approvals.get_mut(&ApprovalId(id.into())).expect("a request");
        let settled = Settled { outcome: Outcome::Allowed, by: By::Popup, at: Time(0), answer: None, made: None };
        Arc::make_mut(approval).settled = Some(settled);
    }

    /// A session that came into a state.
    fn session(&mut self, key: &str, state: State) -> &mut Session {
        let mut session = Session::default();
        session.key = SessionKey(key.into());
        session.project = "api".into();
        session.branch = Some("main".into());
        session.state = state;
        session.needs_you = state.needs_you();
        let key = session.key.clone();
        self.board.sessions.insert(key.clone(), Arc::new(session));
        Arc::make_mut(self.board.sessions.get_mut(&key).expect("it is there"))
    }
}

fn approval(id: &str, tool: &str, input: Value) -> Approval {
    Approval {
        id: ApprovalId(id.into()),
        session: SessionKey("k".into()),
        session_id: String::new(),
        kind: if tool == ELICITATION { Kind::Elicitation } else { Kind::of(tool) },
        tool: tool.into(),
        input: Arc::new(input),
        cwd: "/p".into(),
        agent: None,
        prompt: None,
        suggestions: Arc::new(Value::Null),
        mode: None,
        call: None,
        opened: Time(0),
        expires: Time(0),
        shown: "".into(),
        hides_terminal: false,
        waiting_seen: false,
        known: None,
        settled: None,
    }
}

fn bash(command: &str) -> Value {
    json!({ "command": command })
}

fn cards(steps: Vec<Step>) -> Vec<Card> {
    let card = |step| if let Step::Say { card, .. } = step { Some(card) } else { None };
    steps.into_iter().filter_map(card).collect()
}

fn withdrawn(steps: &[Step]) -> usize {
    steps.iter().filter(|step| matches!(step, Step::Withdraw(_))).count()
}
