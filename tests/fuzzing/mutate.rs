//! Mutations of texts, the same for the same seed.

/// Tokens that parsers of front matter, Markdown, HTML and templates treat in special ways.
const TOKENS: [&str; 40] = [
    "---",
    "...",
    "+++",
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    ": ",
    "- ",
    "? ",
    "# ",
    "&a ",
    "*a",
    "!!str ",
    "|\n",
    ">-\n",
    "\"",
    "'",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    "{{",
    "}}",
    "{%",
    "%}",
    "{{<",
    ">}}",
    "<img src=",
    "<!--",
    "-->",
    "<pre>",
    "![",
    "](",
    "```",
    "\u{feff}",
    "é",
];

/// A source of mutated texts.
pub struct Mutator(u64);

impl Mutator {
    pub fn new(seed: u64) -> Self {
        Mutator(seed)
    }

    /// splitmix64 (Steele, Lea and Flood, 2014).
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % limit as u64) as usize
    }

    /// One of the texts with one to four changes: a part removed, doubled, or taken from another
    /// text, a token inserted, a byte replaced.
    pub fn mutate(&mut self, texts: &[&[u8]]) -> Vec<u8> {
        let mut bytes = texts[self.below(texts.len())].to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(24)).min(bytes.len());
            match self.below(5) {
                0 => drop(bytes.drain(at..end)),
                1 => {
                    let part = bytes[at..end].to_vec();
                    bytes.splice(at..at, part);
                }
                2 => {
                    let other = texts[self.below(texts.len())];
                    let start = self.below(other.len());
                    let length = self.below(40).min(other.len() - start);
                    bytes.splice(at..end, other[start..start + length].iter().copied());
                }
                3 => {
                    let token = TOKENS[self.below(TOKENS.len())];
                    bytes.splice(at..at, token.bytes());
                }
                _ => {
                    let byte = u8::try_from(self.below(256)).unwrap();
                    if at < bytes.len() {
                        bytes[at] = byte;
                    }
                }
            }
        }
        bytes
    }
}
