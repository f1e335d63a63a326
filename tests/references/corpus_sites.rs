//! The corpus's sites: what is found against `refs/*.tsv`, a scan by regular expressions, and
//! against `expected/numerique-like-a.tsv`, which was written by hand.

use std::fs;
use std::path::Path;

use planche::internal::finding::Code;
use planche::internal::project::Site;

use super::{Found, Leads, seen, survey_site, to};
use crate::corpus;

/// A site of the corpus: its folder, the nested folders that are separate sites, and the settings
/// of its `planche.yml`.
struct CorpusSite {
    name: &'static str,
    roots: &'static [&'static str],
    config: &'static str,
}

const SITES: [CorpusSite; 8] = [
    site("18f-jekyll", &[""], "data: [\"_data/**/*.yml\"]"),
    site("astro-blog", &[""], "generator: astro"),
    site("communs-11ty", &[""], "generator: eleventy"),
    site("eig-jekyll", &[""], "data: [\"_data/**/*.yml\"]"),
    site("grpc-hugo", &[""], "data: [\"data/**/*.yaml\"]"),
    site("numerique-like-a", &[""], ""),
    site(
        "opensource-guide-jekyll",
        &[""],
        "data: [\"_data/**/*.yml\"]",
    ),
    site("zola-docs", &["docs/", "test_site/"], ""),
];

const fn site(
    name: &'static str,
    roots: &'static [&'static str],
    config: &'static str,
) -> CorpusSite {
    CorpusSite {
        name,
        roots,
        config,
    }
}

impl CorpusSite {
    fn survey(&self, sites: &Path) -> (Vec<Found>, Vec<planche::internal::finding::Finding>) {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("planche.yml");
        fs::write(&config, self.config).unwrap();
        let mut found = Vec::new();
        let mut findings = Vec::new();
        for root in self.roots {
            let site = Site::open(Some(&sites.join(self.name).join(root)), Some(&config)).unwrap();
            let surveyed = survey_site(&site);
            findings.extend(surveyed.findings);
            found.extend(surveyed.found.into_iter().map(|mut found| {
                found.file.insert_str(0, root);
                if let Leads::To(path) | Leads::Seen(path) = &mut found.leads {
                    path.insert_str(0, root);
                }
                found
            }));
        }
        (found, findings)
    }
}

/// A row of the scan.
struct Row {
    file: String,
    line: u32,
    zone: String,
    syntax: String,
    resolves_to: String,
    features: String,
    is_in_code: bool,
}

fn rows(path: &Path) -> Vec<Row> {
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let cell = |index: usize| cells.get(index).copied().unwrap_or_default().to_owned();
        Row {
            file: cell(0),
            line: cell(1).parse().unwrap(),
            zone: cell(2),
            syntax: cell(3),
            resolves_to: cell(7),
            features: cell(8),
            is_in_code: !cell(9).is_empty(),
        }
    });
    rows.collect()
}

impl Row {
    /// Whether the row is a reference that planche should take, by its columns alone.
    fn is_wanted(&self) -> bool {
        let is_link = ["md-link-to-image", "html:<a ", "html:<link "]
            .iter()
            .any(|link| self.syntax.starts_with(link));
        // Another host or scheme, or nothing there.
        !matches!(self.resolves_to.as_str(), "EXT" | "MISSING")
            && !self.is_in_code
            // Layouts and style sheets are no articles, nor are the generators' configurations.
            && matches!(self.zone.as_str(), "fm" | "fm-embedded" | "body" | "data")
            && !self.file.starts_with("_config")
            && self.file != "config.yaml"
            && !is_link
            // A guess: the only file of that name, or of that name in another case.
            && !self.features.contains("resolved-by-basename")
            && !self.features.contains("resolves-only-case-insensitively")
    }

    fn key(&self) -> Key {
        Key {
            file: self.file.clone(),
            upload: self.resolves_to.clone(),
            body_line: (self.zone == "body").then_some(self.line),
        }
    }

    fn may_span_lines(&self) -> bool {
        self.syntax.contains("[multi") || self.syntax.starts_with("liquid:")
    }
}

/// The compared properties; the scan has no line numbers in front matter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    file: String,
    upload: String,
    body_line: Option<u32>,
}

/// Removes each row from `found` once. Returns the rows that are missing.
fn take_out<'r>(rows: impl Iterator<Item = &'r Row>, found: &mut Vec<Key>) -> Vec<Key> {
    let mut misses: Vec<&Row> = rows
        .filter(|row| {
            let at = found.iter().position(|found| *found == row.key());
            at.map(|at| found.swap_remove(at)).is_none()
        })
        .collect();
    // The scan has the position of a tag, planche that of its value.
    misses.retain(|row| {
        let key = row.key();
        let at = found.iter().position(|found| {
            row.may_span_lines()
                && (&found.file, &found.upload) == (&key.file, &key.upload)
                && found.body_line > key.body_line
        });
        at.map(|at| found.swap_remove(at)).is_none()
    });
    misses.into_iter().map(Row::key).collect()
}

