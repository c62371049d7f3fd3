//! What is to be said on the desktop, and what is to be taken back: a pure function of the Board, the
//! settings, the time, who looks where, and what was said before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil;

use super::crowd::{self, Crowd};
use super::{buttons, quiet, words};
use crate::api::Notice;
use crate::config::{Channel, Config};
use crate::core::{ApprovalId, Board, ClientStatus, Kind, SessionKey, State, Watched};
use crate::notify::Card;

/// What is new waits for so long, in milliseconds: for what comes with it, and for whoever settles it at
/// once.
const GATHER: u64 = 300;
/// How long after the start, in milliseconds, what was there before is said: by then its hooks are back.
const RETURN: u64 = 5_000;

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// A request waits.
    Request(ApprovalId),
    /// A session came into this state, and nobody looked.
    Session(SessionKey, State),
}

/// What to do on the desktop.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Show this,
    Say {
        /// under this number: in place of what was shown under it,
        number: u64,
        /// which speaks of these.
        about: Vec<Topic>,
        /// The words.
        card: Card,
        /// Hash of what the only request it speaks of is about; a decision has to name it.
        shown: Option<Arc<str>>,
    },
    /// Take away what was shown under this number.
    Withdraw(u64),
}

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The picture.
    pub board: &'a Board,
    /// The settings.
    pub config: &'a Config,
    /// Where requests can be seen besides; nothing where there is no popup.
    pub watched: Option<&'a Watched>,
}

/// What became of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is not said.
    Passed,
    /// It was there when we came, or when it was no longer quiet; said then, in one.
    Found(u64),
    /// It is said then, unless it is quiet.
    Due(u64),
    /// It waits until it is no longer quiet.
    Kept,
    /// It is on the desktop, under this number.
    Said(u64),
}

/// When somebody looks.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Milliseconds by a clock that nobody sets.
    pub at: u64,
    /// The time of day, where the user is.
    pub local: civil::Time,
    /// The user wants to be left alone for a while; who looks will look again when that is over.
    pub hushed: bool,
}

/// What was said, and what is yet to be.
#[derive(Debug, Default)]
pub struct News {
    fates: BTreeMap<Topic, Fate>,
    /// What comes together, of either sort.
    requests: Crowd,
    states: Crowd,
    next: u64,
    begun: bool,
}

impl News {
    /// What to do now.
    pub fn look(&mut self, now: Moment, view: View<'_>) -> Vec<Step> {
        let topics = topics(view.board);
        let mut steps = self.gone(&topics);
        let quiet = now.hushed || quiet::left(&view.config.quiet, now.local).is_some();
        for topic in topics {
            let first = self.first_fate(now.at, &topic);
            if !self.begun || !is_early(view.board, &topic) {
                self.fates.entry(topic).or_insert(first);
            }
        }
        self.begun = true;
        self.keep(now.at, view, quiet);
        let whole = self.ready(|fate| matches!(fate, Fate::Found(at) if at <= now.at));
        steps.extend(self.say(None, whole, view));
        for is_request in [true, false] {
            steps.extend(self.say_each(now.at, is_request, view));
        }
        steps
    }

    /// In how many milliseconds to look again, though nothing changes.
    pub fn wait(&self, now: Moment, config: &Config) -> Option<u64> {
        let together = [true, false].map(|is_request| crowd::when(&self.dues(is_request)));
        let waits = self.fates.values().filter_map(|fate| match fate {
            Fate::Found(at) => Some(at.saturating_sub(now.at)),
            Fate::Kept => Some(quiet::left(&config.quiet, now.local).unwrap_or(0)).filter(|_| !now.hushed),
            Fate::Due(_) | Fate::Passed | Fate::Said(_) => None,
        });
        waits.chain(together.into_iter().flatten().map(|at| at.saturating_sub(now.at))).min()
    }

