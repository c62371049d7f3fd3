//! The file that a request writes to, looked at without waiting for it: what is no regular file is not opened.

use std::ffi::OsStr;
use std::fs::File as Handle;
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileTypeExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Mode, OFlags, open};

use crate::card::{Content, File, Found};
use crate::daemon::real;

/// A larger file is not read, in bytes.
const LARGEST: u64 = 8 * 1024 * 1024;

/// What is found where a call writes to, as it names that, from the directory it runs in.
pub fn found(named: &str, cwd: &str, home: &str) -> Found {
    let path = real::resolve(named, Path::new(cwd), home).unwrap_or_else(|| named.into());
    let project = real::project(Path::new(cwd), home);
    let (content, target) = (content(&path), real::real(&path, real::DEEPEST));
    let root = real::real(project, real::DEEPEST).unwrap_or_else(|| project.to_owned());
    let plain = plain(&path);
    // The folders above the project may be links: that leads nobody astray.
    let expected = plain.strip_prefix(project).map_or_else(|_| plain.clone(), |inside| root.join(inside));
    let relative = target.as_deref().and_then(|target| target.strip_prefix(&root).ok());
    let words = |path: &Path| path.to_string_lossy().into_owned();
    let file = File {
        path: words(&plain),
        relative: relative.map(words),
        outside: relative.is_none(),
        link: target.as_deref().filter(|target| *target != expected).map(words),
        ..File::default()
    };
    Found { file, content }
}

/// The path without `.` and `..`, as it is written.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::Normal(part) => plain.push(part),
            Component::ParentDir => drop(plain.pop()),
            _ => {}
        }
    }
    plain
}

fn content(path: &Path) -> Content {
    match read(path) {
        Ok(content) => content,
        Err(error) if error.kind() == ErrorKind::NotFound => Content::Missing,
        Err(error) => Content::Unread(format!("the file cannot be read: {}", plainly(&error))),
    }
}

/// In words, without the system's number.
fn plainly(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

fn read(path: &Path) -> io::Result<Content> {
    // Only a name for it: a FIFO would wait, a device might do something.
    let place = Handle::from(open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?);
    let what = place.metadata()?;
    if let Some(sort) = odd(&what.file_type()) {
        return Ok(Content::Unread(format!("{sort}, not a file")));
    }
    let too_large = || Content::Unread(format!("the file is larger than {} MiB", LARGEST / 1024 / 1024));
    if what.len() > LARGEST {
        return Ok(too_large());
    }
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let name = format!("/proc/self/fd/{}", place.as_raw_fd());
    let file = Handle::from(open(OsStr::new(&name), flags, Mode::empty())?);
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(if bytes.len() as u64 > LARGEST { too_large() } else { Content::Bytes(bytes) })
}

/// What it is instead of a regular file.
fn odd(sort: &std::fs::FileType) -> Option<&'static str> {
    match sort {
        _ if sort.is_file() => None,
        _ if sort.is_dir() => Some("this is a folder"),
        _ if sort.is_fifo() => Some("this is a pipe"),
        _ if sort.is_socket() => Some("this is a socket"),
        _ => Some("this is a device"),
    }
}
