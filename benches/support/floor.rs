//! The least that a daemon can do: a bare socket that reads a request and answers at once; and what its disk takes.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Opens one in `dir`; it answers as long as the program runs.
pub fn bare_socket(dir: &Path) -> io::Result<PathBuf> {
    let path = dir.join("bare.sock");
    let listener = UnixListener::bind(&path)?;
    std::thread::spawn(move || {
        let mut buffer = Vec::new();
        for stream in listener.incoming().map_while(Result::ok) {
            // A client that goes away early counts as failed where it is missed.
            let _ = answer(stream, &mut buffer);
        }
    });
    Ok(path)
}

fn answer(mut stream: UnixStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    let mut piece = [0; 16 * 1024];
    buffer.clear();
    while !is_whole(buffer) {
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        buffer.extend_from_slice(&piece[..length]);
    }
    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
}

/// Whether as much has come as its head says. The hook writes its own heads, so one way to write them will do.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&request[..end]);
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok());
    request.len() >= end + 4 + length.unwrap_or(0)
}

/// How long it takes until 4 MiB are on the disk.
pub fn flushes(dir: &Path) -> io::Result<Vec<Duration>> {
    let path = dir.join("flushed");
    let times = (0..20).map(|_| {
        let mut file = File::create(&path)?;
        file.write_all(&vec![1; 4 << 20])?;
        let begin = Instant::now();
        file.sync_all()?;
        Ok(begin.elapsed())
    });
    times.collect()
}
