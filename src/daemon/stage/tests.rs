//! What counts as seen, and when it is looked.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::timeout;

use super::*;
use crate::core::{Core, Input, Limits};

const PATIENCE: Duration = Duration::from_secs(20);

/// Eyes that count their looks at the screen, and see nothing.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Eyes for Counting {
    fn look_at(&self, _seat: &Seat) -> bool {
        false
    }

    fn covers(&self) -> Vec<Area> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Vec::new()
    }
}

/// A lookout and all that it goes by.
struct Post {
    eyes: Arc<Counting>,
    board: watch::Sender<Arc<Board>>,
    moves: watch::Sender<u64>,
    untold: watch::Sender<Option<BTreeSet<ApprovalId>>>,
    speaker: watch::Receiver<Option<Watched>>,
    told: mpsc::Receiver<Ask>,
    sight: Sight,
    /// They stay as they are.
    _rest: (watch::Sender<Arc<Config>>, watch::Sender<Option<Time>>),
}

impl Post {
    /// With a popup that says this of itself.
    fn begin(showing: Showing) -> Self {
        let eyes = Arc::new(Counting::default());
        let (board, boards) = watch::channel(Arc::default());
        let (settings, setting) = watch::channel(Arc::new(Config::default()));
        let (quieter, quiet) = watch::channel(None);
        let (moves, moved) = watch::channel(0);
        let (inbox, told) = mpsc::channel(8);
        let (speak, speaker) = watch::channel(None);
        let (untold, untelling) = watch::channel(Some(BTreeSet::new()));
        let (lookout, sight) = Lookout::new(Sources {
            eyes: Arc::<Counting>::clone(&eyes),
            board: boards,
            settings: setting,
            quiet,
            moves: moved,
            inbox,
            speaker: speak,
            untold: untelling,
        });
        sight.popup.send_replace(Some(showing));
        tokio::spawn(lookout.keep_looking());
        Self { eyes, board, moves, untold, speaker, told, sight, _rest: (settings, quieter) }
    }

    /// The next word to the core.
    async fn told(&mut self) -> Watched {
        match timeout(PATIENCE, self.told.recv()).await.expect("the core is told") {
            Some(Ask::Watched(watched)) => watched,
            _ => panic!("something else was said, or nothing"),
        }
    }

    /// Somebody asks under these ids, each in a session of its own.
    fn ask(&self, ids: &[u32]) {
        let mut core = Core::new(Limits::default());
        for id in ids {
            let context = format!(r#"{{"id":"{id:032}","started_ms":1,"pid":{id},"start":1,"env":{{}}}}"#);
            let payload = format!(
                r#"{{"hook_event_name":"PermissionRequest","session_id":"s{id}","cwd":"/p","tool_name":"Bash",
                "tool_input":{{"command":"make"}}}}"#
            );
            let asked = crate::claude::payload::read(&context, payload.as_bytes(), Time(1)).expect("a hook call");
            core.apply(Time(1), Input::Request(asked));
        }
        self.board.send_replace(Arc::new(core.board().clone()));
    }

    async fn wait_for_looks(&self, count: usize) {
        let looked = async {
            while self.eyes.0.load(Ordering::SeqCst) < count {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, looked).await.expect("it is looked");
    }
}

fn key(name: &str) -> SessionKey {
    SessionKey(name.into())
}

fn id(name: &str) -> ApprovalId {
    ApprovalId(name.into())
}

fn comes(comes: Comes) -> Showing {
    Showing { comes, ..Showing::default() }
}

/// What counts with nothing in the way but this.
fn seen(stage: &Stage, presence: Presence, showing: &Showing) -> Watched {
    watched(stage, presence, Some(showing), Some([id("untold")].into()))
}

