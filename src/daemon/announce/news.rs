//! What is to be said on the desktop, and what is to be taken back: a pure function of the Board, the
//! settings, the time, and what was said before.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil;

use super::quiet;
use super::words;
use crate::api::Notice;
use crate::config::{Channel, Config};
use crate::core::{ApprovalId, Board, SessionKey, State};
use crate::notify::Card;

/// What is new waits for so long, in milliseconds: for what comes with it, and for whoever settles it at
/// once.
const GATHER: u64 = 300;
/// More than so many
const CROWD: usize = 3;
/// within so long, in milliseconds, are said in one.
const LATELY: u64 = 1_000;
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
        /// under this number,
        number: u64,
        /// which speaks of these.
        about: Vec<Topic>,
        /// The words.
        card: Card,
    },
    /// Take away what was shown under this number.
    Withdraw(u64),
}

/// What became of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is not said.
    Passed,
    /// It was there when we came; said then, in one.
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
    /// When something was said lately.
    said: Vec<u64>,
    next: u64,
    begun: bool,
}

impl News {
    /// What to do now.
    pub fn look(&mut self, now: Moment, board: &Board, config: &Config) -> Vec<Step> {
        let topics = topics(board);
        let mut steps = self.gone(&topics);
        let quiet = now.hushed || quiet::left(&config.quiet, now.local).is_some();
        for topic in topics {
            let first = self.first_fate(now.at, &topic);
            self.fates.entry(topic).or_insert(first);
        }
        self.begun = true;
        self.keep(now.at, config, quiet);
        self.said.retain(|at| now.at.saturating_sub(*at) < LATELY);
        let whole = self.ready(|fate| matches!(fate, Fate::Found(at) if at <= now.at));
        steps.extend(self.say_in_one(whole, board, config));
        if !quiet {
            let kept = self.ready(|fate| fate == Fate::Kept);
            steps.extend(self.say_in_one(kept, board, config));
        }
        let due = self.ready(|fate| matches!(fate, Fate::Due(at) if at <= now.at));
        steps.extend(self.say_each(now.at, due, board, config));
        steps
    }

    /// In how many milliseconds to look again, though nothing changes.
    pub fn wait(&self, now: Moment, config: &Config) -> Option<u64> {
        let waits = self.fates.values().filter_map(|fate| match fate {
            Fate::Found(at) | Fate::Due(at) => Some(at.saturating_sub(now.at)),
            Fate::Kept => Some(quiet::left(&config.quiet, now.local).unwrap_or(0)).filter(|_| !now.hushed),
            Fate::Passed | Fate::Said(_) => None,
        });
        waits.min()
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
    fn keep(&mut self, at: u64, config: &Config, quiet: bool) {
        for (topic, fate) in &mut self.fates {
            let due = match *fate {
                Fate::Due(then) | Fate::Found(then) => then <= at,
                Fate::Kept => !quiet,
                Fate::Passed | Fate::Said(_) => false,
            };
            if due && !channel(config, sort(topic)).on {
                *fate = Fate::Passed;
            } else if due && quiet {
                *fate = Fate::Kept;
            }
        }
    }

    fn ready(&self, is: impl Fn(Fate) -> bool) -> Vec<Topic> {
        self.fates.iter().filter(|(_, fate)| is(**fate)).map(|(topic, _)| topic.clone()).collect()
    }

    fn say_each(&mut self, at: u64, topics: Vec<Topic>, board: &Board, config: &Config) -> Vec<Step> {
        if topics.len() + self.said.len() > CROWD {
            self.said.extend(topics.first().map(|_| at));
            return self.say_in_one(topics, board, config).into_iter().collect();
        }
        self.said.extend(topics.iter().map(|_| at));
        topics.into_iter().filter_map(|topic| self.say_in_one(vec![topic], board, config)).collect()
    }

    fn say_in_one(&mut self, about: Vec<Topic>, board: &Board, config: &Config) -> Option<Step> {
        if about.is_empty() {
            return None;
        }
        let number = self.next;
        self.next += 1;
        self.fates.extend(about.iter().map(|topic| (topic.clone(), Fate::Said(number))));
        let card = card(board, config, &about);
        Some(Step::Say { number, about, card })
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

/// Of which sort a topic is.
fn sort(topic: &Topic) -> Notice {
    match topic {
        Topic::Request(_) => Notice::Approval,
        Topic::Session(_, State::Failed) => Notice::Failed,
        Topic::Session(_, State::Stuck) => Notice::Stuck,
        Topic::Session(..) => Notice::Finished,
    }
}

/// How that sort is said.
pub fn channel(config: &Config, sort: Notice) -> &Channel {
    let channels = &config.notifications;
    match sort {
        Notice::Approval => &channels.approval,
        Notice::Finished => &channels.finished,
        Notice::Failed => &channels.failed,
        Notice::Stuck => &channels.stuck,
    }
}

fn card(board: &Board, config: &Config, about: &[Topic]) -> Card {
    let (summary, body) = match about {
        [only] => words::one(board, only),
        many => words::many(board, many),
    };
    // As the most pressing of them.
    let channels = about.iter().map(|topic| channel(config, sort(topic)));
    let most = channels.max_by_key(|channel| (channel.urgency as u8, !channel.sound.is_empty()));
    let (urgency, sound) = most.map(|channel| (channel.urgency, channel.sound.clone())).unwrap_or_default();
    Card { summary, body, urgency, sound }
}
