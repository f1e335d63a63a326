//! Edits every file in `cases/front-matter/` of the corpus with a record for every image that it
//! names, and compares with the expected results in the README there.

use std::collections::BTreeMap;
use std::path::Path;

use planche::internal::article::{Article, Syntax};
use planche::internal::config::FrontMatterKeys;
use planche::internal::front_matter::{self, Request, Requests};
use planche::internal::generator::{Dialect, Markdown, Templates, YamlBooleans};
use planche::internal::path::SitePath;
use planche::internal::picture::placeholder::Placeholders;
use planche::internal::picture::units::Dimensions;
use planche::internal::record::{Content, Forecast, OurKeys, Record};
use planche::internal::reference::{self, Place, Search};

use crate::corpus;

const LIMIT: usize = 1 << 20;

fn dialect(limit: usize) -> Dialect {
    Dialect {
        dots_close: true,
        bom_hides_outside: Some(&[]),
        toml: true,
        booleans: YamlBooleans::Psych,
        templates: Templates::Liquid,
        markdown: Markdown::Kramdown {
            parse_block_html: false,
        },
        ..Dialect::common(limit)
    }
}

fn keys() -> OurKeys {
    OurKeys {
        names: FrontMatterKeys::default(),
        list_parent: None,
    }
}

/// The outcome of editing a file.
#[derive(Debug, PartialEq, Eq)]
enum Done {
    Edited,
    /// There was nothing to do, or the file is not an article.
    Unchanged,
    /// The file is byte-identical, and each reference was skipped with a reason.
    Skipped,
    /// The file was edited, but at least one reference was skipped with a reason.
    EditedInPart,
    Refused,
}

/// The references for which records are requested.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fed {
    FrontMatter,
    FrontMatterAndBody,
}

fn record(original: &str) -> Record<Forecast> {
    let url = |width: u32| format!("/uploads/variants/x-{width}.0123456789.webp");
    Record::new(
        Content {
            original: original.to_owned(),
            src: url(640),
            srcset: vec![format!("{} 320w", url(320)), format!("{} 640w", url(640))],
            sizes: Some("(min-width: 62em) 62em, 100vw".to_owned()),
            dimensions: Dimensions {
                width: 640,
                height: 480,
            },
            placeholders: Placeholders::default(),
            sources: Vec::new(),
            also: Vec::new(),
        },
        Forecast,
    )
}

fn requests(article: &Article, fed: Fed) -> Requests<Forecast> {
    let mut requests = Requests::default();
    let keys = keys();
    let search = Search {
        rules: &[],
        keys: &keys,
        dialect: &dialect(LIMIT),
        records_in_articles_only: false,
    };
    let Ok(tree) = article.tree() else {
        return requests;
    };
    let found = reference::find(article, &tree, &search).unwrap_or_default();
    for reference in found.references {
        let request = Request::Record(record(&reference.value));
        match reference.place {
            Place::Beside(path) => {
                requests.beside.insert(path, request);
            }
            Place::Body if fed == Fed::FrontMatter || reference.preset.is_none() => {}
            _ if requests
                .list
                .iter()
                .any(|(value, _)| **value == *reference.value) => {}
            _ => requests.list.push((reference.value.to_string(), request)),
        }
    }
    requests
}

fn article(path: &Path, bytes: Vec<u8>, limit: usize) -> Result<Article, String> {
    let name = path.file_name().unwrap().to_str().unwrap();
    Article::page(SitePath::normalise(name).unwrap(), bytes, &dialect(limit))
        .map_err(|refused| refused.to_string())
}

/// Edits one file, and checks the invariants that apply to every file.
fn run(path: &Path, fed: Fed, limit: usize) -> Done {
    let shown = path.display();
    let bytes = std::fs::read(path).unwrap();
    let Ok(before) = article(path, bytes.clone(), limit) else {
        return Done::Refused;
    };
    let Ok(tree) = before.tree() else {
        return Done::Refused;
    };
    let stripped_before = strip(&before, &bytes);
    let outcome = match front_matter::rewrite(&before, &tree, &requests(&before, fed), &keys()) {
        Ok(outcome) => outcome,
        Err(refused) => {
            assert!(
                !refused.refusal.hint().is_empty() && refused.offset.is_some(),
                "{shown}: {refused}"
            );
            return Done::Refused;
        }
    };
    let Some(rewrite) = outcome.rewrite else {
        return if outcome.skips.is_empty() {
            Done::Unchanged
        } else {
            Done::Skipped
        };
    };
    let after = article(path, rewrite.bytes.clone(), limit).unwrap();
    let after_tree = after.tree().unwrap();
    let second =
        front_matter::rewrite(&after, &after_tree, &requests(&after, fed), &keys()).unwrap();
    assert!(second.rewrite.is_none(), "{shown}: a second run changes it");
    assert_eq!(second.skips.len(), outcome.skips.len(), "{shown}");
    let stripped = strip(&after, &rewrite.bytes);
    assert!(
        stripped == stripped_before,
        "{shown}: strip(apply(x)) is not strip(x)"
    );
    assert_eq!(after.body(), before.body(), "{shown}: the body");
    compare_values(&before, &after, path);
    if outcome.skips.is_empty() {
        Done::Edited
    } else {
        Done::EditedInPart
    }
}

