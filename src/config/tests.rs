use super::*;
use crate::finding::Severity;
use crate::preset::Presets;

#[test]
fn every_key_of_the_default_configuration_is_read() {
    let text = "\
generator: auto
content: []
data: []
exclude: []
uploads: []
hosts: []
output: { dir: uploads/variants, url: /uploads/variants/, manifest: _data/planche.yml }
front_matter: { suffix: _responsive, list_key: responsive_images, previous: [], write: true }
rules: []
allow: []
limits: { megapixels: 100, side: 30000, file: 100MiB, memory: auto, front_matter: 1MiB }
";
    let config = Config::read(FILE, text).expect("valid");
    let output = config.output.clone().expect("given");
    let place = output.place.expect("given");
    assert_eq!(place.dir.as_str(), "uploads/variants");
    assert_eq!(
        config.manifest().map(ManifestFile::as_str),
        Some("_data/planche.yml")
    );
    let without_output = Config {
        output: None,
        ..config
    };
    assert_eq!(without_output, Config::default());
}

#[test]
fn mistakes_have_a_line_and_a_suggestion() {
    for (text, expected) in [
        (
            "generator: jekyl\n",
            "planche.yml:1:12: unknown value `jekyl`",
        ),
        ("contnet: []\n", "planche.yml:1:1: unknown key `contnet`"),
        (
            "rules:\n- { at: a, preset: card }\n- { at: 'b..c' }\n",
            "planche.yml:3:9: `b..c`",
        ),
        (
            "output: { dir: ../x, url: /x/ }\n",
            "planche.yml:1:16: `../x`",
        ),
        ("output: { dir: x, url: x }\n", "planche.yml:1:24: `x`"),
        (
            "output: { dir: x, url: '/a b/' }\n",
            "planche.yml:1:24: `/a b/`",
        ),
        (
            "output: { dir: x }\n",
            "planche.yml:1:9: `dir` needs a `url`",
        ),
        (
            "output: { url: /x/ }\n",
            "planche.yml:1:9: `url` needs a `dir`",
        ),
        (
            "output: { manifset: x.yml }\n",
            "planche.yml:1:11: unknown key `manifset`",
        ),
        (
            "output: { manifest: x.toml }\n",
            "planche.yml:1:21: `x.toml`",
        ),
        (
            "output: { manifest: ../x.yml }\n",
            "planche.yml:1:21: `../x.yml`",
        ),
        (
            "output: { manifest: _data/.json }\n",
            "planche.yml:1:21: `_data/.json`",
        ),
        (
            "output: { manifest: planche.yml }\n",
            "planche.yml:1:21: `planche.yml`",
        ),
        (
            "front_matter: { write: perhaps }\n",
            "planche.yml:1:24: expected `true` or `false`, found `perhaps`",
        ),
        ("front_matter: { suffix: '' }\n", "planche.yml:1:25: ``"),
        ("limits: { file: lots }\n", "planche.yml:1:17: size `lots`"),
        (
            "content: ['a[']\n",
            "planche.yml:1:11: `a[` is not a valid glob",
        ),
        (
            "allow: [{ code: missing-uplod }]\n",
            "planche.yml:1:17: unknown value `missing-uplod`",
        ),
    ] {
        let shown = Config::read(FILE, text).expect_err(text).to_string();
        assert!(shown.starts_with(expected), "{text}: {shown}");
    }
}

#[test]
fn rules_that_clash_and_presets_that_do_not_exist_are_found() {
    let text = "rules:\n- { at: '*.image', preset: card }\n- at: hero.image\n  preset: carousell\n";
    let config = Config::read(FILE, text).expect("valid");
    let (presets, _) = Presets::read([]);
    let shown: Vec<String> = config
        .check_rules(FILE, text, &presets)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(shown.len(), 2);
    assert!(
        shown[0].starts_with("planche.yml:4:11: unknown preset `carousell`"),
        "{shown:?}"
    );
    assert!(
        shown[1].starts_with("planche.yml:3:7: this rule never matches"),
        "{shown:?}"
    );
}

#[test]
fn allowances_take_a_code_under_a_path() {
    let text =
        "allow: [{ code: missing-upload, path: '_posts/old/**' }, { code: skipped-reference }]";
    let config = Config::read(FILE, text).expect("valid");
    let finding = |code, file: &str| Finding::new(code, "x").in_file(file);
    assert!(config.allows(&finding(Code::MissingUpload, "_posts/old/a/b.md")));
    assert!(!config.allows(&finding(Code::MissingUpload, "_posts/new.md")));
    assert!(config.allows(&finding(Code::SkippedReference, "any.md")));
}

#[test]
fn a_configuration_that_is_written_is_read_back_as_the_same() {
    let text = "\
rules:
- { at: image }
- { at: hero, preset: [card, social] }
- { at: body, preset: none }
- { at: 'blocks[].text', preset: card, files: 'a/**', text: true }
output: { manifest: a.json }
limits: { memory: 512MiB, file: 1000 }
front_matter: { previous: [{ suffix: _x }] }
allow: [{ code: missing-upload }]
severity: { left-out: error, missing-upload: { 'a/**': off, b: notice } }
";
    for text in [text, ""] {
        let config = Config::read(FILE, text).expect("valid");
        let written = serde_yaml::to_string(&config).expect("serialisable");
        let again =
            Config::read(FILE, &written).unwrap_or_else(|error| panic!("{error}\n{written}"));
        assert_eq!(again, config, "{written}");
    }
    let empty = Config::read(FILE, "rules: [{ at: a, preset: '' }]").expect_err("no name");
    assert_eq!(
        empty.to_string(),
        "planche.yml:1:26: the preset name is empty"
    );
}

