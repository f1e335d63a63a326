//! The formats of reports: positions, schemas, and files written by hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::needs::{Need, skip};
use crate::scratch::Scratch;

/// Creates a site whose findings are in difficult places: after a byte order mark, in lines with
/// CRLF, after a tab, and after characters of two UTF-16 units. One file name is hostile.
fn site() -> Scratch {
    let site = Scratch::site();
    site.copy_upload("logo.png", "uploads/logo.png");
    site.write(
        "articles/bom.md",
        "\u{feff}---\r\ntitle: \"𝄞 été\"\r\nimage:\t/uploads/none.png\r\n---\r\n",
    );
    site.write(
        "articles/wide, 50%: a&b<c>.md",
        "---\ntitle: a\n---\n日本 𝄞 ![](/uploads/absent.png)\n",
    );
    site.write("articles/broken.md", "---\ntitle: \"open\n---\n");
    site
}

fn report(site: &Scratch, format: &str) -> String {
    site.planche(&["check", "--format", format]).exits(1).out
}

#[test]
fn github_gets_annotations_as_its_documentation_describes_them() {
    let expected = "\
::error file=articles/broken.md,line=2,col=8,title=planche%3A article-refused::\
left unchanged: not valid YAML: unclosed quote%0A\
hint: correct the line; the generator cannot read it either
::warning file=articles/bom.md,line=3,col=8,title=planche%3A missing-upload::\
missing upload `/uploads/none.png`%0Ahint: upload the file, or correct the path
::warning file=articles/wide%2C 50%25%3A a&b<c>.md,line=4,col=6,title=planche%3A missing-upload::\
missing upload `/uploads/absent.png`%0Ahint: upload the file, or correct the path
";
    assert_eq!(report(&site(), "github"), expected);
}

#[test]
fn gitlab_gets_issues_with_paths_from_the_root_of_the_repository() {
    let site = site();
    fs::create_dir(site.path(".git")).unwrap();
    let below = site.path("website");
    fs::create_dir(&below).unwrap();
    for name in ["articles", "uploads", "planche.yml"] {
        fs::rename(site.path(name), below.join(name)).unwrap();
    }
    let run = site.planche(&["check", "website", "--format", "gitlab"]);
    let mut issues = run.exits(1).json();
    let mut fingerprints = Vec::new();
    for issue in issues.as_array_mut().unwrap() {
        let fingerprint = issue["fingerprint"].take();
        let fingerprint = fingerprint.as_str().unwrap().to_owned();
        assert!(
            fingerprint.len() == 32 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit())
        );
        fingerprints.push(fingerprint);
    }
    let expected: Value = serde_json::from_str(
        r#"[
  {
    "description": "left unchanged: not valid YAML: unclosed quote – hint: correct the line; the generator cannot read it either",
    "check_name": "article-refused", "fingerprint": null, "severity": "critical",
    "location": { "path": "website/articles/broken.md", "lines": { "begin": 2 } }
  },
  {
    "description": "missing upload `/uploads/none.png` – hint: upload the file, or correct the path",
    "check_name": "missing-upload", "fingerprint": null, "severity": "minor",
    "location": { "path": "website/articles/bom.md", "lines": { "begin": 3 } }
  },
  {
    "description": "missing upload `/uploads/absent.png` – hint: upload the file, or correct the path",
    "check_name": "missing-upload", "fingerprint": null, "severity": "minor",
    "location": { "path": "website/articles/wide, 50%: a&b<c>.md", "lines": { "begin": 4 } }
  }
]"#,
    )
    .unwrap();
    assert_eq!(issues, expected);
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), 3);
    // Fingerprints stay the same when lines move.
    let article = "website/articles/bom.md";
    let text = site.text(article).replace("title:", "a: 1\r\ntitle:");
    site.write(article, text);
    let run = site.planche(&["check", "website", "--format", "gitlab"]);
    let again = run.exits(1).json();
    let again = again.as_array().unwrap().iter();
    let again: Vec<&str> = again
        .map(|issue| issue["fingerprint"].as_str().unwrap())
        .collect();
    assert_eq!(again, fingerprints);
}