fn strip(article: &Article, bytes: &[u8]) -> Vec<u8> {
    let tree = article.tree().unwrap();
    let outcome = front_matter::strip(article, &tree, &keys()).unwrap();
    outcome
        .rewrite
        .map_or_else(|| bytes.to_vec(), |rewrite| rewrite.bytes)
}

/// Checks that a third parser reads the old values plus exactly our keys.
fn compare_values(before: &Article, after: &Article, path: &Path) {
    if before.syntax() != Some(Syntax::Yaml) {
        return;
    }
    // A loader refuses duplicate keys and alias bombs, which the guard's parsers accept, so there
    // is nothing to compare.
    let Ok(old) = serde_yaml::from_str::<serde_yaml::Value>(before.front_matter().unwrap()) else {
        return;
    };
    let new: serde_yaml::Value = serde_yaml::from_str(after.front_matter().unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(without_ours(old), without_ours(new), "{}", path.display());
}

fn without_ours(value: serde_yaml::Value) -> serde_yaml::Value {
    use serde_yaml::Value;
    match value {
        Value::Mapping(mapping) => Value::Mapping(
            mapping
                .into_iter()
                .filter(|(key, _)| {
                    !key.as_str().is_some_and(|key| {
                        key.ends_with("_responsive") || key == "responsive_images"
                    })
                })
                .map(|(key, value)| (key, without_ours(value)))
                .collect(),
        ),
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(without_ours).collect()),
        other => other,
    }
}

/// Parses the rows `| file | what it tests | must |` of the README.
fn table(readme: &str) -> BTreeMap<String, String> {
    readme
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains(" | "))
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            (cells.len() >= 3).then(|| {
                (
                    cells[0].to_owned(),
                    cells[cells.len() - 1]
                        .trim_end_matches('|')
                        .trim()
                        .to_owned(),
                )
            })
        })
        .collect()
}

#[test]
fn real_front_matter() {
    let Some(folder) = corpus::folder("cases/front-matter") else {
        return;
    };
    let must = table(&std::fs::read_to_string(folder.join("README.md")).unwrap());
    let mut files = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder.join("real")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let expected = match must.get(&name).map(String::as_str) {
            Some("edit") => vec![Done::Edited],
            Some("refuse") => vec![Done::Refused],
            // A path in a block scalar gets a record: to the generators, it is a string like any
            // other, and Decap writes every long path that way.
            Some("unchanged") if name == "beta-04-block-scalar-image.md" => vec![Done::Edited],
            Some("unchanged") => vec![Done::Unchanged, Done::Skipped],
            // The first row of the README's table covers all files that begin with `ng-`.
            None if name.starts_with("ng-") => {
                let unchanged = ["ng-02", "ng-06", "ng-08", "ng-17", "ng-31", "ng-32"];
                vec![if unchanged.contains(&&name[..5]) {
                    Done::Unchanged
                } else {
                    Done::Edited
                }]
            }
            other => panic!("{name}: {other:?}"),
        };
        let done = run(&path, Fed::FrontMatter, LIMIT);
        if !expected.contains(&done) {
            wrong.push(format!("{name}: {done:?}, must be {expected:?}"));
        }
        run(&path, Fed::FrontMatterAndBody, LIMIT);
        files += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(files > 60, "only {files} files");
}

