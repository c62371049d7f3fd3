//! Programs that are asked something, with a deadline.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::{Desk, Missed};

/// How long a program may take: all of them answer in milliseconds, or hang; longer on a machine that is busy with tests.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });
/// Longest answer that is taken, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// Runs a program in the desktop's environment, and gives what it printed.
///
/// # Errors
/// When it is not there, fails (with its own words), or does not answer in time.
pub fn ask(desk: &Desk, argv: &[&str]) -> Result<String, Missed> {
    let [program, arguments @ ..] = argv else {
        return Err(Missed::new("there is no program to run"));
    };
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(&desk.env);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Missed::new(format!("`{program}` was not found")).help(format!("install it, or put {program} into PATH"))
        }
        _ => Missed::new(format!("`{program}` did not start: {error}")),
    })?;
    answer(program, child)
}

fn answer(program: &str, mut child: Child) -> Result<String, Missed> {
    let (said, done) = mpsc::channel();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    std::thread::spawn(move || {
        let complaint = std::thread::spawn(move || text(err));
        let printed = text(out);
        let _ = said.send((printed, complaint.join().unwrap_or_default()));
    });
    let deadline = Instant::now() + PATIENCE;
    let heard = done.recv_timeout(PATIENCE);
    let ended = ended(&mut child, if heard.is_ok() { deadline } else { Instant::now() });
    match (heard, ended) {
        (Ok((printed, _)), Ok(status)) if status.success() => Ok(printed),
        (Ok((_, complaint)), _) => Err(Missed::new(format!("`{program}` said: {}", complaint.trim()))),
        (Err(_), _) => Err(Missed::new(format!("`{program}` did not answer within {} s", PATIENCE.as_secs()))),
    }
}

/// Waits for the end of a program until then, and makes an end of it.
fn ended(child: &mut Child, deadline: Instant) -> std::io::Result<ExitStatus> {
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(status),
            None if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
            None => {
                child.kill()?;
                return child.wait();
            }
        }
    }
}

fn text(pipe: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        let _ = pipe.take(LONGEST).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
pub mod fake {
    //! Programs that stand in for those that are asked.

    use std::path::Path;

    use super::Desk;

    /// A desk on which `name` is this shell script.
    pub fn program(directory: &Path, name: &str, script: &str) -> Desk {
        crate::testing::program(&directory.join(name), script);
        let path = format!("{}:/usr/bin:/bin", directory.display());
        Desk { env: [("PATH".to_owned(), path)].into(), ..Desk::default() }
    }
}
