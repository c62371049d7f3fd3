//! Any bytes as what Claude Code writes for itself: the end of a transcript, a status file, a transcript's path.

use std::path::Path;

use ccmon::claude::{session_file, transcript};

/// The first byte says what of these; the rest is it.
pub fn run(bytes: &[u8]) {
    let Some((what, rest)) = bytes.split_first() else { return };
    match what {
        b's' => status(rest),
        b'p' => path(rest),
        _ => lines(rest),
    }
}

fn lines(bytes: &[u8]) {
    let mut told = transcript::Told::default();
    for line in bytes.split(|byte| *byte == b'\n') {
        let before = told.tells.at;
        told.line(line);
        assert!(told.tells.at >= before, "time does not go back");
        assert!(told.tells.interrupted.is_none_or(|at| at <= told.tells.at));
    }
    if let Some(said) = transcript::said(bytes) {
        assert!(!said.trim().is_empty());
    }
}

fn status(bytes: &[u8]) {
    let Some(client) = std::str::from_utf8(bytes).ok().and_then(session_file::read) else { return };
    assert_eq!(client.asks.is_some(), client.status == Some(ccmon::core::ClientStatus::Waiting));
}

fn path(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(config) = transcript::config_of(Path::new(text)) {
        assert!(config.is_absolute() && text.starts_with('/') && !text.split('/').any(|part| part == ".."));
    }
}
