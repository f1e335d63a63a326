//! The secret token in the URL of a preview, unknown to other pages and other users of the machine.

/// Random bytes as hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// 128 bits, too many to guess.
const BYTES: usize = 16;

impl Token {
    /// Creates a random token.
    ///
    /// # Errors
    ///
    /// If the system gives no random bytes.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Token(
            bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        ))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `other` is this token. The comparison reveals nothing through its duration: it
    /// compares digests, and `blake3::Hash` compares in constant time.
    pub fn is(&self, other: &str) -> bool {
        blake3::hash(self.0.as_bytes()) == blake3::hash(other.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_only_the_same_one_is_accepted() {
        let (one, other) = (Token::new().unwrap(), Token::new().unwrap());
        assert_eq!(one.as_str().len(), 32);
        assert!(one.is(one.as_str()));
        assert!(!one.is(other.as_str()) && !one.is("") && !one.is(&one.as_str()[1..]));
    }
}
