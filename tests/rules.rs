//! Rules, severities and errors of `planche.yml`, from the point of view of a site's owner.

use crate::scratch::{Run, Scratch, changed};

const CONFIG: &str = "generator: none\ncontent: [\"articles/**\"]\n\
                      uploads: [{ url: /uploads/, dir: uploads }]\n";

/// Creates a site with one upload. `more` is appended to its configuration.
fn site(more: &str) -> Scratch {
    let site = Scratch::empty();
    site.write("planche.yml", format!("{CONFIG}{more}"));
    site.copy_upload("logo.png", "uploads/a.png");
    site
}

/// Returns the findings with a code: file, line, column, message and hint.
fn found(run: &Run, code: &str) -> Vec<String> {
    let findings = run.findings().into_iter();
    let with_code = findings.filter(|finding| finding.code == code);
    with_code
        .map(|finding| {
            format!(
                "{}:{}:{}: {} – {}",
                finding.file.unwrap_or_default(),
                finding.line.unwrap_or_default(),
                finding.column.unwrap_or_default(),
                finding.message,
                finding.hint.unwrap_or_default()
            )
        })
        .collect()
}

fn check(site: &Scratch) -> Run {
    site.planche(&["check", "--format", "json"])
}

#[test]
fn nothing_is_written_while_the_configuration_has_an_error() {
    for (more, preset, expected) in [
        (
            "rules: [{ at: image, preset: crad }]\n",
            None,
            "error[configuration] planche.yml:4:30: unknown preset `crad`\n  4 | rules: [{ at: image, preset: crad }]\n    |                              ^^^^\n  hint: did you mean `card`?\n",
        ),
        (
            "",
            Some("widths: [640, 320]\nsizes: 100vw\n"),
            "error[configuration] presets/card.yml:1:9: ",
        ),
    ] {
        let site = site(more);
        site.write_article("articles/a.md", "/uploads/a.png");
        if let Some(preset) = preset {
            site.write("presets/card.yml", preset);
        }
        let before = site.files();
        let run = site.planche(&["build"]).exits(2);
        assert!(run.err.starts_with(expected), "{run:#?}");
        assert!(
            run.err
                .ends_with("nothing was written: the configuration has errors; 1 error – 0.0 s\n"),
            "{run:#?}"
        );
        assert_eq!(changed(&before, &site.files()), [""; 0]);
        assert!(!site.path(".planche").exists());
        let json = site.planche(&["build", "--format", "json"]).exits(2);
        assert_eq!(json.count("/variants/written"), 0);
        assert_eq!(json.findings()[0].code, "configuration");
        // `check` reports the same, and all other findings as well.
        site.write_article("articles/b.md", "/uploads/none.png");
        let check = check(&site).exits(2);
        assert_eq!(found(&check, "configuration").len(), 1);
        assert_eq!(found(&check, "missing-upload").len(), 1);
    }
}

#[test]
fn a_code_is_as_severe_as_the_configuration_says() {
    let with = |severity: &str| {
        let site = site(&format!("severity: {severity}\n"));
        site.write_article("articles/old/a.md", "/uploads/none.png");
        site.write_article("articles/b.md", "/uploads/none.png");
        let run = site.planche(&["build", "--format", "json"]);
        let severities: Vec<String> = run.findings().into_iter().map(|one| one.severity).collect();
        (run.code, severities.join(" "))
    };
    assert_eq!(with("{}"), (Some(0), "warning warning".to_owned()));
    assert_eq!(
        with("{ missing-upload: error }"),
        (Some(1), "error error".to_owned())
    );
    assert_eq!(with("{ missing-upload: off }"), (Some(0), String::new()));
    assert_eq!(
        with("{ missing-upload: { articles/old: notice, articles: error } }"),
        (Some(1), "error notice".to_owned())
    );
}

/// Creates a Jekyll site whose articles name files in `assets/img` without the folder.
fn bare_names() -> Scratch {
    let site = Scratch::empty();
    site.write("_config.yml", "title: x\n");
    site.copy_upload("logo.png", "assets/img/a.png");
    site.copy_upload("logo.png", "assets/img/b.png");
    site.copy_upload("logo.png", "old/b.png");
    for (name, image) in [("1", "none.png"), ("2", "b.png"), ("3", "a.png")] {
        let text = format!("---\ntitle: x\nimg: {image}\nicon: none.png\n---\n");
        site.write(&format!("_posts/2024-01-0{name}-x.md"), text);
    }
    site
}

