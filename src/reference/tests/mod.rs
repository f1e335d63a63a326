//! Tests of what [`find`] reads in one article, by the dialect of its generator.

mod kramdown;

use super::*;
use crate::generator::{JsonFrontMatter, Markdown, Templates, YamlBooleans};
use crate::path::SitePath;
use crate::record::FrontMatterKeys;

fn found_in(path: &str, text: &str, dialect: &Dialect) -> Option<Found> {
    let path = SitePath::root().child(path);
    let article = Article::page(path, text.as_bytes().to_vec(), dialect).expect("it can be split");
    let tree = article.tree().expect("it can be parsed");
    let keys = OurKeys {
        names: FrontMatterKeys::default(),
        list_parent: None,
    };
    let search = Search {
        rules: &[],
        keys: &keys,
        dialect,
        records_in_articles_only: true,
    };
    find(&article, &tree, &search)
}

fn values(path: &str, text: &str, dialect: &Dialect) -> Vec<String> {
    let found = found_in(path, text, dialect).expect("it does not opt out");
    found
        .references
        .into_iter()
        .map(|reference| reference.value.to_string())
        .collect()
}

const ELEVENTY: Dialect = Dialect {
    languages: true,
    templates: Templates::Nunjucks,
    markdown: Markdown::NoIndentedCode,
    ..Dialect::common(1 << 20)
};

const HUGO: Dialect = Dialect {
    toml: true,
    json: JsonFrontMatter::AnyBrace,
    booleans: YamlBooleans::GoYaml,
    templates: Templates::Go,
    ..Dialect::common(1 << 20)
};

const JEKYLL: Dialect = Dialect {
    booleans: YamlBooleans::Psych,
    templates: Templates::Liquid,
    markdown: Markdown::Kramdown {
        parse_block_html: false,
    },
    ..Dialect::common(1 << 20)
};

/// Returns whether an article with this front matter opts out, and whether there is a finding.
fn opts_out(front_matter: &str, dialect: &Dialect) -> (bool, bool) {
    let text = format!("{front_matter}\n![a](/a.png)\n");
    match found_in("a.md", &text, dialect) {
        None => (true, false),
        Some(found) => (
            false,
            found
                .findings
                .iter()
                .any(|finding| finding.code == crate::finding::Code::UnclearOptOut),
        ),
    }
}

/// Expected: how Psych, go-yaml 2 and js-yaml read the values.
#[test]
fn an_article_opts_out_as_its_generator_reads_the_value() {
    const OUT: (bool, bool) = (true, false);
    const IN: (bool, bool) = (false, false);
    const UNCLEAR: (bool, bool) = (false, true);
    for (value, jekyll, hugo, eleventy) in [
        ("false", OUT, OUT, OUT),
        ("False", OUT, OUT, OUT),
        ("FALSE", OUT, OUT, OUT),
        ("no", OUT, OUT, UNCLEAR),
        ("Off", OUT, OUT, UNCLEAR),
        ("nO", OUT, UNCLEAR, UNCLEAR),
        ("n", UNCLEAR, OUT, UNCLEAR),
        ("true", IN, IN, IN),
        ("Yes", IN, IN, UNCLEAR),
        ("\"false\"", UNCLEAR, UNCLEAR, UNCLEAR),
        ("'no'", UNCLEAR, UNCLEAR, UNCLEAR),
        ("", UNCLEAR, UNCLEAR, UNCLEAR),
        ("[no]", UNCLEAR, UNCLEAR, UNCLEAR),
        ("no # comment", OUT, OUT, UNCLEAR),
    ] {
        let text = format!("---\nplanche: {value}\n---");
        assert_eq!(opts_out(&text, &JEKYLL), jekyll, "Jekyll: {value}");
        assert_eq!(opts_out(&text, &HUGO), hugo, "Hugo: {value}");
        assert_eq!(opts_out(&text, &ELEVENTY), eleventy, "Eleventy: {value}");
    }
    assert_eq!(opts_out("---\n---", &JEKYLL), IN);
    assert_eq!(
        opts_out("---\nplanche: true\nplanche: no\n---", &JEKYLL),
        OUT
    );
    assert_eq!(opts_out("+++\nplanche = false\n+++", &HUGO), OUT);
    assert_eq!(opts_out("+++\nplanche = \"no\"\n+++", &HUGO), UNCLEAR);
    assert_eq!(opts_out("{ \"planche\": false }\n", &HUGO), OUT);
    assert_eq!(opts_out("{ \"planche\": 0 }\n", &HUGO), UNCLEAR);
    assert_eq!(
        opts_out("---json\n{ \"planche\": false }\n---", &ELEVENTY),
        OUT
    );
}

