//! `bench`, `build --timings` and `build --trace`: checks their output and the files that they
//! leave.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use planche::internal::bench::{Stage, Synthetic};
use serde_json::Value;

use crate::scratch::{Run, Scratch};
use crate::sites::browser::{check_access, is_here};

/// Creates a site with one small image, which builds quickly.
fn small_site() -> Scratch {
    let site = Scratch::site();
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/a.png");
    site.write_article("articles/a.md", "/uploads/a.png");
    site.write(
        "presets/card.yml",
        "widths: [80]\nsizes: 100vw\neffort: 0\n",
    );
    site
}

/// Runs `bench` with its own temporary folder, which must be empty afterwards.
fn bench(site: &Scratch, arguments: &[&str]) -> Run {
    let temporary = tempfile::tempdir().unwrap();
    let arguments = [&["bench"], arguments].concat();
    let output = site
        .command(&arguments)
        .env("TMPDIR", temporary.path())
        .output()
        .unwrap();
    let left = fs::read_dir(temporary.path()).unwrap().count();
    assert_eq!(left, 0, "the copy was left behind");
    Run::of(output)
}

fn number(value: &Value, pointer: &str) -> f64 {
    let number = value.pointer(pointer).and_then(Value::as_f64);
    number.unwrap_or_else(|| panic!("{pointer}: {value}"))
}

