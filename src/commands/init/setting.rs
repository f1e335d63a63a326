//! Sets `generator:` in an existing `planche.yml`, without changing any other byte.

use planche::internal::config::{Config, FILE};
use planche::internal::generator::{Generator, GeneratorSetting};
use planche::internal::tree::yaml;

/// Returns the text with another generator; `None` if the text cannot be edited safely.
pub(super) fn with_generator(
    bytes: &[u8],
    config: &Config,
    generator: Generator,
) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let tree = yaml::parse(text).ok()?;
    let entry = tree.root().and_then(|root| tree.get(root, "generator"));
    let mut new = text.to_owned();
    match entry {
        Some(entry) => {
            tree.text(entry.value)?;
            new.replace_range(tree.node(entry.value).span.clone(), generator.name());
        }
        None => {
            if !new.is_empty() && !new.ends_with('\n') {
                new.push('\n');
            }
            new.push_str(&format!("generator: {}\n", generator.name()));
        }
    }
    let expected = Config {
        generator: GeneratorSetting::Named(generator),
        ..config.clone()
    };
    let read = Config::read(FILE, &new).ok()?;
    (read == expected).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str) -> Option<String> {
        let config = Config::read(FILE, text).unwrap();
        with_generator(
            text.as_bytes(),
            &config,
            Generator::by_name("hugo").unwrap(),
        )
    }

    #[test]
    fn only_the_generator_changes() {
        for (text, expected) in [
            ("", "generator: hugo\n"),
            ("# c\n", "# c\ngenerator: hugo\n"),
            ("hosts: [a]", "hosts: [a]\ngenerator: hugo\n"),
            (
                "generator: jekyll # c\nrules:\n- { at: a, preset: card }\n",
                "generator: hugo # c\nrules:\n- { at: a, preset: card }\n",
            ),
            (
                "{ generator: 'auto', hosts: [a] }",
                "{ generator: hugo, hosts: [a] }",
            ),
        ] {
            assert_eq!(edited(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn configurations_that_cannot_be_edited_safely_are_left_alone() {
        assert_eq!(edited("{ hosts: [a] }\n"), None);
        assert_eq!(edited("hosts: [a]\n...\n"), None);
    }
}
