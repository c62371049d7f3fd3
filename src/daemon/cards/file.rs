//! The file that a request writes to, looked at without waiting for it: what is no regular file is not opened, nor
//! what is no file of a disk's, but a way to ask the system something.

use std::ffi::OsStr;
use std::fs::File as Handle;
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileTypeExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{FsWord, Mode, OFlags, PROC_SUPER_MAGIC, fstatfs, open};

use crate::card::{Content, File, Found};
use crate::daemon::real;

/// A larger file is not read, in bytes.
const LARGEST: u64 = 8 * 1024 * 1024;
/// What is below is not read: it may have no end, change with the reading, or be another process's, or our own.
const SYSTEMS: [&str; 3] = ["/proc", "/sys", "/dev"];
/// What tells sysfs, wherever it is mounted: see statfs(2).
const SYSFS_MAGIC: FsWord = 0x6265_6572;
/// Links on one way; the system follows no more.
const MOST_LINKS: usize = 40;

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
    let none_of_ours = || Content::Unread("what is below /proc, /sys or /dev is not read".to_owned());
    if leads_through_systems(path) {
        return Ok(none_of_ours());
    }
    // Only a name for it: a FIFO would wait, a device might do something.
    let place = Handle::from(open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?);
    if is_systems(&place)? {
        return Ok(none_of_ours());
    }
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

/// Whether any step on the way to a path, with its links, lies where the system's own files are: a link from there
/// may lead anywhere, such as to what we have open ourselves.
fn leads_through_systems(path: &Path) -> bool {
    let parts = |path: &Path| path.iter().rev().map(PathBuf::from).collect::<Vec<_>>();
    let (mut at, mut left, mut links) = (PathBuf::from("/"), parts(path), 0);
    while let Some(part) = left.pop() {
        match part.components().next() {
            Some(Component::ParentDir) => drop(at.pop()),
            // An absolute one begins anew.
            _ => at.push(part),
        }
        if is_below_systems(&at) {
            return true;
        }
        if let Ok(target) = at.read_link() {
            links += 1;
            at.pop();
            left.extend(parts(&target));
        }
        if links > MOST_LINKS {
            return false;
        }
    }
    false
}

fn is_below_systems(path: &Path) -> bool {
    SYSTEMS.iter().any(|system| path.starts_with(system))
}

/// Whether what was found is such a file, whatever the way to it looked like a moment before.
fn is_systems(place: &Handle) -> io::Result<bool> {
    let name = std::fs::read_link(format!("/proc/self/fd/{}", place.as_raw_fd()))?;
    Ok(is_below_systems(&name) || matches!(fstatfs(place)?.f_type, PROC_SUPER_MAGIC | SYSFS_MAGIC))
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
