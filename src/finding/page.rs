//! The pages about codes, in each language: `docs/findings.md`, and a page for each code, which
//! `planche explain` prints.

use super::{Code, Severity};
use crate::language::Language;

/// Columns of a paragraph.
const WIDTH: usize = 100;

const INTRODUCTION: &str = "\
# Findings

Every finding has a code. `planche explain CODE` prints its page. `allow:` in `planche.yml`
accepts a code, everywhere or below a path. `planche check --write-baseline` accepts all current
findings, for `build` and `check`: only new ones are reported from then on. Errors lead to exit
code 1 (configuration and writing errors to 2), warnings only with `--strict`, notices never.

`severity:` changes the severity of a code, everywhere or by path, where the first match
wins:

```yaml
severity:
  missing-upload: error                        # off, notice, warning or error
  alt-missing: { \"_posts/old/**\": off, \"**\": error }
```

| code | severity | meaning |
|---|---|---|
";

#[cfg(test)]
/// The pages folder in a language, below `docs/`.
fn folder(language: Language) -> &'static str {
    match language {
        Language::English => "",
        Language::French => "fr/",
    }
}

/// `findings.md`: every code with its severity and what it means.
pub fn documentation(language: Language) -> String {
    let mut page = language.text(INTRODUCTION).into_owned();
    for code in Code::ALL {
        let severity = language.text(code.severity().as_str());
        let headline = code.headline(language);
        page.push_str(&format!(
            "| [`{code}`](findings/{code}.md) | {severity} | {headline} |\n"
        ));
    }
    page
}

impl Code {
    /// The page about the code, as Markdown.
    pub fn page(self, language: Language) -> String {
        let say = |english: &str| language.text(english).into_owned();
        let severity = self.severity();
        let meaning = match language {
            Language::English => {
                let lines = self.documentation().lines().map(str::trim);
                lines.collect::<Vec<_>>().join("\n").trim().to_owned()
            }
            Language::French => wrapped(&self.meaning(language)),
        };
        let name = say(severity.as_str());
        let mut page = format!("# `{self}`\n\n*{name}* · {meaning}\n");
        if let Some(hint) = self.hint() {
            page.push_str(&format!("\n{}\n", say(&format!("Usual hint: {hint}."))));
        }
        let effect = match severity {
            Severity::Error if self.is_failure() => "An error: the exit code is 2.",
            Severity::Error => "An error: the exit code is 1.",
            Severity::Warning => "A warning: the exit code is 1 with `--strict`, otherwise 0.",
            Severity::Notice => "A notice: it never changes the exit code.",
        };
        let effect = say(effect);
        page.push_str(&format!("\n{effect}\n\n"));
        if self.is_failure() {
            let kept = say("It cannot be hidden: a run with such a finding has failed.");
            page.push_str(&format!("{kept}\n"));
        } else {
            let hide = say("To hide it, everywhere or in some files, in `planche.yml`:");
            page.push_str(&format!(
                "{hide}\n\n```yaml\nallow:\n- {{ code: {self}, path: \"blog/**\" }}\n```\n"
            ));
        }
        let all = say("All findings");
        page.push_str(&format!("\n[{all}](../findings.md)\n"));
        page
    }
}

fn wrapped(text: &str) -> String {
    let options = textwrap::Options::new(WIDTH)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(text, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_of_the_codes_is_the_published_one() {
        let docs = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/docs"));
        for language in Language::ALL {
            let docs = docs.join(folder(language));
            let mut pages = vec![("findings.md".to_owned(), documentation(language))];
            let of_codes = Code::ALL.iter();
            pages.extend(of_codes.map(|code| (format!("findings/{code}.md"), code.page(language))));
            for (name, page) in &pages {
                let path = docs.join(name);
                if std::env::var_os("PLANCHE_WRITE_DOCS").is_some() {
                    std::fs::create_dir_all(docs.join("findings")).unwrap();
                    std::fs::write(&path, page).unwrap();
                }
                let published = std::fs::read_to_string(&path).unwrap_or_default();
                assert!(
                    published == *page,
                    "{} is out of date: run this test with PLANCHE_WRITE_DOCS=1",
                    path.display()
                );
            }
            let files = std::fs::read_dir(docs.join("findings")).unwrap().count();
            assert_eq!(files, Code::ALL.len(), "a page has no code");
        }
    }
}
