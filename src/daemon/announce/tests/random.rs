//! Whatever happens: nothing is said twice, nothing stays, and the night is quiet.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::news::Topic;
use super::*;
use crate::config::Quiet;
use crate::notify::Button;

#[derive(Clone, Debug)]
enum Happens {
    Asked(u8),
    Settled(u8),
    State(u8, State),
    Night(bool),
    Hushed(bool),
    Popup(Option<bool>),
    Channel(bool),
    Time(u64),
}

const STATES: [State; 6] = [State::Done, State::Failed, State::Stuck, State::Working, State::Idle, State::Ended];

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        4 => (0..12_u8).prop_map(Happens::Asked),
        4 => (0..12_u8).prop_map(Happens::Settled),
        3 => (0..4_u8, prop::sample::select(&STATES[..])).prop_map(|(key, state)| Happens::State(key, state)),
        1 => any::<bool>().prop_map(Happens::Night),
        1 => any::<bool>().prop_map(Happens::Hushed),
        1 => any::<Option<bool>>().prop_map(Happens::Popup),
        1 => any::<bool>().prop_map(Happens::Channel),
        5 => (1..2_000_u64).prop_map(Happens::Time),
    ]
}

/// What is on the desktop, checked as it changes.
#[derive(Default)]
struct Screen {
    cards: BTreeMap<u64, BTreeSet<Topic>>,
    /// The requests that were spoken of; sessions come into a state again.
    requests: BTreeSet<Topic>,
    /// There was a popup at some time.
    popup: bool,
}

impl Screen {
    fn take(&mut self, steps: Vec<Step>, night: bool) {
        for step in steps {
            match step {
                Step::Say { number, about, card, shown } => {
                    assert!(!night, "{card:?} in the night");
                    assert!(!card.summary.is_empty() && card.summary.chars().count() < 200 && card.body.len() < 4_000);
                    assert!(card.buttons == [Button::Open] || (about.len() == 1 && shown.is_some()), "{card:?}");
                    let before = self.cards.remove(&number).unwrap_or_default();
                    assert!(before.iter().all(|topic| about.contains(topic)), "{before:?} is forgotten");
                    for topic in about.iter().filter(|topic| !before.contains(topic)) {
                        assert!(!self.cards.values().any(|card| card.contains(topic)), "{topic:?} is there already");
                        let request = matches!(topic, Topic::Request(_));
                        assert!(!request || self.requests.insert(topic.clone()), "{topic:?} was there before");
                    }
                    let about: BTreeSet<_> = about.into_iter().collect();
                    assert!(!about.is_empty() && self.cards.insert(number, about).is_none());
                }
                Step::Withdraw(number) => assert!(self.cards.remove(&number).is_some(), "{number} is not there"),
            }
        }
    }

    /// Each card speaks of something that still is. What is over may come again.
    fn check(&mut self, board: &Board) {
        for about in self.cards.values_mut() {
            let is = |topic: &Topic| match topic {
                Topic::Request(id) => board.approvals.get(id).is_some_and(|approval| approval.is_pending()),
                Topic::Session(key, state) => board.sessions.get(key).is_some_and(|s| s.state == *state),
            };
            let was = about.clone();
            about.retain(is);
            assert!(!about.is_empty(), "{was:?} is over");
        }
    }
}

fn happen(scene: &mut Scene, what: &Happens) {
    match what {
        // A request comes once.
        Happens::Asked(id) if scene.board.approvals.contains_key(&ApprovalId(id.to_string().into())) => {}
        Happens::Asked(id) => scene.ask(&id.to_string(), "Bash", bash("ls\u{202e}")),
        Happens::Settled(id) if scene.board.approvals.contains_key(&ApprovalId(id.to_string().into())) => {
            scene.settle(&id.to_string());
        }
        Happens::Settled(_) => {}
        Happens::State(key, state) => {
            scene.session(&format!("s{key}"), *state);
        }
        Happens::Night(night) => scene.local = if *night { NIGHT } else { NOON },
        Happens::Hushed(on) => scene.hushed = *on,
        Happens::Popup(popup) => {
            scene.watched = popup.map(|popup| Watched { popup, ..Watched::default() });
        }
        Happens::Channel(on) => scene.config.notifications.finished.on = *on,
        Happens::Time(ms) => scene.at += ms,
    }
}

proptest! {
    #[test]
    fn nothing_is_said_twice_and_nothing_stays(
        before in prop::collection::vec(happens(), 0..6),
        after in prop::collection::vec(happens(), 0..60),
    ) {
        let (mut scene, mut screen) = (Scene::new(), Screen::default());
        scene.config.quiet = Quiet { on: true, ..Quiet::default() };
        before.iter().for_each(|what| happen(&mut scene, what));
        for what in &after {
            happen(&mut scene, what);
            let steps = scene.look();
            screen.take(steps, scene.local == NIGHT || scene.hushed);
            screen.popup |= scene.watched.is_some();
            screen.check(&scene.board);
        }
        // In the morning everything that waits has been spoken of, and when nothing does the desktop is empty.
        (scene.local, scene.hushed) = (NOON, false);
        let steps = scene.pass(20_000);
        screen.take(steps, false);
        // It may have come before anything was looked at.
        screen.popup |= scene.watched.is_some();
        screen.check(&scene.board);
        let waits = scene.board.pending().into_iter().map(|approval| Topic::Request(approval.id.clone()));
        for topic in waits {
            prop_assert!(screen.popup || screen.requests.contains(&topic), "{:?} was never said", topic);
        }
        scene.board = Board::default();
        let steps = scene.look();
        screen.take(steps, false);
        prop_assert!(screen.cards.is_empty());
    }
}
