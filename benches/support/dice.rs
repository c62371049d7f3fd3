//! Chance that falls the same each time, and texts that are like real ones.

use std::fs;
use std::io;
use std::path::Path;

/// Throws the same each time.
pub struct Dice(u64);

impl Dice {
    /// Each seed has its own row of throws.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Any number.
    pub fn throw(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below that.
    pub fn below(&mut self, end: usize) -> usize {
        (self.throw() >> 16) as usize % end.max(1)
    }

    /// Whether it happens that often in a hundred times.
    pub fn percent(&mut self, often: usize) -> bool {
        self.below(100) < often
    }

    /// Mostly small, seldom near the end.
    pub fn small(&mut self, end: usize) -> usize {
        let part = self.below(1 << 20) as f64 / f64::from(1 << 20);
        (part.powi(3) * end as f64) as usize
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// An id as Claude Code makes them.
    pub fn uuid(&mut self) -> String {
        let (a, b) = (self.throw(), self.throw());
        format!("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a >> 32, a & 0xffff, a >> 20 & 0xfff, b & 0xfff, b >> 16)
    }
}

/// This project's own sources: code and prose as people have written them.
pub struct Library {
    files: Vec<(String, Vec<String>)>,
    prose: Vec<String>,
}

impl Library {
    /// Reads them.
    pub fn open() -> io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut library = Self { files: Vec::new(), prose: Vec::new() };
        library.gather(root, &root.join("src"))?;
        library.files.sort();
        for (_, lines) in &library.files {
            let comments = lines.iter().filter_map(|line| line.trim_start().strip_prefix("///"));
            library.prose.extend(comments.map(|line| line.trim().to_owned()).filter(|line| line.len() > 20));
        }
        Ok(library)
    }

    fn gather(&mut self, root: &Path, dir: &Path) -> io::Result<()> {
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                self.gather(root, &path)?;
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
                let lines = fs::read_to_string(&path)?.lines().map(str::to_owned).collect();
                self.files.push((name, lines));
            }
        }
        Ok(())
    }

    /// The name of a file; some are met often.
    pub fn path(&self, dice: &mut Dice) -> &str {
        &self.files[dice.small(self.files.len())].0
    }

    /// So many lines of code, about.
    pub fn code(&self, dice: &mut Dice, most: usize) -> String {
        let lines = &dice.pick(&self.files).1;
        let from = dice.below(lines.len());
        let to = (from + 1 + dice.small(most)).min(lines.len());
        lines[from..to].join("\n")
    }

    /// Some sentences.
    pub fn prose(&self, dice: &mut Dice, most: usize) -> String {
        let sentences = 1 + dice.small(most);
        (0..sentences).map(|_| dice.pick(&self.prose).as_str()).collect::<Vec<_>>().join(" ")
    }
}