    /// What was said and is there no longer, though nobody took it away, is said again; whether there is any.
    pub fn again(&mut self, at: u64, is_there: impl Fn(u64) -> bool) -> bool {
        let is_lost = |fate: &&mut Fate| matches!(fate, Fate::Said(number) if !is_there(*number));
        let lost = self.fates.values_mut().filter(is_lost);
        lost.map(|fate| *fate = Fate::Due(at + GATHER)).count() > 0
    }

    /// Requests of which everything was said that is to be said, be it nothing.
    pub fn over(&self) -> impl Iterator<Item = &ApprovalId> {
        self.fates.iter().filter_map(|(topic, fate)| match (topic, fate) {
            (Topic::Request(id), Fate::Passed | Fate::Said(_)) => Some(id),
            _ => None,
        })
    }

    /// Takes back everything: nobody would, later.
    pub fn end(&mut self) -> Vec<Step> {
        self.gone(&BTreeSet::new())
    }

    /// Forgets what is over, and takes away the cards that speak of nothing else.
    fn gone(&mut self, topics: &BTreeSet<Topic>) -> Vec<Step> {
        let numbers = |fates: &BTreeMap<Topic, Fate>| -> BTreeSet<u64> {
            let number = |fate: &Fate| if let Fate::Said(number) = fate { Some(*number) } else { None };
            fates.values().filter_map(number).collect()
        };
        let before = numbers(&self.fates);
        self.fates.retain(|topic, _| topics.contains(topic));
        let after = numbers(&self.fates);
        before.difference(&after).map(|number| Step::Withdraw(*number)).collect()
    }

    /// A daemon before us has told of what is there when we begin; requests are said once more, since it may
    /// have ended before it could.
    fn first_fate(&self, at: u64, topic: &Topic) -> Fate {
        match topic {
            _ if self.begun => Fate::Due(at + GATHER),
            Topic::Request(_) => Fate::Found(at + RETURN),
            Topic::Session(..) => Fate::Passed,
        }
    }

    /// What is due and may not be said now is kept, or passed for good.
    fn keep(&mut self, at: u64, view: View<'_>, quiet: bool) {
        for (topic, fate) in &mut self.fates {
            let due = match *fate {
                Fate::Due(then) | Fate::Found(then) => then <= at,
                Fate::Kept | Fate::Passed | Fate::Said(_) => false,
            };
            if *fate == Fate::Kept && !quiet {
                // In one; the popup may come back as well.
                *fate = Fate::Found(at + GATHER);
            }
            if due && (!channel(view.config, sort(view.board, topic)).on || is_seen(view, topic)) {
                *fate = Fate::Passed;
            } else if due && quiet {
                *fate = Fate::Kept;
            }
        }
    }

    fn ready(&self, is: impl Fn(Fate) -> bool) -> Vec<Topic> {
        self.fates.iter().filter(|(_, fate)| is(**fate)).map(|(topic, _)| topic.clone()).collect()
    }

    /// When what is new of a sort is due.
    fn dues(&self, is_request: bool) -> Vec<u64> {
        let due = |fate: &Fate| if let Fate::Due(at) = fate { Some(*at) } else { None };
        let of_it = self.fates.iter().filter(|(topic, _)| topic.is_request() == is_request);
        of_it.filter_map(|(_, fate)| due(fate)).collect()
    }

    /// What is new of a sort: one by one; when that were too much, in one with what was too much before.
    fn say_each(&mut self, at: u64, is_request: bool, view: View<'_>) -> Vec<Step> {
        let until = crowd::until(&self.dues(is_request), at);
        let mut topics = self.ready(|fate| matches!(fate, Fate::Due(then) if then <= until));
        topics.retain(|topic| topic.is_request() == is_request);
        let crowd = if is_request { &mut self.requests } else { &mut self.states };
        if !crowd.is_too_much(at, topics.len(), is_request) {
            return topics.into_iter().filter_map(|topic| self.say(None, vec![topic], view)).collect();
        }
        let before = crowd.card.map(|number| (number, self.ready(|fate| fate == Fate::Said(number))));
        let before = before.filter(|(_, topics)| !topics.is_empty());
        let number = before.as_ref().map(|(number, _)| *number);
        topics.extend(before.into_iter().flat_map(|(_, topics)| topics));
        let step = self.say(number, topics, view);
        let crowd = if is_request { &mut self.requests } else { &mut self.states };
        crowd.card = number.or(self.next.checked_sub(1));
        step.into_iter().collect()
    }

