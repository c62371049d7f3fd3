//! Asking whoever sits at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::bail;

/// Whether somebody sits there who can be asked.
pub fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for one line, without its end. On stderr, so that standard output is only ever what came of it.
///
/// # Errors
/// When there is no more to read: nothing is decided by leaving.
pub fn line(prompt: &str) -> anyhow::Result<String> {
    let mut err = io::stderr().lock();
    let _ = write!(err, "{prompt}").and_then(|()| err.flush());
    let mut typed = String::new();
    if io::stdin().lock().read_line(&mut typed)? == 0 {
        let _ = writeln!(err);
        bail!("nothing was decided");
    }
    Ok(typed.trim_end_matches(['\n', '\r']).to_owned())
}

/// Asks until what was typed means something; what is wrong is said each time.
///
/// # Errors
/// When there is no more to read.
pub fn until<T>(prompt: &str, mut understand: impl FnMut(&str) -> Result<T, String>) -> anyhow::Result<T> {
    loop {
        match understand(&line(prompt)?) {
            Ok(meant) => return Ok(meant),
            Err(why) => say(&format!("  {}", super::visible(&why))),
        }
    }
}

/// Whether the answer is yes; no, unless it is said.
///
/// # Errors
/// When there is no more to read.
pub fn yes(question: &str) -> anyhow::Result<bool> {
    let typed = line(&format!("{question} [y/N] "))?;
    Ok(matches!(typed.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Says something that is no result.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
