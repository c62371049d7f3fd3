//! Payloads as they lie in the file: small.
//!
//! A text is stored as it is, or as a zstd frame when that is smaller. Payloads are short and much alike, so a
//! dictionary, made of recorded ones, does most of it. Each frame names its dictionary and ends with a checksum.
//!
//! Dictionary 1 was trained (`zstd --train --maxdict=16384 --dictID=1`) on the payloads and contexts of one recording of
//! every hook of Claude Code 2.1.329, each several times with other ids, paths and times.

use std::cell::RefCell;
use std::sync::LazyLock;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, Value, ValueRef};
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe;

/// In order of their numbers, from 1 on. Never changed, never removed: what was packed with one is read with it.
const DICTIONARIES: [&[u8]; 1] = [include_bytes!("dictionaries/1.dict")];

const LEVEL: i32 = 3;

/// Shorter ones gain nothing.
const SHORTEST: usize = 64;

/// No text is longer: what says so is damaged.
const LONGEST: u64 = 512 << 20;

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARIES.last().copied().unwrap_or_default(), LEVEL));

static DECODERS: LazyLock<Vec<DecoderDictionary<'static>>> =
    LazyLock::new(|| DICTIONARIES.iter().map(|dictionary| DecoderDictionary::copy(dictionary)).collect());

thread_local! {
    /// Making these costs more than using them.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = RefCell::new(compressor().ok());
    static DECOMPRESSOR: RefCell<Decompressor<'static>> = RefCell::default();
}

/// Why something stored cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("what is stored is damaged")]
    Frame,
    #[error("what is stored was packed in a way that this ccmon does not know (dictionary {0})")]
    Dictionary(u32),
    #[error("what is stored says that it has {0} bytes")]
    Length(u64),
    #[error("what is stored is damaged ({0})")]
    Zstd(#[from] std::io::Error),
    #[error("what is stored is not a text")]
    Text(#[from] std::string::FromUtf8Error),
}

/// The text as a column takes it.
pub(super) fn pack(text: &str) -> Value {
    frame(text.as_bytes()).map_or_else(|| Value::Text(text.to_owned()), Value::Blob)
}

/// A frame, when it is smaller.
fn frame(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() < SHORTEST {
        return None;
    }
    // Without memory for a compressor, texts are stored as they are.
    let frame = COMPRESSOR.with_borrow_mut(|packs| packs.as_mut()?.compress(text).ok())?;
    (frame.len() < text.len()).then_some(frame)
}

fn compressor() -> std::io::Result<Compressor<'static>> {
    let mut compressor = Compressor::with_prepared_dictionary(&ENCODER)?;
    compressor.include_checksum(true)?;
    Ok(compressor)
}

/// The text of a column.
pub(super) struct Unpacked(pub String);

impl FromSql for Unpacked {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Blob(frame) => unpack(frame).map(Self).map_err(FromSqlError::other),
            text => text.as_str().map(|text| Self(text.to_owned())),
        }
    }
}

/// What the frame was made of.
pub(super) fn unpack(frame: &[u8]) -> Result<String, Unreadable> {
    let length = zstd_safe::get_frame_content_size(frame).ok().flatten().ok_or(Unreadable::Frame)?;
    if length > LONGEST {
        return Err(Unreadable::Length(length));
    }
    let number = zstd_safe::get_dict_id_from_frame(frame).map_or(0, std::num::NonZeroU32::get);
    let known = usize::try_from(number).ok().and_then(|number| DECODERS.get(number.checked_sub(1)?));
    let dictionary = known.ok_or(Unreadable::Dictionary(number))?;
    let length = usize::try_from(length).map_err(|_| Unreadable::Length(length))?;
    DECOMPRESSOR.with_borrow_mut(|decompressor| {
        decompressor.set_prepared_dictionary(dictionary)?;
        Ok(String::from_utf8(decompressor.decompress(frame, length)?)?)
    })
}

/// Whether this is about one row that cannot be read, and not about the file.
pub(super) fn is_unreadable(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    matches!(error, FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..))
}

/// Says of which row it is that something cannot be read.
pub(super) fn said<T>(found: rusqlite::Result<T>, row: impl std::fmt::Display) -> rusqlite::Result<T> {
    found.inspect_err(|error| {
        if is_unreadable(error) {
            tracing::warn!(%error, %row, "a stored row cannot be read");
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAYLOAD: &str = r#"{"session_id":"86e8bce8-ac30-454a-9dd6-46c39a6149cc","transcript_path":"/home/me/.claude/projects/-home-me-proj/86e8bce8-ac30-454a-9dd6-46c39a6149cc.jsonl","cwd":"/home/me/proj","permission_mode":"default","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"ls"},"tool_use_id":"toolu_01"}"#;

    #[test]
    fn a_payload_is_a_third_of_itself_and_comes_back() {
        let packed = frame(PAYLOAD.as_bytes()).unwrap();
        assert!(packed.len() * 3 < PAYLOAD.len(), "{} of {}", packed.len(), PAYLOAD.len());
        assert_eq!(unpack(&packed).unwrap(), PAYLOAD);
    }

    #[test]
    fn every_dictionary_says_its_own_number() {
        for (number, dictionary) in (1..).zip(DICTIONARIES) {
            let found = zstd_safe::get_dict_id_from_dict(dictionary).unwrap().get();
            assert_eq!(found, number);
        }
    }

    #[test]
    fn the_short_and_the_random_stay_as_they_are() {
        assert!(frame(b"{}").is_none());
        let mut noise = vec![0; 4096];
        getrandom::fill(&mut noise).unwrap();
        assert!(frame(&noise).is_none());
    }

    #[test]
    fn another_dictionary_is_named() {
        let mut compressor = Compressor::new(LEVEL).unwrap();
        let error = unpack(&compressor.compress(PAYLOAD.as_bytes()).unwrap()).unwrap_err();
        assert!(error.to_string().contains("dictionary 0"), "{error}");
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(text in "\\PC{0,300}", times in 1..9_usize) {
            let text = text.repeat(times);
            if let Some(frame) = frame(text.as_bytes()) {
                prop_assert_eq!(unpack(&frame).unwrap(), text);
            }
        }

        #[test]
        fn a_damaged_frame_is_said_to_be(at in any::<prop::sample::Index>(), bit in 0..8, cut in any::<bool>()) {
            let mut frame = frame(PAYLOAD.as_bytes()).unwrap();
            let at = at.index(frame.len());
            if cut { frame.truncate(at) } else { frame[at] ^= 1_u8 << bit }
            prop_assert!(unpack(&frame).ok().is_none_or(|text| text == PAYLOAD));
        }

        #[test]
        fn rubbish_is_no_panic(rubbish in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(unpack(&rubbish).is_err());
        }
    }
}