#[test]
fn sarif_columns_count_utf_16_units() {
    let log: Value = serde_json::from_str(&report(&site(), "sarif")).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    let physical = |index: usize| &run["results"][index]["locations"][0]["physicalLocation"];
    // The position in `title: "open` is that of the quote, which is not closed.
    let region = json!({ "startLine": 2, "startColumn": 8, "endColumn": 9 });
    assert_eq!(physical(0)["region"], region);
    // After `image:` and a tab, the value has 17 characters.
    let region = json!({ "startLine": 3, "startColumn": 8, "endColumn": 25 });
    assert_eq!(physical(1)["region"], region);
    // In `日本 𝄞 `, the clef counts as two units, so the column of the image is one more than by
    // characters. The image has 24 characters.
    let region = json!({ "startLine": 4, "startColumn": 7, "endColumn": 31 });
    assert_eq!(physical(2)["region"], region);
    assert_eq!(
        physical(2)["artifactLocation"]["uri"],
        "articles/wide%2C%2050%25%3A%20a%26b%3Cc%3E.md"
    );
    let levels: Vec<&Value> = (0..3)
        .map(|index| &run["results"][index]["level"])
        .collect();
    assert_eq!(levels, ["error", "warning", "warning"]);
}

/// Returns the folder of schemas, and the Python with the validators, both installed by
/// `.ci/setup`. Skips the test if they are missing.
pub fn validators() -> Option<(PathBuf, PathBuf)> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/sites");
    let (schemas, python) = (tools.join("schemas"), tools.join("venv/bin/python"));
    if !schemas.is_dir() || !python.exists() {
        skip(Need::Schemas, "target/sites/schemas is missing");
        return None;
    }
    Some((schemas, python))
}

/// Runs a Python script with a schema and a report. Returns whether the report is valid.
pub fn validates(script: &str, schema: &str, report: &str) -> bool {
    let (schemas, python) = validators().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report");
    fs::write(&file, report).unwrap();
    let mut command = Command::new(python);
    command
        .args(["-c", script])
        .arg(schemas.join(schema))
        .arg(&file);
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() || errors.contains("Validat") || errors.contains("validat"),
        "{errors}"
    );
    output.status.success()
}

const JSON_SCHEMA: &str = "import sys, json, jsonschema
schema, report = (json.load(open(name, encoding='utf-8')) for name in sys.argv[1:])
jsonschema.validators.validator_for(schema)(schema).validate(report)";
/// Validates a file with one JSON report per line.
pub const JSON_LINES: &str = "import sys, json, jsonschema
schema = json.load(open(sys.argv[1], encoding='utf-8'))
for line in open(sys.argv[2], encoding='utf-8'):
    jsonschema.validators.validator_for(schema)(schema).validate(json.loads(line))";
const XML_SCHEMA: &str = "import sys, xmlschema
xmlschema.XMLSchema(sys.argv[1]).validate(sys.argv[2])";

#[test]
fn sarif_is_valid_by_its_schema() {
    if validators().is_none() {
        return;
    }
    let log = report(&site(), "sarif");
    assert!(validates(JSON_SCHEMA, "sarif.json", &log), "{log}");
    let clean = Scratch::site();
    clean.write("articles/a.md", "---\ntitle: a\n---\n");
    let log = clean.planche(&["build", "--format", "sarif"]).exits(0).out;
    assert!(validates(JSON_SCHEMA, "sarif.json", &log), "{log}");
    // An invalid report must be refused.
    assert!(!validates(
        JSON_SCHEMA,
        "sarif.json",
        &log.replace("\"2.1.0\"", "\"2\"")
    ));
}

#[test]
fn junit_is_valid_by_jenkins_schema() {
    if validators().is_none() {
        return;
    }
    let xml = report(&site(), "junit");
    assert!(validates(XML_SCHEMA, "junit.xsd", &xml), "{xml}");
    assert!(xml.contains("tests=\"3\" failures=\"3\""), "{xml}");
    assert!(!validates(
        XML_SCHEMA,
        "junit.xsd",
        &xml.replace("testcase", "case")
    ));
    let clean = Scratch::site();
    clean.write("articles/a.md", "---\ntitle: a\n---\n");
    let xml = clean.planche(&["build", "--format", "junit"]).exits(0).out;
    assert!(validates(XML_SCHEMA, "junit.xsd", &xml), "{xml}");
}

/// Returns the path of a published schema.
pub fn published(name: &str) -> String {
    format!("{}/docs/schemas/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_published_schemas_are_those_of_the_program() {
    for name in ["report", "clean", "verify", "watch"] {
        let schema = Scratch::empty().planche(&["schema", name]).exits(0).out;
        let path = published(name);
        if std::env::var_os("PLANCHE_WRITE_DOCS").is_some() {
            fs::write(&path, &schema).unwrap();
        }
        let published = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == schema,
            "{path} is out of date: run this test with PLANCHE_WRITE_DOCS=1"
        );
    }
}

