//! The screen of `ccmon tui`.
//!
//! `model` is told what happened and says what is to be done; `view` draws it. Neither waits, reads or
//! sends: that is done by the loop in this file, by `link` and by `perform`.

mod ages;
mod answering;
mod ask;
mod board;
mod deciding;
mod detail;
mod field;
mod keys;
mod layout;
mod link;
mod message;
mod model;
mod news;
mod pane;
mod perform;
mod request;
mod risk;
mod screen;
#[cfg(test)]
mod tests;
mod text;
mod view;
mod wire;

use std::io::{IsTerminal, stdin, stdout};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use jiff::tz::TimeZone;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, mpsc};

use crate::client::Client;
use crate::daemon::clock;
use message::{Command, Message, Now};
use model::Model;
use perform::Performer;
use screen::Screen;

/// Frames that may wait while a slow terminal is drawn; the daemon has to wait after that.
const BACKLOG: usize = 256;

/// Shows the screen until the user leaves it.
///
/// # Errors
/// There is no terminal, or it went away.
pub async fn run(client: Client, exit_after_jump: bool) -> anyhow::Result<()> {
    if !stdout().is_terminal() || !stdin().is_terminal() {
        bail!("ccmon tui needs a terminal: `ccmon list` prints");
    }
    let ending = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()].map(signal);
    let [terminate, hangup, interrupt] = ending;
    let signals = [terminate?, hangup?, interrupt?];
    let (sender, inbox) = mpsc::channel(BACKLOG);
    let refresh = Arc::new(Notify::new());
    tokio::spawn(link::keep(client.clone(), sender.clone(), Arc::clone(&refresh)));
    let screen = Screen::enter().context("the terminal cannot be used")?;
    let model = Model::new(screen.size()?, TimeZone::system(), exit_after_jump);
    let performer = Performer { client, sender, refresh };
    Loop { model, screen, performer, started: Instant::now() }.run(inbox, signals).await
}

struct Loop {
    model: Model,
    screen: Screen,
    performer: Performer,
    started: Instant,
}

/// What follows from a message.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    /// The screen is right as it is.
    Wait,
    /// The screen is to be drawn.
    Draw,
    /// The user leaves.
    Leave,
}

impl Loop {
    async fn run(mut self, mut inbox: mpsc::Receiver<Message>, mut signals: [Signal; 3]) -> anyhow::Result<()> {
        let mut input = EventStream::new();
        let mut next = Next::Draw;
        while next != Next::Leave {
            if next == Next::Draw {
                self.draw()?;
            }
            let wake = self.model.wake().map(|at| self.started + Duration::from_millis(at));
            next = tokio::select! {
                event = input.next() => match event {
                    Some(event) => self.input(event?)?,
                    None => Next::Leave,
                },
                Some(message) = inbox.recv() => self.messages(message, &mut inbox)?,
                () = until(wake) => self.take(Message::Tick)?,
                () = told_to_end(&mut signals) => Next::Leave,
            };
        }
        Ok(())
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        // The terminal may have another size than it last said.
        let (width, height) = self.screen.size()?;
        if (width, height) != self.model.size() {
            self.take(Message::Resize(width, height))?;
        }
        self.screen.draw(|frame| view::draw(frame, &self.model))?;
        self.take(Message::Drawn)?;
        Ok(())
    }

    fn input(&mut self, event: Event) -> anyhow::Result<Next> {
        self.take(match event {
            Event::Key(key) => Message::Key(key),
            Event::Mouse(mouse) => Message::Mouse(mouse),
            Event::Paste(text) => Message::Paste(text),
            Event::Resize(width, height) => Message::Resize(width, height),
            Event::FocusGained | Event::FocusLost => return Ok(Next::Wait),
        })
    }

    /// Takes in all that has come meanwhile, so that a flood is drawn once.
    fn messages(&mut self, first: Message, inbox: &mut mpsc::Receiver<Message>) -> anyhow::Result<Next> {
        let mut next = self.take(first)?;
        for _ in 0..BACKLOG {
            let Ok(message) = inbox.try_recv() else {
                break;
            };
            next = next.max(self.take(message)?);
        }
        Ok(next)
    }

    fn take(&mut self, message: Message) -> anyhow::Result<Next> {
        let mut next = if news::is_silent(&message) { Next::Wait } else { Next::Draw };
        for command in self.model.update(self.now(), message) {
            match command {
                Command::Quit => next = Next::Leave,
                Command::Redraw => self.screen.clear()?,
                other => self.performer.perform(other),
            }
        }
        Ok(next)
    }

    fn now(&self) -> Now {
        let steady = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { wall: clock::wall().0, steady }
    }
}

async fn until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake.into()).await,
        None => std::future::pending().await,
    }
}

async fn told_to_end([terminate, hangup, interrupt]: &mut [Signal; 3]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
        _ = interrupt.recv() => {}
    }
}
