//! The popup: which requests it shows, and when it is on the screen. One window, many requests.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ccmon::api::Wish;
use ccmon::core::{Board, SessionKey, State, Time};
use tao::event_loop::{EventLoopProxy, EventLoopWindowTarget};
use tao::window::WindowId;

use crate::UserEvent;
use crate::host::Host;
use crate::page::{Tells, Told};
use crate::window::PopupWindow;

/// A request that was put off comes back this long before it is handed to the terminal.
const LAST_MINUTE_MS: u64 = 60_000;
/// How long the page may take to say how the last request ended.
const ENDING: Duration = Duration::from_millis(950);
/// Page and web process are dropped when nothing has worked for so long: hidden, they still cost memory
/// and some sixteen wake-ups a second. A prompt brings them back before Claude can ask for anything.
const KEPT: Duration = Duration::from_secs(60);

/// The popup and what it has to remember.
pub struct Popup {
    proxy: EventLoopProxy<UserEvent>,
    window: Option<PopupWindow>,
    loaded: bool,
    /// Waits for the page to have taken in what is to be shown.
    showing: bool,
    /// What its page has to show once it is loaded.
    asked: Option<Told>,
    /// Requests the user put off.
    later: BTreeSet<String>,
    /// When the window goes, whatever the page says.
    ending: Option<Instant>,
    /// Since when nothing has worked.
    quiet: Option<Instant>,
}

impl Popup {
    /// No window yet: it is made when a session works.
    #[must_use]
    pub fn new(proxy: EventLoopProxy<UserEvent>) -> Self {
        Self {
            proxy,
            window: None,
            loaded: false,
            showing: false,
            asked: None,
            later: BTreeSet::new(),
            ending: None,
            quiet: None,
        }
    }

    /// Whether this is the popup's window.
    #[must_use]
    pub fn is(&self, id: WindowId) -> bool {
        self.window.as_ref().is_some_and(|window| window.id() == id)
    }

    /// Follows a new picture.
    pub fn follow(
        &mut self,
        board: &Arc<Board>,
        now: Time,
        lost: bool,
        target: &EventLoopWindowTarget<UserEvent>,
        host: &Host,
    ) {
        self.keep_ready(board, target, host);
        let pending: BTreeSet<String> = board.pending().iter().map(|approval| approval.id.to_string()).collect();
        self.later.retain(|id| pending.contains(id));
        self.tell(&Told::board(board, now, lost));
        let wanted = pending.iter().any(|id| !self.later.contains(id));
        if wanted {
            self.ending = None;
            self.showing = self.window.as_ref().is_some_and(|window| !window.is_visible());
        } else if self.is_visible() {
            self.ending = self.ending.or_else(|| Some(Instant::now() + ENDING));
        }
        self.bring_back(board, now);
    }

    /// Hears the page.
    pub fn hear(&mut self, text: &str, board: &Arc<Board>, now: Time, lost: bool, host: &Host) {
        let Ok(message) = serde_json::from_str(text) else {
            return;
        };
        match message {
            Tells::Ready => {
                tracing::debug!("the popup's page is loaded");
                self.loaded = true;
                self.tell(&Told::board(board, now, lost));
                if let Some(asked) = self.asked.take() {
                    self.tell(&asked);
                }
                self.showing = board.pending().iter().any(|approval| !self.later.contains(&approval.id.to_string()));
            }
            Tells::Size { height } => {
                tracing::debug!("the page would like {height} px");
                if let Some(window) = &mut self.window {
                    window.resize(height);
                }
            }
            Tells::Later { id } => {
                self.later.insert(id);
            }
            Tells::Empty => self.hide(),
            Tells::Jump { session } => host.go(Wish::To(SessionKey(session.into()))),
            Tells::Dashboard { id } => drop(self.proxy.send_event(UserEvent::InDashboard(id))),
            Tells::Shown { id } => tracing::debug!("request {id} is on the screen"),
        }
    }

    /// The page has taken in what it was told: now it can be seen.
    pub fn told(&mut self) {
        if self.showing && self.loaded {
            self.showing = false;
            if let Some(window) = &mut self.window {
                window.show();
            }
        }
    }