#[test]
fn a_file_name_without_its_folder_is_reported_once_for_its_key() {
    let site = bare_names();
    let expected = "_posts/2024-01-02-x.md:3:6: `img` is a file name without a folder in 3 places, \
        such as `b.png`, and gets no record; there is `assets/img/b.png` – if templates put the \
        folder before it, add a rule: `{ at: \"img\", folder: /assets/img }`; `planche html DIR` \
        needs none: it reads the built pages";
    for command in ["check", "build"] {
        let run = site.planche(&[command, "--format", "json"]).exits(0);
        assert_eq!(found(&run, "bare-name"), [expected]);
        assert_eq!(found(&run, "no-images"), [""; 0]);
    }
    // A rule for the key, such as `init` writes, needs only the folder.
    site.write("planche.yml", "rules:\n- { at: \"img\", preset: card }\n");
    let run = site.planche(&["check", "--format", "json"]).exits(0);
    let expected = expected.replace(
        "add a rule: `{ at: \"img\", folder: /assets/img }`",
        "add `folder: /assets/img` to its rule",
    );
    assert_eq!(found(&run, "bare-name"), [expected]);
    assert_eq!(found(&run, "missing-upload").len(), 3, "{run:#?}");
    // The rule is the one that the hint suggests.
    site.write(
        "planche.yml",
        "rules:\n- { at: \"img\", folder: /assets/img }\n",
    );
    let run = site.planche(&["build", "--format", "json"]);
    assert_eq!(found(&run, "bare-name"), [""; 0]);
    assert_eq!(found(&run, "missing-upload").len(), 1, "{run:#?}");
    let text = site.text("_posts/2024-01-03-x.md");
    assert!(
        text.contains("\nimg: a.png\nimg_responsive:\n  original: \"a.png\"\n  src: /uploads/variants/assets/img/a-"),
        "{text}"
    );
    assert!(!site.text("_posts/2024-01-01-x.md").contains("responsive"));
}

#[test]
fn a_folder_counts_for_file_names_of_the_front_matter_alone() {
    let site = bare_names();
    site.write(
        "planche.yml",
        "rules:\n- { at: img, folder: assets/img/ }\n",
    );
    let article = "---\nimg: /old/b.png\n---\n";
    site.write("_posts/2024-01-04-x.md", article);
    site.planche(&["build"]);
    let of = |name: &str| site.text(&format!("_posts/2024-01-0{name}-x.md"));
    assert!(
        of("4").contains("src: /uploads/variants/old/b-"),
        "{}",
        of("4")
    );
    assert!(
        of("2").contains("src: /uploads/variants/assets/img/b-"),
        "{}",
        of("2")
    );
    for rule in [
        "{ at: body, folder: /a }",
        "{ at: img, text: true, folder: /a }",
    ] {
        site.write("planche.yml", format!("rules:\n- {rule}\n"));
        let run = check(&site).exits(2);
        let [finding] = found(&run, "configuration").try_into().unwrap();
        assert!(
            finding.contains("only front-matter values are file names"),
            "{finding}"
        );
        assert!(finding.ends_with("– remove `folder`"), "{finding}");
    }
}

#[test]
fn why_there_are_no_images_is_told() {
    let site = site("");
    site.write("articles/a.md", "---\ntitle: x\n---\ntext\n");
    for command in ["check", "build"] {
        let run = site.planche(&[command, "--format", "json"]).exits(0);
        let [finding] = found(&run, "no-images").try_into().unwrap();
        let message = "no article references an image of the site: planche read the articles in \
            `articles`, and images may be in `uploads`";
        assert!(finding.contains(message), "{finding}");
    }
    site.write("articles/a.md", "---\nog_image: /uploads/a.png\n---\n");
    let [finding] = found(&check(&site), "no-images").try_into().unwrap();
    assert!(finding.contains("none of them gets variants"), "{finding}");
    // The missing upload is the reason, so there is no such finding.
    site.write("articles/a.md", "---\nimage: /uploads/none.png\n---\n");
    assert_eq!(found(&check(&site), "no-images"), [""; 0]);
    site.write("articles/a.md", "---\nimage: /uploads/a.png\n---\n");
    assert_eq!(found(&check(&site), "no-images"), [""; 0]);
}

