//! The terminal while it is ours; given back as it was, however we leave.

use std::io::{self, BufWriter, Stdout, stdout};
use std::panic;

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

/// Room for a whole screen, so that it is written at once.
const BUFFER: usize = 1 << 16;

/// The terminal in raw mode, on its alternate screen.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// It cannot be taken; then it is as it was.
    pub fn enter() -> io::Result<Self> {
        let backend = CrosstermBackend::new(BufWriter::with_capacity(BUFFER, stdout()));
        let screen = Self { terminal: Terminal::new(backend)? };
        give_back_on_panic();
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen, EnableMouseCapture, EnableBracketedPaste)?;
        Ok(screen)
    }

    /// Columns and lines.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        self.terminal.size().map(|size| (size.width, size.height))
    }

    /// Draws what differs from the last drawing.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, how: impl FnOnce(&mut Frame)) -> io::Result<()> {
        self.terminal.draw(how).map(drop)
    }

    /// Forgets what the screen shows: the next drawing draws all of it.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn clear(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// A terminal that is gone needs nothing back.
fn give_back() {
    let _ = execute!(stdout(), DisableBracketedPaste, DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
    let _ = disable_raw_mode();
}

/// What a panic says has to stand on the ordinary screen.
fn give_back_on_panic() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        give_back();
        tell(panic);
    }));
}