/// A difference between the scan and planche: file, upload, and why planche is right.
type Difference = (&'static str, &'static str, &'static str);

/// References of the scan that planche does not take.
const MISSES: &[(&str, &[Difference])] = &[
    (
        "communs-11ty",
        &[(
            "index.njk",
            "img/plan-action.jpg",
            "the corpus has not that file",
        )],
    ),
    (
        "numerique-like-a",
        &[
            (
                "_actualites/ancres-yaml.md",
                DEFAULT,
                "an alias: the same node of the YAML",
            ),
            (
                "_actualites/ancres-yaml.md",
                DEFAULT,
                "a merge: the same node of the YAML",
            ),
            (
                "_actualites/barometre-numerique-agent-2023.markdown",
                "uploads/picto-simplification.png",
                "CSS in a string, not a picture's key",
            ),
            ("_actualites/cas-limites-corps.md", SGM, "indented code"),
            (
                "_actualites/cas-limites-corps.md",
                SGM,
                "`../` is not relative to the article's page",
            ),
            (
                "_actualites/cas-limites-corps.md",
                SGM,
                "`./` is not relative to the article's page",
            ),
            (
                "_actualites/sans-front-matter.md",
                DEFAULT,
                "no front matter: no article",
            ),
        ],
    ),
];

/// References of planche that the scan does not have.
const EXTRAS: &[(&str, &[Difference])] = &[
    (
        "18f-jekyll",
        &[
            (
                "_data/header.yml",
                "assets/img/logos/18f-logo.svg",
                "absolute, on the site's own host",
            ),
            (
                "_posts/2016-05-19-content-debt-what-it-is-where-to-find-it-and-how-to-prevent-it-in-the-first-place.md",
                "assets/blog/content/scrap-paper.jpg",
                "the scan cannot read tabs behind a value",
            ),
        ],
    ),
    (
        "eig-jekyll",
        &[
            (
                "_posts/19-05-09-Chiffres-EIG.md",
                "img/accompagnement.PNG",
                OWN_HOST,
            ),
            ("_posts/19-05-09-Chiffres-EIG.md", "img/promo.PNG", OWN_HOST),
            (
                "_posts/19-05-20-session-perennisation-defis-eig-3.md",
                "img/blog/session-mentors-perennisation-2019.jpg",
                OWN_HOST,
            ),
            (
                "en/_posts/19-05-20-session-perennisation-defis-eig-3.md",
                "img/blog/session-mentors-perennisation-2019.jpg",
                OWN_HOST,
            ),
        ],
    ),
    (
        "numerique-like-a",
        &[
            (
                "_actualites/cas-limites-corps.md",
                DEFAULT,
                "a candidate of a srcset",
            ),
            (
                "_actualites/cas-limites-corps.md",
                SGM,
                "a candidate of a srcset",
            ),
            (
                "_actualites/cas-limites-corps.md",
                SGM,
                "in a raw block, which is rendered",
            ),
            (
                "_actualites/le-gouvernement-lance-lexperimentation.old",
                DEFAULT,
                "Jekyll renders it",
            ),
            (
                "_actualites/onglets-yaml.md",
                DEFAULT,
                "the scan cannot read tabs behind a value",
            ),
        ],
    ),
];

const DEFAULT: &str = "uploads/default.jpeg";
const SGM: &str = "uploads/sgm-1anmps.jpg";
const OWN_HOST: &str = "absolute, on the site's own host";

fn listed(table: &[(&str, &[Difference])], name: &str) -> Vec<(String, String)> {
    let rows = table.iter().filter(|(site, _)| *site == name);
    let mut listed: Vec<(String, String)> = rows
        .flat_map(|(_, differences)| *differences)
        .map(|(file, upload, _)| ((*file).to_owned(), (*upload).to_owned()))
        .collect();
    listed.sort();
    listed
}

fn pairs(keys: Vec<Key>) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> =
        keys.into_iter().map(|key| (key.file, key.upload)).collect();
    pairs.sort();
    pairs
}

