//! Which words of what is stored can be searched.
//!
//! Of the events only a prompt and the input of a tool that starts: what follows says the same again.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::surrogates;

const PROMPT: &str = "UserPromptSubmit";
const TOOL: &str = "PreToolUse";

/// Most bytes of one text that are searched.
const MOST: usize = 8 << 10;

/// What an event says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// What the user asked for.
    pub prompt: Option<String>,
    /// All texts of a tool's input.
    pub input: Option<String>,
    /// The tool.
    pub tool: Option<String>,
}

impl Words {
    /// Of an event. A payload that is not understood says nothing.
    pub(super) fn of(kind: &str, payload: &str) -> Self {
        match kind {
            PROMPT => Self { prompt: read::<Prompt>(payload).map(|said| cut(said.prompt)), ..Self::default() },
            TOOL => read::<Call>(payload).map(Self::of_call).unwrap_or_default(),
            _ => Self::default(),
        }
    }

    fn of_call(call: Call) -> Self {
        let input = call.tool_input.0;
        Self { tool: Some(call.tool_name), input: (!input.is_empty()).then_some(input), prompt: None }
    }

    /// Whether there is nothing to search for.
    pub(super) fn is_empty(&self) -> bool {
        self.prompt.is_none() && self.input.is_none()
    }
}

/// The words of a request, and of what was said to it: the message, and the JSON of what came with the answer.
pub(super) fn of_request(tool: &str, input: &str, cwd: &str, said: [Option<&str>; 2]) -> String {
    let [message, given] = said;
    let Texts(mut words) = read(input).unwrap_or_default();
    let given = given.and_then(read::<Texts>).map(|Texts(given)| given);
    for more in [Some(tool), Some(cwd), message, given.as_deref()].into_iter().flatten() {
        words.push('\n');
        words.push_str(more);
    }
    words
}

/// At most [`MOST`] bytes of it.
pub(super) fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MOST));
    text
}

fn read<T: DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_str(json).or_else(|_| serde_json::from_str(&surrogates::mended(json))).ok()
}

#[derive(Deserialize)]
struct Prompt {
    prompt: String,
}

#[derive(Deserialize)]
struct Call {
    tool_name: String,
    #[serde(default)]
    tool_input: Texts,
}

/// All texts of a JSON value, in lines, until there are enough.
#[derive(Default)]
struct Texts(String);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut texts = String::new();
        deserializer.deserialize_any(Gather(&mut texts))?;
        Ok(Self(cut(texts)))
    }
}

struct Gather<'a>(&'a mut String);

impl<'de> de::DeserializeSeed<'de> for Gather<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.0.len() < MOST {
            deserializer.deserialize_any(self)
        } else {
            IgnoredAny::deserialize(deserializer).map(drop)
        }
    }
}

impl<'de> Visitor<'de> for Gather<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(text);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Gather(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            map.next_value_seed(Gather(self.0))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_and_a_tools_input_are_searched_and_nothing_else() {
        let prompt = Words::of(PROMPT, r#"{"cwd":"/x","prompt":"fix it"}"#);
        assert_eq!(prompt, Words { prompt: Some("fix it".to_owned()), ..Words::default() });
        let call =
            r#"{"tool_name":"Edit","tool_input":{"file_path":"/a","n":1,"edits":[{"old":"b","new":null},"c",true]}}"#;
        let words = Words::of(TOOL, call);
        assert_eq!((words.tool.as_deref(), words.input.as_deref()), (Some("Edit"), Some("/a\nb\nc")));
        assert_eq!(Words::of("PostToolUse", call), Words::default());
        assert!(Words::of(TOOL, r#"{"tool_name":"Bash"}"#).is_empty());
    }

    #[test]
    fn what_is_not_understood_says_nothing() {
        for payload in ["", "{", "[]", "\0", r#"{"prompt":5}"#, r#"{"tool_name":[]}"#] {
            assert_eq!(Words::of(PROMPT, payload), Words::default());
            assert_eq!(Words::of(TOOL, payload), Words::default());
        }
        assert_eq!(of_request("Bash", "{", "/x", [Some("no"), None]), "\nBash\n/x\nno");
        let given = r#"{"answers":{"Which?":"Blue"},"edited":{"command":["ls",5]}}"#;
        assert_eq!(of_request("Bash", "{", "/x", [None, Some(given)]), "\nBash\n/x\nBlue\nls");
    }

    #[test]
    fn half_an_emoji_hides_nothing() {
        let prompt = Words::of(PROMPT, r#"{"prompt":"a \ud83d walrus \ud83d\ude80 \u00e4 \\ud83d"}"#);
        assert_eq!(prompt.prompt.as_deref(), Some("a \u{fffd} walrus 🚀 ä \\ud83d"));
        let call = Words::of(TOOL, r#"{"tool_name":"Bash","tool_input":{"command":"ls \udc00"}}"#);
        assert_eq!((call.tool.as_deref(), call.input.as_deref()), (Some("Bash"), Some("ls \u{fffd}")));
    }

    #[test]
    fn long_texts_end_at_a_character() {
        let call = format!(r#"{{"tool_name":"Write","tool_input":{{"a":"{0}","b":"{0}"}}}}"#, "ä".repeat(5000));
        let input = Words::of(TOOL, &call).input.unwrap();
        assert!(input.len() <= MOST && input.chars().all(|c| c == 'ä'), "{}", input.len());
    }
}
