//! What the tray's menu and tooltip say: values, drawn by `tray`.

use ccmon::cli::visible;
use ccmon::core::{Approval, Board, Session, State, Time};

/// Longest text of an item, in characters.
const LONGEST: usize = 72;
/// Most sessions listed.
const MOST: usize = 30;

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Says something.
    Label(String),
    /// Does something: the action's id comes back when it is chosen.
    Action {
        /// Comes back as [`crate::UserEvent::Chosen`].
        id: String,
        /// What it says.
        text: String,
    },
    /// More of them, a level down.
    Submenu(String, Vec<Item>),
    /// A line between.
    Separator,
}

/// What is said while rules are paused.
const PAUSED: &str = "Rules paused";

/// Id of the item that ends ccmon.
pub const QUIT: &str = "quit";
/// Ids of the items that open a request begin so.
pub const OPEN: &str = "open:";
/// Ids of the items that go to a session's terminal begin so.
pub const JUMP: &str = "jump:";
/// Id of the item that goes to the session that needs you most.
pub const NEXT: &str = "next";
/// Id of the item that opens the dashboard.
pub const DASHBOARD: &str = "dashboard";
/// Id of the item that keeps rules from answering.
pub const PAUSE: &str = "pause";
/// Id of the item that lets rules answer again.
pub const RESUME: &str = "resume";

/// Ids of the items that keep popups and notifications away for a while,
pub const HUSH_HOUR: &str = "quiet-hour";
/// until tomorrow,
pub const HUSH_DAY: &str = "quiet-day";
/// and no longer.
pub const UNHUSH: &str = "quiet-end";

/// How long nothing comes up by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// Until then, on the clock on the wall.
    pub until: String,
    /// The user said so for now, and can take it back; otherwise it is the hours of every day.
    pub for_now: bool,
}

/// The menu of a picture.
#[must_use]
pub fn menu(board: &Board, quiet: Option<&Quiet>) -> Vec<Item> {
    let mut items = vec![Item::Label(headline(board))];
    // Without a request the headline says it.
    items.extend((board.rules_paused && board.badge() > 0).then(|| Item::Label(PAUSED.into())));
    items.extend(quiet.map(|quiet| Item::Label(hushed(quiet))));
    items.extend(board.trouble.iter().map(|trouble| Item::Label(short(trouble))));
    let pending = board.pending();
    if !pending.is_empty() {
        items.push(Item::Separator);
        items.extend(pending.iter().take(MOST).map(|approval| request(board, approval)));
    }
    items.extend(sessions(board));
    let action = |id: &str, text: &str| Item::Action { id: id.into(), text: text.into() };
    items.extend([Item::Separator, action(DASHBOARD, "Dashboard"), rules(board)]);
    items.extend(match quiet {
        Some(quiet) if quiet.for_now => vec![action(UNHUSH, "End quiet")],
        _ => vec![action(HUSH_HOUR, "Quiet for 1 h"), action(HUSH_DAY, "Quiet until tomorrow")],
    });
    items.push(action(QUIT, "Quit"));
    items
}

fn hushed(quiet: &Quiet) -> String {
    format!("Quiet until {}", quiet.until)
}

fn rules(board: &Board) -> Item {
    let (id, text) = if board.rules_paused { (RESUME, "Resume rules") } else { (PAUSE, "Pause rules") };
    Item::Action { id: id.into(), text: text.into() }
}

/// Sessions by need: those that need you at hand, the others a level down. Each is a way there.
fn sessions(board: &Board) -> Vec<Item> {
    let living: Vec<_> = board.by_need().into_iter().filter(|s| s.state != State::Ended).collect();
    let (needing, others): (Vec<_>, Vec<_>) = living.into_iter().partition(|session| session.needs_you);
    let (working, resting): (Vec<_>, Vec<_>) = others.into_iter().partition(|s| s.state == State::Working);
    let mut items = Vec::new();
    if !needing.is_empty() {
        items.extend([Item::Separator, Item::Action { id: NEXT.into(), text: "Next".into() }]);
        items.extend(needing.iter().take(MOST).map(|session| line(session)));
    }
    let groups = [("Working", working), ("Idle", resting.into_iter().filter(|s| !s.dismissed).collect())];
    let groups: Vec<_> = groups.into_iter().filter(|(_, sessions)| !sessions.is_empty()).collect();
    if !groups.is_empty() {
        items.push(Item::Separator);
    }
    items.extend(groups.into_iter().map(|(name, sessions)| {
        let lines = sessions.iter().take(MOST).map(|session| line(session)).collect();
        Item::Submenu(format!("{name} ({})", sessions.len()), lines)
    }));
    items
}

