//! Cases, and how they are run and told of: one line each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::promises::PROMISES;

/// Longest account of a failure that is printed, in characters.
const LONGEST: usize = 3_000;
/// Groups that run at once.
const AT_ONCE: usize = 4;

/// How a case ended well.
pub enum Verdict {
    /// As promised; with something measured, or nothing.
    Held(String),
    /// It could not be tried here.
    Skipped(String),
}

impl From<()> for Verdict {
    fn from((): ()) -> Self {
        Self::Held(String::new())
    }
}

impl From<String> for Verdict {
    fn from(note: String) -> Self {
        Self::Held(note)
    }
}

/// Ends a case when something is not as promised.
#[macro_export]
macro_rules! hold {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err(format!($($why)+));
        }
    };
}

type Trial = Box<dyn FnOnce() -> Result<Verdict, String> + Send>;

struct Case {
    promise: &'static str,
    name: String,
    whole: bool,
    trial: Trial,
}

/// What is tried, in order.
#[derive(Default)]
pub struct Suite {
    cases: Vec<Case>,
    promise: &'static str,
}

impl Suite {
    /// What follows is about this promise.
    pub fn about(&mut self, promise: &'static str) {
        assert!(PROMISES.iter().any(|known| known.id == promise), "no promise {promise}");
        self.promise = promise;
    }

    /// One more case.
    pub fn case<V: Into<Verdict>>(
        &mut self,
        name: impl Into<String>,
        trial: impl FnOnce() -> Result<V, String> + Send + 'static,
    ) {
        self.add(name.into(), false, trial);
    }

    /// One that takes long, or needs much: not for `--quick`.
    pub fn whole<V: Into<Verdict>>(
        &mut self,
        name: impl Into<String>,
        trial: impl FnOnce() -> Result<V, String> + Send + 'static,
    ) {
        self.add(name.into(), true, trial);
    }

    fn add<V: Into<Verdict>>(
        &mut self,
        name: String,
        whole: bool,
        trial: impl FnOnce() -> Result<V, String> + Send + 'static,
    ) {
        let trial: Trial = Box::new(move || trial().map(Into::into));
        self.cases.push(Case { promise: self.promise, name, whole, trial });
    }

    /// Prints every promise, and the cases below it.
    pub fn list(&self) {
        for promise in PROMISES {
            println!("{}: {}", promise.group(), promise.text);
            for case in self.cases.iter().filter(|case| case.promise == promise.id) {
                println!("    {}{}", case.name, if case.whole { "  (not with --quick)" } else { "" });
            }
        }
    }

    /// The promises that no case is about.
    pub fn untried(&self) -> Vec<&'static str> {
        let tried = |id| self.cases.iter().any(|case| case.promise == id);
        PROMISES.iter().map(|promise| promise.id).filter(|id| !tried(*id)).collect()
    }

    /// Runs those that are wanted, paragraph by paragraph, and prints a line for each.
    pub fn run(self, wanted: &Wanted) -> Count {
        let mut chapters: Vec<Vec<Case>> = Vec::new();
        let mut last = "";
        for case in self.cases.into_iter().filter(|case| wanted.includes(case)) {
            // Cases of one promise share a daemon.
            if chapters.is_empty() || case.promise != last {
                chapters.push(Vec::new());
            }
            last = case.promise;
            chapters.last_mut().expect("one was just added").push(case);
        }
        let chapters: Vec<_> = chapters.into_iter().map(|cases| Mutex::new(Some(cases))).collect();
        let (next, told) = (AtomicUsize::new(0), Mutex::new((0, Told::default(), Count::default())));
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some(chapter) = chapters.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let cases = chapter.lock().expect("no panic").take().expect("taken once");
                        let at = chapters.iter().position(|other| std::ptr::eq(other, chapter)).expect("it is there");
                        let lines = cases.into_iter().map(run).collect();
                        let mut told = told.lock().expect("no panic");
                        let (shown, told, count) = &mut *told;
                        told.push((at, lines));
                        tell(shown, told, count, wanted.times);
                    }
                });
            }
        });
        told.into_inner().expect("no panic").2
    }
}

type Told = Vec<(usize, Vec<Line>)>;

/// Prints what is next, as far as it is known.
fn tell(shown: &mut usize, told: &mut Told, count: &mut Count, times: bool) {
    while let Some(at) = told.iter().position(|(at, _)| at == shown) {
        for line in told.swap_remove(at).1 {
            if times {
                print!("{:6.2} s  ", line.took.as_secs_f64());
            }
            line.print();
            count.add(&line);
        }
        *shown += 1;
    }
}

/// What is to be run.
pub struct Wanted {
    /// Only what takes no time.
    pub quick: bool,
    /// Whether it is told how long each took.
    pub times: bool,
    /// Only what contains one of these.
    pub words: Vec<String>,
}

impl Wanted {
    fn includes(&self, case: &Case) -> bool {
        let group = case.promise.split('.').next().unwrap_or_default();
        let line = format!("{group}: {} {}", case.name, case.promise);
        let named = self.words.is_empty() || self.words.iter().any(|word| line.contains(word.as_str()));
        named && !(self.quick && case.whole)
    }
}

/// How many there were.
#[derive(Default)]
pub struct Count {
    /// Cases in all,
    pub cases: usize,
    /// those that could not be tried here,
    pub skipped: usize,
    /// and those that fell.
    pub failures: usize,
}

impl Count {
    fn add(&mut self, line: &Line) {
        self.cases += 1;
        self.skipped += usize::from(matches!(line.ended, Ok(Verdict::Skipped(_))));
        self.failures += usize::from(line.ended.is_err());
    }
}

struct Line {
    name: String,
    took: Duration,
    ended: Result<Verdict, String>,
}

impl Line {
    fn print(&self) {
        match &self.ended {
            Ok(Verdict::Held(note)) if note.is_empty() => println!("ok   {}", self.name),
            Ok(Verdict::Held(note)) => println!("ok   {} ({note})", self.name),
            Ok(Verdict::Skipped(why)) => println!("--   {} (not tried: {why})", self.name),
            Err(why) => {
                let why: String = why.chars().take(LONGEST).collect();
                println!("FAIL {}: {}", self.name, ccmon::cli::visible(&why).replace("\\u{a}", "\n       "));
            }
        }
    }
}

fn run(case: Case) -> Line {
    let group = case.promise.split('.').next().unwrap_or_default();
    let begun = Instant::now();
    let ended = catch_unwind(AssertUnwindSafe(case.trial)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
    });
    Line { name: format!("{group}: {}", case.name), took: begun.elapsed(), ended }
}
