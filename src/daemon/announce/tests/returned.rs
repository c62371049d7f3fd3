//! What a server took with it.

use super::*;
use crate::config::Quiet;

impl Scene {
    /// Another server comes, and of what was said only these are no longer missed.
    fn lose(&mut self, all_but: &[u64]) -> bool {
        self.news.again(self.at, |number| all_but.contains(&number))
    }
}

/// Two requests that were said, each for itself.
fn said() -> Scene {
    let mut scene = Scene::begun();
    for id in ["1", "2"] {
        scene.ask(id, "Bash", bash(id));
    }
    assert_eq!(cards(scene.pass(10_000)).len(), 2);
    scene
}

fn bodies(steps: Vec<Step>) -> Vec<String> {
    cards(steps).into_iter().map(|card| card.body).collect()
}

#[test]
fn what_still_waits_is_said_again_once_each_with_its_buttons() {
    let mut scene = said();
    assert!(scene.lose(&[]));
    assert_eq!(bodies(scene.pass(600_000)), ["Bash: 1", "Bash: 2"]);
    // One that the user closed is there no longer because of them.
    assert!(scene.lose(&[2]));
    assert_eq!(bodies(scene.pass(600_000)), ["Bash: 2"]);
    assert!(!scene.lose(&[2, 4]));
    assert_eq!(scene.pass(600_000), []);
}

#[test]
fn what_is_settled_meanwhile_is_not() {
    let mut scene = said();
    assert!(scene.lose(&[]));
    scene.settle("1");
    assert_eq!(bodies(scene.pass(10_000)), ["Bash: 2"]);
    scene.settle("2");
    assert_eq!(withdrawn(&scene.look()), 1);
    assert!(!scene.lose(&[]));
}

#[test]
fn nor_what_is_seen_elsewhere_and_quiet_is_kept() {
    let mut scene = said();
    scene.watched = Some(Watched::default());
    assert!(scene.lose(&[]));
    assert_eq!(scene.pass(10_000), []);
    let mut scene = said();
    (scene.config.quiet, scene.local) = (Quiet { on: true, ..Quiet::default() }, NIGHT);
    assert!(scene.lose(&[]));
    assert_eq!(scene.pass(10_000), []);
    scene.local = NOON;
    assert_eq!(scene.card().summary, "2 requests wait for you");
}