    /// Says them in one, perhaps under a number that is there already.
    fn say(&mut self, number: Option<u64>, about: Vec<Topic>, view: View<'_>) -> Option<Step> {
        if about.is_empty() {
            return None;
        }
        let number = number.unwrap_or(self.next);
        self.next = self.next.max(number + 1);
        self.fates.extend(about.iter().map(|topic| (topic.clone(), Fate::Said(number))));
        let (card, shown) = card(view, &about);
        Some(Step::Say { number, about, card, shown })
    }
}

impl Topic {
    fn is_request(&self) -> bool {
        matches!(self, Self::Request(_))
    }
}

/// What there is to say on a Board.
fn topics(board: &Board) -> BTreeSet<Topic> {
    let requests = board.approvals.values().filter(|approval| approval.is_pending());
    let requests = requests.map(|approval| Topic::Request(approval.id.clone()));
    let sessions = board.sessions.values().filter(|session| {
        let says = matches!(session.state, State::Done | State::Failed | State::Stuck);
        says && session.needs_you && !session.dismissed
    });
    requests.chain(sessions.map(|session| Topic::Session(session.key.clone(), session.state))).collect()
}

/// Whether a turn may yet go on: while the client says that it works, another hook may forbid that Claude stops.
fn is_early(board: &Board, topic: &Topic) -> bool {
    let Topic::Session(key, State::Done) = topic else { return false };
    board.sessions.get(key).is_some_and(|session| session.client == Some(ClientStatus::Busy))
}

/// Of which sort a topic is.
fn sort(board: &Board, topic: &Topic) -> Notice {
    match topic {
        Topic::Request(id) => match board.approvals.get(id).map(|approval| approval.kind) {
            None | Some(Kind::Permission) => Notice::Approval,
            Some(_) => Notice::Question,
        },
        Topic::Session(_, State::Failed) => Notice::Failed,
        Topic::Session(_, State::Stuck) => Notice::Stuck,
        Topic::Session(..) => Notice::Finished,
    }
}

/// Whether the user has a request before their eyes: in the popup, or in the terminal that they look at.
fn is_seen(view: View<'_>, topic: &Topic) -> bool {
    let (Some(watched), Topic::Request(id)) = (view.watched, topic) else {
        return false;
    };
    let seen = view.board.approvals.get(id).is_some_and(|approval| watched.sees(approval));
    !view.config.notifications.beside_popup && seen
}

/// How that sort is said.
pub fn channel(config: &Config, sort: Notice) -> &Channel {
    let channels = &config.notifications;
    match sort {
        Notice::Approval => &channels.approval,
        Notice::Question => &channels.question,
        Notice::Finished => &channels.finished,
        Notice::Failed => &channels.failed,
        Notice::Stuck => &channels.stuck,
    }
}

fn card(view: View<'_>, about: &[Topic]) -> (Card, Option<Arc<str>>) {
    let (summary, body) = match about {
        [only] => words::one(view.board, only),
        many => words::many(view.board, many),
    };
    // As the most pressing of them.
    let channels = about.iter().map(|topic| channel(view.config, sort(view.board, topic)));
    let most = channels.max_by_key(|channel| (channel.urgency as u8, !channel.sound.is_empty()));
    let (urgency, sound) = most.map(|channel| (channel.urgency, channel.sound.clone())).unwrap_or_default();
    let asked = match about {
        [Topic::Request(id)] => view.board.approvals.get(id),
        _ => None,
    };
    let buttons = buttons::of(view.config, asked.map(|approval| &**approval));
    (Card { summary, body, urgency, sound, buttons }, asked.map(|approval| Arc::clone(&approval.shown)))
}