/// The tooltip of a picture at `now`.
#[must_use]
pub fn tooltip(board: &Board, quiet: Option<&Quiet>, now: Time) -> String {
    if board.trouble.is_some() {
        return "ccmon has a problem, open to see".into();
    }
    let quiet = quiet.map(|quiet| format!(". {}", hushed(quiet))).unwrap_or_default();
    match board.pending().first() {
        Some(oldest) => {
            let paused = if board.rules_paused { ". Rules are paused" } else { "" };
            let age = age(now.since(oldest.opened));
            format!("{}, oldest: {}, {age}{paused}{quiet}", headline(board), project(board, oldest))
        }
        None => headline(board) + &quiet,
    }
}

/// What matters most, in one line.
fn headline(board: &Board) -> String {
    let working = board.sessions.values().filter(|s| s.state == State::Working).count();
    let calm = if board.rules_paused { PAUSED } else { "All clear" };
    match (board.badge(), working) {
        (0, 0) => calm.into(),
        (0, working) => format!("{calm}, {working} working"),
        (1, _) => "1 request waits for you".into(),
        (many, _) => format!("{many} requests wait for you"),
    }
}

fn request(board: &Board, approval: &Approval) -> Item {
    let what = approval.input.get("command").or_else(|| approval.input.get("file_path")).and_then(|v| v.as_str());
    let what = what.map(|what| format!(": {what}")).unwrap_or_default();
    let text = short(&format!("{} – {}{what}", project(board, approval), approval.tool));
    Item::Action { id: format!("{OPEN}{}", approval.id), text }
}

fn project(board: &Board, approval: &Approval) -> String {
    short(board.sessions.get(&approval.session).map_or("a session", |session| &session.project))
}

fn line(session: &Session) -> Item {
    let branch = session.branch.as_ref().map(|branch| format!(" ({branch})")).unwrap_or_default();
    let tag = session.tag.as_ref().map(|tag| format!(" [{tag}]")).unwrap_or_default();
    let text = short(&format!("{}{branch}{tag} – {}", session.project, in_words(session.state)));
    Item::Action { id: format!("{JUMP}{}", session.key), text }
}

fn in_words(state: State) -> &'static str {
    match state {
        State::AwaitingPermission => "needs permission",
        State::AwaitingAnswer => "needs an answer",
        State::Failed => "failed",
        State::Stuck => "stuck",
        State::Done => "done",
        State::Working => "working",
        State::Idle => "idle",
        State::Lost => "lost",
        State::Ended => "ended",
    }
}

fn age(ms: u64) -> String {
    match ms / 60_000 {
        0 => "just now".into(),
        minutes @ 1..60 => format!("{minutes} min"),
        minutes => format!("{} h", minutes / 60),
    }
}

