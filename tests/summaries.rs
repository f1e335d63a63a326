//! Summaries of runs in which something failed: they report what was done, and no more.

use std::fs;

use crate::needs::{Need, skip};
use crate::scratch::{ReadOnly, Scratch};

/// Creates a site with two articles that show the same upload.
fn site() -> Scratch {
    let site = Scratch::site();
    site.copy_upload("logo.png", "uploads/logo.png");
    site.write_article("articles/a.md", "/uploads/logo.png");
    site.write_article("articles/b.md", "/uploads/logo.png");
    site
}

/// Returns a PNG with valid headers and damaged image data: bytes within the first `IDAT` chunk are
/// changed, but not its checksum.
fn broken_png() -> Vec<u8> {
    let mut png = crate::scratch::sample_upload("logo.png");
    let start = png.windows(4).position(|four| four == b"IDAT").unwrap();
    for byte in &mut png[start + 40..start + 60] {
        *byte = !*byte;
    }
    png
}

#[test]
fn clean_that_cannot_delete_says_so() {
    let site = site();
    site.planche(&["build"]).exits(0);
    let count = site.variants().len();
    for name in ["articles/a.md", "articles/b.md"] {
        fs::remove_file(site.path(name)).unwrap();
    }
    site.write("articles/c.md", "---\ntitle: c\n---\n");
    let Some(closed) = ReadOnly::make(site.path("uploads/variants")) else {
        return skip(Need::Mount, "cannot mount a folder read-only");
    };
    let run = site.planche(&["clean"]).exits(2);
    drop(closed);
    assert_eq!(site.variants().len(), count);
    let expected = match count {
        1 => "nothing was deleted: 1 variant could not be deleted".to_owned(),
        count => format!("nothing was deleted: {count} variants could not be deleted"),
    };
    assert!(run.err.contains(&expected), "{run:#?}");
    assert!(!run.err.contains("nothing to delete"), "{run:#?}");
}

#[test]
fn an_article_that_was_left_alone_gains_nothing() {
    let site = site();
    let whole = site.planche(&["build", "--format", "json"]).exits(0).json();
    assert_eq!(whole["gain"]["articles"], 2);
    site.planche(&["strip"]).exits(0);
    // A hard link outside the articles, which a rewrite would detach, so the article is left
    // unchanged.
    fs::hard_link(site.path("articles/a.md"), site.path("backup.md")).unwrap();
    let run = site.planche(&["build", "--format", "json"]).exits(1);
    let left = run.json();
    assert_eq!(left["articles"]["changed"], 1, "{run:#?}");
    // Both articles show the same upload by the same preset.
    assert_eq!(left["gain"]["articles"], 1, "{run:#?}");
    let half = whole["gain"]["phone"]["before"].as_u64().unwrap() / 2;
    assert_eq!(left["gain"]["phone"]["before"], half, "{run:#?}");

    site.planche(&["strip"]);
    fs::hard_link(site.path("articles/b.md"), site.path("other.md")).unwrap();
    let run = site.planche(&["build"]).exits(1);
    assert!(!run.err.contains("a phone loads"), "{run:#?}");
    assert!(run.err.contains("nothing written: 2 articles"), "{run:#?}");
    assert!(!run.err.contains("up to date"), "{run:#?}");
}

#[test]
fn a_configuration_with_errors_is_neither_up_to_date_nor_out_of_date() {
    let site = site();
    site.write("presets/wide.yml", "widths: [zero]\n");
    let stopped = "the configuration has errors; 1 error";
    for (arguments, expected) in [
        (&["build"][..], "nothing was written: "),
        (&["check"], "a build would write nothing: "),
        (&["build", "--dry-run"], "a build would write nothing: "),
    ] {
        let run = site.planche(arguments).exits(2);
        let expected = format!("{expected}{stopped}");
        assert!(run.err.contains(&expected), "{arguments:?}: {run:#?}");
        assert!(!run.err.contains("run `planche build`"), "{run:#?}");
    }
}

#[test]
fn an_upload_that_cannot_be_decoded_is_explained_as_one() {
    let site = site();
    site.write("uploads/broken.png", broken_png());
    site.write_article("articles/c.md", "/uploads/broken.png");
    for built in [false, true] {
        if built {
            site.planche(&["build"]).exits(1);
        }
        let text = site
            .planche(&["explain", "uploads/broken.png"])
            .exits(0)
            .out;
        assert!(
            text.contains("no file yet  no build can generate it: the original cannot be decoded"),
            "{built}: {text}"
        );
        assert!(
            text.contains("error[undecodable-upload] uploads/broken.png"),
            "{text}"
        );
        for wrong in ["the next build generates it", "loaded by"] {
            assert!(!text.contains(wrong), "{built}: {text}");
        }
        let sound = site.planche(&["explain", "uploads/logo.png"]).exits(0).out;
        assert!(!sound.contains("cannot be decoded"), "{sound}");
    }
}

#[test]
fn strip_counts_the_articles_that_a_build_counts() {
    let site = site();
    // Articles without front matter, with an opt-out, and with front matter that cannot be edited.
    site.write("articles/plain.md", "Text.\n");
    site.write(
        "articles/out.md",
        "---\nplanche: false\nimage: /uploads/logo.png\n---\n",
    );
    site.write("articles/bad.md", "---\ntitle: \"open\n---\n");
    for settings in [
        "",
        "front_matter: { write: false }\noutput: { manifest: images.json }\n",
    ] {
        site.write(
            "planche.yml",
            format!(
                "generator: none\ncontent: [\"articles/**\"]\n\
                 uploads: [{{ url: /uploads/, dir: uploads }}]\n{settings}"
            ),
        );
        let read = |arguments: &[&str]| {
            let arguments = [arguments, &["--format", "json"]].concat();
            site.planche(&arguments).exits(1).count("/articles/read")
        };
        let built = read(&["build"]);
        assert_eq!(read(&["strip", "--dry-run"]), built, "{settings}");
        assert_eq!(read(&["strip"]), built, "{settings}");
        assert_eq!(built, 3, "{settings}");
    }
}

#[test]
fn a_damaged_journal_of_init_is_named_with_a_way_out() {
    let site = site();
    for journal in [
        "",
        "{",
        "[{\"path\": 7}]",
        "[{\"path\":\"../../x\",\"before\":null,\"after\":\"\",\"folders\":[]}]",
    ] {
        site.write(".planche/init.json", journal);
        let run = site.planche(&["init", "--undo"]).exits(2);
        assert_eq!(
            run.err,
            "error: `.planche/init.json` is damaged, so `init` does not know what it has changed \
             before\n  hint: undo these changes by hand or with your version control, then remove \
             the file\n"
        );
    }
}