#[test]
fn json_is_valid_by_the_published_schemas() {
    let Some((schemas, _)) = validators() else {
        return;
    };
    let absolute = schemas.join(published("report"));
    assert!(absolute.is_file(), "an absolute path stays");
    let site = site();
    site.write_article("articles/logo.md", "/uploads/logo.png");
    for (schema, arguments) in [
        ("report", &["check"][..]),
        ("report", &["--dry-run"]),
        ("report", &["build"]),
        ("report", &["strip", "--dry-run"]),
        ("clean", &["clean", "--dry-run"]),
        ("verify", &["verify"]),
    ] {
        let run = site.planche(&[arguments, &["--format", "json"]].concat());
        let schema = published(schema);
        assert!(
            validates(JSON_SCHEMA, &schema, &run.out),
            "{arguments:?} {run:?}"
        );
        let wrong = run.out.replace("\"schema\":1", "\"schema\":\"1\"");
        assert!(!validates(JSON_SCHEMA, &schema, &wrong), "{arguments:?}");
    }
}

#[test]
fn a_report_goes_to_its_file_and_text_to_the_terminal() {
    let site = site();
    let arguments = ["check", "--format", "sarif", "--report", "report.sarif"];
    let run = site.planche(&arguments).exits(1);
    assert!(
        run.err
            .contains("error[article-refused] articles/broken.md:2:8: "),
        "{run:#?}"
    );
    let log: Value = serde_json::from_str(&site.text("report.sarif")).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let arguments = ["check", "--report", "absent/report.txt"];
    let run = site.planche(&arguments).exits(2);
    assert!(
        run.err
            .contains("cannot write the report `absent/report.txt`"),
        "{run:#?}"
    );
}

#[test]
fn each_command_reports_its_configuration_in_its_format() {
    for (file, text, commands) in [
        (
            "planche.yml",
            "contnet: []\n",
            &[
                "build", "check", "clean", "strip", "verify", "html", "sizes", "bench",
            ][..],
        ),
        (
            "presets/card.yml",
            "siezs: 1em\n",
            &["build", "check", "html", "sizes", "bench"],
        ),
    ] {
        let site = Scratch::site();
        site.write("_site/index.html", "<p>Text.</p>");
        site.copy_upload("logo.png", "uploads/a.png");
        site.write_article("articles/a.md", "/uploads/a.png");
        site.write(file, text);
        for command in commands {
            let folder = matches!(*command, "html" | "sizes").then_some("_site");
            let arguments: Vec<&str> = std::iter::once(*command).chain(folder).collect();
            let json = [&arguments[..], &["--format", "json"]].concat();
            let run = site.planche(&json).exits(2);
            let findings = run.findings();
            let found = findings
                .iter()
                .map(|found| (&*found.code, found.file.as_deref()));
            let found: Vec<(&str, Option<&str>)> = found.collect();
            assert_eq!(found, [("configuration", Some(file))], "{command}");
            assert_eq!(run.err, "", "{command}");
            let run = site.planche(&arguments).exits(2);
            assert!(run.err.contains(&format!("{file}:1:1: ")), "{run:#?}");
            assert_eq!(run.out, "", "{command}");
        }
    }
}

#[test]
fn a_dry_run_of_clean_says_so_to_programs_too() {
    let site = Scratch::site();
    site.write("articles/a.md", "---\ntitle: a\n---\n");
    site.write("uploads/variants/old-80.abcdef0123.webp", "RIFF");
    let run = site
        .planche(&["clean", "--dry-run", "--format", "json"])
        .exits(0);
    let json = run.json();
    assert_eq!(
        (&json["command"], &json["dry_run"]),
        (&json!("clean"), &json!(true))
    );
    assert_eq!(
        json["variants"][0]["path"],
        "uploads/variants/old-80.abcdef0123.webp"
    );
    assert!(
        site.path("uploads/variants/old-80.abcdef0123.webp")
            .exists()
    );
}

#[test]
fn a_manifest_that_does_not_exist_would_be_written() {
    let site = Scratch::site();
    site.copy_upload("logo.png", "uploads/logo.png");
    site.write_article("articles/a.md", "/uploads/logo.png");
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        format!("{config}output: {{ manifest: _data/planche.yml }}\n"),
    );
    let run = site.planche(&["check"]).exits(1);
    assert!(
        run.out.contains("would write _data/planche.yml\n"),
        "{run:#?}"
    );
    site.planche(&["build"]).exits(0);
    site.write("_data/planche.yml", "planche: 1\nimages: {}\n");
    let run = site.planche(&["check"]).exits(1);
    assert!(
        run.out.contains("would update _data/planche.yml\n"),
        "{run:#?}"
    );
}

