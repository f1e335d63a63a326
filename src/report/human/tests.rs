use super::*;
use crate::finding::Position;
use crate::report::{
    Articles, Change, Forecast, ForecastArticle, ForecastImage, Originals, Summary, Variants,
};

fn printed(summary: &Summary, terminal: Terminal, text: &str) -> (String, String) {
    let sources = Sources::new(|_| Some(text.as_bytes().to_vec()));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    terminal
        .report(summary, &sources, &mut out, &mut err)
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(out), text(err))
}

fn missing(file: &str, line: u32, upload: &str) -> Finding {
    Finding::new(Code::MissingUpload, format!("missing upload `{upload}`"))
        .in_file(file)
        .at(Position { line, column: 8 })
}

#[test]
fn a_diff_keeps_the_ends_of_lines() {
    let diff = "--- a/a.md\n+++ b/a.md\n@@ -1 +1,2 @@\n a\r\n+b\r\n";
    let summary = Summary {
        forecast: Some(Forecast {
            articles: vec![ForecastArticle {
                path: "a.md".to_owned(),
                change: Change::Update,
                diff: diff.to_owned(),
            }],
            ..Forecast::default()
        }),
        ..Summary::default()
    };
    let (out, _) = printed(&summary, Terminal::default(), "");
    assert_eq!(out, diff);
}

#[test]
fn a_finding_has_its_line_and_its_hint_before_the_sentence() {
    let summary = Summary {
        articles: Articles {
            read: 9,
            changed: 1,
            refused: 0,
        },
        originals: Originals {
            used: 7,
            missing: 1,
            failed: 0,
        },
        variants: Variants {
            written: 34,
            from_cache: 0,
            fresh: 2,
            bytes: 2_202_009,
        },
        findings: vec![
            missing("_posts/a.md", 2, "/uploads/Foto.JPG")
                .hint("`/uploads/foto.jpg` exists (case differs)"),
        ],
        seconds: 1.24,
        ..Summary::default()
    };
    let text = "---\nimage: /uploads/Foto.JPG\n---\n";
    let (out, err) = printed(&summary, Terminal::default(), text);
    assert!(out.is_empty());
    assert_eq!(
        err,
        "warning[missing-upload] _posts/a.md:2:8: missing upload `/uploads/Foto.JPG`\n  \
         2 | image: /uploads/Foto.JPG\n    \
         |        ^^^^^^^^^^^^^^^^^\n  \
         hint: `/uploads/foto.jpg` exists (case differs)\n\
         wrote 34 variants (2.1 MiB), updated 1 of 9 articles; 1 warning – 1.2 s\n"
    );
}

#[test]
fn the_mark_is_below_its_place_after_tabs_and_wide_characters() {
    // The tab becomes four columns, each of the two characters takes two.
    let text = "\u{feff}---\r\n\t日本: x.png\r\n";
    let summary = Summary {
        findings: vec![
            Finding::new(Code::MissingUpload, "missing")
                .in_file("a.md")
                .at(Position { line: 2, column: 6 }),
        ],
        ..Summary::default()
    };
    let (_, err) = printed(&summary, Terminal::default(), text);
    let lines: Vec<&str> = err.lines().collect();
    assert_eq!(lines[1], "  2 |     日本: x.png");
    assert_eq!(lines[2], "    |           ^^^^^");
}

#[test]
fn errors_come_last_and_have_the_details() {
    let mut findings: Vec<Finding> = (1..=4)
        .map(|line| missing("a.md", line, &format!("/u{line}/x.png")))
        .collect();
    let unclosed = Finding::new(Code::ArticleRefused, "unclosed quote")
        .in_file("b.md")
        .at(Position { line: 1, column: 8 })
        .hint("correct the line");
    findings.push(unclosed);
    findings.push(Finding::new(Code::UnusedRecords, "no template"));
    let summary = Summary {
        findings,
        ..Summary::default()
    };
    let (_, err) = printed(&summary, Terminal::default(), "title: \"Sans fin\n");
    let lines: Vec<&str> = err.lines().collect();
    assert_eq!(lines[0], "notice[unused-records] no template");
    assert_eq!(
        lines[1],
        "warning[missing-upload] a referenced upload does not exist (4 places)"
    );
    assert_eq!(lines[2], "  a.md:1:8, 2:8, 3:8, 4:8");
    let error = lines.iter().position(|line| line.starts_with("error["));
    let error = &lines[error.unwrap()..];
    assert_eq!(
        error[..4],
        [
            "error[article-refused] b.md:1:8: unclosed quote",
            "  1 | title: \"Sans fin",
            "    |        ^",
            "  hint: correct the line",
        ]
    );
    assert_eq!(
        error[4],
        "  … `planche build --all` shows every place, with its hint"
    );
    assert!(error[5].starts_with("nothing written: "), "{err}");
}