    /// Opens a request, or the oldest: somebody asked for it.
    pub fn open(&mut self, id: Option<&str>) {
        match id {
            Some(id) => drop(self.later.remove(id)),
            None => self.later.clear(),
        }
        self.showing = true;
        let show = Told::Show { id: id.map(str::to_owned) };
        if self.loaded { self.tell(&show) } else { self.asked = Some(show) }
    }

    /// Shows what waits, or puts it off when it is on the screen already: `false` when nothing waits.
    pub fn toggle(&mut self, board: &Board) -> bool {
        if self.is_visible() {
            self.put_off(board);
            return true;
        }
        let waits = !board.pending().is_empty();
        if waits {
            self.open(None);
        }
        waits
    }

    /// The window has another size now.
    pub fn resized(&self) {
        if let Some(window) = &self.window {
            window.settle();
        }
    }

    /// Tells the page whether it has the keyboard.
    pub fn focus(&mut self, on: bool) {
        self.tell(&Told::Focus { on });
    }

    /// Does what is due by now.
    pub fn wake(&mut self, board: &Arc<Board>, now: Time) {
        if self.ending.is_some_and(|at| at <= Instant::now()) {
            self.hide();
        }
        if self.quiet.is_some_and(|since| since.elapsed() >= KEPT) {
            (self.window, self.loaded, self.showing, self.quiet) = (None, false, false, None);
        }
        self.bring_back(board, now);
    }

    /// How long until [`Popup::wake`] has something to do.
    #[must_use]
    pub fn next_wake(&self, board: &Board, now: Time) -> Option<Duration> {
        let ending = self.ending.map(|at| at.saturating_duration_since(Instant::now()));
        let quiet = self.quiet.filter(|_| self.window.is_some()).map(|since| KEPT.saturating_sub(since.elapsed()));
        let put_off = board.pending().into_iter().filter(|approval| self.later.contains(&approval.id.to_string()));
        let back =
            put_off.map(|approval| Duration::from_millis(approval.expires.since(now.plus(LAST_MINUTE_MS)))).min();
        ending.into_iter().chain(quiet).chain(back).min()
    }

    /// Takes it off the screen: everything pending counts as put off.
    pub fn hide(&mut self) {
        (self.ending, self.showing) = (None, false);
        if let Some(window) = &mut self.window {
            window.hide();
        }
    }

    /// Puts everything off, as when the window is closed from outside.
    pub fn put_off(&mut self, board: &Board) {
        self.later.extend(board.pending().iter().map(|approval| approval.id.to_string()));
        self.hide();
    }

    fn is_visible(&self) -> bool {
        self.window.as_ref().is_some_and(PopupWindow::is_visible)
    }

    /// A window is made as soon as a session works, so that it is loaded by the first request.
    fn keep_ready(&mut self, board: &Board, target: &EventLoopWindowTarget<UserEvent>, host: &Host) {
        let busy = |state| matches!(state, State::Working | State::AwaitingPermission | State::AwaitingAnswer);
        if !board.sessions.values().any(|session| busy(session.state)) {
            self.quiet = self.quiet.or_else(|| Some(Instant::now()));
            return;
        }
        self.quiet = None;
        if self.window.is_none() {
            tracing::debug!("making the popup's window");
            match PopupWindow::new(target, &self.proxy, host) {
                Ok(window) => self.window = Some(window),
                Err(error) => tracing::error!("no popup: {error:#}"),
            }
        }
    }

    fn bring_back(&mut self, board: &Arc<Board>, now: Time) {
        let due = |id: &&String| {
            let approval = board.approvals.get(&ccmon::core::ApprovalId(id.as_str().into()));
            approval.is_some_and(|approval| approval.expires.since(now) <= LAST_MINUTE_MS)
        };
        let back: Vec<String> = self.later.iter().filter(due).cloned().collect();
        for id in back {
            self.open(Some(&id));
        }
    }

    fn tell(&self, what: &Told) {
        if let Some(window) = self.window.as_ref().filter(|_| self.loaded) {
            window.tell(&what.script(), &self.proxy);
        }
    }
}
