//! The syntax of a generator's articles: front matter, template language and Markdown.

/// How a generator reads an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Whether `...` also closes YAML front matter (Jekyll).
    pub dots_close: bool,
    /// Whether lines of `+++` enclose TOML front matter.
    pub toml: bool,
    pub json: JsonFrontMatter,
    /// Whether a language may follow the first delimiter, as in `---json` (Eleventy).
    pub languages: bool,
    /// Whether a line that ends in the delimiter may close front matter (Zola).
    pub closes_at_line_end: bool,
    /// Whether blank lines are allowed before the first delimiter.
    pub leading_blanks: bool,
    /// What becomes of front matter that is never closed.
    pub unclosed: Unclosed,
    /// What becomes of a key that a YAML mapping sets twice.
    pub duplicate_keys: DuplicateKeys,
    /// Outside of folders with these names, a page that starts with a byte order mark is copied
    /// unrendered, front matter included (Jekyll). `None` if a byte order mark is skipped everywhere.
    pub bom_hides_outside: Option<&'static [&'static str]>,
    /// Maximum size of front matter in bytes.
    pub limit: usize,
    pub booleans: YamlBooleans,
    /// Keys at the top of front matter, in lower case, that set or list URLs of the page itself.
    /// Their values name no image, even if the page is one (`permalink: /favicon.svg`).
    pub page_keys: &'static [&'static str],
    pub templates: Templates,
    pub markdown: Markdown,
}

impl Dialect {
    /// Returns what all generators share: YAML between two lines of `---`, CommonMark, no
    /// templates.
    pub const fn common(limit: usize) -> Self {
        Dialect {
            dots_close: false,
            toml: false,
            json: JsonFrontMatter::Never,
            languages: false,
            closes_at_line_end: false,
            leading_blanks: false,
            unclosed: Unclosed::Text,
            duplicate_keys: DuplicateKeys::LastCounts,
            bom_hides_outside: None,
            limit,
            booleans: YamlBooleans::Core,
            page_keys: &[],
            templates: Templates::Plain,
            markdown: Markdown::CommonMark,
        }
    }
}

/// When a `{` at the very start of a page opens JSON front matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonFrontMatter {
    Never,
    /// Always (Hugo, which refuses a page that starts with `{{` or `{%`).
    AnyBrace,
    /// If the next character can continue an object; `{{` and `{%` open a template.
    Object,
}

/// What a generator does with front matter that is never closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclosed {
    /// It is text (Jekyll 4.4, Astro 5).
    Text,
    /// The generator stops (Hugo 0.168, Zola 0.22).
    Refused,
    /// The rest of the file is front matter (gray-matter 4, which Eleventy uses): the page is
    /// empty, or the generator stops because the text is not valid YAML.
    RestOfFile,
}

/// What a generator does with a key that a YAML mapping sets twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuplicateKeys {
    /// The last value counts (Psych, which Jekyll uses).
    LastCounts,
    /// The generator stops: goccy/go-yaml (Hugo since 0.148), and js-yaml (Eleventy, Astro).
    Refused,
    /// The generator stops if the key is one of its own, at the root; the last value counts below
    /// it (`serde_yaml`, with the types of Zola).
    RefusedAtRoot,
}

/// Which plain YAML scalars are booleans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YamlBooleans {
    /// `true` and `false`, in lower case, in upper case or capitalized (YAML 1.2.2, section
    /// 10.3.2): js-yaml, `serde_yaml`.
    Core,
    /// Also `yes`, `no`, `on` and `off`, in any case: Psych, which Jekyll uses.
    Psych,
    /// The words of Psych, `y` and `n`, in lower case, in upper case or capitalized: go-yaml 2,
    /// which Hugo used until 0.147.
    GoYaml,
}

impl YamlBooleans {
    /// Returns the boolean value of a plain scalar; `None` if it is a string or another type.
    pub fn read(self, scalar: &str) -> Option<bool> {
        let is_cased = |word: &str| {
            let mut capitalized = word.to_owned();
            capitalized[..1].make_ascii_uppercase();
            scalar == word || scalar == capitalized || scalar == word.to_ascii_uppercase()
        };
        let is_any_case = |word: &str| scalar.eq_ignore_ascii_case(word);
        let is_one_of = |words: [&str; 4]| match self {
            YamlBooleans::Core => is_cased(words[0]),
            YamlBooleans::Psych => words[..3].iter().copied().any(is_any_case),
            YamlBooleans::GoYaml => words.into_iter().any(is_cased),
        };
        if is_one_of(["true", "yes", "on", "y"]) {
            Some(true)
        } else if is_one_of(["false", "no", "off", "n"]) {
            Some(false)
        } else {
            None
        }
    }
}

/// The template language in a generator's articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Templates {
    /// Jekyll: `{{ … }}`, `{% … %}`.
    Liquid,
    /// Eleventy: Liquid or Nunjucks, with `{# … #}`.
    Nunjucks,
    /// Zola: `{{ … }}`, `{% … %}`, `{# … #}`.
    Tera,
    /// Hugo shortcodes: `{{< … >}}`, `{{% … %}}`, `{{/* … */}}`.
    Go,
    /// No template language: braces are text.
    Plain,
}

/// The Markdown dialect that a generator renders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markdown {
    CommonMark,
    /// CommonMark with definition lists: Hugo.
    Goldmark,
    /// CommonMark without indented code: Eleventy since 2.0.
    NoIndentedCode,
    /// Markdown with JSX and JavaScript: files that end in `.mdx`.
    Mdx,
    /// kramdown, Jekyll's default.
    Kramdown {
        /// Whether Markdown is parsed inside every HTML block, as with `markdown="1"`.
        parse_block_html: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: the results of `Psych.load`, of `jsonify .Params` in Hugo 0.111, and of
    /// `gray-matter` 4.
    #[test]
    fn booleans_are_those_of_each_parser() {
        use YamlBooleans::{Core, GoYaml, Psych};
        for (scalar, core, psych, go) in [
            ("true", Some(true), Some(true), Some(true)),
            ("True", Some(true), Some(true), Some(true)),
            ("FALSE", Some(false), Some(false), Some(false)),
            ("fALSE", None, Some(false), None),
            ("no", None, Some(false), Some(false)),
            ("No", None, Some(false), Some(false)),
            ("oFF", None, Some(false), None),
            ("OFF", None, Some(false), Some(false)),
            ("on", None, Some(true), Some(true)),
            ("n", None, None, Some(false)),
            ("Y", None, None, Some(true)),
            ("0", None, None, None),
            ("~", None, None, None),
            ("", None, None, None),
            ("é", None, None, None),
        ] {
            assert_eq!(Core.read(scalar), core, "{scalar}");
            assert_eq!(Psych.read(scalar), psych, "{scalar}");
            assert_eq!(GoYaml.read(scalar), go, "{scalar}");
        }
    }
}
