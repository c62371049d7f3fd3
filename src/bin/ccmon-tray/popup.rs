//! The popup: which requests it shows, and when it is on the screen. One window, many requests.

mod ready;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ccmon::api::{Showing, Stage, Wish};
use ccmon::core::{ApprovalId, Board, SessionKey, Time};
use tao::event_loop::{EventLoopProxy, EventLoopWindowTarget};
use tao::window::WindowId;
use tokio::sync::watch;

use crate::UserEvent;
use crate::host::Host;
use crate::look::Look;
use crate::manners::Manners;
use crate::page::{Tells, Told};
use crate::pulse::Pulse;
use crate::screens;
use crate::window::{self, PopupWindow};

/// A request that was put off comes back this long before it is handed to the terminal.
const LAST_MINUTE_MS: u64 = 60_000;
/// How long the page may take to say how the last request ended.
const ENDING: Duration = Duration::from_millis(950);
/// Panels move after the monitors did, and nothing tells of that.
const PANELS: Duration = Duration::from_millis(700);

/// The popup and what it has to remember.
pub struct Popup {
    proxy: EventLoopProxy<UserEvent>,
    window: Option<PopupWindow>,
    loaded: bool,
    /// Waits for the page to have taken in what is to be shown.
    showing: bool,
    /// What its page has to show once it is loaded.
    asked: Option<Told>,
    /// The picture it goes by,
    board: Arc<Board>,
    /// and whether that is old.
    lost: bool,
    /// When it stays away,
    manners: Manners,
    /// and who is told.
    sight: watch::Sender<Option<Showing>>,
    /// Requests the user put off.
    later: BTreeSet<String>,
    /// When the window goes, whatever the page says.
    ending: Option<Instant>,
    /// Since when nothing has worked.
    quiet: Option<Instant>,
    /// When it is put into its corner once more.
    settling: Option<Instant>,
    /// When its page died last.
    died: Option<Instant>,
}

impl Popup {
    /// No window yet: it is made when a session works.
    #[must_use]
    pub fn new(proxy: EventLoopProxy<UserEvent>, host: &Host) -> Self {
        let shy = window::is_rude();
        if shy {
            tracing::info!(
                "this Wayland desktop has no layer-shell, a popup would take the focus: it comes when it \
                is asked for, and notifications tell of requests"
            );
        }
        let popup = Self {
            proxy,
            window: None,
            loaded: false,
            showing: false,
            asked: None,
            board: Arc::default(),
            lost: false,
            manners: Manners::new(shy),
            sight: host.hub.sight.popup.clone(),
            later: BTreeSet::new(),
            ending: None,
            quiet: None,
            settling: None,
            died: None,
        };
        popup.say_what_shows();
        popup
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
        (self.board, self.lost) = (Arc::clone(board), lost);
        self.keep_ready(target, host);
        let pending = self.pending();
        self.later.retain(|id| pending.contains(id));
        self.refresh(now);
        self.bring_back(now);
    }

    /// Follows the desktop around it.
    pub fn look_around(&mut self, stage: &Arc<Stage>, now: Time) {
        let moved = self.manners.stage.popup != stage.popup;
        self.manners.stage = Arc::clone(stage);
        if moved {
            self.arrange();
        }
        self.see_covers(now);
    }

    /// Follows the desktop's monitors.
    pub fn rearrange(&mut self, now: Time) {
        self.arrange();
        self.settling = Some(Instant::now() + PANELS);
        self.see_covers(now);
    }

    /// Follows the desktop's looks.
    pub fn dress(&mut self) {
        let look = Look::now();
        if let Some(window) = &mut self.window {
            window.dress(look);
        }
        self.tell(&look.told());
    }

    /// Hears the page.
    pub fn hear(&mut self, text: &str, now: Time, host: &Host) {
        let Ok(message) = serde_json::from_str(text) else {
            return;
        };
        match message {
            Tells::Ready => self.begin(now),
            Tells::Size { height } => {
                if let Some(window) = &mut self.window {
                    window.resize(height);
                }
            }
            Tells::Later { id } => {
                self.manners.forget(&id);
                self.later.insert(id);
                self.say_what_shows();
            }
            Tells::Empty { known } if self.wanted().all(|id| known.contains(&id)) => self.hide(),
            // Something came meanwhile, and will be on it with the next picture.
            Tells::Empty { .. } => {}
            Tells::Jump { session } => host.go(Wish::To(SessionKey(session.into()))),
            Tells::Dashboard { id } => drop(self.proxy.send_event(UserEvent::InDashboard(id))),
            Tells::Shown { .. } => self.window.iter().for_each(PopupWindow::turned),
        }
    }

    /// The page is loaded.
    fn begin(&mut self, now: Time) {
        self.loaded = true;
        self.dress();
        self.refresh(now);
        if let Some(asked) = self.asked.take() {
            self.tell(&asked);
        }
    }

    /// Tells the page how things stand; the window comes when there is something to show, and goes when not.
    fn refresh(&mut self, now: Time) {
        let silent = self.manners.look(&self.board, Instant::now());
        let told = Told::board(&self.board, now, self.lost, silent);
        self.tell(&told);
        self.say_what_shows();
        if self.wanted().next().is_some() {
            self.ending = None;
            self.showing = self.window.as_ref().is_some_and(|window| !window.is_visible());
        } else {
            self.showing = false;
            self.ending = self.is_visible().then(|| self.ending.unwrap_or_else(|| Instant::now() + ENDING));
        }
    }

    /// The page has taken in what it was told: now it can be seen.
    pub fn told(&mut self) {
        self.manners.took();
        self.say_what_shows();
        if let Some(window) = self.window.as_mut().filter(|_| self.showing && self.loaded) {
            self.showing = false;
            window.show();
        }
    }