/// Expected: how Eleventy 3.1.8 renders the text.
#[test]
fn eleventy_has_no_indented_code() {
    let text = "---\ntitle: b\n---
Text

    <img src=\"/img/b.jpg\" alt=\"\">

- item

      ![c](/img/c.jpg)

	![tab](/img/t.jpg)

1. one

       ![deep](/img/deep.jpg)

> quote
>
>     ![q](/img/q.jpg)

        ![eight](/img/e.jpg)

    - ![list](/img/l.jpg)

    {% fig \"/img/s.jpg\" %}

    ```
    ![fence](/img/f.jpg)
    ```

```
    ![real](/img/r.jpg)
```

    `![span](/img/s.jpg)`

<section>

    ![section](/img/section.jpg)

</section>
";
    let expected = ["b", "c", "t", "deep", "q", "e", "l", "s", "section"];
    let expected = expected.map(|name| format!("/img/{name}.jpg"));
    assert_eq!(values("a.md", text, &ELEVENTY), expected);
    let with_code = Dialect {
        markdown: Markdown::CommonMark,
        ..ELEVENTY
    };
    assert_eq!(
        values("a.md", text, &with_code),
        ["/img/t.jpg"],
        "CommonMark reads all others as code"
    );
}

#[test]
fn noscript_is_read_in_any_case() {
    for (text, expected) in [
        ("<NOSCRIPT><img src=\"/a.jpg\"></NOSCRIPT>", &["/a.jpg"][..]),
        (
            "<NoScript ><p><IMG SRC='/a.jpg'></p></nOsCRIPT >",
            &["/a.jpg"],
        ),
        (
            "<noscript><img src=\"/a.jpg\"></noscript><img src=\"/b.jpg\">",
            &["/a.jpg", "/b.jpg"],
        ),
        (
            "<p title=\"<noscript>\"><img src=\"/a.jpg\"></p>",
            &["/a.jpg"],
        ),
        ("<NOSCRIPT><img src=\"/a.jpg\">", &["/a.jpg"]),
        ("<noscript><noscript><img src=\"/a.jpg\">", &[]),
    ] {
        let text = format!("---\n---\n{text}\n");
        assert_eq!(values("a.html", &text, &JEKYLL), expected, "{text}");
    }
}

#[test]
fn front_matter_may_be_in_a_named_language() {
    let json = "---json\n{ \"image\": \"/img/a.jpg\" }\n---\n![b](/img/b.jpg)\n";
    assert_eq!(
        values("a.md", json, &ELEVENTY),
        ["/img/a.jpg", "/img/b.jpg"]
    );
    let yaml = "---yaml\nimage: /img/a.jpg\n---\n![b](/img/b.jpg)\n";
    assert_eq!(
        values("a.md", yaml, &ELEVENTY),
        ["/img/a.jpg", "/img/b.jpg"]
    );
    let js = "---js\n{ image: \"/img/a.jpg\" }\n---\n![b](/img/b.jpg)\n";
    assert_eq!(values("a.md", js, &ELEVENTY), ["/img/b.jpg"]);
}

#[test]
fn images_whose_records_cannot_be_written_are_skipped() {
    // The text, the parent of the list, and whether the records in front matter and list are
    // skipped.
    for (front_matter, list_parent, expected) in [
        ("a: {image: /a.png}\n", None, vec![false, false]),
        ("a: &a {image: /a.png}\n", None, vec![false, false]),
        ("a: &a {image: /a.png}\nb: *a\n", None, vec![true, false]),
        (
            "a: &a\n  b: {image: /a.png}\nc: {<<: *a}\n",
            None,
            vec![true, false],
        ),
        ("image: &a /a.png\nb: *a\n", None, vec![false, false, false]),
        // There is a record, which stays up to date.
        (
            "a: &a {image: /a.png, image_responsive: {original: /a.png, src: /b.webp}}\nb: *a\n",
            None,
            vec![false, false],
        ),
        (
            "extra: &a\n  image: /a.png\nb: *a\n",
            Some("extra"),
            vec![true, true],
        ),
        (
            "extra: &a\n  image: /a.png\n",
            Some("extra"),
            vec![false, false],
        ),
    ] {
        let dialect = Dialect::common(1 << 20);
        let text = format!("---\n{front_matter}---\n![](/b.png)\n");
        let path = SitePath::root().child("a.md");
        let article = Article::page(path, text.into_bytes(), &dialect).unwrap();
        let keys = OurKeys {
            names: FrontMatterKeys::default(),
            list_parent,
        };
        let tree = article.tree().unwrap();
        let found = |records_in_articles_only| {
            let search = Search {
                rules: &[],
                keys: &keys,
                dialect: &dialect,
                records_in_articles_only,
            };
            find(&article, &tree, &search).unwrap()
        };
        let skipped = |found: Found| -> Vec<bool> {
            let references = found.references.iter();
            references
                .map(|reference| reference.is_skipped && reference.preset.is_none())
                .collect()
        };
        assert_eq!(skipped(found(true)), expected, "{front_matter}");
        let count = expected.iter().filter(|is_skipped| **is_skipped).count();
        assert_eq!(found(true).findings.len(), count, "{front_matter}");
        assert_eq!(skipped(found(false)), vec![false; expected.len()]);
    }
}