#[test]
fn a_rule_that_matches_nothing_is_a_warning_with_what_was_meant() {
    let site = site(
        "rules:\n\
         - { at: une-ou-diaporama.image, preset: carousel }\n\
         - { at: vignete, preset: thumbnail }\n\
         - { at: une-ou-diaporama, preset: card }\n\
         - { at: photo, files: \"article/**\", preset: card }\n\
         - { at: xyz, preset: card }\n\
         - { at: vide, preset: none }\n\
         - { at: \"*.seul\", preset: card }\n\
         - { at: a.seul, preset: card }\n\
         - { at: body, files: \"articles/**\" }\n",
    );
    for name in ["a", "b"] {
        site.write(
            &format!("articles/{name}.md"),
            "---\nune-ou-diaporama:\n- image: /uploads/a.png\n- image: /uploads/a.png\n\
             vignette: /uploads/a.png\nvide:\n---\n",
        );
    }
    let run = check(&site).exits(1);
    assert_eq!(
        found(&run, "unmatched-rule"),
        [
            "planche.yml:5:9: this rule matches nothing: there is no key `une-ou-diaporama.image` – \
             did you mean `une-ou-diaporama[].image` (4 places)?",
            "planche.yml:6:9: this rule matches nothing: there is no key `vignete` – \
             did you mean `vignette` (2 places)?",
            "planche.yml:7:9: this rule matches nothing: there is no key `une-ou-diaporama` – \
             did you mean `une-ou-diaporama[].image` (4 places)?",
            "planche.yml:8:23: this rule matches nothing: no article matches `article/**` – \
             did you mean the folder `articles`?",
            "planche.yml:9:9: this rule matches nothing: there is no key `xyz` – \
             images are at `une-ou-diaporama[].image` (4 places), `vignette` (2 places)",
            "planche.yml:11:9: this rule matches nothing: there is no key `*.seul` – \
             images are at `une-ou-diaporama[].image` (4 places), `vignette` (2 places)",
        ]
    );
    // The finding is the same if it comes from the ledger.
    site.planche(&["build"]).exits(0);
    let again = check(&site).exits(0);
    assert_eq!(
        found(&again, "unmatched-rule"),
        found(&run, "unmatched-rule")
    );
}

#[test]
fn data_files_in_a_format_that_is_not_read_are_reported() {
    let site = site("data: [\"_data/**\", \"tables/*.csv\", \"lists/*.yml\"]\n");
    site.write("articles/a.md", "---\nimage: /uploads/a.png\n---\n");
    for (name, text) in [
        ("_data/team.yml", "- image: /uploads/a.png\n"),
        ("_data/team.csv", "image\n/uploads/a.png\n"),
        ("_data/notes.txt", "notes\n"),
        ("tables/team.csv", "image\n/uploads/a.png\n"),
        ("lists/team.yml", "- image: /uploads/a.png\n"),
        ("lists/team.csv", "image\n/uploads/a.png\n"),
    ] {
        site.write(name, text);
    }
    let run = check(&site);
    let hint = "planche reads YAML, TOML and JSON";
    assert_eq!(
        found(&run, "unmatched-setting"),
        [
            format!(
                "planche.yml:4:20: `tables/*.csv` matches only files that planche does not read, \
                 such as `tables/team.csv` – {hint}: convert the data, or remove the glob"
            ),
            format!(
                "planche.yml:4:8: `_data/**` also matches files that planche does not read, such \
                 as `_data/notes.txt` – {hint}: narrow the glob, or list the others under `exclude:`"
            ),
        ]
    );
    let severities = run.findings().into_iter().map(|found| found.severity);
    assert_eq!(severities.collect::<Vec<_>>(), ["warning", "notice"]);
    site.write(
        "planche.yml",
        format!("{CONFIG}data: [\"_data/**\"]\nexclude: [\"_data/*.csv\", \"_data/*.txt\"]\n"),
    );
    assert_eq!(found(&check(&site), "unmatched-setting"), [""; 0]);
}