#[test]
fn many_of_one_kind_are_one_and_all_are_listed_on_request() {
    let findings: Vec<Finding> = (1..=12)
        .map(|line| missing("_posts/a.md", line, &format!("/old/{line}.png")))
        .collect();
    let summary = Summary {
        findings,
        ..Summary::default()
    };
    let (_, err) = printed(&summary, Terminal::default(), "");
    assert!(
        err.contains("_posts/a.md:1:8: missing upload `/old/1.png` – and 11 more like it\n"),
        "{err}"
    );
    assert!(
        err.contains("`allow: [{ code: missing-upload, path: \"_posts/**\" }]`"),
        "{err}"
    );
    assert!(!err.contains("/old/2.png"), "{err}");
    let all = Terminal {
        shows_all: true,
        ..Terminal::default()
    };
    let (_, err) = printed(&summary, all, "");
    for line in 1..=12 {
        assert!(err.contains(&format!("/old/{line}.png")), "{err}");
    }
    assert!(!err.contains("--all"), "{err}");
}

/// Folders that all differ have one cause; a path of another kind is shown beside them.
#[test]
fn many_folders_hide_no_other_missing_upload() {
    for folders in ["/u/", "gallery-"] {
        let mut findings: Vec<Finding> = (1..=12)
            .map(|line| missing("a.md", line, &format!("{folders}{line}/x.png")))
            .collect();
        findings.insert(11, missing("a.md", 90, "/nothere.jpg"));
        let summary = Summary {
            findings,
            ..Summary::default()
        };
        let (_, err) = printed(&summary, Terminal::default(), "");
        assert!(err.contains("and 11 more like it"), "{err}");
        assert!(err.contains("missing upload `/nothere.jpg`"), "{err}");
        for way in ["`uploads:", "`preset: none`", "`allow:"] {
            assert!(err.contains(way), "{err}");
        }
    }
}

#[test]
fn lines_are_wrapped_between_words_and_names_cannot_break_them() {
    let terminal = Terminal {
        width: Some(60),
        ..Terminal::default()
    };
    let summary = Summary {
        findings: vec![missing(
            "new\nline\u{1b}[2J.md",
            1,
            "/uploads/a-long-name-of-a-file.png",
        )],
        ..Summary::default()
    };
    let (_, err) = printed(&summary, terminal, "");
    assert!(err.lines().all(|line| line.chars().count() <= 60), "{err}");
    assert!(err.contains("new\\nline\\u{1b}[2J.md:1:8:"), "{err}");
}

#[test]
fn a_place_that_is_longer_than_a_line_goes_on_with_the_indentation() {
    let terminal = Terminal {
        width: Some(40),
        ..Terminal::default()
    };
    let file = format!("{}.md", "a".repeat(60));
    let summary = Summary {
        findings: vec![missing(&file, 40, "/uploads/a.png")],
        ..Summary::default()
    };
    let (_, err) = printed(&summary, terminal, "");
    let mut finding = err.lines().skip(1).take(3);
    assert!(finding.all(|line| line.starts_with("    ")), "{err}");
    assert!(err.lines().all(|line| line.chars().count() <= 40), "{err}");
}

#[test]
fn a_place_with_several_findings_is_named_once_and_no_gain_is_no_news() {
    let printed_at = |line| {
        Finding::new(Code::OriginalPrinted, "x")
            .in_file("x.html")
            .at(Position { line, column: 9 })
    };
    let page = crate::report::Page {
        before: 7,
        after: 7,
    };
    let summary = Summary {
        findings: vec![printed_at(4), printed_at(4), printed_at(4), printed_at(5)],
        gain: Some(crate::report::Gain {
            articles: 1,
            phone: page,
            desktop: page,
        }),
        ..Summary::default()
    };
    let (_, err) = printed(&summary, Terminal::default(), "");
    assert!(!err.contains("4:9, 4:9"), "{err}");
    assert!(!err.contains("a phone loads"), "{err}");
}

#[test]
fn a_plan_is_wrapped_between_words() {
    let image = ForecastImage {
        original: "uploads/capture-doc-couv.png".to_owned(),
        preset: "article".to_owned(),
        width: 420,
        height: 594,
        bytes: 424 << 10,
        widths: vec![320, 420],
        formats: vec!["webp".to_owned()],
        open: None,
        variants: 2,
    };
    let summary = Summary {
        forecast: Some(Forecast {
            images: vec![image],
            ..Forecast::default()
        }),
        ..Summary::default()
    };
    let terminal = Terminal {
        width: Some(60),
        ..Terminal::default()
    };
    let mut out = Vec::new();
    summary.write_details(terminal, &mut out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "uploads/capture-doc-couv.png  420×594, 424.0 KiB → 320 420\n    webp  article\n"
    );
}

#[test]
fn one_more_file_is_singular() {
    let printed_in = |number: u32| {
        Finding::new(Code::OriginalPrinted, "x")
            .in_file(format!("{number}.html"))
            .at(Position { line: 1, column: 1 })
    };
    for (files, rest) in [(5, "; and one more file\n"), (6, "; and 2 more files\n")] {
        let summary = Summary {
            findings: (1..=files).map(printed_in).collect(),
            ..Summary::default()
        };
        let (_, err) = printed(&summary, Terminal::default(), "");
        assert!(err.contains(rest), "{err}");
    }
}
