//! Files to which planche writes because an option names them: files that a site needs are never
//! overwritten, and a failure has a hint.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::scratch::{Scratch, changed};

/// Creates a Jekyll site with a built article, a template, a preset, and a page of its own.
fn site() -> Scratch {
    let site = Scratch::empty();
    site.write("_config.yml", "title: t\n");
    site.write("planche.yml", "rules:\n- { at: image, preset: card }\n");
    site.write("presets/card.yml", "widths: [80]\nsizes: 80px\n");
    site.write("_layouts/default.html", "<main>{{ content }}</main>\n");
    site.write("robots.txt", "User-agent: *\n");
    site.write("package.json", "{ \"name\": \"site\" }\n");
    site.write(
        "_posts/2024-01-01-a.md",
        "---\nimage: /uploads/logo.png\n---\nwarning[missing-upload]\n",
    );
    site.copy_upload("logo.png", "uploads/logo.png");
    site.planche(&["build", "--quiet"]).exits(0);
    site
}

/// Runs a command that must be refused, and returns the first line that it prints.
fn refused(site: &Scratch, arguments: &[&str]) -> String {
    let before = (
        site.files(),
        fs::read(site.path(".planche/ledger")).unwrap(),
    );
    let run = site.planche(arguments).exits(2);
    let after = (
        site.files(),
        fs::read(site.path(".planche/ledger")).unwrap(),
    );
    assert_eq!(changed(&before.0, &after.0), [""; 0], "{arguments:?}");
    assert_eq!(before.1, after.1, "{arguments:?}");
    assert!(run.err.contains("\n  hint: "), "{run:#?}");
    run.err.lines().next().unwrap().to_owned()
}

#[test]
fn a_report_overwrites_nothing_that_the_site_needs() {
    let site = site();
    let variant = site.variants().remove(0);
    symlink("planche.yml", site.path("link.txt")).unwrap();
    for (file, reason) in [
        ("planche.yml", "it is a part of the site's configuration"),
        ("_config.yml", "it is a part of the site's configuration"),
        (
            "presets/card.yml",
            "it is a part of the site's configuration",
        ),
        ("link.txt", "it is a part of the site's configuration"),
        (".planche/ledger", "planche keeps its own state there"),
        (&variant, "it is in the variants folder"),
        ("_posts/2024-01-01-a.md", "it is an article"),
        ("uploads/logo.png", "it is an image of the site"),
        ("_layouts/default.html", "it is a template"),
        (
            "robots.txt",
            "it is a file of the site that planche did not write",
        ),
        (
            "package.json",
            "it is a file of the site that planche did not write",
        ),
    ] {
        for arguments in [
            &["check", "--report", file][..],
            &["build", "--dry-run", "--report", file],
            &["clean", "--report", file],
            &["strip", "--report", file],
        ] {
            assert_eq!(
                refused(&site, arguments),
                format!("error: cannot write the report `{file}`: {reason}")
            );
        }
    }
}

#[test]
fn other_options_that_name_a_file_overwrite_nothing_either() {
    let site = site();
    let refusal = |arguments: &[&str]| refused(&site, arguments);
    for (arguments, what) in [
        (&["plan", "--jobs-out", "planche.yml"][..], "jobs"),
        (
            &["report", "--no-scores", "--out", "planche.yml"],
            "contact sheet",
        ),
        #[cfg(feature = "bench")]
        (&["build", "--trace", "planche.yml"], "trace"),
        #[cfg(feature = "bench")]
        (&["build", "--timings", "planche.yml"], "timings"),
        #[cfg(feature = "bench")]
        (&["bench", ".", "--save", "planche.yml"], "figures"),
    ] {
        assert_eq!(
            refusal(arguments),
            format!(
                "error: cannot write the {what} `planche.yml`: it is a part of the site's \
                 configuration"
            )
        );
    }
}

