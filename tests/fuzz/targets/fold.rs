//! Any payloads, in any order, told to the core: no panic, and after each step what has to hold does.
//!
//! An input is lines, each with a letter and what belongs to it: `h` and `r` a digit for the process and a payload (a
//! hook that reports, one that waits), `c` a status file, `s` a line of a transcript; `g` a process that goes, `u` a hook
//! that hangs up, `a` `d` `l` decisions, each with a digit; `t` time that passes, in seconds; `x` a restart.

use std::collections::BTreeSet;

use ccmon::claude::{payload, session_file, transcript::Told};
use ccmon::core::{
    Answer, ApprovalId, By, Core, Decide, Event, Input, Limits, ProcessId, SessionKey, State, Step, Time,
};

/// Some of what happens to a core.
pub fn run(bytes: &[u8]) {
    let mut life = Life { core: Core::new(limits()), now: Time(1_000_000_000_000), events: Vec::new(), number: 0 };
    for line in bytes.split(|byte| *byte == b'\n').take(200) {
        life.live(line);
    }
    life.restart();
}

fn limits() -> Limits {
    Limits { stuck_ms: Some(60_000), ..Limits::default() }
}

struct Life {
    core: Core,
    now: Time,
    events: Vec<Event>,
    number: u64,
}

impl Life {
    fn live(&mut self, line: &[u8]) {
        let Some((letter, rest)) = line.split_first() else { return };
        let digit = rest.first().map_or(0, |byte| u32::from(byte % 8));
        let process = ProcessId { pid: 100 + digit, start: 7 };
        let input = match letter {
            b'h' | b'r' => self.told(*letter == b'r', process, rest.get(1..).unwrap_or_default()),
            b'c' => std::str::from_utf8(rest).ok().and_then(session_file::read).map(Input::Client),
            b's' => {
                let mut told = Told::default();
                told.line(rest.get(1..).unwrap_or_default());
                let session = SessionKey::of_process(process);
                let row = self.core.board().sessions.get(&session);
                let path = row.and_then(|row| row.transcript.clone()).unwrap_or_default();
                Some(Input::Transcript { session, path, tells: told.tells })
            }
            b'g' => Some(Input::ProcessGone(process)),
            b'u' => self.pending(digit).map(|id| Input::HungUp(id)),
            b'a' => self.decide(digit, Answer::Allow { updated_input: None, updated_permissions: None }),
            b'd' => self.decide(digit, Answer::Deny { message: None, interrupt: false }),
            b'l' => self.decide(digit, Answer::Release),
            b't' => {
                self.now = self.now.plus(1_000 * u64::from(rest.first().copied().unwrap_or(1)));
                Some(Input::Tick)
            }
            b'x' => return self.restart(),
            _ => None,
        };
        if let Some(input) = input {
            let step = self.core.apply(self.now, input);
            self.after(step);
        }
    }

    /// A hook's call, which history has to read as it was read now.
    fn told(&mut self, waits: bool, process: ProcessId, payload: &[u8]) -> Option<Input> {
        self.number += 1;
        let ProcessId { pid, start } = process;
        let started = self.now.0;
        let number = self.number;
        let context = format!(r#"{{"v":1,"id":"{number:032x}","started_ms":{started},"pid":{pid},"start":{start}}}"#);
        let call = payload::read(&context, payload, self.now).ok()?;
        let again = payload::read(&call.raw.context, call.raw.payload.as_bytes(), self.now);
        assert_eq!(again.ok().as_ref(), Some(&call), "what is stored says the same");
        let asks = waits && call.what.asks().is_some();
        Some(if asks { Input::Request(call) } else { Input::Hook(call) })
    }

    fn pending(&self, digit: u32) -> Option<ApprovalId> {
        self.core.board().pending().get(digit as usize).map(|approval| approval.id.clone())
    }

    fn decide(&self, digit: u32, answer: Answer) -> Option<Input> {
        let board = self.core.board();
        let approval = board.pending().get(digit as usize).copied()?.clone();
        let (id, shown) = (approval.id.clone(), approval.shown.to_string());
        Some(Input::Decide(Decide { approval: id, shown, answer, by: By::Cli, made: None }))
    }

    fn restart(&mut self) {
        let mut core = Core::new(limits());
        self.events.iter().cloned().for_each(|event| core.refold(event));
        core.resume(self.now);
        let same = self.core.board().trouble.clone();
        let step = self.core.apply(self.now, Input::Trouble(same));
        self.after(step);
        assert_eq!(core.board(), self.core.board(), "replay gives an equal Board");
        self.core = core;
    }

    fn after(&mut self, step: Step) {
        if step.refused.is_some() {
            assert!(step.events.is_empty() && step.effects.is_empty(), "a refusal changes nothing");
        }
        self.events.extend(step.events);
        let board = self.core.board();
        let pending: BTreeSet<_> = board.pending().iter().map(|approval| approval.session.clone()).collect();
        assert!(pending.is_empty() || self.core.deadline().is_some(), "what is pending ends some day");
        for key in &pending {
            let session = board.sessions.get(key).expect("a request has its session");
            assert!(session.state != State::Ended && session.needs_you, "who asks needs you");
        }
        for session in board.sessions.values() {
            assert!(!session.evidence.text.is_empty(), "every state has its evidence");
            assert!(session.since <= self.now && session.evidence.at <= self.now, "nothing lies in the future");
        }
    }
}