#[test]
fn keys_of_hero_images_and_of_link_previews_have_their_own_defaults() {
    let site = site(
        "rules: [{ at: og_image, files: articles/b.md, preset: [social] }, { at: hero, alt: t }]\n",
    );
    let text =
        "---\nhero: /uploads/a.png\nimage: /uploads/a.png\nog_image: /uploads/a.png\nt: x\n---\n";
    site.write("articles/a.md", text);
    site.write("articles/b.md", text);
    site.planche(&["build"]).exits(0);
    let front_matter = |name| -> serde_json::Value {
        let text = site.text(name);
        serde_yaml::from_str(text.split("---\n").nth(1).unwrap()).unwrap()
    };
    let (a, b) = (front_matter("articles/a.md"), front_matter("articles/b.md"));
    // The `sizes` show which preset was chosen.
    assert_eq!(
        a["hero_responsive"]["sizes"],
        "(min-width: 62em) 62em, 100vw"
    );
    assert_eq!(
        a["image_responsive"]["sizes"],
        "(min-width: 62em) 31em, 100vw"
    );
    assert!(a.get("og_image_responsive").is_none());
    assert_eq!(b["og_image_responsive"]["sizes"], "1200px");
    // The uploads of link previews are looked up nevertheless.
    site.write_article(
        "articles/c.md",
        "/uploads/a.png\nog_image: /uploads/none.png",
    );
    let run = check(&site).exits(1);
    assert_eq!(found(&run, "missing-upload").len(), 1);
}

const ALT_RULES: &str = "rules:\n\
    - { at: \"images[].file\", preset: card, alt: alternative, caption: legende }\n";

/// Returns the findings about the alt text of one article: code, line and message.
fn texts(site: &Scratch) -> Vec<String> {
    let findings = check(site).findings();
    let of_article = findings.into_iter().filter(|finding| {
        finding.file.as_deref() == Some("articles/a.md")
            && (finding.code.starts_with("alt-") || finding.code.contains("without"))
    });
    of_article
        .map(|finding| {
            format!(
                "{}:{}: {}",
                finding.code,
                finding.line.unwrap_or_default(),
                finding.message
            )
        })
        .collect()
}

#[test]
fn alternative_texts_are_checked_once_a_rule_says_where_they_are() {
    let long = "Une phrase. ".repeat(12);
    let article = format!(
        "---\n\
         title: Le titre\n\
         images:\n\
         - file: /uploads/a.png\n\
         - {{ file: /uploads/a.png, alternative: '' }}\n\
         - {{ file: /uploads/a.png, alternative: IMG_1234 }}\n\
         - {{ file: /uploads/a.png, alternative: LE  TITRE }}\n\
         - {{ file: /uploads/a.png, alternative: La mer, legende: la mer }}\n\
         - {{ file: /uploads/a.png, alternative: La mer }}\n\
         - {{ file: /uploads/a.png, alternative: '{long}' }}\n\
         - {{ file: /uploads/a.png, alternative: '', decorative: true }}\n\
         - {{ file: /uploads/a.png, decorative: true }}\n\
         - {{ file: /uploads/a.png, alternative: La montagne }}\n\
         ---\n\
         ![](/uploads/a.png) ![Un arbre](/uploads/a.png)\n\n\
         <img src=\"/uploads/a.png\"> <img src=\"/uploads/a.png\" alt=\"\">\n\
         <img src=\"/uploads/a.png\" aria-label=\"x\">\n\n\
         [![](/uploads/a.png)](/x) [![](/uploads/a.png) texte](/x) [![Plan](/uploads/a.png)](/x)\n"
    );
    let site = site(ALT_RULES);
    site.write("articles/a.md", &article);
    let expected = [
        "alt-missing:4: 2 images have no alt text: `a.png`, `a.png`",
        "alt-file-name:6: `a.png` has a file name as its alt text",
        "link-without-name:20: `a.png` is the only content of a link, and has no alt text: \
         the link has no name",
        "alt-empty:5: 3 images have empty alt text: `a.png`, `a.png`, `a.png`",
        "alt-repeats:7: 3 images have alt text that repeats the title, the caption or the \
         image before them: `a.png`, `a.png`, `a.png`",
        "alt-long:10: `a.png` has alt text of more than 125 characters",
    ];
    let mut all = texts(&site);
    let mut wanted = expected.to_vec();
    all.sort();
    wanted.sort_unstable();
    assert_eq!(all, wanted);
    // `a.png` is a logo with lossless variants, by which it is recognised as a graphic once they
    // exist.
    site.planche(&["build"]).exits(0);
    let built = texts(&site);
    let graphics: Vec<&String> = built
        .iter()
        .filter(|one| one.starts_with("graphic"))
        .collect();
    assert_eq!(graphics.len(), 1, "{built:?}");

    // Without such a rule, nothing is reported unless the configuration names a code.
    site.write("articles/a.md", &article);
    site.write("planche.yml", CONFIG);
    assert_eq!(texts(&site), [""; 0]);
    site.write(
        "planche.yml",
        format!("{CONFIG}severity: {{ alt-empty: error }}\n"),
    );
    assert_eq!(
        texts(&site),
        ["alt-empty:15: 2 images have empty alt text: `a.png`, `a.png`"]
    );
    site.planche(&["check"]).exits(1);
    site.write(
        "planche.yml",
        format!("{CONFIG}{ALT_RULES}severity: {{ alt-empty: off, alt-missing: off }}\n"),
    );
    assert!(!texts(&site).iter().any(|one| one.contains("alt-empty")));
}