#[test]
fn the_folder_of_variants_must_not_contain_uploads() {
    let folder = |dir: &str| UploadFolder {
        url: UrlPrefix::try_from("/x/".to_owned()).expect("valid"),
        dir: FolderPath::try_from(dir.to_owned()).expect("valid"),
    };
    for (dir, uploads, expected) in [
        ("uploads/variants", "uploads", None),
        ("uploads/variants", "", None),
        ("uploads-2", "uploads", None),
        ("uploads", "uploads-2", None),
        (".", "uploads", Some("the uploads of `uploads`")),
        (".", "", Some("contains the uploads")),
        ("uploads", "uploads", Some("the uploads of `uploads`")),
        ("static", "static/img", Some("the uploads of `static/img`")),
    ] {
        let text = format!("output: {{ dir: {dir}, url: /x/ }}\n");
        let config = Config::read(FILE, &text).expect("valid");
        let checked = config.check_output(FILE, &text, &[folder(uploads)]);
        let shown = checked.err().map(|finding| finding.to_string());
        match expected {
            None => assert_eq!(shown, None, "{dir}, {uploads}"),
            Some(part) => {
                let shown = shown.unwrap_or_default();
                let is_expected = shown.starts_with("planche.yml:1:16: ") && shown.contains(part);
                assert!(is_expected, "{dir}, {uploads}: {shown}");
            }
        }
    }
}

#[test]
fn severities_are_by_code_and_by_path() {
    let text = "\
severity:
  missing-upload: { '_posts/old/**': off, _posts: error }
  similar-uploads: error
  skipped-reference: off
";
    let config = Config::read(FILE, text).expect("valid");
    let judge = |code, file: Option<&str>| {
        let finding = Finding::new(code, "x");
        let finding = match file {
            Some(file) => finding.in_file(file),
            None => finding,
        };
        config.judge(finding).map(|finding| finding.severity())
    };
    let missing = |file| judge(Code::MissingUpload, Some(file));
    assert_eq!(missing("_posts/old/a/b.md"), None);
    assert_eq!(missing("_posts/new.md"), Some(Severity::Error));
    assert_eq!(missing("pages/a.md"), Some(Severity::Warning), "its own");
    assert_eq!(judge(Code::MissingUpload, None), Some(Severity::Warning));
    assert_eq!(judge(Code::SimilarUploads, None), Some(Severity::Error));
    assert_eq!(judge(Code::SkippedReference, Some("a.md")), None);
    assert_eq!(judge(Code::AnimationKept, None), Some(Severity::Notice));
    for (text, expected) in [
        ("severity: { a: off }", "planche.yml:1:13: unknown key `a`"),
        (
            "severity: { missing-uplod: error }",
            "planche.yml:1:13: unknown key `missing-uplod` – hint: did you mean `missing-upload`?",
        ),
        (
            "severity: { missing-upload: loud }",
            "planche.yml:1:29: unknown value `loud`",
        ),
        (
            "severity: { missing-upload: { '[': off } }",
            "planche.yml:1:31: `[` is not a valid glob",
        ),
        (
            "severity: { missing-upload: off, missing-upload: error }",
            "planche.yml:1:11: the same key appears twice",
        ),
        (
            "severity: [missing-upload]",
            "planche.yml:1:11: expected a mapping from codes",
        ),
    ] {
        let shown = Config::read(FILE, text).expect_err(text).to_string();
        assert!(shown.starts_with(expected), "{text}: {shown}");
    }
}

#[test]
fn failures_cannot_be_hidden_or_made_less_severe() {
    for (text, expected) in [
        (
            "allow: [{ code: missing-upload }, { code: configuration }]",
            &["planche.yml:1:43: `configuration` is always an error"][..],
        ),
        (
            "severity: { configuration: off, unwritable: { '**': notice } }",
            &[
                "planche.yml:1:28: `configuration` is always an error",
                "planche.yml:1:45: `unwritable` is always an error",
            ],
        ),
        (
            "severity: { configuration: error, missing-upload: off }",
            &[],
        ),
    ] {
        let config = Config::read(FILE, text).expect("valid");
        let found = config.check_failures(FILE, text);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.to_string().starts_with(expected), "{found}");
        }
        let finding = Finding::new(Code::Configuration, "x").in_file("presets/a.yml");
        assert_eq!(config.judge(finding.clone()), Some(finding));
    }
}

#[test]
fn the_places_of_many_findings_take_one_parse() {
    let rules = (0..500).map(|_| "- { at: z, preset: cadr }\n");
    let text = format!("rules:\n{}", rules.collect::<String>());
    let config = Config::read(FILE, &text).expect("valid");
    let before = settings::PARSES.get();
    let findings = config.check_rules(FILE, &text, &Presets::read([]).0);
    // Every rule has an unknown preset, and all but the first are unreachable.
    assert_eq!(findings.len(), 999);
    assert_eq!(settings::PARSES.get() - before, 1);
    let last = findings.last().expect("a finding");
    assert!(
        last.to_string().starts_with("planche.yml:501:9: "),
        "{last}"
    );
}