#[test]
fn a_bench_of_the_sample_site_leaves_it_as_it_was() {
    let site = Scratch::sample();
    let before = site.files();
    let run = bench(&site, &["--runs", "1", "--jobs", "2", "--format", "json"]).exits(0);
    assert_eq!(site.files(), before);
    assert!(!site.path(".planche").exists());
    let figures = run.json();
    assert_eq!(figures["schema"], 1);
    // One of the seven articles has `planche: false`.
    assert_eq!(number(&figures, "/subject/articles"), 6.0);
    for kind in ["cold", "warm", "change"] {
        let run = &figures["kinds"][kind];
        let stages = run["stages"].as_object().unwrap();
        let known: f64 = stages
            .values()
            .map(|stage| number(stage, "/cpu_seconds"))
            .sum();
        let cpu = number(run, "/cpu_seconds");
        assert!(
            known > 0.0 && known <= cpu * 1.001,
            "{kind}: {known} of {cpu}"
        );
    }
    let cold = &figures["kinds"]["cold"];
    assert!(number(cold, "/cpu_by_encode") > 1.0, "{cold}");
    assert_eq!(
        number(cold, "/articles_rewritten"),
        number(&figures, "/subject/articles")
    );
    // Ten more widths are encoded but left out, because no `srcset` lists them.
    assert_eq!(number(&figures, "/subject/variants"), 28.0);
    assert_eq!(number(cold, "/stages/encode/count"), 38.0);
    assert_eq!(number(&figures, "/kinds/warm/variants_written"), 0.0);
    assert!(number(&figures, "/kinds/change/variants_written") >= 1.0);
    let threads: Vec<f64> = figures["scaling"]["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| number(point, "/threads"))
        .collect();
    assert_eq!(threads, [1.0, 2.0]);
    assert!(number(&figures, "/ledger/bytes") > 100.0);
}

#[test]
fn one_kind_of_run_is_measured_alone_and_drawn() {
    let site = small_site();
    let run = bench(
        &site,
        &[
            "--runs", "2", "--only", "warm", "--jobs", "1", "--plot", "p.svg",
        ],
    );
    let run = run.exits(0);
    assert!(
        run.out.contains("\nwarm ") && !run.out.contains("\ncold "),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("1 article, 1 original, 1 variant"),
        "{}",
        run.out
    );
    let svg = site.text("p.svg");
    assert!(svg.starts_with("<svg") && svg.contains("warm: "), "{svg}");
    let wrong: Vec<&str> = svg.lines().filter(|line| line.contains("NaN")).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn figures_are_compared_with_saved_ones() {
    let site = small_site();
    // Figures written by hand: a cold run of 1000 CPU seconds and 1 byte of memory, on another
    // machine.
    let saved = r#"{"schema": 1, "planche": "0.0.9", "runs": 1, "threads": 1,
        "machine": {"cpu": "an abacus", "processors": 1, "system": "wood"},
        "subject": {"name": "x", "articles": 1, "originals": 1, "variants": 1, "failed": 0},
        "kinds": {"cold": {"cpu_seconds": 1000, "wall_seconds": 0, "peak_bytes": 1, "cpu_by_encode": null,
            "variants_written": 1, "articles_rewritten": 1,
            "stages": {"encode": {"count": 1, "cpu_seconds": 500, "wall_seconds": 1, "pixels": 1, "bytes": 1,
                "megapixels_per_second": 1, "megabytes_per_second": 1}}}},
        "scaling": {"kind": "cold", "points": []},
        "ledger": {"bytes": 1, "load_cpu_seconds": 1, "save_cpu_seconds": 1}}"#;
    site.write("saved.json", saved);
    let arguments = [
        "--runs",
        "1",
        "--only",
        "cold",
        "--jobs",
        "1",
        "--compare",
        "saved.json",
    ];
    let figures = bench(&site, &[&arguments[..], &["--format", "json"]].concat())
        .exits(0)
        .json();
    let compared = &figures["compared"];
    assert_eq!(compared["planche"], "0.0.9");
    let is_near = |ratio: f64, expected: f64| (ratio - expected).abs() < 1e-9;
    let cpu = number(&figures, "/kinds/cold/cpu_seconds");
    assert!(is_near(number(compared, "/kinds/cold/cpu"), cpu / 1000.0));
    let encode = number(&figures, "/kinds/cold/stages/encode/cpu_seconds");
    assert!(is_near(
        number(compared, "/kinds/cold/stages/encode"),
        encode / 500.0
    ));
    assert_eq!(
        number(compared, "/kinds/cold/peak"),
        number(&figures, "/kinds/cold/peak_bytes")
    );
    assert_eq!(compared["kinds"]["cold"]["wall"], Value::Null);
    let doubts = compared["doubts"].to_string();
    assert!(
        doubts.contains("another machine: an abacus") && doubts.contains("another site"),
        "{doubts}"
    );
    // `--compare` must be able to read what `--save` writes.
    let text = bench(&site, &[&arguments[..], &["--save", "own.json"]].concat())
        .exits(0)
        .out;
    assert!(
        text.contains("compared with saved.json (planche 0.0.9)"),
        "{text}"
    );
    let arguments = [
        "--runs",
        "1",
        "--only",
        "cold",
        "--jobs",
        "1",
        "--compare",
        "own.json",
    ];
    let text = bench(&site, &arguments).exits(0).out;
    assert!(
        text.contains("compared with own.json") && !text.contains("warning:"),
        "{text}"
    );
}

#[test]
fn unusable_files_are_errors_before_anything_is_measured() {
    let site = small_site();
    site.write("other.json", r#"{"schema": 2}"#);
    site.write("picture.json", "not JSON");
    for (file, reason) in [
        ("absent.json", "cannot read `absent.json`"),
        (
            "other.json",
            "`other.json` has schema 2, but this planche reads schema 1",
        ),
        (
            "picture.json",
            "`picture.json` contains no figures\n  hint: save some with `planche bench --save`",
        ),
    ] {
        let run = bench(&site, &["--compare", file]).exits(2);
        assert!(run.err.contains(reason) && run.out.is_empty(), "{run:?}");
    }
    let run = bench(&site, &["--synthetic", "articles=many"]).exits(2);
    assert!(
        run.err.contains("`many` is not a number from 1 to 1000000"),
        "{run:?}"
    );
}

#[test]
fn a_signal_ends_a_bench_and_its_copy() {
    let site = small_site();
    let temporary = tempfile::tempdir().unwrap();
    let child = site
        .command(&["bench", "--runs", "1000"])
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let has_started = || fs::read_dir(temporary.path()).unwrap().count() > 0;
    while !has_started() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(has_started(), "the copy was not started");
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let run = Run::of(child.wait_with_output().unwrap()).exits(130);
    assert!(
        run.err.contains("interrupted; the copy was removed"),
        "{run:?}"
    );
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn a_synthetic_site_is_the_same_each_time_and_is_built_without_a_finding() {
    let size: Synthetic = "articles=30,images=20,seed=5".parse().unwrap();
    let (site, again) = (Scratch::empty(), Scratch::empty());
    size.write(site.folder()).unwrap();
    size.write(again.folder()).unwrap();
    let files = site.files();
    assert_eq!(files, again.files());
    let pictures: BTreeSet<&Vec<u8>> = files
        .iter()
        .filter(|(name, _)| name.ends_with(".jpg"))
        .map(|(_, bytes)| bytes)
        .collect();
    assert_eq!(pictures.len(), 20, "two images are equal");
    let other: Synthetic = "articles=30,images=20,seed=6".parse().unwrap();
    assert_ne!(size.article(3), other.article(3));
    let run = site
        .planche(&["build", "--strict", "--format", "json"])
        .exits(0);
    assert_eq!(run.count("/articles/changed"), 30);
    assert!(run.findings().is_empty(), "{run:?}");
    let after = site.planche(&["build", "--format", "json"]).exits(0);
    assert_eq!(after.count("/articles/changed"), 0);
}

#[test]
fn a_synthetic_site_is_measured() {
    let folder = Scratch::empty();
    let size = "articles=12,images=5";
    let arguments = [
        "--synthetic",
        size,
        "--runs",
        "1",
        "--only",
        "warm",
        "--format",
        "json",
    ];
    let figures = bench(&folder, &arguments).exits(0).json();
    assert_eq!(
        figures["subject"]["name"],
        "synthetic: articles=12,images=5,seed=1"
    );
    assert_eq!(number(&figures, "/subject/articles"), 12.0);
    assert_eq!(number(&figures, "/kinds/warm/articles_rewritten"), 0.0);
}

#[test]
fn one_run_is_written_as_a_page_and_as_a_trace() {
    let site = Scratch::sample();
    let run = site.planche(&[
        "build",
        "--timings",
        "t.html",
        "--trace",
        "t.json",
        "--jobs",
        "2",
    ]);
    let run = run.exits(0);
    assert!(run.err.contains("wrote 28 variants"), "{run:?}");
    let page = site.text("t.html");
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    for needless in ["http:", "https:", "<script", "NaN"] {
        assert!(!page.contains(needless), "{needless}");
    }
    for stage in ["walk", "decode", "encode", "rewrite", "other"] {
        assert!(page.contains(&format!("</span>{stage}<td>")), "{stage}");
    }
    assert!(
        page.contains("<th scope=\"row\" class=\"file\">uploads/prague_schaer_CIO_une800.png<td>")
    );
    assert!(page.matches("<rect").count() > 30);
    if is_here() {
        let site = Scratch::empty();
        site.write("t.html", &page);
        for seen in check_access(site.folder(), &["t.html"], &[(360, 2), (1280, 1)]) {
            assert_eq!(seen.violations, [""; 0], "{}", seen.width);
        }
    }
    let trace: Value = serde_json::from_str(&site.text("t.json")).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let complete: Vec<&Value> = events.iter().filter(|event| event["ph"] == "X").collect();
    let of = |name: &str| {
        complete
            .iter()
            .filter(|event| event["name"] == name)
            .count()
    };
    assert_eq!((of("encode"), of("write") > 28), (38, true));
    for event in complete {
        assert!(event["pid"].is_u64() && event["tid"].is_u64(), "{event}");
        assert!(
            number(event, "/ts") >= 0.0 && number(event, "/dur") >= 0.0,
            "{event}"
        );
    }
}

#[test]
fn a_link_that_an_argument_names_stays_a_link() {
    let site = small_site();
    site.write("target.html", "");
    std::os::unix::fs::symlink("target.html", site.path("link.html")).unwrap();
    site.planche(&["build", "--timings", "link.html"]).exits(0);
    let link = site.path("link.html").symlink_metadata().unwrap();
    assert!(link.is_symlink());
    assert!(site.text("target.html").starts_with("<!doctype html>"));
}

#[test]
fn every_span_belongs_to_a_stage_and_every_stage_has_one() {
    let mut names = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            for span in text.split("span!(").skip(1) {
                let name = span
                    .trim_start()
                    .strip_prefix('"')
                    .and_then(|rest| rest.split('"').next());
                names.insert(
                    name.unwrap_or_else(|| panic!("{}: {span}", path.display()))
                        .to_owned(),
                );
            }
        }
    }
    // `job` is not a stage: it names the original for the stages nested in it.
    assert!(names.remove("job"));
    let stages: BTreeSet<String> = Stage::ALL
        .iter()
        .map(|stage| stage.name().to_owned())
        .collect();
    assert_eq!(names, stages);
}