    /// Opens a request, or the oldest: somebody asked for it.
    pub fn open(&mut self, id: Option<&str>, now: Time) {
        match id {
            Some(id) => {
                self.later.remove(id);
                self.manners.ask_for([id.to_owned()]);
            }
            None => {
                self.later.clear();
                self.manners.ask_for(self.pending());
            }
        }
        self.bring(id, now);
    }

    /// Shows what waits, or puts it off when it is on the screen already: `false` when nothing waits.
    pub fn toggle(&mut self, now: Time, host: &Host) -> bool {
        if self.is_visible() {
            self.put_off(host);
            return true;
        }
        let waits = self.board.badge() > 0;
        if waits {
            self.open(None, now);
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
    pub fn focus(&mut self, on: bool, now: Time) {
        self.manners.focused = on;
        self.tell(&Told::Focus { on });
        if !on {
            self.refresh(now);
        }
    }

    /// Does what is due by now.
    pub fn wake(&mut self, now: Time) {
        if self.ending.is_some_and(|at| at <= Instant::now()) {
            self.hide();
        }
        if self.quiet.is_some_and(|since| since.elapsed() >= self.kept()) {
            (self.window, self.loaded, self.showing, self.quiet) = (None, false, false, None);
            (self.manners.focused, self.manners.pulse) = (false, Pulse::default());
        }
        if self.settling.take_if(|at| *at <= Instant::now()).is_some() {
            self.arrange();
            self.refresh(now);
        }
        if self.manners.is_late(&self.board, Instant::now()) {
            self.refresh(now);
        }
        self.bring_back(now);
        self.say_what_shows();
    }

    /// How long until [`Popup::wake`] has something to do.
    #[must_use]
    pub fn next_wake(&self, now: Time) -> Option<Duration> {
        let soon = [self.ending, self.settling].into_iter().flatten();
        let soon = soon.map(|at| at.saturating_duration_since(Instant::now()));
        let quiet = self.quiet.filter(|_| self.window.is_some());
        let quiet = quiet.map(|since| self.kept().saturating_sub(since.elapsed()));
        let put_off = self.board.pending().into_iter().filter(|approval| self.later.contains(&approval.id.to_string()));
        let back =
            put_off.map(|approval| Duration::from_millis(approval.expires.since(now.plus(LAST_MINUTE_MS)))).min();
        let unknown = self.manners.wait(&self.board, Instant::now());
        let pulse = self.manners.pulse.wait(Instant::now());
        soon.chain(quiet).chain(back).chain(unknown).chain(pulse).min()
    }

    /// Takes it off the screen: everything pending counts as put off.
    pub fn hide(&mut self) {
        (self.ending, self.showing) = (None, false);
        if let Some(window) = &mut self.window {
            window.hide();
        }
    }

    /// Its window is closed from outside: by somebody who wants to see none of it, or by a compositor that has
    /// taken its screen away. Then it comes back on another.
    pub fn closed(&mut self, host: &Host) {
        if self.window.as_ref().is_some_and(PopupWindow::is_layered) {
            self.hide();
            self.settling = Some(Instant::now() + PANELS);
        } else {
            self.put_off(host);
        }
    }

    /// Puts off what it shows; what is held back comes up by itself. Where the terminal shows nothing meanwhile, it asks
    /// from now on.
    pub fn put_off(&mut self, host: &Host) {
        for id in self.wanted().collect::<Vec<_>>() {
            let approval = self.board.approvals.get(&ApprovalId(id.as_str().into()));
            if let Some(approval) = approval.filter(|approval| approval.hides_terminal) {
                host.release(approval);
            }
            self.manners.forget(&id);
            self.later.insert(id);
        }
        self.say_what_shows();
        self.hide();
    }

    /// The requests that are to be on the screen.
    fn wanted(&self) -> impl Iterator<Item = String> {
        self.pending().into_iter().filter(|id| !self.later.contains(id) && !self.manners.holds_back(id))
    }

    fn is_visible(&self) -> bool {
        self.window.as_ref().is_some_and(PopupWindow::is_visible)
    }

    fn pending(&self) -> BTreeSet<String> {
        self.board.pending().iter().map(|approval| approval.id.to_string()).collect()
    }

    /// What was put off comes back in its last minute.
    fn bring_back(&mut self, now: Time) {
        let due = |id: &&String| {
            let approval = self.board.approvals.get(&ApprovalId(id.as_str().into()));
            approval.is_some_and(|approval| approval.expires.since(now) <= LAST_MINUTE_MS)
        };
        for id in self.later.iter().filter(due).cloned().collect::<Vec<_>>() {
            self.later.remove(&id);
            self.bring(Some(&id), now);
        }
    }

    fn bring(&mut self, id: Option<&str>, now: Time) {
        self.refresh(now);
        let show = Told::Show { id: id.map(str::to_owned) };
        if self.loaded { self.tell(&show) } else { self.asked = Some(show) }
    }

    fn arrange(&mut self) {
        if let Some(window) = &mut self.window {
            window.arrange(&self.manners.stage.popup);
        }
    }

    fn see_covers(&mut self, now: Time) {
        let stage = &self.manners.stage;
        self.manners.covered = screens::is_covered(&stage.popup, &stage.covers);
        self.refresh(now);
    }

    /// What notifications stay away for, and what a sub-agent's request is held by.
    fn say_what_shows(&self) {
        let shows = Some(self.manners.showing());
        self.sight.send_if_modified(|now| std::mem::replace(now, shows.clone()) != shows);
    }

    fn tell(&mut self, what: &Told) {
        if let Some(window) = &self.window {
            self.manners.pulse.told(Instant::now());
            if self.loaded {
                window.tell(&what.script(), &self.proxy);
            }
        }
    }
}
