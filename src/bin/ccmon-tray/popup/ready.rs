//! When there is a window: as soon as a session works, so that it is loaded by the first request.

use std::time::{Duration, Instant};

use ccmon::core::State;
use tao::event_loop::EventLoopWindowTarget;

use super::Popup;
use crate::UserEvent;
use crate::host::Host;
use crate::pulse::Pulse;
use crate::window::PopupWindow;

/// A page that dies again within this is not made anew at once.
const RESTLESS: Duration = Duration::from_secs(5);

impl Popup {
    /// Its page died: it has a new one at once, or, when that dies too, with the next picture.
    pub fn begin_anew(&mut self, target: &EventLoopWindowTarget<UserEvent>, host: &Host) {
        tracing::warn!("the popup's page died, and is made anew");
        (self.window, self.loaded, self.showing) = (None, false, false);
        // Until there is another, none comes; and none has the keyboard.
        (self.manners.missing, self.manners.focused) = (true, false);
        let again = self.died.replace(Instant::now()).is_some_and(|before| before.elapsed() < RESTLESS);
        if !again {
            self.keep_ready(target, host);
        }
        self.say_what_shows();
    }

    /// Page and web process are dropped when nothing has worked for so long: hidden, they still cost memory and
    /// some sixteen wake-ups a second. A prompt brings them back before Claude can ask for anything.
    pub(super) fn kept(&self) -> Duration {
        Duration::from_secs(self.manners.stage.popup.keep_s)
    }

    /// A window is made as soon as a session works, so that it is loaded by the first request.
    pub(super) fn keep_ready(&mut self, target: &EventLoopWindowTarget<UserEvent>, host: &Host) {
        let busy = |state| matches!(state, State::Working | State::AwaitingPermission | State::AwaitingAnswer);
        if !self.board.sessions.values().any(|session| busy(session.state)) {
            self.quiet = self.quiet.or_else(|| Some(Instant::now()));
            return;
        }
        self.quiet = None;
        if self.window.is_none() {
            match PopupWindow::new(target, &self.proxy, host, &self.manners.stage.popup) {
                Ok(window) => self.window = Some(window),
                // Said once, and tried again with each picture.
                Err(error) if !self.manners.missing => tracing::error!("no popup: {error:#}"),
                Err(_) => {}
            }
            (self.manners.missing, self.manners.pulse) = (self.window.is_none(), Pulse::default());
        }
    }
}
