//! Regression tests of faults in earlier versions, each with the smallest site that shows the
//! fault.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::AtomicBool;

use planche::internal::flow::{Options, Resident, Scope};
use planche::internal::picture::format::svg::rasterise;
use planche::internal::picture::units::Dimensions;

use super::{built_site, has_record, unbuilt_site};
use crate::scratch::{changed, site_path};

#[test]
fn a_folder_of_presets_or_a_preset_may_be_a_link_and_is_never_passed_over() {
    let preset = "widths: [50]\nsizes: 100vw\n";
    let width = |site: &crate::scratch::Scratch| {
        let text = site.text("articles/a.md");
        (text.contains("50w"), text.contains("320w"))
    };
    let without_presets = || {
        let site = unbuilt_site();
        fs::remove_dir_all(site.path("presets")).unwrap();
        site
    };
    let site = without_presets();
    site.write("shared/card.yml", preset);
    symlink("shared", site.path("presets")).unwrap();
    site.planche(&[]).exits(0);
    assert_eq!(width(&site), (true, false), "a folder that is a link");

    fs::remove_file(site.path("presets")).unwrap();
    fs::create_dir(site.path("presets")).unwrap();
    symlink("../shared/card.yml", site.path("presets/card.yml")).unwrap();
    site.planche(&[]).exits(0);
    assert_eq!(width(&site), (true, false), "a preset that is a link");

    let before = site.files();
    let outside = tempfile::tempdir().unwrap();
    for (link, target) in [
        ("presets/card.yml", outside.path().join("card.yml")),
        ("presets", outside.path().to_owned()),
    ] {
        let site = without_presets();
        fs::create_dir(site.path("presets")).unwrap();
        fs::write(outside.path().join("card.yml"), preset).unwrap();
        if link == "presets" {
            fs::remove_dir(site.path("presets")).unwrap();
        }
        symlink(target, site.path(link)).unwrap();
        let run = site.planche(&[]).exits(2);
        assert!(run.err.contains("presets"), "{run:#?}");
        assert!(!has_record(&site.text("articles/a.md")), "{link}");
    }
    let broken = site.path("presets/card.yml");
    fs::remove_file(&broken).unwrap();
    symlink("nowhere.yml", &broken).unwrap();
    let run = site.planche(&[]).exits(2);
    assert!(run.err.contains("presets/card.yml"), "{run:#?}");
    assert_eq!(changed(&before, &site.files()), ["presets/card.yml"]);
}

/// Returns an SVG of 300 × 200 with this content.
fn svg(content: &str) -> Vec<u8> {
    format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">{content}</svg>"#)
        .into_bytes()
}