#[test]
fn texts_that_no_image_of_a_rule_has_beside_it_are_an_error() {
    for (rule, expected) in [
        ("{ at: body, alt: x }", "planche.yml:4:26: it has no effect"),
        (
            "{ at: \"a[]\", caption: x }",
            "planche.yml:4:31: it has no effect",
        ),
        (
            "{ at: a, text: true, alt: x }",
            "planche.yml:4:35: it has no effect",
        ),
    ] {
        let site = site(&format!("rules: [{rule}]\n"));
        let run = site.planche(&["build"]).exits(2);
        assert!(run.err.contains(expected), "{run:#?}");
    }
}

#[test]
fn the_manifest_has_the_texts_that_all_places_agree_on() {
    let more = "output: { manifest: m.json }\nfront_matter: { write: false }\n";
    let site = site(&format!("{ALT_RULES}{more}"));
    let article = |alt: &str, legende: &str| {
        format!(
            "---\nimages:\n- {{ file: /uploads/a.png, alternative: {alt}, legende: {legende} }}\n---\n"
        )
    };
    site.write("articles/a.md", article("La mer", "Été"));
    site.write("articles/b.md", article("La mer", "Hiver"));
    site.planche(&["build"]).exits(0);
    let manifest: serde_json::Value = serde_json::from_str(&site.text("m.json")).unwrap();
    let entry = &manifest["images"]["/uploads/a.png"]["card"];
    assert_eq!(entry["alt"], "La mer");
    assert_eq!(entry.get("caption"), None);
    let before = site.files();
    site.planche(&["build"]).exits(0);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
}

#[test]
fn uploads_that_move_or_tell_a_place_are_reported() {
    let site = site("");
    // Two frames of one pixel, three seconds each, played once or, in the first file, forever.
    let gif = |forever: bool| {
        let head = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
        let repeat: &[u8] = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
        let frame = b"\x21\xf9\x04\0\x2c\x01\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
        let repeat = if forever { repeat.to_vec() } else { Vec::new() };
        [head, repeat, frame.repeat(2), b";".to_vec()].concat()
    };
    site.write("uploads/ever.gif", gif(true));
    site.write("uploads/once.gif", gif(false));
    let mut jpeg = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, 80);
    encoder
        .encode(&[128; 64 * 64 * 3], 64, 64, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    // An Exif directory with a pointer to a GPS directory, which contains a latitude.
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x25\x88\x04\0\x01\0\0\0\x1a\0\0\0\0\0\0\0\
                 \x01\0\x02\0\x05\0\x03\0\0\0\0\0\0\0\0\0\0\0";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let segment = [&[0xff, 0xe1], &length[..], exif].concat();
    jpeg.splice(2..2, segment);
    site.write("uploads/place.jpg", jpeg);
    for name in ["ever.gif", "once.gif", "place.jpg"] {
        site.write_article(&format!("articles/{name}.md"), &format!("/uploads/{name}"));
    }
    let run = check(&site);
    let messages: Vec<String> = run
        .findings()
        .into_iter()
        .filter(|finding| finding.severity == "warning")
        .map(|finding| format!("{}: {}", finding.file.unwrap(), finding.message))
        .collect();
    assert_eq!(
        messages,
        [
            "uploads/ever.gif: the animation never ends, and a page has no control to stop it \
             (referenced at articles/ever.gif.md:2:8)",
            "uploads/once.gif: the animation moves for 6 seconds, and a page has no control to stop \
             it (referenced at articles/once.gif.md:2:8)",
            "uploads/place.jpg: the published original contains the position where it was taken \
             (GPS) (referenced at articles/place.jpg.md:2:8)",
        ]
    );
    // With a preset that keeps only the first frame, nothing moves.
    site.write(
        "presets/card.yml",
        "widths: [64]\nsizes: 4em\nanimation: first-frame\n",
    );
    assert_eq!(found(&check(&site), "animation-over-5s"), [""; 0]);
}
