//! What becomes of requests whose terminal shows nothing, as somebody looks or does not.

use super::scene::{PROCESS, Scene};
use crate::core::*;

#[test]
fn a_sub_agents_request_is_held_only_while_somebody_can_see_it() {
    let mut scene = Scene::open();
    let watched = |popup| Input::Watched(Watched { popup, ..Watched::default() });
    let (main, agents) = (scene.asks(None, "make"), scene.asks(Some("agent-1"), "touch foo"));
    scene.take(watched(false));
    let settled = scene.core.board().approvals[&agents].settled.clone().expect("it is let go");
    assert_eq!((settled.outcome, settled.by), (Outcome::Released, By::Unseen));
    assert_eq!(scene.outcome(&main), None, "its dialog stands in the terminal");
    let late = scene.asks(Some("agent-1"), "touch bar");
    assert_eq!(scene.outcome(&late), Some(Outcome::Released), "and so is one that comes then");
    scene.take(watched(true));
    let held = scene.asks(Some("agent-1"), "touch baz");
    assert_eq!(scene.outcome(&held), None);
}

#[test]
fn a_sub_agents_request_goes_to_the_terminal_that_is_looked_at() {
    let mut scene = Scene::open();
    let id = scene.asks(Some("agent-1"), "touch foo");
    let look = |key: SessionKey| Input::Watched(Watched { terminals: [key].into(), ..Watched::default() });
    scene.take(look(SessionKey("another".into())));
    assert_eq!(scene.outcome(&id), None);
    scene.take(look(SessionKey::of_process(PROCESS)));
    assert_eq!(scene.outcome(&id), Some(Outcome::Released));
}

#[test]
fn where_no_popup_comes_a_sub_agents_request_is_held_while_a_notification_tells_of_it() {
    let mut scene = Scene::open();
    let untold = |ids: &[&ApprovalId]| {
        let untold = ids.iter().copied().cloned().collect();
        Input::Watched(Watched { popup: false, untold: Some(untold), ..Watched::default() })
    };
    scene.take(untold(&[]));
    let (main, told) = (scene.asks(None, "make"), scene.asks(Some("agent-1"), "touch told"));
    let closed = scene.asks(Some("agent-2"), "touch closed");
    assert_eq!((scene.outcome(&told), scene.outcome(&closed)), (None, None), "the notification is on its way");
    scene.take(untold(&[&main, &closed]));
    assert_eq!(scene.outcome(&closed), Some(Outcome::Released), "nothing tells of it");
    assert_eq!((scene.outcome(&told), scene.outcome(&main)), (None, None));
    scene.take(Input::Watched(Watched { popup: false, ..Watched::default() }));
    assert_eq!(scene.outcome(&told), Some(Outcome::Released), "nor of any other, once nobody is there");
}

#[test]
fn what_somebody_asked_for_is_on_the_screen() {
    let mut scene = Scene::open();
    let id = scene.asks(Some("agent-1"), "touch foo");
    let shown = [id.clone()].into();
    scene.take(Input::Watched(Watched { popup: false, shown, ..Watched::default() }));
    assert_eq!(scene.outcome(&id), None);
    scene.take(Input::Watched(Watched { popup: false, ..Watched::default() }));
    assert_eq!(scene.outcome(&id), Some(Outcome::Released), "put away again");
}

#[test]
fn a_rule_answers_although_nobody_looks() {
    let mut scene = Scene::open();
    scene.take(Input::Watched(Watched { popup: false, ..Watched::default() }));
    let call = scene.request(Some("agent-1"), "touch foo");
    let id = ApprovalId(call.id.as_str().into());
    let answer = Some(Answer::Allow { updated_input: None, updated_permissions: None });
    scene.take(Input::Judged(call, Box::new(Assessment { answer, ..Assessment::default() })));
    assert_eq!(scene.outcome(&id), Some(Outcome::Allowed));
}

#[test]
fn in_print_mode_nobody_looks_and_it_is_held_all_the_same() {
    let mut scene = Scene::open();
    let client = Client { headless: true, ..scene.client(ClientStatus::Busy) };
    scene.take(Input::Client(client));
    scene.take(Input::Watched(Watched { popup: false, ..Watched::default() }));
    let id = scene.asks(Some("agent-1"), "touch foo");
    assert_eq!(scene.outcome(&id), None, "without a decision it would be denied");
}
