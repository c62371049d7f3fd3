//! Hooks that wait, hang up, come back, and are left when the daemon stops.

use crate::house::{House, ask, got, posted, rest};

const ID: &str = "00000000000000000000000000000002";

#[tokio::test]
async fn a_hook_that_hangs_up_is_reported_with_its_own_connection() {
    let house = House::open();
    let first = house.hold(ID).await;
    drop(first);
    house.was_asked("HungUp").await;
    let second = house.hold(ID).await;
    drop(second);
    let asked = || house.asked.lock().expect("no panic").clone();
    let both = async {
        while asked().iter().filter(|ask| ask.starts_with("HungUp")).count() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::house::PATIENCE, both).await.expect("both are noticed");
    let of = |kind: &str| -> Vec<String> {
        let number = |ask: &String| ask.split("connection: ").nth(1)?.split([',', ' ']).next().map(str::to_owned);
        asked().iter().filter(|ask| ask.starts_with(kind)).filter_map(number).collect()
    };
    assert_eq!(of("HungUp"), of("Approval"));
    assert_ne!(of("HungUp")[0], of("HungUp")[1]);
}

#[tokio::test]
async fn an_answered_hook_did_not_hang_up() {
    let house = House::open();
    let hook = house.hold(ID).await;
    let head = format!("POST /approvals/{ID}/decision HTTP/1.1\r\nHost: ccmon");
    let (status, answer) = ask(house.unix().await, &posted(&head, &house.decision(ID, "allow"))).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains(r#""state":"settled""#) && answer.contains(r#""by":"cli""#), "{answer}");
    let held = rest(hook).await;
    assert!(held.starts_with("HTTP/1.1 200") && held.ends_with("yes"), "{held}");
    assert_eq!(ask(house.unix().await, &got("/healthz", "Host: ccmon")).await.0, 200);
    assert!(!house.asked.lock().expect("no panic").iter().any(|ask| ask.starts_with("HungUp")));
}

/// A hook that hears "no decision" lets go; one whose connection breaks comes back to the next daemon.
#[tokio::test]
async fn a_stopping_daemon_tells_waiting_hooks_nothing() {
    for _ in 0..20 {
        let house = House::open();
        let mut hooks = Vec::new();
        for number in 0..8 {
            hooks.push(house.hold(&format!("{number:032}")).await);
        }
        // Both are known to the connections in the same moment.
        house.stop.send_replace(true);
        house.engine.abort();
        for hook in hooks {
            assert_eq!(rest(hook).await, "");
        }
    }
}

#[tokio::test]
async fn many_waiting_hooks_are_in_nobodys_way() {
    let house = House::open();
    let mut hooks = Vec::new();
    for number in 0..150 {
        hooks.push(house.hold(&format!("{number:032}")).await);
    }
    let (status, answer) = ask(house.unix().await, &got("/approvals", "Host: ccmon")).await;
    assert_eq!((status, answer.matches(r#""state":"pending""#).count()), (200, 150));
}
