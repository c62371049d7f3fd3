//! The deadline for parsing: a line that takes longer is not understood.
//!
//! The parsers are bounded by the gate before them; this is for what nobody has thought of: a loop, a
//! panic, an overflow of the stack that a larger one still holds.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::rules::shell::{Line, Unparsed, parse};

/// How long a line may take. A usual one takes some tens of microseconds.
const DEADLINE: Duration = Duration::from_millis(50);

/// The parsers recurse; this is several times what the deepest line that passes the gate takes.
const STACK: usize = 8 * 1024 * 1024;

/// What the line runs, within 50 ms.
///
/// # Errors
/// As [`parse`]; also when there is no answer in time. The thread that still looks for one is left to
/// itself, as a thread cannot be stopped.
pub fn parse_in_time(line: String) -> Result<Line, Unparsed> {
    in_time(line, DEADLINE, parse)
}

fn in_time(
    line: String,
    deadline: Duration,
    parse: impl FnOnce(&str) -> Result<Line, Unparsed> + Send + 'static,
) -> Result<Line, Unparsed> {
    let (answer, answered) = mpsc::sync_channel(1);
    let thread = thread::Builder::new().name("parse".to_owned()).stack_size(STACK);
    let work = move || {
        // Nobody may wait any more.
        let _ = answer.send(parse(&line));
    };
    if let Err(no) = thread.spawn(work) {
        return Err(Unparsed::new(format!("no thread to parse on: {no}")));
    }
    answered.recv_timeout(deadline).unwrap_or_else(|gone| {
        Err(Unparsed::new(match gone {
            mpsc::RecvTimeoutError::Timeout => "parsing took too long",
            mpsc::RecvTimeoutError::Disconnected => "the parser failed",
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(result: Result<Line, Unparsed>) -> String {
        result.err().map(|no| no.why).unwrap_or_default()
    }

    /// What a machine that is busy with other tests surely keeps.
    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn an_answer_in_time_is_the_parsers() {
        let line = "git status && ls";
        assert_eq!(in_time(line.to_owned(), LONG, parse), parse(line));
        assert!(parse(line).is_ok());
    }

    #[test]
    fn a_slow_parse_is_given_up() {
        let (done, wait) = mpsc::channel::<()>();
        let slow = move |line: &str| {
            let _ = wait.recv();
            parse(line)
        };
        assert_eq!(why(in_time("ls".to_owned(), DEADLINE, slow)), "parsing took too long");
        drop(done);
    }

    #[test]
    fn a_panic_is_no_answer() {
        assert_eq!(why(in_time("ls".to_owned(), LONG, |_| panic!("on purpose"))), "the parser failed");
    }
}
