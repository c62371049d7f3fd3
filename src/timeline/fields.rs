//! The fields of a payload: each read by itself, so that one that is odd spoils no other.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

/// A payload; one that is no JSON object has no fields.
#[derive(Default)]
pub(super) struct Fields<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    pub(super) fn of(payload: &'a str) -> Self {
        Self(serde_json::from_str(payload).unwrap_or_default())
    }

    /// A text that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.read(name).filter(|text: &String| !text.is_empty())
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.read(name)
    }

    pub(super) fn value(&self, name: &str) -> Option<Value> {
        self.read(name)
    }

    /// A field that has fields itself.
    pub(super) fn within(&self, name: &str) -> Self {
        Self(self.0.get(name).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default())
    }

    /// A field that is a list of things with fields.
    pub(super) fn each(&self, name: &str) -> Vec<Self> {
        let raw = self.0.get(name).map_or("[]", |raw| raw.get());
        let list: Vec<&'a RawValue> = serde_json::from_str(raw).unwrap_or_default();
        list.into_iter().map(|raw| Self::of(raw.get())).collect()
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }
}