#[test]
fn a_phone_loads_the_width_it_needs() {
    // The preset shows the image on the whole width of a phone, which is 780 device pixels, and at
    // 31em, which is 496 pixels, on a desktop.
    let site = Scratch::site();
    site.write(
        "presets/card.yml",
        "widths: [400, 500, 780]\nsizes: \"(min-width: 62em) 31em, 100vw\"\nlossless: never\n",
    );
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/a.png");
    site.write_article("articles/a.md", "/uploads/a.png");
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        format!("{config}rules: [{{ at: \"*\", preset: card }}]\n"),
    );
    // A page that shows the same image twice loads it once.
    site.write(
        "articles/b.md",
        "---\nimage: /uploads/a.png\ncover: /uploads/a.png\n---\n",
    );
    let gain = site.planche(&["build", "--format", "json"]).exits(0).json()["gain"].clone();
    let size = |part: &str| {
        let variants = site.variants();
        let name = variants.iter().find(|name| name.contains(part)).unwrap();
        fs::metadata(site.path(name)).unwrap().len()
    };
    let original = fs::metadata(site.path("uploads/a.png")).unwrap().len();
    assert_eq!(
        gain,
        json!({
            "articles": 2,
            "phone": { "before": 2 * original, "after": 2 * size("-780.") },
            "desktop": { "before": 2 * original, "after": 2 * size("-500.") },
        })
    );
}

#[test]
fn a_file_that_two_presets_choose_is_loaded_once() {
    let site = Scratch::site();
    for (name, sizes) in [("card", "100vw"), ("content", "90vw")] {
        let preset = format!("widths: [400, 780]\nsizes: \"{sizes}\"\nlossless: never\n");
        site.write(&format!("presets/{name}.yml"), preset);
    }
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/a.png");
    let article = "---\nimage: /uploads/a.png\n---\n![A](/uploads/a.png)\n";
    site.write("articles/a.md", article);
    let config = site.text("planche.yml");
    let rules = "rules: [{ at: image, preset: card }, { at: body, preset: content }]\n";
    site.write("planche.yml", format!("{config}{rules}"));
    let gain = site.planche(&["build", "--format", "json"]).exits(0).json()["gain"].clone();
    let variants = site.variants();
    let loaded = variants.iter().find(|name| name.contains("-780.")).unwrap();
    let loaded = fs::metadata(site.path(loaded)).unwrap().len();
    assert_eq!(gain["phone"]["after"], json!(loaded), "{gain}");
    assert_eq!(gain["desktop"]["after"], json!(loaded), "{gain}");
    // Counted twice, the image would exceed the budget.
    let budget = format!("budget: {{ article: {} }}\n", loaded + loaded / 2);
    site.write("planche.yml", format!("{config}{rules}{budget}"));
    site.planche(&["check"]).exits(0);
}

#[test]
fn the_first_users_site_prints_few_lines_of_findings() {
    let Some(corpus) = crate::corpus::folder("corpus/sites/numerique-like-a") else {
        return;
    };
    let site = Scratch::copy_of(&corpus);
    let run = site.planche(&["check"]).exits(1);
    // Whether Jekyll is installed is not about the site.
    let of_the_site = |line: &&str| !line.contains("[generator-missing]");
    let findings = run.err.lines().filter(of_the_site).count() - 1;
    assert!((1..=12).contains(&findings), "{}", run.err);
    let all = site.planche(&["check", "--all"]).exits(1);
    let tags = all.err.matches("\n  _").count() + all.err.matches("] _").count();
    assert!(tags >= 12, "{}", all.err);
}

#[test]
fn what_exceeds_a_budget_fails_the_check_and_not_the_build() {
    let site = Scratch::site();
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/a.png");
    site.write_article("articles/a.md", "/uploads/a.png");
    site.write_article("articles/b.md", "/uploads/none.png");
    let config = site.text("planche.yml");
    let budget = |budget: &str| site.write("planche.yml", format!("{config}budget: {budget}\n"));
    site.planche(&["build"]).exits(0);
    budget("{ original: 5M, article: 5M, variants: 200M, megapixels: 50, missing: 1 }");
    site.planche(&["check"]).exits(0);
    for (over, file, message) in [
        ("{ original: 100K }", "uploads/a.png", "this upload is "),
        (
            "{ article: 1K }",
            "articles/a.md",
            "a phone loads images of ",
        ),
        (
            "{ variants: 1K }",
            "uploads/variants",
            "all variants together take ",
        ),
        (
            "{ missing: 0 }",
            "",
            "1 reference to missing uploads, more than the budget of 0",
        ),
    ] {
        budget(over);
        let run = site.planche(&["check", "--format", "json"]).exits(1);
        let findings = run.findings().into_iter();
        let found: Vec<_> = findings
            .filter(|found| found.code == "over-budget")
            .collect();
        assert_eq!(found.len(), 1, "{over}: {run:#?}");
        assert_eq!(found[0].file.as_deref().unwrap_or_default(), file);
        assert!(found[0].message.starts_with(message), "{found:#?}");
        site.planche(&["build"]).exits(0);
    }
    budget("{ megapixels: 0 }");
    let run = site.planche(&["check"]).exits(1);
    assert!(
        run.err.contains("megapixels, more than the budget of 0"),
        "{run:#?}"
    );
}

