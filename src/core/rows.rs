//! The Board's rows under their keys, in order: a map that is cheap to copy.
//!
//! Every view holds a copy of the Board, and each event changes one row of a thousand. So the rows stand in short
//! chunks that all copies share; a change copies the one chunk it falls into, and what has changed between two
//! copies is found by looking at the chunks that they do not share.

use std::fmt;
use std::ops::Index;
use std::sync::Arc;

/// Most rows in a chunk. Shorter ones make a change cheaper, longer ones a copy; this is where a thousand rows cost
/// about the same both ways.
const MOST: usize = 32;

type Chunk<K, V> = Vec<(K, Arc<V>)>;

/// A map in the order of its keys. Cloning shares what is in it.
pub struct Rows<K, V> {
    /// Each in order, none empty, and all of one before all of the next.
    chunks: Vec<Arc<Chunk<K, V>>>,
}

impl<K: Ord + Clone, V> Rows<K, V> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len()).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// The row of this key.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&Arc<V>> {
        let chunk = self.chunks.get(self.chunk_of(key))?;
        let place = place(chunk, key).ok()?;
        chunk.get(place).map(|(_, row)| row)
    }

    /// The row of this key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut Arc<V>> {
        let at = self.chunk_of(key);
        let chunk = self.chunks.get_mut(at)?;
        let place = place(chunk, key).ok()?;
        Arc::make_mut(chunk).get_mut(place).map(|(_, row)| row)
    }

    /// Whether there is one of this key.
    #[must_use]
    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// Puts a row in, in place of what was there under its key.
    pub fn insert(&mut self, key: K, row: Arc<V>) {
        let at = self.chunk_of(&key);
        let Some(chunk) = self.chunks.get_mut(at) else {
            return self.chunks.push(Arc::new(vec![(key, row)]));
        };
        let found = place(chunk, &key);
        let chunk = Arc::make_mut(chunk);
        match found {
            Ok(place) => chunk[place].1 = row,
            Err(place) => chunk.insert(place, (key, row)),
        }
        if chunk.len() > MOST {
            let rest = chunk.split_off(chunk.len() / 2);
            self.chunks.insert(at + 1, Arc::new(rest));
        }
    }

    /// Takes a row out.
    pub fn remove(&mut self, key: &K) -> Option<Arc<V>> {
        let at = self.chunk_of(key);
        let chunk = self.chunks.get_mut(at)?;
        let place = place(chunk, key).ok()?;
        let (_, row) = Arc::make_mut(chunk).remove(place);
        self.join(at);
        Some(row)
    }

    /// Those of the short chunks around this one that fit together become one, and an empty one goes.
    fn join(&mut self, at: usize) {
        let length = |at: usize| self.chunks.get(at).map_or(MOST, |chunk| chunk.len());
        let into = if length(at) + length(at + 1) <= MOST / 2 { at } else { at.saturating_sub(1) };
        if into + 1 < self.chunks.len() && length(into) + length(into + 1) <= MOST / 2 {
            let next = self.chunks.remove(into + 1);
            Arc::make_mut(&mut self.chunks[into]).extend(next.iter().cloned());
        }
        self.chunks.retain(|chunk| !chunk.is_empty());
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &Arc<V>)> + Clone {
        self.chunks.iter().flat_map(|chunk| chunk.iter().map(|(key, row)| (key, row)))
    }

    /// All keys.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// All rows.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Arc<V>> + Clone {
        self.iter().map(|(_, row)| row)
    }

    /// All rows, to be changed: shares nothing any more.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Arc<V>> {
        self.chunks.iter_mut().flat_map(|chunk| Arc::make_mut(chunk).iter_mut().map(|(_, row)| row))
    }

    /// The rows that are new, or other ones than in `old`; as cheap as they are few when one is a copy of the other.
    #[must_use]
    pub fn changed_since(&self, old: &Self) -> Vec<Arc<V>> {
        let mut changed = Vec::new();
        for (at, chunk) in self.chunks.iter().enumerate() {
            let beside = old.chunks.get(at);
            if beside.is_some_and(|beside| Arc::ptr_eq(beside, chunk)) {
                continue;
            }
            let same =
                |place: usize, row| beside.and_then(|old| old.get(place)).is_some_and(|(_, old)| Arc::ptr_eq(old, row));
            let known = |key, row| old.get(key).is_some_and(|old| Arc::ptr_eq(old, row));
            // A row stands under one key: where it is still the same, so is the key, and nearly all are.
            let new = chunk.iter().enumerate().filter(|(place, (key, row))| !same(*place, row) && !known(key, row));
            changed.extend(new.map(|(_, (_, row))| Arc::clone(row)));
        }
        changed
    }

    /// The last chunk that begins at or before this key, or the first.
    fn chunk_of(&self, key: &K) -> usize {
        let begins = |chunk: &Arc<Chunk<K, V>>| chunk.first().is_some_and(|(first, _)| first <= key);
        self.chunks.partition_point(begins).saturating_sub(1)
    }
}