#[test]
fn a_popup_is_seen_only_by_somebody_who_is_there() {
    let (free, here) = (Stage::default(), Presence::default());
    let popup = comes(Comes::Itself);
    assert!(seen(&free, here, &popup).popup);
    assert!(!seen(&free, here, &comes(Comes::Quietly)).popup, "a film fills the screen");
    assert!(!seen(&free, Presence { idle: true, ..here }, &popup).popup);
    assert!(!seen(&Stage { quiet: Some(Time(1)), ..free.clone() }, here, &popup).popup);
    let away = Presence { active: false, ..here };
    assert_eq!(watched(&free, away, None, None), Watched::default(), "without a popup there are other ways");
    let stage = Stage { terminals: [(key("a"), true), (key("b"), false)].into(), ..free };
    assert_eq!(seen(&stage, here, &popup).terminals, [key("a")].into());
}

#[test]
fn notifications_count_only_in_the_place_of_a_popup_and_never_as_one() {
    let (free, here) = (Stage::default(), Presence::default());
    let asked = comes(Comes::Asked);
    let instead = seen(&free, here, &asked);
    assert_eq!((instead.popup, instead.untold), (false, Some([id("untold")].into())));
    assert_eq!(watched(&free, here, Some(&asked), None).untold, None, "nobody says anything");
    for other in [Comes::Itself, Comes::Quietly] {
        assert_eq!(seen(&free, here, &comes(other)).untold, None, "{other:?}");
    }
    assert_eq!(seen(&free, Presence { locked: true, ..here }, &asked).untold, None);
    assert_eq!(seen(&Stage { quiet: Some(Time(1)), ..free }, here, &asked).untold, None);
}

#[test]
fn what_was_asked_for_is_seen_also_while_nothing_comes_by_itself() {
    let quiet = Stage { quiet: Some(Time(1)), ..Stage::default() };
    let showing = Showing { comes: Comes::Quietly, asked: [id("a")].into() };
    assert_eq!(seen(&quiet, Presence::default(), &showing).shown, [id("a")].into());
    let locked = Presence { locked: true, ..Presence::default() };
    assert!(seen(&quiet, locked, &showing).shown.is_empty());
}

#[tokio::test]
async fn the_core_hears_what_no_notification_tells_and_who_speaks_only_what_is_seen() {
    let mut post = Post::begin(comes(Comes::Asked));
    let instead = Watched { popup: false, untold: Some(BTreeSet::new()), ..Watched::default() };
    assert_eq!(post.told().await, instead);
    post.untold.send_replace(Some([id("a")].into()));
    assert_eq!(post.told().await.untold, Some([id("a")].into()));
    let spoken = Some(Watched { untold: None, ..instead });
    assert_eq!(*post.speaker.borrow_and_update(), spoken);
    post.untold.send_replace(None);
    assert_eq!(post.told().await.untold, None, "nobody says anything any more");
    assert!(!post.speaker.has_changed().expect("it lives"), "who speaks is not told of its own words");
}

#[tokio::test]
async fn what_the_popup_was_asked_for_is_known_at_once() {
    let mut post = Post::begin(comes(Comes::Asked));
    assert!(post.told().await.shown.is_empty());
    post.sight.popup.send_replace(Some(Showing { comes: Comes::Asked, asked: [id("a")].into() }));
    assert_eq!(post.told().await.shown, [id("a")].into());
    let seen = post.speaker.wait_for(|seen| seen.as_ref().is_some_and(|seen| !seen.shown.is_empty()));
    timeout(PATIENCE, seen).await.expect("who speaks knows it too").expect("it lives");
}

#[tokio::test]
async fn it_is_looked_when_somebody_asks_and_when_the_focus_moves() {
    let post = Post::begin(comes(Comes::Itself));
    post.moves.send_modify(|count| *count += 1);
    post.ask(&[1]);
    post.wait_for_looks(1).await;
    for round in 2..=9 {
        // Far more often than it would look by itself.
        post.moves.send_modify(|count| *count += 1);
        post.wait_for_looks(round).await;
    }
    let before = post.eyes.0.load(Ordering::SeqCst);
    post.ask(&[1, 2]);
    post.wait_for_looks(before + 1).await;
}
