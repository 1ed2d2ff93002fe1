//! Random texts that look like commands.

use crate::corpus::Corpus;

/// Words that a user might type by mistake, or to see what happens.
const ODD: &[&str] = &[
    "",
    "''",
    "\"\"",
    "-",
    "--",
    "---",
    "-h",
    "--help",
    "--version",
    "-V",
    "--name",
    "--name=",
    "--limit=5s",
    "--log=debug",
    "--keep-going",
    "-e",
    "-1",
    "-5m",
    "0",
    "1",
    "+1",
    "007",
    "1e3",
    "1e999999999",
    "1e-999",
    ".5",
    "5.",
    "1.5h",
    "0s",
    "1ns",
    "10y",
    "11y",
    "1h30m",
    "5x",
    "99999999999999999999",
    "18446744073709551616",
    "self",
    "the shell",
    "eggs",
    "yoshi",
    "superdave",
    "superman",
    "normal",
    "shutdown",
    "kill",
    "on",
    "off",
    "help",
    "exit",
    "0.1.0",
    "<0.2.0>",
    "<0.99.0>",
    "0.99999999999999999999.0",
    "3/5s",
    "0/0s",
    "1/2",
    "2/1",
    "a,b",
    ",",
    "=",
    "#",
    "# x",
    "'",
    "\"",
    "\\",
    "\\ ",
    "$HOME",
    "`x`",
    "*",
    "~",
    "é",
    "日本",
    "👩\u{200d}🍳",
    "\u{202e}",
    "\u{200b}",
    "\u{1b}[2J",
    "\u{7}",
    "\t",
    "\u{a0}",
    "\u{feff}",
    "ﬀ",
    "İ",
];

/// Characters with a meaning for one of the programs.
const SIGNS: &[char] = &[
    ' ',
    '\t',
    '\'',
    '"',
    '\\',
    '#',
    '-',
    '=',
    ',',
    '.',
    '/',
    '<',
    '>',
    '0',
    '9',
    'e',
    's',
    'm',
    'µ',
    '\u{301}',
    '\u{200d}',
    '\u{2028}',
    '\u{85}',
    '\u{3000}',
    '\u{1b}',
    '\u{7f}',
    '\u{10ffff}',
];

/// Pieces of numbers, durations and their like.
const PIECES: &[&str] = &[
    "0",
    "1",
    "5",
    "9",
    "10",
    "30",
    "60",
    "99",
    "1000",
    "4294967296",
    "18446744073709551615",
    "584542046090",
    ".",
    "-",
    "+",
    "e",
    "E",
    "/",
    " ",
    "ns",
    "us",
    "µs",
    "ms",
    "s",
    "sec",
    "m",
    "min",
    "h",
    "d",
    "w",
    "month",
    "M",
    "y",
    "year",
    "x",
    "٣",
    "rock",
    "scissors",
    "e9",
    "e-9",
    "e400",
    "_",
];

/// Small, and the same on every machine (splitmix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The sequence with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut random = Self(seed);
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below the limit, which is not zero.
    ///
    /// # Panics
    ///
    /// When it is.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("less than a usize")
    }

    /// One of them.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Any bytes.
    pub fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most + 1);
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// A text like a number, a duration, a limit, a chance.
    pub fn value(&mut self) -> String {
        let pieces = 1 + self.below(6);
        (0..pieces).map(|_| *self.one(PIECES)).collect()
    }

    /// A line of a script, or one that has been changed a little, or beyond recognition.
    pub fn line(&mut self, corpus: &Corpus) -> String {
        let mut line = self.one(&corpus.lines).clone();
        for _ in 0..self.below(4) {
            line = self.changed(&line, corpus);
        }
        line
    }

    /// What stands at a prompt while a line is being typed.
    pub fn beginning(&mut self, corpus: &Corpus) -> String {
        let line = self.line(corpus);
        self.cut(&line)
    }

    /// The arguments of a command line.
    pub fn arguments(&mut self, corpus: &Corpus) -> Vec<String> {
        let mut words = self.one(&corpus.options).clone();
        words.extend(match self.below(3) {
            0 => Vec::new(),
            1 => split(&self.line(corpus)),
            _ => self.one(&corpus.commands).clone(),
        });
        if self.below(3) == 0 {
            let at = self.below(words.len() + 1);
            words.insert(at, (*self.one(ODD)).to_owned());
        }
        words
    }

    /// A script of some lines, most of which make sense.
    pub fn script(&mut self, corpus: &Corpus) -> Vec<String> {
        // Lines of one session belong together, those of others may come between.
        let (_, whole) = self.one(&corpus.scripts).clone();
        let from = self.below(whole.len());
        let most = 1 + self.below(12);
        let lines = whole
            .into_iter()
            .skip(if self.below(2) == 0 { 0 } else { from });
        let mut lines: Vec<String> = lines.take(most).collect();
        for _ in 0..self.below(5) {
            let at = self.below(lines.len() + 1);
            let line = match self.below(2) {
                0 => self.one(&corpus.lines).clone(),
                _ => self.line(corpus),
            };
            lines.insert(at, line);
        }
        lines
    }

    fn changed(&mut self, line: &str, corpus: &Corpus) -> String {
        let mut words = split(line);
        let at = self.below(words.len().max(1));
        match self.below(10) {
            0 if !words.is_empty() => {
                words.remove(at);
            }
            1 if !words.is_empty() => words.insert(at, words[at].clone()),
            2 if !words.is_empty() => words[at] = (*self.one(ODD)).to_owned(),
            3 => words.insert(at, (*self.one(ODD)).to_owned()),
            4 if !words.is_empty() => words[at] = self.value(),
            5 => words.extend(split(self.one::<String>(&corpus.lines))),
            6 if !words.is_empty() => {
                let other = split(self.one::<String>(&corpus.lines));
                words[at] = other.get(at).cloned().unwrap_or_default();
            }
            7 => return self.cut(line),
            8 => return self.with_sign(line),
            _ => words.reverse(),
        }
        words.join(" ")
    }

    fn cut(&mut self, line: &str) -> String {
        let signs = self.below(line.chars().count() + 1);
        line.chars().take(signs).collect()
    }

    fn with_sign(&mut self, line: &str) -> String {
        let mut signs: Vec<char> = line.chars().collect();
        let at = self.below(signs.len() + 1);
        signs.insert(at, *self.one(SIGNS));
        signs.into_iter().collect()
    }
}

/// Not as a shell does, so that quotes come apart.
fn split(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}