#[test]
fn drawings_whose_filters_or_attributes_take_long_are_refused() {
    let filtered = r#"<rect filter="url(#f)" width="300" height="200"/>"#;
    let filter = |step: &str, uses: usize| {
        svg(&format!(
            r#"<filter id="f">{step}</filter>{}"#,
            filtered.repeat(uses)
        ))
    };
    let attributes = |count: usize| {
        let attributes: String = (0..count).map(|at| format!(r#"a{at}="1" "#)).collect();
        svg(&format!("<rect {attributes}/>"))
    };
    let blurs = |count: usize| "blur(90px) ".repeat(count);
    let matrix = "1 ".repeat(150 * 150);
    let rules = format!(
        "<style>{}</style>{}{}{}",
        "a b c d e f{fill:red} ".repeat(20_000),
        "<g><a>".repeat(50),
        "<rect/>".repeat(1_000),
        "</a></g>".repeat(50)
    );
    let drawings = [
        filter(
            r#"<feTurbulence numOctaves="1000000000" baseFrequency=".05"/>"#,
            1,
        ),
        filter(
            r#"<feTurbulence numOctaves="1000" baseFrequency=".05"/>"#,
            1,
        ),
        filter(r#"<feMorphology radius="100"/>"#, 1),
        filter(r#"<feMorphology radius="1000"/>"#, 1),
        filter(
            &format!(r#"<feConvolveMatrix order="150" kernelMatrix="{matrix}"/>"#),
            1,
        ),
        filter(r#"<feMorphology radius="50"/>"#, 50),
        attributes(100_000),
        attributes(300_000),
        svg(&rules),
        svg(&format!(
            r#"<rect width="9" height="9" filter="{}"/>"#,
            blurs(200)
        )),
        svg(&format!(
            r#"<rect width="9" height="9" style="fill:red; filter : {}"/>"#,
            blurs(200)
        )),
        svg(&format!(
            "<style>rect{{filter:{}}}</style><rect width='9' height='9'/>",
            blurs(200)
        )),
        svg(&format!(r#"<rect width="300" height="200" filter="{}"/>"#, blurs(20)).repeat(20)),
    ];
    let size = Dimensions {
        width: 640,
        height: 427,
    };
    for (index, drawing) in drawings.iter().enumerate() {
        let start = String::from_utf8_lossy(&drawing[..160]).into_owned();
        assert!(rasterise(drawing, size).is_err(), "{index}: {start}");
    }
    // Drawings with what pages ordinarily use are still rendered.
    let ordinary = filter(r#"<feGaussianBlur stdDeviation="4"/>"#, 2);
    assert!(rasterise(&ordinary, size).is_ok());
    let shadow = "drop-shadow(2px 2px 3px rgba(0, 0, 0, .5)) ";
    let ordinary = svg(&format!(
        r#"<rect width="9" height="9" filter="{}"/>"#,
        shadow.repeat(3)
    ));
    assert!(rasterise(&ordinary, size).is_ok());
}

#[test]
fn drawings_whose_outlines_take_long_are_refused() {
    let lines = |count: usize| -> String {
        let corners = (0..count).map(|at| format!("{} {} ", at * 7919 % 300, at % 2 * 200));
        corners.collect()
    };
    let dashes = |count: usize| {
        let path = r#"<path d="M0 0h300v200h-300z" stroke="red" stroke-dasharray=".001"/>"#;
        svg(&path.repeat(count))
    };
    let curve = r##"<path transform="scale(1e25)" d="M0 0C1 2 3 4 5 1" stroke="red"
        stroke-dasharray="1"/>"##;
    let copies = |count: usize, corners: usize| {
        let used = r##"<use href="#a"/>"##.repeat(count);
        svg(&format!(r#"<path id="a" d="M{}"/>{used}"#, lines(corners)))
    };
    let marker = r#"<marker id="m"><rect width="1" height="1"/></marker>"#;
    let marked = |corners: usize| {
        let points = lines(corners);
        svg(&format!(
            r#"{marker}<g marker="url(#m)"><polyline points="{points}"/></g>"#
        ))
    };
    let size = Dimensions {
        width: 640,
        height: 427,
    };
    for (index, drawing) in [
        svg(r#"<path d="M0 0A1e30 1e30 0 1 1 1e30 1e30"/>"#),
        svg(r#"<rect width="1e30" height="1e30" rx="1e29"/>"#),
        svg(r#"<svg viewBox="0 0 1e30 1e30"><rect width="100%" height="100%" rx="9%"/></svg>"#),
        svg(&format!(r#"<polygon points="{}"/>"#, lines(200_000))),
        svg(&format!(
            r#"<path d="M{}" stroke="red" stroke-width="1e6"/>"#,
            lines(30_000)
        )),
        dashes(12),
        svg(&curve.repeat(2_000)),
        copies(2_000, 300),
        copies(20_000, 3_000),
        marked(200_000),
    ]
    .iter()
    .enumerate()
    {
        let start = String::from_utf8_lossy(&drawing[..drawing.len().min(160)]).into_owned();
        assert!(rasterise(drawing, size).is_err(), "{index}: {start}");
    }
    // Drawings with many corners, dashes or copies, as maps and charts have them.
    for (index, drawing) in [
        svg(&format!(r#"<path d="M{}"/>"#, lines(2_000))),
        svg(r#"<path d="M0 9h300" stroke="red" stroke-dasharray=".5"/>"#),
        copies(100, 100),
        marked(100),
    ]
    .iter()
    .enumerate()
    {
        assert!(rasterise(drawing, size).is_ok(), "{index}");
    }
}

#[test]
fn a_run_about_one_article_names_no_variant_that_has_gone_since_the_last() {
    let site = unbuilt_site();
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/b.png");
    site.write_article("articles/b.md", "/uploads/b.png");
    let mut resident = Resident::resume(site.open(), None);
    let go = AtomicBool::new(false);
    let run = |resident: &mut Resident, scope: &Scope| {
        let opened = site.open();
        let options = Options {
            stop: &go,
            threads: 1,
            ..Options::for_site(&opened)
        };
        resident.run(&options, scope).unwrap()
    };
    run(&mut resident, &Scope::Everything);
    let of_b = |name: &String| name.contains("/b-");
    let before: Vec<String> = site.variants().into_iter().filter(of_b).collect();
    assert!(before.len() > 1);
    let article = BTreeSet::from([site_path("articles/b.md")]);
    // The article no longer names the image, another program removes its variants, and the article
    // names the image again.
    site.write("articles/b.md", "---\ntitle: none\n---\n");
    run(&mut resident, &Scope::Articles(article.clone()));
    for variant in &before {
        fs::remove_file(site.path(variant)).unwrap();
    }
    site.write_article("articles/b.md", "/uploads/b.png");
    let outcome = run(&mut resident, &Scope::Articles(article));
    assert_eq!(outcome.summary.variants.written, before.len());
    assert!(has_record(&site.text("articles/b.md")));
    let after: Vec<String> = site.variants().into_iter().filter(of_b).collect();
    assert_eq!(after, before);
}

#[test]
fn records_over_the_limit_of_front_matter_are_refused_before_the_write() {
    let site = unbuilt_site();
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        format!("{config}limits: {{ front_matter: 4KiB }}\n"),
    );
    let images: String = (0..60)
        .map(|at| format!("![](/uploads/logo.png?{at})\n"))
        .collect();
    site.write("articles/many.md", format!("---\ntitle: x\n---\n{images}"));
    let before = site.text("articles/many.md");
    let run = site.planche(&[]).exits(1);
    assert!(run.err.contains("articles/many.md"), "{run:#?}");
    assert_eq!(site.text("articles/many.md"), before);
    assert!(has_record(&site.text("articles/a.md")));
    site.planche(&["strip"]).exits(0);
    assert_eq!(site.text("articles/many.md"), before);
}

#[test]
fn a_ledger_that_cannot_be_written_does_not_hide_the_report() {
    let site = unbuilt_site();
    site.write_article("articles/b.md", "/uploads/nowhere.png");
    // Saving the ledger fails, because a file cannot be renamed to the name of a folder.
    fs::create_dir_all(site.path(".planche/ledger/x")).unwrap();
    let run = site.planche(&["--format", "json"]).exits(2);
    let codes: Vec<String> = run.findings().into_iter().map(|found| found.code).collect();
    assert!(codes.contains(&"missing-upload".to_owned()), "{run:#?}");
    assert!(codes.contains(&"unwritable".to_owned()), "{run:#?}");
    assert!(has_record(&site.text("articles/a.md")));
}

#[test]
fn a_damaged_ledger_or_list_of_digests_changes_nothing() {
    let site = built_site();
    let before = site.files();
    for name in [".planche/ledger", ".planche/variants.b3"] {
        let sound = fs::read(site.path(name)).unwrap();
        let places = (0..sound.len()).step_by((sound.len() / 40).max(1));
        for place in places {
            let mut damaged = sound.clone();
            damaged[place] ^= 0x11;
            fs::write(site.path(name), &damaged).unwrap();
            site.planche(&["check"]).exits(0);
            fs::write(site.path(name), &sound[..place]).unwrap();
            site.planche(&["build"]).exits(0);
            assert_eq!(changed(&before, &site.files()), [""; 0], "{name}, {place}");
        }
        fs::write(site.path(name), &sound).unwrap();
    }
    site.planche(&["verify"]).exits(0);
}

#[test]
fn many_runs_at_once_end_in_the_tree_of_one() {
    let whole = built_site().files();
    let stripped = unbuilt_site().files();
    for round in 0..3 {
        let site = unbuilt_site();
        let commands: [&[&str]; 4] = [&["build"], &["strip"], &["check"], &["clean"]];
        let children: Vec<_> = (0..8)
            .map(|index| {
                let arguments = commands[(index + round) % commands.len()];
                let mut command = site.command(arguments);
                command.stdout(std::process::Stdio::null());
                command
                    .stderr(std::process::Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            let err = String::from_utf8_lossy(&output.stderr);
            assert!(matches!(output.status.code(), Some(0..=2)), "{output:?}");
            assert!(!err.contains("panicked"), "{err}");
        }
        let article = site.files()["articles/a.md"].clone();
        let is_whole = [&whole, &stripped]
            .iter()
            .any(|files| files["articles/a.md"] == article);
        assert!(is_whole, "{}", String::from_utf8_lossy(&article));
        site.planche(&["build"]).exits(0);
        assert_eq!(changed(&whole, &site.files()), [""; 0]);
    }
}