fn place<K: Ord, V>(chunk: &Chunk<K, V>, key: &K) -> Result<usize, usize> {
    chunk.binary_search_by(|(other, _)| other.cmp(key))
}

impl<K, V> Default for Rows<K, V> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

impl<K, V> Clone for Rows<K, V> {
    fn clone(&self) -> Self {
        Self { chunks: self.chunks.clone() }
    }
}

impl<K: Ord + Clone, V: PartialEq> PartialEq for Rows<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<K: Ord + Clone + fmt::Debug, V: fmt::Debug> fmt::Debug for Rows<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// As other maps: of what is not there, a panic.
impl<K: Ord + Clone, V> Index<&K> for Rows<K, V> {
    type Output = Arc<V>;

    fn index(&self, key: &K) -> &Arc<V> {
        self.get(key).expect("there is a row of this key")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Op {
        Put(u16),
        Change(u16),
        Take(u16),
        Look,
    }

    fn op() -> impl Strategy<Value = Op> {
        // Few keys as well as many, so that chunks are cut and joined.
        let key = || prop_oneof![0..40_u16, 0..2_000_u16];
        prop_oneof![6 => key().prop_map(Op::Put), 2 => key().prop_map(Op::Change), 3 => key().prop_map(Op::Take), 1 => Just(Op::Look)]
    }

    /// Does the same to both; a row says how often it was changed.
    fn perform(op: &Op, rows: &mut Rows<u16, usize>, model: &mut BTreeMap<u16, Arc<usize>>, turn: usize) {
        match op {
            Op::Put(key) => {
                let row = Arc::new(turn);
                rows.insert(*key, Arc::clone(&row));
                model.insert(*key, row);
            }
            Op::Change(key) => {
                let (ours, theirs) = (rows.get_mut(key), model.get_mut(key));
                assert_eq!(ours.is_some(), theirs.is_some());
                if let Some((ours, theirs)) = ours.zip(theirs) {
                    *ours = Arc::new(turn);
                    *theirs = Arc::clone(ours);
                }
            }
            Op::Take(key) => assert_eq!(rows.remove(key), model.remove(key)),
            Op::Look => {}
        }
    }

    fn is_sound(rows: &Rows<u16, usize>) -> bool {
        rows.chunks.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= MOST)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn is_a_map_in_order_and_tells_what_has_changed(ops in prop::collection::vec(op(), 0..400)) {
            let (mut rows, mut model) = (Rows::default(), BTreeMap::new());
            let (mut seen, mut seen_model) = (rows.clone(), model.clone());
            for (turn, op) in ops.iter().enumerate() {
                perform(op, &mut rows, &mut model, turn);
                prop_assert!(is_sound(&rows));
                if matches!(op, Op::Look) {
                    prop_assert!(rows.iter().eq(model.iter()) && rows.len() == model.len());
                    prop_assert!(model.iter().all(|(key, row)| rows.get(key) == Some(row)));
                    prop_assert!(seen.iter().eq(seen_model.iter()), "a copy stays as it was");
                    let is_new = |(key, row): &(&u16, &Arc<usize>)| seen_model.get(*key).is_none_or(|old| old != *row);
                    let expected: Vec<_> = model.iter().filter(is_new).map(|(_, row)| Arc::clone(row)).collect();
                    prop_assert_eq!(rows.changed_since(&seen), expected);
                    (seen, seen_model) = (rows.clone(), model.clone());
                }
            }
        }
    }

    #[test]
    fn a_change_leaves_the_other_chunks_shared() {
        let mut rows = Rows::default();
        (0..1_000).for_each(|key| rows.insert(key, Arc::new(key)));
        let before = rows.clone();
        *rows.get_mut(&500).unwrap() = Arc::new(0);
        let own = rows.chunks.iter().zip(&before.chunks).filter(|(new, old)| !Arc::ptr_eq(new, old));
        assert_eq!((own.count(), rows.chunks.len() >= 30), (1, true));
        assert_eq!(rows.changed_since(&before), [Arc::new(0)]);
    }

    #[test]
    fn chunks_that_have_become_short_are_joined() {
        let mut rows = Rows::default();
        (0..1_000).for_each(|key| rows.insert(key, Arc::new(())));
        (0..1_000).filter(|key| key % 50 != 0).for_each(|key| drop(rows.remove(&key)));
        assert_eq!((rows.len(), rows.chunks.len() <= 3), (20, true), "{}", rows.chunks.len());
        (0..1_000).for_each(|key| drop(rows.remove(&key)));
        assert!(rows.is_empty());
    }
}
