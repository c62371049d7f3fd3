//! Claude's questions (`AskUserQuestion`), and what was said to each. What is picked is known by its place, so that
//! no label can be taken for another.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use similar::TextDiff;

use super::{list, named, numbered, rest, text};

/// So alike are an option and a word that was meant to be it.
const ALIKE: f32 = 0.8;
/// Longer names are not compared, in characters.
const LONGEST_NAME: usize = 1_000;

/// One question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Its words; Claude knows the answer by them.
    pub text: String,
    /// In a word or two.
    pub header: String,
    /// Whether several options may be chosen.
    pub multi: bool,
    /// What may be chosen.
    pub options: Vec<Choice>,
    /// What else it says.
    pub rest: Map<String, Value>,
}

/// One of the options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Its name.
    pub label: String,
    /// What it means.
    pub description: String,
    /// What it would look like.
    pub preview: String,
    /// What else it says.
    pub rest: Map<String, Value>,
}

/// What was said to one question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The options, by their places from 0 on.
    pub picks: BTreeSet<usize>,
    /// Words of one's own.
    pub own: String,
}

/// What is asked.
///
/// # Errors
/// Why it cannot be answered from here, in words.
pub fn read(input: &Value) -> Result<Vec<Question>, &'static str> {
    let asked = list(input, "questions");
    if asked.is_empty() {
        return Err("there is no question in it that could be shown");
    }
    let all: Vec<Question> = asked.iter().map(Question::read).collect::<Result<_, _>>()?;
    if twice(all.iter().map(|question| question.text.trim())) {
        return Err("two of the questions are worded the same: an answer from here would be taken for both");
    }
    Ok(all)
}

/// The tool's input with the answers in it: what Claude takes as the answer.
#[must_use]
pub fn answered(input: &Value, questions: &[Question], replies: &[Reply]) -> Value {
    let said = questions.iter().zip(replies).map(|(question, reply)| (question.text.clone(), question.said(reply)));
    let mut input = input.clone();
    input["answers"] = Value::Object(said.collect());
    input
}

/// What a JSON document says to the questions: by their words or headers, or in their order. A text is an option's
/// name or one's own words, a number is an option's place, a list is several of them.
///
/// # Errors
/// What is wrong with it, in words.
pub fn from_json(questions: &[Question], document: &Value) -> Result<Vec<Reply>, String> {
    let all = match document {
        Value::Object(by_name) => in_order(questions, by_name)?,
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    if all.len() != questions.len() {
        return Err(format!("{} questions are asked, and {} are answered", questions.len(), all.len()));
    }
    questions.iter().zip(all).map(|(question, value)| question.exactly(value)).collect()
}

fn in_order<'a>(questions: &[Question], by_name: &'a Map<String, Value>) -> Result<Vec<&'a Value>, String> {
    let found: Vec<Option<usize>> = by_name.keys().map(|name| place(questions, name)).collect();
    if let Some((_, name)) = found.iter().zip(by_name.keys()).find(|(at, _)| at.is_none()) {
        return Err(format!("no question is called {name:?}"));
    }
    let of = |at: usize| found.iter().position(|place| *place == Some(at));
    let missing = |at: usize| format!("{:?} is not answered", questions[at].text);
    let all = (0..questions.len()).map(|at| of(at).ok_or_else(|| missing(at)));
    let all: Vec<usize> = all.collect::<Result<_, _>>()?;
    if by_name.len() > all.len() {
        return Err("a question is answered twice, by its words and by its header".to_owned());
    }
    Ok(all.into_iter().filter_map(|at| by_name.values().nth(at)).collect())
}

/// Which question is called so, by its words, its header or its number.
#[must_use]
pub fn place(questions: &[Question], name: &str) -> Option<usize> {
    let name = name.trim();
    let texts = named(questions.iter().map(|question| question.text.as_str()), name);
    let headers =
        || named(questions.iter().map(|question| question.header.as_str()), name).filter(|_| !name.is_empty());
    texts.or_else(headers).or_else(|| numbered(name).filter(|at| *at < questions.len()))
}

