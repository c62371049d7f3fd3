//! The short way of an event, and who has to go the long one.

use std::io::Write;
use std::os::unix::net::UnixStream as Blocking;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ccmon::api::{self, Reply};
use ccmon_hook::http;
use tokio::net::UnixStream;

use crate::house::{House, ask, got, rest};

const CONTEXT: &str = r#"{"v":1,"id":"00000000000000000000000000000001","started_ms":1}"#;

/// An event that the engine does not store,
const UNSTORED: &[u8] = b"{\"unstored\":1}";
/// and one that it refuses.
const REFUSED: &[u8] = b"{\"refused\":1}";

/// One that stands in the journal, and that the engine refuses,
const KEPT: &[u8] = b"{\"kept\":1}";
/// and one that it takes long for.
const LONG: &[u8] = b"{\"kept\":2}";

/// A journal that keeps two of them.
#[derive(Default)]
pub struct Shelf(Arc<AtomicBool>);

impl api::Journal for Shelf {
    fn keep(&self, _: &str, payload: &[u8], _: u32) -> Option<Reply> {
        let behind = Arc::clone(&self.0);
        let kept = [KEPT, LONG].contains(&payload);
        behind.fetch_or(kept, Ordering::Relaxed);
        kept.then(|| Reply::new(move |_| behind.store(false, Ordering::Relaxed)))
    }

    fn is_behind(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the engine says to an event.
pub fn answer(payload: &[u8], reply: Reply) {
    match payload {
        UNSTORED => drop(reply),
        LONG => std::mem::forget(reply),
        KEPT => reply.send(Err("it is no event".into())),
        REFUSED => reply.send(Err("it is refused".into())),
        _ => reply.send(Ok(())),
    }
}

/// Connects and says this before the door can see that somebody came; what it hears.
async fn said(house: &House, bytes: &[u8]) -> String {
    let mut stream = Blocking::connect(house.socket()).expect("the door is there");
    stream.write_all(bytes).expect("room for it");
    stream.set_nonblocking(true).expect("a socket");
    rest(UnixStream::from_std(stream).expect("a socket")).await
}

/// The long way says more.
fn is_short(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 ") && !answer.contains("content-security-policy")
}

#[tokio::test]
async fn what_a_hook_tells_goes_the_short_way() {
    let house = House::open();
    let answer = said(&house, &http::request("/event", CONTEXT, b"{\"a\":\"\xff\"}")).await;
    assert!(answer.starts_with("HTTP/1.1 204 ") && is_short(&answer), "{answer}");
    house.was_asked("Event").await;
    let asked = house.asked.lock().expect("no panic").concat();
    assert!(asked.contains(&format!("context: {CONTEXT:?}")), "{asked}");
    let this = format!("hook: Some({})", std::process::id());
    assert!(asked.contains(&this) && asked.contains("255"), "{asked}");

    let answer = said(&house, &http::request("/event", CONTEXT, REFUSED)).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && is_short(&answer), "{answer}");
    let answer = said(&house, &http::request("/event", CONTEXT, UNSTORED)).await;
    assert_eq!(answer, "", "a hook that hears nothing keeps its event");
}

#[tokio::test]
async fn whoever_looks_waits_for_what_hooks_were_told_is_kept() {
    let house = House::open();
    let looks = async |path: &str| ask(house.unix().await, &got(path, "Host: ccmon")).await.0;
    let settles = || house.asked.lock().expect("no panic").iter().filter(|ask| ask.starts_with("Settle")).count();
    let answer = said(&house, &http::request("/event", CONTEXT, KEPT)).await;
    assert!(answer.starts_with("HTTP/1.1 204 "), "it was told so before the engine saw it: {answer}");
    house.was_asked("hook: None").await;
    assert_eq!((looks("/sessions").await, settles()), (200, 0), "nothing is behind");

    let answer = said(&house, &http::request("/event", CONTEXT, LONG)).await;
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    let begun = Instant::now();
    assert_eq!((looks("/sessions").await, settles()), (200, 1));
    assert!(begun.elapsed() >= Duration::from_millis(200), "nobody said that it is settled");
    let asked = house.asked.lock().expect("no panic").concat();
    assert!(asked.rfind("Event {").expect("an event") < asked.find("Settle").expect("it was waited for"), "{asked}");
    // These do not look; and hooks come one after the other anyway.
    assert_eq!((looks("/healthz").await, settles()), (200, 1));
    let event = String::from_utf8(http::request("/event", CONTEXT, b"{}")).expect("text");
    said(&house, event.replace("Host: ccmon", "Host: other").as_bytes()).await;
    assert_eq!(settles(), 1);
}

#[tokio::test]
async fn whatever_differs_goes_the_long_way() {
    let house = House::open();
    let event = http::request("/event", CONTEXT, b"{}");
    let text = String::from_utf8(event.clone()).expect("text");
    let large = http::request("/event", CONTEXT, format!("{{\"a\":\"{}\"}}", "x".repeat(100_000)).as_bytes());
    let others = [
        (text.replace("Host: ccmon", "Host: other"), "HTTP/1.1 204 "),
        (text.replace("Host: ccmon", "Origin: http://evil.example\r\nHost: ccmon"), "HTTP/1.1 403 "),
        (text.replace("Connection: close", "Sec-Fetch-Site: cross-site\r\nConnection: close"), "HTTP/1.1 403 "),
        (text.replace("application/json", "text/plain"), "HTTP/1.1 415 "),
        (text.replace("POST /event", "POST http://ccmon/event"), "HTTP/1.1 403 "),
        (text.replace("POST /event", "POST /shutdown"), "HTTP/1.1 "),
        (String::from_utf8(large).expect("text"), "HTTP/1.1 204 "),
    ];
    for (other, begins) in others {
        let answer = said(&house, other.as_bytes()).await;
        assert!(answer.starts_with(begins) && !is_short(&answer), "{other:.200} {answer}");
    }
    // What comes in two parts is put together there; what comes behind it is not taken for a part of it.
    let (one, two) = event.split_at(event.len() / 2);
    let mut stream = Blocking::connect(house.socket()).expect("the door is there");
    stream.write_all(one).expect("room for it");
    // It came in after this one, so that one has been looked at.
    assert_eq!(ask(house.unix().await, &got("/healthz", "Host: ccmon")).await.0, 200);
    stream.write_all(two).expect("room for it");
    stream.set_nonblocking(true).expect("a socket");
    let answer = rest(UnixStream::from_std(stream).expect("a socket")).await;
    assert!(answer.starts_with("HTTP/1.1 204 ") && !is_short(&answer), "{answer}");
    let answer = said(&house, &[&event[..], &event].concat()).await;
    assert!(answer.starts_with("HTTP/1.1 204 ") && !is_short(&answer), "{answer}");
}

#[tokio::test]
async fn a_place_is_free_again_once_the_event_is_answered() {
    let house = House::open();
    // More than there are places.
    for number in 0..5_000 {
        let payload = if number % 2 == 0 { UNSTORED } else { b"{}" };
        said(&house, &http::request("/event", CONTEXT, payload)).await;
    }
    assert_eq!(ask(house.unix().await, &got("/healthz", "Host: ccmon")).await.0, 200);
}