/// The permitted outcomes for each hostile file, from the table in the README.
const SYNTH: &[(&str, &[Done])] = &[
    ("s01-anchor-alias-scalar.md", &[Done::Edited]),
    ("s02-anchored-map-aliased.md", &[Done::Skipped]),
    ("s03-merge-key.md", &[Done::EditedInPart]),
    ("s04-merge-inherited-image.md", &[Done::Skipped]),
    ("s05-tabs-after-dash.md", &[Done::Skipped, Done::Refused]),
    ("s06-tab-in-value-ws.md", &[Done::Edited]),
    ("s07-duplicate-image.md", &[Done::Skipped]),
    ("s08-duplicate-elsewhere.md", &[Done::Edited]),
    ("s09-comments-between-items.md", &[Done::Edited]),
    ("s10-flow-map-block-seq.md", &[Done::Edited]),
    ("s11-flow-multiline.md", &[Done::Edited]),
    ("s12-flow-single-pair.md", &[Done::Skipped]),
    ("s13-flow-nested.md", &[Done::Edited]),
    ("s14-crlf.md", &[Done::Edited]),
    ("s15-mixed-eol.md", &[Done::Edited]),
    ("s16-bom.md", &[Done::Edited]),
    ("s17-bom-crlf.md", &[Done::Edited]),
    ("s18-dashes-in-block-scalar.md", &[Done::Edited]),
    ("s19-literal-with-hash-last.md", &[Done::Edited]),
    ("s20-literal-keep.md", &[Done::Edited]),
    ("s21-doc-end-dots.md", &[Done::Edited]),
    ("s22-dots-then-dashes.md", &[Done::Edited]),
    ("s23-delim-trailing-spaces.md", &[Done::Edited]),
    ("s24-delim-comment.md", &[Done::Unchanged]),
    ("s25-four-dashes-line.md", &[Done::Edited]),
    ("s26-col0-dashes-text.md", &[Done::Refused]),
    ("s27-yaml11.md", &[Done::Edited]),
    ("s28-alias-bomb.md", &[Done::Edited]),
    ("s29-nested-500.md", &[Done::Refused]),
    ("s30-5mb.md", &[Done::Refused]),
    ("s31-latin1.md", &[Done::Refused]),
    ("s32-latin1-body.md", &[Done::Edited]),
    ("s33-emoji.md", &[Done::Edited]),
    ("s34-nel-ls.md", &[Done::Edited, Done::Refused]),
    ("s35-no-trailing-newline.md", &[Done::Edited]),
    ("s36-empty-fm.md", &[Done::Unchanged]),
    ("s37-blank-fm.md", &[Done::Unchanged]),
    ("s38-comment-only-fm.md", &[Done::Unchanged]),
    ("s39-unclosed.md", &[Done::Unchanged]),
    ("s40-seq-scalars-block.md", &[Done::Edited]),
    ("s41-seq-scalars-flow.md", &[Done::Edited]),
    ("s42-seq-root-flow.md", &[Done::Skipped]),
    ("s43-flow-root-image.md", &[Done::Edited]),
    ("s44-indented-root.md", &[Done::Edited]),
    ("s45-explicit-key.md", &[Done::Skipped]),
    ("s46-anchor-before-key.md", &[Done::Edited, Done::Skipped]),
    ("s47-tagged.md", &[Done::Edited]),
    ("s48-value-next-line.md", &[Done::Edited]),
    ("s49-folded-plain-path.md", &[Done::Edited]),
    // A path in a block scalar is a string like any other.
    ("s50-block-scalar-image.md", &[Done::Edited]),
    ("s51-foreign-record.md", &[Done::Refused]),
    ("s52-foreign-width.md", &[Done::Edited]),
    ("s53-ours-stale.md", &[Done::Edited]),
    ("s54-ours-refolded.md", &[Done::Edited]),
    ("s55-no-space-colon-key.md", &[Done::Edited, Done::Refused]),
    ("s56-long-line.md", &[Done::Edited]),
    ("s57-liquid.md", &[Done::Edited]),
    ("s58-compact-nested-seq.md", &[Done::Edited]),
    ("s59-colon-space-in-image.md", &[Done::Edited]),
    ("s60-ws-only-line-with-spaces.md", &[Done::Edited]),
    ("s61-directive.md", &[Done::Unchanged, Done::Refused]),
    ("s62-seq-root.md", &[Done::Edited]),
    ("s63-null-image.md", &[Done::Unchanged]),
    ("s64-two-images-same-map.md", &[Done::Edited]),
    ("s65-literal-md-images.md", &[Done::Unchanged]),
    ("s66-plain-continuation-dashes.md", &[Done::Edited]),
    ("s67-hash-in-plain.md", &[Done::Edited]),
    ("s68-ours-but-moved.md", &[Done::Edited]),
    ("s69-ours-first-in-item.md", &[Done::Edited]),
    ("s70-ours-emptied.md", &[Done::Edited]),
    ("s71-ours-swapped-picture.md", &[Done::Edited]),
    ("s72-ours-reference-gone.md", &[Done::Edited]),
    ("s73-ours-list-emptied.md", &[Done::Edited]),
    ("s74-toml.md", &[Done::Edited]),
];

#[test]
fn hostile_front_matter() {
    let Some(folder) = corpus::folder("cases/front-matter/synth") else {
        return;
    };
    let mut wrong = Vec::new();
    for (name, expected) in SYNTH {
        let path = folder.join(name);
        let done = run(&path, Fed::FrontMatter, LIMIT);
        if !expected.contains(&done) {
            wrong.push(format!("{name}: {done:?}, must be {expected:?}"));
        }
        run(&path, Fed::FrontMatterAndBody, LIMIT);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, SYNTH.len(), "a case is not listed here");
}

#[test]
fn a_huge_front_matter_is_edited_where_the_limit_allows_it() {
    let Some(folder) = corpus::folder("cases/front-matter/synth") else {
        return;
    };
    assert_eq!(
        run(
            &folder.join("s30-5mb.md"),
            Fed::FrontMatterAndBody,
            16 << 20
        ),
        Done::Edited
    );
}
