//! Mutations of texts and images. The same seed produces the same mutations.

/// Tokens that parsers treat specially, in the dictionary format of libFuzzer.
const DICTIONARY: &str = include_str!("../../fuzz/text.dict");

/// Parses the dictionary: one quoted text per line, with bytes escaped as `\xAB`.
fn tokens() -> Vec<Vec<u8>> {
    let lines = DICTIONARY.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| token(&line[1..line.len() - 1])).collect()
}

fn token(quoted: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = quoted;
    while let Some(next) = rest.chars().next() {
        let escaped = rest.strip_prefix("\\x").map(|code| &code[..2]);
        if let Some(code) = escaped {
            bytes.push(u8::from_str_radix(code, 16).unwrap());
            rest = &rest[4..];
        } else {
            bytes.extend(next.to_string().bytes());
            rest = &rest[next.len_utf8()..];
        }
    }
    bytes
}

/// A source of mutated inputs.
pub struct Mutator {
    state: u64,
    tokens: Vec<Vec<u8>>,
}

impl Mutator {
    pub fn new(seed: u64) -> Self {
        Mutator {
            state: seed,
            tokens: tokens(),
        }
    }

    /// Returns a number below `limit`, by splitmix64 (Steele, Lea and Flood, 2014).
    fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % limit as u64) as usize
    }

    /// Returns one of the texts with one to four changes: a part removed, duplicated, or replaced
    /// by a part of another text, a token inserted, or a byte replaced.
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
                    let token = self.below(self.tokens.len());
                    bytes.splice(at..at, self.tokens[token].iter().copied());
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
