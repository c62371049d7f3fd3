//! Desktop notifications, for what nothing else on the screen would say.
//!
//! [`tell`] says something once and forgets it. A [`Desktop`] also takes back what it said, and hears which of its
//! buttons are pressed: [`Server`] is the real one, on one connection that lives as long as the daemon does, and
//! that listens before it says anything.

mod ears;
mod server;

use notify_rust::{Notification, Timeout};

use crate::config::Urgency;
pub use server::{Server, session_bus};

/// How long one stays, in milliseconds, where the server lets us say.
const STAYS: u32 = 8_000;
/// The name that servers show, and know us by.
const NAME: &str = "ccmon";

/// A notification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// Its first line.
    pub summary: String,
    /// What is below it, as plain text.
    pub body: String,
    /// How pressing it is.
    pub urgency: Urgency,
    /// Name of a sound of the desktop's theme; none when empty.
    pub sound: String,
    /// Its buttons, where the server has any.
    pub buttons: Vec<Button>,
}

/// A button of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// Let it run.
    Approve,
    /// Do not let it run.
    Deny,
    /// Show it. A press on the notification itself is one on this.
    Open,
}

impl Button {
    /// What servers call it, and what people read.
    fn names(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Approve => &[("allow", "Approve")],
            Self::Deny => &[("deny", "Deny")],
            Self::Open => &[("default", "Open"), ("open", "Open")],
        }
    }

    /// The one that servers call so.
    fn called(key: &str) -> Option<Self> {
        let is = |button: &Self| button.names().iter().any(|(name, _)| *name == key);
        [Self::Approve, Self::Deny, Self::Open].into_iter().find(is)
    }
}

/// Which notification: the server that took it names it. Another server that comes after it gives the same numbers
/// again, and so does another bus with the names of servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Counts our connections.
    bus: u64,
    /// The server's own name on the bus,
    server: String,
    /// and its number for the notification.
    number: u32,
}

impl Place {
    /// Whether what was there is gone, now that on this bus this one shows notifications.
    #[must_use]
    pub fn is_lost(&self, bus: u64, server: &str) -> bool {
        self.bus < bus || (self.bus == bus && self.server != server)
    }
}

/// A notification that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Where it is.
    pub place: Place,
    /// The buttons it has.
    pub buttons: Vec<Button>,
}

/// What came of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Somebody pressed a button of it.
    Pressed {
        /// Of which.
        place: Place,
        /// Which button.
        button: Button,
        /// The desktop's leave to take the focus for that.
        leave: Option<String>,
    },
    /// It is no longer there.
    Closed(Place),
    /// Another shows them from now on, or nobody: all that was shown before is gone.
    Server {
        /// On which bus.
        bus: u64,
        /// The server's own name there; empty when there is none.
        server: String,
    },
}

/// Who shows notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shower {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// It shows buttons.
    pub actions: bool,
}

/// Nobody shows notifications; why, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unshown(pub String);

/// Where notifications are shown.
pub trait Desktop: Send {
    /// Shows one; in place of another, when that is still there.
    fn show(&mut self, card: &Card, instead: Option<&Place>) -> impl Future<Output = Result<Sent, Unshown>> + Send;

    /// Takes one away; nothing when it is gone already.
    fn close(&mut self, place: Place) -> impl Future<Output = ()> + Send;

    /// Who shows them.
    fn shower(&mut self) -> impl Future<Output = Result<Shower, Unshown>> + Send;

    /// The process that shows those at that place, as the bus knows it.
    fn process(&mut self, place: &Place) -> impl Future<Output = Option<u32>> + Send;

    /// What comes of them, in order. Nothing is lost while nobody waits for it.
    fn heard(&mut self) -> impl Future<Output = Heard> + Send;
}

/// Whether the user wants none at all: `CCMON_NO_NOTIFY`.
#[must_use]
pub fn is_silenced() -> bool {
    std::env::var_os("CCMON_NO_NOTIFY").is_some_and(|value| !value.is_empty())
}

/// Says something on the desktop; silent when `CCMON_NO_NOTIFY` is set. Where nobody shows
/// notifications, the log has it.
pub async fn tell(summary: &str, body: &str) {
    if is_silenced() {
        return;
    }
    let mut notification = Notification::new();
    notification.appname(NAME).summary(summary).body(&escaped(body)).timeout(Timeout::Milliseconds(STAYS));
    if let Err(error) = notification.show_async().await {
        tracing::warn!("no notification ({error}): {summary}: {body}");
    }
}

/// Servers may read the body as markup.
/// <https://specifications.freedesktop.org/notification-spec/latest/markup.html>
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_body_is_markup() {
        assert_eq!(escaped("<b>&</b>"), "&lt;b&gt;&amp;&lt;/b&gt;");
    }

    #[test]
    fn what_another_server_or_bus_showed_is_lost() {
        let place = Place { bus: 2, server: ":1.7".into(), number: 1 };
        let lost =
            [(2, ":1.7"), (2, ":1.8"), (2, ""), (3, ":1.7"), (1, ":1.8")].map(|(bus, by)| place.is_lost(bus, by));
        assert_eq!(lost, [false, true, true, true, false]);
    }

    #[test]
    fn a_button_is_known_by_each_of_its_names_and_by_no_other() {
        for button in [Button::Approve, Button::Deny, Button::Open] {
            assert!(button.names().iter().all(|(key, _)| Button::called(key) == Some(button)));
        }
        assert_eq!(["default", "Approve", ""].map(Button::called), [Some(Button::Open), None, None]);
    }
}
