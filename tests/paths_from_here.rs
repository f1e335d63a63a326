//! Paths in findings: people open them in a terminal or an editor from the directory in which
//! planche runs.

use std::process::Command;

use crate::scratch::{Run, Scratch};

/// Creates a folder with a site in `docs/site`.
fn folder() -> Scratch {
    let folder = Scratch::empty();
    folder.write(
        "docs/site/planche.yml",
        "generator: none\ncontent: [\"articles/**\"]\nuploads: [{ url: /uploads/, dir: uploads }]\n",
    );
    folder.write_article("docs/site/articles/a.md", "/uploads/none.png");
    folder
}

/// Runs planche in a folder below the scratch folder.
fn run_in(folder: &Scratch, below: &str, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_planche"));
    command.args(arguments).current_dir(folder.path(below));
    Run::of(command.output().unwrap())
}

#[test]
fn paths_for_people_and_editors_begin_at_the_working_directory() {
    let folder = folder();
    let absolute = folder.path("docs/site");
    let absolute = absolute.to_str().unwrap();
    for (below, site, expected) in [
        (".", &["docs/site"][..], "docs/site/articles/a.md:2:8: "),
        (
            ".",
            &["./docs/../docs/site/"],
            "docs/site/articles/a.md:2:8: ",
        ),
        (".", &[absolute], "docs/site/articles/a.md:2:8: "),
        ("docs", &["site"], "site/articles/a.md:2:8: "),
        ("docs/site", &[], "articles/a.md:2:8: "),
        ("docs/site", &["."], "articles/a.md:2:8: "),
        // The site is not below the working directory: paths begin at the site.
        ("docs/site/articles", &[], "articles/a.md:2:8: "),
        ("docs/site/articles", &[".."], "articles/a.md:2:8: "),
    ] {
        let check = |format: &str| {
            let arguments = [&["check", "--format", format], site].concat();
            run_in(&folder, below, &arguments).exits(0)
        };
        let concise = check("concise").out;
        assert!(concise.starts_with(expected), "{below} {site:?}: {concise}");
        let human = check("human").err;
        let line = format!("warning[missing-upload] {expected}missing upload");
        assert!(human.contains(&line), "{below} {site:?}: {human}");
        // The source line is still found under the site's path.
        assert!(human.contains("image: /uploads/none.png"), "{human}");
        // The JSON report has paths from the root of the site.
        let json = check("json").json();
        assert_eq!(json["findings"][0]["file"], "articles/a.md");
    }
}

#[test]
fn settings_and_built_pages_are_named_so_too() {
    let folder = folder();
    folder.write("other.yml", "contents: []\n");
    for (arguments, place) in [
        (
            &["check", "docs/site", "--config", "other.yml"][..],
            "other.yml:1:1",
        ),
        (&["check", "docs/site"], "docs/site/planche.yml:1:1"),
    ] {
        folder.write("docs/site/planche.yml", "generators: none\n");
        let run = run_in(&folder, ".", arguments).exits(2);
        let expected = format!("error: {place}: ");
        assert!(run.err.starts_with(&expected), "{run:#?}");
    }
    folder.write(
        "docs/site/planche.yml",
        "generator: none\ncontent: [\"articles/**\"]\n",
    );
    folder.write("docs/site/_site/a.html", "---\n---\n<img src=\"a.png\">\n");
    let run = run_in(
        &folder,
        ".",
        &["html", "docs/site/_site", "--format", "concise"],
    );
    assert!(run.out.starts_with("docs/site/_site/a.html"), "{run:#?}");
}