/// On one line, visible, and no longer than a menu should be wide.
fn short(text: &str) -> String {
    let text = visible(text);
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use ccmon::core::{Core, Hook, HookCall, Input, Limits, Mark, Origin, ProcessId, Raw, SessionKey};

    use super::*;

    #[test]
    fn an_empty_board_is_clear_and_can_be_left() {
        let board = Board::default();
        let action = |id: &str, text: &str| Item::Action { id: id.into(), text: text.into() };
        let hush = [action(HUSH_HOUR, "Quiet for 1 h"), action(HUSH_DAY, "Quiet until tomorrow")];
        let last =
            [&[action(DASHBOARD, "Dashboard"), action(PAUSE, "Pause rules")], &hush[..], &[action(QUIT, "Quit")]];
        assert_eq!(menu(&board, None)[..2], [Item::Label("All clear".into()), Item::Separator]);
        assert_eq!(menu(&board, None)[2..], last.concat());
        assert_eq!(tooltip(&board, None, Time(0)), "All clear");
    }

    #[test]
    fn paused_rules_are_told_and_can_be_resumed() {
        let mut core = Core::new(Limits::default());
        core.apply(Time(1), Input::Hook(call(1, Hook::Prompted { text: "go".into(), synthetic: false })));
        let board = Board { rules_paused: true, ..core.board().clone() };
        let items = menu(&board, None);
        assert_eq!(items[0], Item::Label("Rules paused, 1 working".into()));
        assert!(items.contains(&Item::Action { id: RESUME.into(), text: "Resume rules".into() }));
        assert_eq!(tooltip(&board, None, Time(0)), "Rules paused, 1 working");

        let asking = Board { rules_paused: true, ..with_a_request() };
        assert_eq!(
            menu(&asking, None)[..2],
            ["1 request waits for you", "Rules paused"].map(|text| Item::Label(text.into()))
        );
        assert_eq!(
            tooltip(&asking, None, Time(60_001)),
            "1 request waits for you, oldest: p1, 1 min. Rules are paused"
        );
    }

    #[test]
    fn sessions_are_ways_there_those_that_need_you_first() {
        let mut core = Core::new(Limits::default());
        for (pid, what) in [
            (1, Hook::Prompted { text: "go".into(), synthetic: false }),
            (2, Hook::Stopped { message: None, background: 0 }),
            (3, Hook::SessionStarted { source: "startup".into(), model: None, title: None }),
        ] {
            core.apply(Time(pid.into()), Input::Hook(call(pid, what)));
        }
        let key = |pid: u32| SessionKey::of_process(ProcessId { pid, start: 1 });
        let tag = Mark::Tag(Some("fix".into()));
        core.apply(Time(9), Input::Mark(key(2), tag));
        let way = |pid: u32, text: &str| Item::Action { id: format!("{JUMP}{}", key(pid)), text: text.into() };
        let items = menu(core.board(), None);
        let next = Item::Action { id: NEXT.into(), text: "Next".into() };
        assert_eq!(items[1..4], [Item::Separator, next, way(2, "p2 [fix] – done")]);
        assert!(items.contains(&Item::Submenu("Working (1)".into(), vec![way(1, "p1 – working")])));
        assert!(items.contains(&Item::Submenu("Idle (1)".into(), vec![way(3, "p3 – idle")])));
    }

    fn call(pid: u32, what: Hook) -> HookCall {
        HookCall {
            id: format!("{pid:032}"),
            at: Time(pid.into()),
            origin: Origin { process: Some(ProcessId { pid, start: 1 }), ..Origin::default() },
            session_id: format!("s{pid}"),
            transcript: None,
            cwd: format!("/p{pid}"),
            prompt_id: None,
            mode: None,
            agent: None,
            what,
            raw: Raw::default(),
        }
    }

    /// A board on which a session of `/p1` asks since the first millisecond.
    fn with_a_request() -> Board {
        let context = format!(r#"{{"id":"{:032}","started_ms":1,"pid":1,"start":1,"env":{{}}}}"#, 7);
        let payload = br#"{"hook_event_name":"PermissionRequest","session_id":"s1","cwd":"/p1","tool_name":"Bash",
            "tool_input":{"command":"make"}}"#;
        let asked = ccmon::claude::payload::read(&context, payload, Time(1)).expect("a hook call");
        let mut core = Core::new(Limits::default());
        core.apply(Time(1), Input::Request(asked));
        core.board().clone()
    }

    #[test]
    fn quiet_is_told_and_can_be_ended() {
        let has = |items: &[Item], id: &str| {
            items.iter().any(|item| matches!(item, Item::Action { id: other, .. } if other == id))
        };
        let mut quiet = Quiet { until: "14:30".into(), for_now: true };
        let items = menu(&with_a_request(), Some(&quiet));
        assert_eq!(items[1], Item::Label("Quiet until 14:30".into()));
        assert!(has(&items, UNHUSH) && !has(&items, HUSH_HOUR));
        assert_eq!(
            tooltip(&with_a_request(), Some(&quiet), Time(1)),
            "1 request waits for you, oldest: p1, just now. Quiet until 14:30"
        );
        assert_eq!(tooltip(&Board::default(), Some(&quiet), Time(1)), "All clear. Quiet until 14:30");
        quiet.for_now = false;
        let items = menu(&Board::default(), Some(&quiet));
        assert!(!has(&items, UNHUSH) && has(&items, HUSH_DAY), "hours of every day are changed in the settings");
    }

    #[test]
    fn trouble_is_told() {
        let board = Board { trouble: Some("the disk is\u{1b} full".into()), ..Board::default() };
        assert!(menu(&board, None).contains(&Item::Label("the disk is\\u{1b} full".into())));
        assert_eq!(tooltip(&board, None, Time(0)), "ccmon has a problem, open to see");
    }

    #[test]
    fn nothing_is_wider_than_a_menu() {
        assert_eq!(short(&"x".repeat(500)).chars().count(), LONGEST);
    }
}
