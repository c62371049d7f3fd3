//! The journal's file: slots of one size, each with one event or nothing.

use std::fs::File;
use std::io::{self, IoSlice};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ccmon_hook::context::Context;
use ccmon_hook::{json, spool};
use rustix::fs::{FallocateFlags, fallocate, fstat};
use rustix::io::pwritev;

/// So many events may wait for the store while their hooks do not: more wait for the store itself, so that nobody can
/// report faster than it stores.
pub const SLOTS: u32 = 16;
/// A bit for each.
const ALL: u64 = (1 << SLOTS) - 1;
/// The size of a slot, in bytes. What is larger is not worth being written twice.
pub const SLOT: usize = 64 * 1024;
/// Before an event: how long its context and its payload are.
const HEAD: usize = 8;

/// The file, and what is known of it.
pub struct Slots {
    file: File,
    /// Those in which nothing stands,
    free: AtomicU64,
    /// and those whose event could not be stored.
    unstored: AtomicU64,
    /// That nothing can be written was said.
    warned: AtomicBool,
}

/// An event that stands in a slot.
type Event = (Context, Vec<u8>);

impl Slots {
    /// The slots of a file; what stands in them was not stored, as far as is known.
    pub fn of(file: File) -> io::Result<Self> {
        let (free, unstored) = (AtomicU64::new(ALL), AtomicU64::default());
        let slots = Self { file, free, unstored, warned: AtomicBool::default() };
        let left =
            bits(ALL).try_fold(0, |left, slot| Ok::<_, io::Error>(left | u64::from(slots.stands(slot)?) << slot));
        let left = left?;
        slots.free.store(ALL & !left, Ordering::Release);
        slots.unstored.store(left, Ordering::Release);
        Ok(slots)
    }

    /// Writes an event into a free slot, which is the caller's then. None when none is free, or it has no room there.
    pub fn keep(&self, context: &[u8], payload: &[u8]) -> Option<u32> {
        let length = HEAD + context.len() + payload.len();
        let free = (length <= SLOT).then(|| self.take()).flatten()?;
        let head = [context, payload].map(|part| u32::try_from(part.len()).unwrap_or_default().to_le_bytes());
        let parts = [&head[0], &head[1], context, payload].map(IoSlice::new);
        // Whoever has removed the file would let the next daemon find another.
        let named = fstat(&self.file).is_ok_and(|found| found.st_nlink > 0);
        if named && pwritev(&self.file, &parts, at(free)) == Ok(length) {
            return Some(free);
        }
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!("hooks wait for the database: the journal was removed, or has no room");
        }
        self.clear(free);
        None
    }

    /// Nothing of a slot stays, in memory neither.
    pub fn clear(&self, slot: u32) {
        let whole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        let emptied = fallocate(&self.file, whole, at(slot), SLOT as u64).is_ok();
        // Without its head it is none at least.
        if emptied || self.file.write_all_at(&[0; HEAD], at(slot)).is_ok() {
            self.free.fetch_or(1 << slot, Ordering::AcqRel);
        }
    }

    /// What stands in it could not be stored.
    pub fn give_up(&self, slot: u32) {
        self.unstored.fetch_or(1 << slot, Ordering::AcqRel);
    }

    /// Whether the store still has to say something of what stands here.
    pub fn is_behind(&self) -> bool {
        let free = self.free.load(Ordering::Acquire);
        (free | self.unstored.load(Ordering::Acquire)) != ALL
    }

    /// Puts what could not be stored into the spool of this state directory instead, in the order in which it was told;
    /// how much that was. Not to be called twice at once.
    pub fn save(&self, state: &Path) -> io::Result<usize> {
        let (mut saved, mut failed) = (0, None);
        for (slot, event) in self.unstored()? {
            let whole = usize::from(event.is_some());
            match event.map_or(Ok(()), |(context, payload)| spool::store(state, &context, &payload)) {
                Ok(()) => {
                    saved += whole;
                    self.unstored.fetch_and(!(1 << slot), Ordering::AcqRel);
                    self.clear(slot);
                }
                Err(lost) => failed = failed.or(Some(io::Error::other(lost.to_string()))),
            }
        }
        failed.map_or(Ok(saved), Err)
    }

    /// The slots of what could not be stored, and that: the oldest first.
    fn unstored(&self) -> io::Result<Vec<(u32, Option<Event>)>> {
        let slots = bits(self.unstored.load(Ordering::Acquire));
        let mut events = slots.map(|slot| Ok((slot, self.read(slot)?))).collect::<io::Result<Vec<_>>>()?;
        events.sort_by_key(|(_, event)| event.as_ref().map(|(context, _)| (context.started_ms, context.id.clone())));
        Ok(events)
    }

    fn take(&self) -> Option<u32> {
        let lowest = |free: u64| free & free.wrapping_neg();
        let taken = self
            .free
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |free| (free != 0).then(|| free & !lowest(free)));
        taken.ok().map(u64::trailing_zeros)
    }

    fn stands(&self, slot: u32) -> io::Result<bool> {
        let mut head = [0; HEAD];
        let length = self.file.read_at(&mut head, at(slot))?;
        Ok(head[..length].iter().any(|byte| *byte != 0))
    }

    /// None when it is no whole event: one who is killed while it writes leaves half of one, which its hook keeps.
    fn read(&self, slot: u32) -> io::Result<Option<Event>> {
        let mut bytes = vec![0; SLOT];
        let mut length = 0;
        while length < SLOT {
            match self.file.read_at(&mut bytes[length..], at(slot) + length as u64)? {
                0 => break,
                more => length += more,
            }
        }
        Ok(parse(&bytes[..length]))
    }
}

/// Where a slot begins.
fn at(slot: u32) -> u64 {
    u64::from(slot) * SLOT as u64
}

fn bits(of: u64) -> impl Iterator<Item = u32> {
    (0..SLOTS).filter(move |bit| of & 1 << bit != 0)
}

fn parse(bytes: &[u8]) -> Option<Event> {
    let length = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
    let (context, payload) = (length(0)?, length(4)?);
    let (context, rest) = bytes.get(HEAD..)?.split_at_checked(context)?;
    let payload = rest.get(..payload).filter(|payload| json::is_object(payload))?;
    let context = str::from_utf8(context).ok().filter(|context| json::is_object(context.as_bytes()))?;
    let (id, started_ms) = named(context)?;
    Some((Context { id: id.to_owned(), started_ms, json: context.to_owned() }, payload.to_vec()))
}

/// The id of a context and when its hook started, as our own hook writes them: they name its file in the spool.
pub fn named(context: &str) -> Option<(&str, u64)> {
    let (id, rest) = context.strip_prefix("{\"v\":1,\"id\":\"")?.split_once("\",\"started_ms\":")?;
    let digits = rest.find(|char: char| !char.is_ascii_digit())?;
    Some((id, rest[..digits].parse().ok()?)).filter(|_| spool::is_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_first_is_saved_first() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let slots = Slots::of(file.reopen().unwrap()).unwrap();
        for number in [30, 10, 20] {
            let context = format!("{{\"v\":1,\"id\":\"{number:032x}\",\"started_ms\":{number},\"env\":{{}}}}");
            slots.give_up(slots.keep(context.as_bytes(), b"{}").unwrap());
        }
        slots.keep(b"{}", b"{}").unwrap();
        let left = slots.unstored().unwrap().into_iter().map(|(slot, event)| (slot, event.unwrap().0.started_ms));
        assert_eq!(left.collect::<Vec<_>>(), [(1, 10), (2, 20), (0, 30)]);
    }
}