#[test]
fn an_old_site_starts_green_with_a_baseline() {
    let site = Scratch::site();
    site.write_article("articles/a.md", "/uploads/none.png");
    site.planche(&["check", "--strict"]).exits(1);
    let run = site
        .planche(&["check", "--strict", "--write-baseline"])
        .exits(0);
    assert!(run.err.contains("wrote .planche-baseline.json"), "{run:#?}");
    let run = site.planche(&["check", "--strict"]).exits(0);
    assert!(run.err.contains("in the baseline"), "{run:#?}");
    for arguments in [
        &["build", "--strict", "--dry-run"][..],
        &["build", "--strict"],
    ] {
        let run = site.planche(arguments).exits(0);
        assert!(run.err.contains(" in the baseline"), "{run:#?}");
    }
    // The accepted finding moves, and a new one appears.
    site.write(
        "articles/a.md",
        "---\n\nimage: /uploads/none.png\ncover: /uploads/new.png\n---\n",
    );
    let run = site
        .planche(&["check", "--strict", "--format", "json"])
        .exits(1);
    let findings = run.findings();
    assert_eq!(findings.len(), 1, "{run:#?}");
    assert_eq!(findings[0].message, "missing upload `/uploads/new.png`");
    // A finding that stops a run cannot be accepted.
    let config = site.text("planche.yml");
    let wrong = format!("{config}rules: [{{ at: image, preset: carousell }}]\n");
    site.write("planche.yml", wrong);
    for arguments in [&["check", "--write-baseline"][..], &["check"], &["build"]] {
        let run = site.planche(arguments).exits(2);
        assert!(run.err.contains("unknown preset `carousell`"), "{run:#?}");
    }
    site.write("planche.yml", config);
    site.write(".planche-baseline.json", "{}");
    let before = site.files();
    for command in ["check", "build"] {
        let run = site.planche(&[command]).exits(2);
        assert!(
            run.err.contains("is not a baseline of this version"),
            "{run:#?}"
        );
    }
    assert_eq!(site.files(), before);
}

#[test]
fn a_code_is_explained() {
    let site = Scratch::empty();
    let run = site.planche(&["explain", "missing-upload"]).exits(0);
    assert!(
        run.out
            .starts_with("# `missing-upload`\n\n*warning* · A referenced upload"),
        "{run:#?}"
    );
    let run = site.planche(&["explain", "mising-upload"]).exits(2);
    assert!(
        run.err.contains("  hint: did you mean `missing-upload`?\n"),
        "{run:#?}"
    );
}

#[test]
fn no_format_contains_characters_that_hide_or_reorder_a_name() {
    let site = Scratch::site();
    // A right-to-left override, a zero-width space, a C1 control character, and a tag character.
    let hostile = "a\u{202e}b\u{200b}c\u{9b}d\u{e0041}";
    let article = format!("articles/{hostile}.md");
    site.write("uploads/a.txt", "");
    site.write(
        &article,
        format!("---\ntitle: a\n---\n<img src=\"/uploads/{hostile}.png\" alt=\"\">\n"),
    );
    let is_hidden =
        |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202e}' | '\u{200b}' | '\u{e0041}');
    for format in [
        "human", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown",
    ] {
        let run = site.planche(&["check", "--format", format]).exits(0);
        let text = run.out.clone() + &run.err;
        assert!(!text.contains(is_hidden), "{format}: {text:?}");
        match format {
            "json" => {
                assert!(
                    text.contains("a\\u202eb\\u200bc\\u009bd\\udb40\\udc41"),
                    "{text}"
                );
                assert_eq!(run.json()["findings"][0]["file"], article);
            }
            "gitlab" => assert_eq!(run.json()[0]["location"]["path"], article),
            // The URI of an artifact is percent-encoded.
            "sarif" => assert!(text.contains("a%E2%80%AEb"), "{text}"),
            _ => assert!(
                text.contains("a\\u{202e}b\\u{200b}c\\u{9b}d\\u{e0041}"),
                "{text}"
            ),
        }
    }
}