#[test]
fn the_corpus_is_read_as_the_scan_reads_it_but_for_what_is_listed() {
    let Some(folder) = corpus::folder("corpus") else {
        return;
    };
    let mut wrong = Vec::new();
    println!(
        "{:<24} {:>5} {:>5} {:>5} {:>7} {:>9}",
        "site", "scan", "found", "both", "recall", "precision"
    );
    for site in &SITES {
        let rows = rows(&folder.join(format!("refs/{}.tsv", site.name)));
        let wanted = || rows.iter().filter(|row| row.is_wanted());
        let (found, _) = site.survey(&folder.join("sites"));
        let found = found.into_iter().filter_map(|found| match found.leads {
            Leads::To(upload) | Leads::Seen(upload) => Some(Key {
                file: found.file,
                upload,
                body_line: found.is_in_body.then_some(found.line),
            }),
            Leads::Nowhere => None,
        });
        let mut extras: Vec<Key> = found.collect();
        let (scanned, taken) = (wanted().count(), extras.len());
        let misses = take_out(wanted(), &mut extras);
        let both = scanned - misses.len();
        println!(
            "{:<24} {scanned:>5} {taken:>5} {both:>5} {:>6.1}% {:>8.1}%",
            site.name,
            100.0 * both as f64 / scanned as f64,
            100.0 * both as f64 / taken as f64,
        );
        for (what, seen, expected) in [
            ("misses", pairs(misses), listed(MISSES, site.name)),
            ("extras", pairs(extras), listed(EXTRAS, site.name)),
        ] {
            if seen != expected {
                wrong.push(format!(
                    "{} {what}:\n{seen:#?}\nlisted:\n{expected:#?}",
                    site.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The expectations in the prose of the hand-written truth.
fn leads_of(expectation: &str, target: &str) -> Option<Leads> {
    let starts = |words: &[&str]| words.iter().any(|words| expectation.starts_with(words));
    if starts(&[
        "process",
        // A vector, an animation, a small image: also a reference; its processing is not tested
        // here.
        "vector: skip with a note",
        "96 px",
        "same image as above",
        "animation must not be flattened",
        "raw only disables Liquid",
        "optional",
        "idempotence",
        "Jekyll 4.3.1 treats the file as static",
        "Jekyll 4.3.1 does render it",
        "resolve after Unicode normalisation",
    ]) {
        Some(to(target))
    } else if starts(&["report only"]) {
        Some(seen(target))
    } else if starts(&[
        "report missing file",
        "relative to the source file it resolves",
        "does not exist relative",
        "breaks on a case-sensitive server",
    ]) {
        Some(Leads::Nowhere)
    } else if starts(&[
        "leave alone",
        "not an image",
        "ignore",
        "a download link",
        "must not touch",
        "external",
        "not an article",
        // Several values, or none: see below.
        "already responsive",
        "report with file and line",
        "never leave the site root",
    ]) {
        None
    } else {
        panic!("an expectation that this test does not know: {expectation}")
    }
}

#[test]
fn the_site_whose_truth_is_written_by_hand_is_read_exactly_so() {
    let Some(folder) = corpus::folder("corpus") else {
        return;
    };
    type Line = (String, bool, String, Leads);
    let text = fs::read_to_string(folder.join("expected/numerique-like-a.tsv")).unwrap();
    let mut expected: Vec<Line> = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [article, zone, value, target, expectation] = cells[..] else {
            panic!("five columns: {line}");
        };
        let leads = leads_of(expectation, target);
        expected.extend(leads.map(|leads| {
            (
                article.to_owned(),
                zone.starts_with("body"),
                value.to_owned(),
                leads,
            )
        }));
    }
    let more = |file: &str, is_in_body: bool, value: &str, leads: Leads| {
        (
            format!("_actualites/{file}"),
            is_in_body,
            value.to_owned(),
            leads,
        )
    };
    let small = "/uploads/default.jpeg";
    expected.extend([
        // "already responsive": the two candidates, and the `<img>` after them.
        more(
            "cas-limites-corps.md",
            true,
            "/uploads/sgm-1anmps.jpg",
            seen(SGM),
        ),
        more("cas-limites-corps.md", true, small, seen(DEFAULT)),
        more("cas-limites-corps.md", true, small, seen(DEFAULT)),
        // "never leave the site root; report": all but `/etc/passwd`, which does not look like an
        // image; and one of the two in the body, as the other one is on another host.
        more(
            "chemin-hostile.md",
            false,
            "../../../../../../tmp/x.png",
            Leads::Nowhere,
        ),
        more(
            "chemin-hostile.md",
            false,
            "/uploads/%2e%2e/%2e%2e/etc/hosts.png",
            Leads::Nowhere,
        ),
        more(
            "chemin-hostile.md",
            false,
            "file:///etc/passwd.png",
            Leads::Nowhere,
        ),
        more(
            "chemin-hostile.md",
            false,
            "C:\\Windows\\x.png",
            Leads::Nowhere,
        ),
        more(
            "chemin-hostile.md",
            true,
            "/uploads/%00nul.png",
            Leads::Nowhere,
        ),
    ]);
    expected.sort();

    let site = SITES
        .iter()
        .find(|site| site.name == "numerique-like-a")
        .unwrap();
    let (found, findings) = site.survey(&folder.join("sites"));
    let mut found: Vec<Line> = found
        .into_iter()
        .map(|found| (found.file, found.is_in_body, found.value, found.leads))
        .collect();
    found.sort();
    let missed: Vec<&Line> = expected
        .iter()
        .filter(|line| !found.contains(line))
        .collect();
    let extra: Vec<&Line> = found
        .iter()
        .filter(|line| !expected.contains(line))
        .collect();
    assert_eq!(found, expected, "missed: {missed:#?}\nextra: {extra:#?}");

    let reported = |code: Code, file: &str| {
        let file = format!("_actualites/{file}");
        findings
            .iter()
            .any(|finding| finding.code == code && finding.file.as_deref() == Some(&file))
    };
    assert!(reported(Code::ByteOrderMark, "bom.markdown"));
    assert!(reported(Code::ArticleRefused, "front-matter-casse.md"));
    assert!(reported(Code::OutsideSite, "chemin-hostile.md"));
}