impl Question {
    fn read(asked: &Value) -> Result<Self, &'static str> {
        let options = asked.get("options").unwrap_or(&Value::Null);
        let header = asked.get("header").unwrap_or(&Value::Null);
        if text(asked, "question").trim().is_empty() {
            return Err("one of the questions has no text");
        }
        if !(options.is_array() || options.is_null()) || !(header.is_string() || header.is_null()) {
            return Err("one of the questions is not made like a question");
        }
        let options: Vec<Choice> = list(asked, "options").iter().map(Choice::read).collect::<Result<_, _>>()?;
        if twice(options.iter().map(|option| option.label.trim())) {
            return Err("two of the options are called the same: an answer from here could not say which is meant");
        }
        let multi = asked.get("multiSelect") == Some(&Value::Bool(true));
        let rest = rest(asked, &["question", "header", "multiSelect", "options"]);
        Ok(Self { text: text(asked, "question"), header: text(asked, "header"), multi, options, rest })
    }

    /// What is meant by `words`: an option's name or number, several with commas between them where several may be
    /// chosen, or else an answer in one's own words; always that after a `=`.
    ///
    /// # Errors
    /// Why that is not clear, in words.
    pub fn understand(&self, words: &str) -> Result<Reply, String> {
        if let Some(own) = words.strip_prefix('=') {
            return Self::own(own);
        }
        if let Some(at) = self.option(words.trim())? {
            return Ok(Reply { picks: [at].into(), own: String::new() });
        }
        if !self.multi || !words.contains(',') {
            self.is_meant(words)?;
            return Self::own(words);
        }
        let (mut reply, mut own) = (Reply::default(), Vec::new());
        for word in words.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match self.option(word)? {
                Some(at) => drop(reply.picks.insert(at)),
                None => own.push(self.is_meant(word).map(|()| word)?),
            }
        }
        reply.own = own.join(", ");
        if reply.is_empty() { Self::own("") } else { Ok(reply) }
    }

    /// What several answers to this one question say together.
    ///
    /// # Errors
    /// Why that is not clear, in words.
    pub fn understand_all(&self, all: &[String]) -> Result<Reply, String> {
        if !self.multi && all.len() > 1 {
            return Err(format!("{:?} takes one answer, and there are {}", self.text, all.len()));
        }
        let mut together = Reply::default();
        for words in all {
            let Reply { picks, own } = self.understand(words)?;
            together.picks.extend(picks);
            together.own = [together.own, own].into_iter().filter(|own| !own.is_empty()).collect::<Vec<_>>().join(", ");
        }
        Ok(together)
    }

    /// What Claude reads: a list where a comma would not tell one answer from two.
    #[must_use]
    pub fn said(&self, reply: &Reply) -> Value {
        let words = self.words(reply);
        if self.multi && words.len() > 1 && words.iter().any(|word| word.contains(',')) {
            json!(words)
        } else {
            json!(words.join(", "))
        }
    }

    /// Each of the answers in a reply.
    #[must_use]
    pub fn words<'a>(&'a self, reply: &'a Reply) -> Vec<&'a str> {
        let picked = reply.picks.iter().filter_map(|at| self.options.get(*at)).map(|option| option.label.as_str());
        picked.chain((!reply.own.is_empty()).then_some(reply.own.as_str())).collect()
    }

    fn own(words: &str) -> Result<Reply, String> {
        let own = words.trim().to_owned();
        if own.is_empty() { Err("an answer is empty".to_owned()) } else { Ok(Reply { own, picks: BTreeSet::new() }) }
    }

    fn option(&self, word: &str) -> Result<Option<usize>, String> {
        let called = named(self.options.iter().map(|option| option.label.as_str()), word);
        let count = self.options.len();
        match (called, numbered(word)) {
            (Some(name), Some(number)) if number != name && number < count => {
                let (name, number) = (name + 1, number + 1);
                Err(format!(
                    "{word} is the name of option {name}, and the number of option {number}: say #{name} or #{number}"
                ))
            }
            (Some(at), _) => Ok(Some(at)),
            (None, Some(at)) if at < count => Ok(Some(at)),
            (None, Some(_)) if count > 0 => {
                Err(format!("there is no option {word}: they go from 1 to {count}. ={word} says it in your own words"))
            }
            _ => Ok(None),
        }
    }

    /// Own words that are nearly an option's name were meant to be it.
    fn is_meant(&self, word: &str) -> Result<(), String> {
        let low = word.trim().to_lowercase();
        let count = low.chars().count();
        // Nobody types a name so long, and to compare it would take minutes.
        let near = |label: &str| {
            let label = label.to_lowercase();
            let length = label.chars().count();
            (count.max(length) <= LONGEST_NAME) && TextDiff::from_chars(low.as_str(), label.as_str()).ratio() >= ALIKE
        };
        match self.options.iter().find(|option| near(&option.label)) {
            None => Ok(()),
            Some(option) => {
                let word = word.trim();
                Err(format!("is {word:?} the option {:?}? ={word} says it in your own words", option.label))
            }
        }
    }

    /// What a JSON value says, without any guess at what was meant.
    fn exactly(&self, value: &Value) -> Result<Reply, String> {
        let all = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        if all.len() > 1 && !self.multi {
            return Err(format!("{:?} takes one answer, and there are {}", self.text, all.len()));
        }
        let (mut reply, mut own) = (Reply::default(), Vec::new());
        for one in all {
            let place = one.as_u64().and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
            let label = one.as_str().and_then(|word| self.options.iter().position(|option| option.label == word));
            match (label.or(place), one.as_str()) {
                (Some(at), _) if at < self.options.len() => drop(reply.picks.insert(at)),
                (_, Some(words)) if !words.trim().is_empty() => own.push(words.trim()),
                _ => return Err(format!("{one} answers nothing in {:?}", self.text)),
            }
        }
        reply.own = own.join(", ");
        if reply.is_empty() { Err(format!("{:?} is not answered", self.text)) } else { Ok(reply) }
    }
}

impl Choice {
    fn read(option: &Value) -> Result<Self, &'static str> {
        let label = option.as_str().map_or_else(|| text(option, "label"), str::to_owned);
        if label.trim().is_empty() {
            return Err("one of the options has no name: an answer from here could not name it");
        }
        let rest = rest(option, &["label", "description", "preview"]);
        Ok(Self { label, description: text(option, "description"), preview: text(option, "preview"), rest })
    }
}

impl Reply {
    /// Nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.picks.is_empty() && self.own.is_empty()
    }
}

fn twice<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = BTreeSet::new();
    !texts.into_iter().all(|text| seen.insert(text))
}

#[cfg(test)]
mod tests;