#[test]
fn a_report_replaces_an_earlier_one() {
    let site = site();
    site.write(
        "_posts/2024-01-02-b.md",
        "---\nimage: /uploads/none.png\n---\n",
    );
    for (format, file) in [
        ("human", "report.txt"),
        ("concise", "findings.txt"),
        ("json", "report.json"),
        ("gitlab", "gl-code-quality-report.json"),
        ("sarif", "report.sarif"),
        ("junit", "report.xml"),
        ("github", "report.log"),
        ("markdown", "report.md"),
    ] {
        let arguments = ["check", "--format", format, "--report", file];
        site.planche(&arguments).exits(0);
        site.planche(&arguments).exits(0);
        assert!(!site.text(file).is_empty(), "{format}");
    }
    // Reports of `clean` can be overwritten too, and so can an empty file such as `mktemp` creates.
    site.write("empty.html", "");
    for file in ["cleaned.txt", "cleaned.txt", "empty.html"] {
        site.planche(&["clean", "--report", file]).exits(0);
    }
    let sheet = ["report", "--no-scores", "--out", "out.html"];
    site.planche(&sheet).exits(0);
    site.planche(&sheet).exits(0);
    let jobs = ["plan", "--all", "--jobs-out", "jobs.jsonl"];
    site.planche(&jobs).exits(0);
    site.planche(&jobs).exits(0);
}

#[test]
fn a_folder_that_does_not_exist_is_named_before_the_run() {
    let site = site();
    let absent = "error: cannot write the report `absent/x.json`: there is no folder `absent`";
    for arguments in [
        &["build", "--report", "absent/x.json"][..],
        &["check", "--format", "json", "--report", "absent/x.json"],
    ] {
        assert_eq!(refused(&site, arguments), absent);
    }
    let folder = "error: cannot write the report `uploads`: it is a folder";
    assert_eq!(refused(&site, &["check", "--report", "uploads"]), folder);
    for (arguments, what) in [
        (&["plan", "--jobs-out", "absent/x"][..], "jobs"),
        (
            &["report", "--no-scores", "--out", "absent/x"],
            "contact sheet",
        ),
        #[cfg(feature = "bench")]
        (&["build", "--trace", "absent/x"], "trace"),
        #[cfg(feature = "bench")]
        (&["build", "--timings", "absent/x"], "timings"),
    ] {
        assert_eq!(
            refused(&site, arguments),
            format!("error: cannot write the {what} `absent/x`: there is no folder `absent`")
        );
    }
    let french = site.planche(&["check", "--lang", "fr", "--report", "absent/x"]);
    let french = french.exits(2).err.replace(['\u{a0}', '\u{202f}'], " ");
    assert_eq!(
        french,
        "erreur : impossible d’écrire le rapport `absent/x` : le dossier `absent` n’existe pas\n  \
         conseil : créer le dossier, ou nommer un autre fichier\n"
    );
}

/// A checkout may contain links with any names.
#[test]
fn jobs_are_written_through_no_link_beside_the_named_file() {
    let site = site();
    let article = site.text("_posts/2024-01-01-a.md");
    let link = site.path("jobs.ndjson.part");
    symlink("_posts/2024-01-01-a.md", &link).unwrap();
    let jobs = site.path("jobs.ndjson");
    let arguments = ["plan", "--all", "--jobs-out", jobs.to_str().unwrap()];
    site.planche(&arguments).exits(0);
    assert!(site.text("jobs.ndjson").starts_with("{\"v\":"));
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(site.text("_posts/2024-01-01-a.md"), article);
}

#[test]
fn a_report_to_a_pipe_that_no_program_reads_is_an_error() {
    let site = site();
    let made = Command::new("mkfifo").arg(site.path("pipe")).status();
    assert!(made.unwrap().success());
    let pipe = site.path("pipe");
    let run = site
        .planche(&["build", "--report", pipe.to_str().unwrap()])
        .exits(2);
    assert!(run.err.contains("no program reads the pipe"), "{run:#?}");
}
