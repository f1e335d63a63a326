//! Parses PO files of GNU gettext into messages with their translations. Supports only what
//! `locales/` uses: no contexts, and two plural forms.

use std::collections::HashMap;

/// A message and its translation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    One {
        id: String,
        translation: String,
    },
    /// Two forms: singular and plural.
    PerImage {
        ids: [String; 2],
        translations: [String; 2],
    },
}

/// Returns the translated messages of a file. Its header, whose id is empty, is not a message.
pub(super) fn messages(text: &str) -> Vec<Message> {
    text.split("\n\n").filter_map(message).collect()
}

/// Parses one paragraph: keywords, each with a string that may continue on the next lines.
fn message(paragraph: &str) -> Option<Message> {
    let mut fields: HashMap<&str, String> = HashMap::new();
    let mut keyword = "";
    for line in paragraph.lines().filter(|line| !line.starts_with('#')) {
        let start = line.find('"')?;
        if start > 0 {
            keyword = line[..start].trim();
        }
        let value = unescaped(line[start + 1..].strip_suffix('"')?);
        fields.entry(keyword).or_default().push_str(&value);
    }
    let mut take = |keyword: &str| fields.remove(keyword).filter(|value| !value.is_empty());
    let id = take("msgid")?;
    Some(match take("msgid_plural") {
        Some(plural) => Message::PerImage {
            ids: [id, plural],
            translations: [take("msgstr[0]")?, take("msgstr[1]")?],
        },
        None => Message::One {
            id,
            translation: take("msgstr")?,
        },
    })
}

/// Resolves the C escapes of a string.
fn unescaped(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, c == '\\') {
            (_, true) => unescaped.extend(characters.next().map(|escaped| match escaped {
                'n' => '\n',
                't' => '\t',
                other => other,
            })),
            (c, false) => unescaped.push(c),
        }
    }
    unescaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_with_continued_lines_escapes_and_plurals() {
        let text = "# Comment\nmsgid \"\"\nmsgstr \"\"\n\"Language: fr\\n\"\n\n\
                    #. Of a file\nmsgid \"a \\\"b\\\"\"\nmsgstr \"\"\n\"un\\n\"\n\"deux\"\n\n\
                    msgid \"untranslated\"\nmsgstr \"\"\n\n\
                    msgid \"{n} file\"\nmsgid_plural \"{n} files\"\n\
                    msgstr[0] \"{n} fichier\"\nmsgstr[1] \"{n} fichiers\"\n";
        let strings = |texts: [&str; 2]| texts.map(str::to_owned);
        assert_eq!(
            messages(text),
            [
                Message::One {
                    id: "a \"b\"".to_owned(),
                    translation: "un\ndeux".to_owned(),
                },
                Message::PerImage {
                    ids: strings(["{n} file", "{n} files"]),
                    translations: strings(["{n} fichier", "{n} fichiers"]),
                },
            ]
        );
    }
}
