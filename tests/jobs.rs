//! Work for other machines: `plan`, `worker` and `apply`, compared with `build`.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use planche::internal::jobs::{Answer, Id, JobLine};
use planche::internal::path::SitePath;
use planche::internal::picture::info::Digest;
use planche::internal::site::WriteGate;
use planche::internal::store::{FolderStore, Key, Name, Store};

use crate::animations::noisy_gif;
use crate::needs::{Need, skip};
use crate::scratch::{Run, Scratch, changed, sample_upload};

const PHOTO: &str = "prague_schaer_CIO_une800.png";

/// Creates a site with everything that decides late which variants are needed: ladders by file
/// size, target scores, animations, an original that is the best candidate, copies, placeholders.
fn mixed() -> Scratch {
    let site = Scratch::empty();
    site.write(
        "planche.yml",
        "generator: none\ncontent: [\"articles/**\"]\nuploads: [{ url: /uploads/, dir: uploads }]\n\
         rules:\n- { at: ladder, preset: ladder }\n- { at: target, preset: target }\n\
         - { at: framed, preset: framed }\n",
    );
    site.write(
        "presets/ladder.yml",
        "widths: {min: 100, max: 800, step_bytes: 2kB, visitors: v.csv}\nsizes: 100vw\n\
         lossless: never\nformats: [webp, jpeg]\nplaceholder: [colour, thumbhash, blur]\n",
    );
    site.write(
        "presets/v.csv",
        "width,density,weight\n100,2,0.1\n170,2,9.7\n490,1,5.3\n",
    );
    site.write(
        "presets/target.yml",
        "widths: [120, 240]\nsizes: 100vw\nquality: { ssimulacra2: 70 }\n",
    );
    site.write(
        "presets/framed.yml",
        "widths: [90, 180]\nsizes: 100vw\naspect: 1/1\nfocus: auto\nresize: linear\n\
         formats: [avif, webp]\n",
    );
    let photo = sample_upload(PHOTO);
    site.write("uploads/photo.png", &photo);
    site.write("uploads/sub/copy, été.png", &photo);
    site.write("uploads/moving.gif", noisy_gif(160, 120, 6));
    site.write("uploads/plan.svg", sample_upload("plan.svg"));
    site.write("uploads/small.webp", small_webp());
    site.write(
        "articles/a.md",
        "---\nladder: /uploads/photo.png\ntarget: /uploads/photo.png\n\
         framed: /uploads/photo.png\n---\nText.\n",
    );
    site.write(
        "articles/b.md",
        "---\nladder: \"/uploads/sub/copy, été.png\"\n---\nText.\n",
    );
    for (name, image) in [("c", "moving.gif"), ("d", "small.webp"), ("e", "plan.svg")] {
        site.write_article(&format!("articles/{name}.md"), &format!("/uploads/{image}"));
    }
    site
}

/// Returns a WebP of such low quality that no variant of 400 pixels is smaller.
fn small_webp() -> Vec<u8> {
    let site = Scratch::site();
    let preset = "widths: [400]\nsizes: 100vw\nquality: 5\nlossless: never\n";
    site.write("presets/card.yml", preset);
    site.copy_upload(PHOTO, "uploads/a.png");
    site.write_article("articles/a.md", "/uploads/a.png");
    site.planche(&[]).exits(0);
    let variants = site.variants();
    assert_eq!(variants.len(), 1);
    fs::read(site.path(&variants[0])).unwrap()
}

/// Creates the mixed site with many more originals.
fn many() -> Scratch {
    let site = mixed();
    let logo = sample_upload("logo.png");
    for number in 0..40 {
        // Bytes after the end of the image make it a different original.
        let bytes = [&logo[..], format!("{number}").as_bytes()].concat();
        site.write_uploads(&[(format!("logo-{number}.png"), bytes)]);
    }
    site
}

/// Returns a temporary folder, and the path of a store in it.
fn new_store() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store").to_str().unwrap().to_owned();
    (folder, path)
}

fn plan(site: &Scratch, arguments: &[&str]) -> String {
    let all = [&["plan", "--jobs-out", "-"], arguments].concat();
    site.planche(&all).exits(0).out
}

/// Sends lines to a worker process, and returns its answers.
fn answers(store: &str, lines: &[u8], arguments: &[&str]) -> (Run, Vec<Answer>) {
    let folder = Scratch::empty();
    let all = [&["worker", "--store", store], arguments].concat();
    let mut child = folder
        .command(&all)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines = lines.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&lines));
    let run = Run::of(child.wait_with_output().unwrap()).exits(0);
    writer.join().unwrap().unwrap();
    let answers = run.out.lines();
    let answers = answers.map(|line| serde_json::from_str(line).unwrap());
    let answers = answers.collect();
    (run, answers)
}

/// Runs jobs and returns their result lines. Panics if a job fails.
fn work(store: &str, jobs: &str) -> String {
    let (run, answers) = answers(store, jobs.as_bytes(), &[]);
    assert_eq!(answers.len(), jobs.lines().count());
    for answer in answers {
        assert_eq!(answer.error, None);
    }
    run.out
}

fn apply(site: &Scratch, store: &str, results: &str) -> Run {
    let folder = Scratch::empty();
    folder.write("results.ndjson", results);
    let results = folder.path("results.ndjson");
    let results = results.to_str().unwrap();
    site.planche(&["apply", results, "--store", store, "--format", "json"])
}

/// Compares everything that planche wrote, including the digests of variants.
fn assert_same(one: &Scratch, other: &Scratch) {
    assert_eq!(changed(&one.files(), &other.files()), [""; 0]);
    let digests = ".planche/variants.b3";
    assert_eq!(one.text(digests), other.text(digests));
}

#[test]
fn variants_of_other_machines_lead_to_the_same_site() {
    for make in [mixed as fn() -> Scratch, Scratch::sample] {
        let (here, there) = (make(), make());
        here.planche(&[]).exits(0);
        let (_folder, store) = new_store();
        let jobs = plan(&there, &[]);
        assert_eq!(jobs, plan(&there, &[]), "same input, same bytes");
        let results = work(&store, &jobs);
        apply(&there, &store, &results).exits(0);
        assert_same(&here, &there);
        assert_eq!(plan(&there, &[]), "");
        // Applying the results again finds nothing to do.
        let again = apply(&there, &store, &results).exits(0);
        assert_eq!(again.count("/variants/written"), 0);
        assert_eq!(again.count("/articles/changed"), 0);
        assert_eq!(
            again
                .findings()
                .iter()
                .find(|found| found.code == "unused-result"),
            None
        );
        there.planche(&["check"]).exits(0);
    }
}

#[test]
fn the_mixed_site_has_what_its_name_promises() {
    let site = mixed();
    site.planche(&[]).exits(0);
    let ladder = site.text("articles/a.md");
    assert!(ladder.contains("thumbhash"), "{ladder}");
    let variants = site.variants();
    let between = variants.iter().filter(|name| {
        let is_own = name.starts_with("uploads/variants/photo-");
        is_own
            && !["-100.", "-800.", "-120.", "-240.", "-90.", "-180."]
                .iter()
                .any(|width| name.contains(width))
    });
    assert!(between.count() > 2, "widths by file size: {variants:#?}");
    assert!(
        variants.iter().any(|name| name.contains("/moving-")),
        "{variants:#?}"
    );
    let top = site.text("articles/d.md");
    assert!(top.contains("/uploads/small.webp 400w"), "{top}");
    let jobs = plan(&mixed(), &[]);
    assert!(
        jobs.contains("\"ladders\"") && jobs.contains("\"demand\""),
        "{jobs}"
    );
    assert!(
        jobs.contains("ssimulacra2") && jobs.contains("\"animated\":true"),
        "{jobs}"
    );
}

#[test]
fn what_keeps_images_out_of_a_plan_is_told_with_its_place() {
    let site = mixed();
    let whole = plan(&site, &[]);
    site.write("uploads/broken.png", "no image");
    site.write("uploads/unused.png", "no image either");
    for name in ["x", "y"] {
        site.write_article(&format!("articles/{name}.md"), "/uploads/broken.png");
    }
    site.write("articles/torn.md", "---\nimage: [/uploads/plan.svg\n---\n");
    let run = site.planche(&["plan", "--jobs-out", "-"]).exits(1);
    assert_eq!(run.out, whole);
    for told in ["uploads/broken.png", "articles/x.md:2", "articles/torn.md"] {
        assert!(run.err.contains(told), "{run:#?}");
    }
    for other in ["unused.png", "articles/y.md"] {
        assert!(!run.err.contains(other), "{run:#?}");
    }
    // A finding that the configuration hides or downgrades is not an error.
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        config + "severity: { undecodable-upload: warning, article-refused: off }\n",
    );
    assert_eq!(plan(&site, &[]), whole);
}

/// Originals with the same bytes must be one job, even if only one of them has widths by file size,
/// or each has different ones.
#[test]
fn copies_with_ladders_of_their_own_need_no_second_round() {
    let make = || {
        let site = mixed();
        let rules = "rules:\n- { at: ends, preset: ends }\n- { at: finer, preset: finer }\n\
                     - { at: coarse, preset: coarse }\n";
        site.write(
            "planche.yml",
            site.text("planche.yml").replace("rules:\n", rules),
        );
        for (name, quality, widths) in [
            ("ends", 80, "[100, 800]"),
            ("finer", 80, "{min: 100, max: 800, step_bytes: 2kB}"),
            ("coarse", 30, "{min: 200, max: 800, step_bytes: 4kB}"),
        ] {
            site.write(
                &format!("presets/{name}.yml"),
                format!("widths: {widths}\nsizes: 100vw\nlossless: never\nquality: {quality}\n"),
            );
        }
        let other = sample_upload("graphique-visites.png");
        for (name, key) in [("1", "ends"), ("2", "finer"), ("3", "coarse")] {
            site.write(&format!("uploads/other-{name}.png"), &other);
            site.write(
                &format!("articles/other-{name}.md"),
                format!("---\n{key}: /uploads/other-{name}.png\n---\n"),
            );
        }
        site
    };
    let (here, there) = (make(), make());
    here.planche(&[]).exits(0);
    let finer = here.variants().into_iter();
    let finer = finer.filter(|name| name.contains("other-2-"));
    assert!(finer.count() > 2, "{:#?}", here.variants());
    let (_folder, store) = new_store();
    apply(&there, &store, &work(&store, &plan(&there, &[]))).exits(0);
    assert_same(&here, &there);
    assert_eq!(plan(&there, &[]), "");
}

#[test]
fn shards_are_disjoint_and_complete() {
    let site = many();
    let all = plan(&site, &[]);
    let mut lines: Vec<String> = Vec::new();
    for index in 1..=3 {
        let shard = plan(&site, &["--shard", &format!("{index}/3")]);
        lines.extend(shard.lines().map(str::to_owned));
    }
    let mut expected: Vec<&str> = all.lines().collect();
    assert!(expected.len() > 3);
    expected.sort_unstable();
    lines.sort_unstable();
    assert_eq!(lines, expected);
    site.planche(&["plan", "--jobs-out", "-", "--shard", "4/3"])
        .exits(2);
}

#[test]
fn missing_results_are_reported_and_the_rest_is_done() {
    let (here, there) = (mixed(), mixed());
    here.planche(&[]).exits(0);
    let (_folder, store) = new_store();
    let results = work(&store, &plan(&there, &[]));
    let (first, rest) = results.split_once('\n').unwrap();
    let part = apply(&there, &store, rest).exits(1);
    let missing: Vec<_> = part.findings().into_iter().collect();
    let missing = missing.iter().filter(|found| found.code == "not-made");
    assert!(missing.count() > 0, "{part:#?}");
    // A truncated line does not count as a result.
    let cut = format!("{rest}{}", &first[..first.len() / 2]);
    let cut = apply(&there, &store, &cut).exits(1);
    let unused = cut.findings().into_iter();
    let unused: Vec<_> = unused
        .filter(|found| found.code == "unused-result")
        .collect();
    assert_eq!(unused.len(), 1, "{cut:#?}");
    assert!(
        unused[0].message.starts_with("line ")
            && unused[0]
                .message
                .ends_with(" of the results cannot be read"),
        "{unused:?}"
    );
    apply(&there, &store, first).exits(0);
    assert_same(&here, &there);
}

#[test]
fn an_image_of_which_a_result_is_missing_gets_no_files_until_it_is_complete() {
    let make = || {
        let site = Scratch::site();
        site.copy_upload("logo.png", "uploads/logo.png");
        site.write_article("articles/a.md", "/uploads/logo.png");
        site
    };
    let here = make();
    here.planche(&[]).exits(0);
    let (_folder, store) = new_store();
    let results = work(&store, &plan(&here, &["--all"]));
    let answer: Answer = serde_json::from_str(results.trim_end()).unwrap();
    assert!(
        answer.outputs.len() > here.variants().len(),
        "one is left out"
    );
    for index in 0..answer.outputs.len() {
        let mut part = answer.clone();
        part.outputs.remove(index);
        let there = make();
        let run = apply(&there, &store, &serde_json::to_string(&part).unwrap()).exits(1);
        assert!(run.findings().iter().any(|found| found.code == "not-made"));
        // It is not known yet which of the variants no record lists, so none may be written.
        assert_eq!(there.variants(), [""; 0], "{index}");
        apply(&there, &store, &results).exits(0);
        assert_same(&here, &there);
    }
}

#[test]
fn results_of_another_site_are_reported_and_ignored() {
    let (_folder, store) = new_store();
    let results = work(&store, &plan(&mixed(), &[]));
    let other = Scratch::site();
    other.copy_upload("logo.png", "uploads/logo.png");
    other.write_article("articles/a.md", "/uploads/logo.png");
    let own = work(&store, &plan(&other, &[]));
    let run = apply(&other, &store, &format!("{results}{own}")).exits(0);
    let found = run.findings();
    let unused: Vec<_> = found
        .iter()
        .filter(|found| found.code == "unused-result")
        .collect();
    assert_eq!(unused.len(), 1, "{found:#?}");
    assert_eq!(unused[0].severity, "warning");
    assert!(other.variants().iter().all(|name| name.contains("logo-")));
}

#[test]
fn all_variants_are_planned_on_demand_and_their_results_belong_to_the_site() {
    let site = mixed();
    site.planche(&[]).exits(0);
    assert_eq!(plan(&site, &[]), "");
    let all = plan(&site, &["--all"]);
    let fresh = plan(&mixed(), &[]);
    assert_eq!(all, fresh.replace(folder_of(&fresh), folder_of(&all)));
    let (_folder, store) = new_store();
    let run = apply(&site, &store, &work(&store, &all)).exits(0);
    assert_eq!(run.count("/variants/written"), 0);
    assert!(
        run.findings()
            .iter()
            .all(|found| found.code != "unused-result")
    );
}

#[test]
fn originals_are_uploaded_once_and_workers_need_nothing_else() {
    let (here, there) = (mixed(), mixed());
    here.planche(&[]).exits(0);
    let (_folder, store) = new_store();
    let jobs = plan(&there, &["--store", &store]);
    assert!(!jobs.contains("file://"), "{jobs}");
    assert_eq!(jobs, plan(&there, &["--store", &store]));
    // The same jobs from another folder: nothing in them may depend on the location of the site.
    assert_eq!(jobs, plan(&mixed(), &["--store", &store]));
    let results = work(&store, &jobs);
    let again = work(&store, &jobs);
    for (line, fresh) in again.lines().zip(results.lines()) {
        let (again, fresh): (Answer, Answer) = (
            serde_json::from_str(line).unwrap(),
            serde_json::from_str(fresh).unwrap(),
        );
        assert!(again.reused && !fresh.reused);
        assert_eq!((again.id, again.outputs), (fresh.id, fresh.outputs));
    }
    apply(&there, &store, &again).exits(0);
    assert_same(&here, &there);
}

#[test]
fn a_worker_answers_whatever_it_is_given() {
    let site = Scratch::site();
    site.copy_upload("logo.png", "uploads/logo.png");
    site.write_article("articles/a.md", "/uploads/logo.png");
    let line = plan(&site, &[]);
    let line = line.trim_end();
    let good = JobLine::read(line.as_bytes()).unwrap();
    let seal = |job: JobLine| serde_json::to_string(&job.sealed()).unwrap();
    // Returns the same job for an original with other bytes.
    let of = |name: &str, bytes: &[u8]| {
        site.write(name, bytes);
        let mut job = good.clone();
        job.source.uri = format!("file://{}", site.path(name).display());
        job.source.bytes = bytes.len() as u64;
        job.source.blake3 = Id::from(Digest::of(bytes));
        seal(job)
    };
    let logo = sample_upload("logo.png");
    let cut = of("cut.png", &logo[..logo.len() / 2]);
    let text = of("text.png", b"<!doctype html><title>404</title>");
    let avif = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miafplanche-test: abort";
    let aborting = of("a.avif", avif);
    let mut gone = good.clone();
    gone.source.uri = "file:///nowhere/at-all.png".to_owned();
    let mut remote = good.clone();
    remote.source.uri = "https://example.org/a.png".to_owned();
    let mut folder = good.clone();
    folder.source.uri = "file:///tmp".to_owned();
    let mut changed = good.clone();
    changed.source.blake3 = Id([7; 32]);
    let mut odd = good.clone();
    odd.outputs[0].recipe = 99;
    let mut huge = good.clone();
    huge.outputs[0].width = 4_000_000;
    let mut other_encoder = good.clone();
    other_encoder.recipes[0].encoder = "libwebp 0.1".to_owned();
    let mut small = good.clone();
    small.limits.file = 10;
    let cases: Vec<(String, &str, bool)> = vec![
        ("garbage".to_owned(), "invalid-job", false),
        ("{}".to_owned(), "invalid-job", false),
        ("[1, 2]".to_owned(), "invalid-job", false),
        (line[..line.len() / 2].to_owned(), "invalid-job", false),
        (
            line.replacen("\"v\":1", "\"v\":2,\"new\":true", 1),
            "other-version",
            false,
        ),
        (
            line.replacen("\"quality\":", "\"quality\":1", 1),
            "invalid-job",
            false,
        ),
        (seal(odd), "invalid-job", false),
        (seal(huge), "invalid-job", false),
        (seal(other_encoder), "other-version", false),
        (seal(gone), "not-made", false),
        (seal(remote), "not-made", false),
        (seal(folder), "unreadable", true),
        (seal(changed), "not-made", false),
        (seal(small), "over-limit", false),
        (cut, "undecodable-upload", false),
        (text, "undecodable-upload", false),
        (aborting, "undecodable-upload", false),
    ];
    let mut input: Vec<u8> = Vec::new();
    for (case, ..) in &cases {
        input.extend(case.as_bytes());
        input.extend(b"\n\n");
    }
    input.extend(b"\xff\xfe\0\n");
    // The last line has no line break.
    input.extend(line.as_bytes());
    let (_folder, store) = new_store();
    let (_, answers) = answers(&store, &input, &[]);
    assert_eq!(answers.len(), cases.len() + 2);
    for ((case, code, retry), answer) in cases.iter().zip(&answers) {
        let fault = answer.error.as_ref().unwrap_or_else(|| panic!("{case}"));
        assert_eq!(
            (fault.code.as_str(), fault.retry),
            (*code, *retry),
            "{case}: {fault:?}"
        );
        assert!(!fault.reason.is_empty() && answer.outputs.is_empty());
        if *code == "invalid-job" && !case.contains("\"id\"") {
            assert!(answer.id.is_none() && answer.line.is_some(), "{answer:?}");
        }
    }
    let last = answers.last().unwrap();
    assert_eq!((last.error.clone(), last.id), (None, Some(good.id)));
    // A failure of a worker becomes a finding about the original.
    let failed = format!(
        "{{\"v\":1,\"id\":\"{}\",\"source\":\"{}\",\"error\":{{\"code\":\"undecodable-upload\",\"reason\":\"torn\"}}}}",
        good.id, good.source.blake3
    );
    let (_other, empty) = new_store();
    let run = apply(&site, &empty, &failed).exits(1);
    let found = run.findings();
    let torn = found.iter().find(|found| found.message.contains("torn"));
    assert_eq!(torn.unwrap().code, "undecodable-upload");
    assert_eq!(torn.unwrap().file.as_deref(), Some("uploads/logo.png"));
}

#[test]
fn a_job_that_needs_too_much_memory_is_not_started() {
    let site = Scratch::site();
    site.copy_upload(PHOTO, "uploads/a.png");
    site.write_article("articles/a.md", "/uploads/a.png");
    let (_folder, store) = new_store();
    let jobs = plan(&site, &[]);
    let (_, answers) = answers(&store, jobs.as_bytes(), &["--memory", "100kB"]);
    let fault = answers[0].error.as_ref().unwrap();
    assert_eq!(fault.code, "over-limit");
    assert!(
        fault.hint.as_ref().unwrap().contains("--memory"),
        "{fault:?}"
    );
}

#[test]
fn files_of_the_store_are_verified() {
    let site = Scratch::site();
    site.copy_upload("logo.png", "uploads/logo.png");
    site.write_article("articles/a.md", "/uploads/logo.png");
    let jobs = plan(&site, &[]);
    let (_folder, store) = new_store();
    let results = work(&store, &jobs);
    let answer: Answer = serde_json::from_str(results.trim_end()).unwrap();
    let lie = |bytes: &[u8]| {
        let (folder, path) = new_store();
        let other = FolderStore::open(path.as_ref(), WriteGate::default()).unwrap();
        let mut answer = answer.clone();
        for output in &mut answer.outputs {
            other
                .put_if_absent(Name::Variant(Key(output.key.0)), bytes)
                .unwrap();
            output.bytes = bytes.len() as u64;
            output.blake3 = Digest::of(bytes).into();
        }
        let results = serde_json::to_string(&answer).unwrap();
        let run = apply(&site, &path, &results).exits(1);
        drop(folder);
        let found = run.findings().into_iter();
        let found: Vec<_> = found.filter(|found| found.code == "not-made").collect();
        assert_eq!(found.len(), 1, "{run:#?}");
        assert_eq!(site.variants(), [""; 0]);
        found[0].message.clone()
    };
    assert!(lie(b"anything").contains("is not a valid WebP file"));
    let (_, empty) = new_store();
    let run = apply(&site, &empty, &results).exits(1);
    assert!(
        run.findings()
            .iter()
            .any(|found| found.message.contains("is missing"))
    );
    // The file in the store has other bytes than the result states.
    let wrong = results.replace(&answer.outputs[0].blake3.to_string(), &"0".repeat(64));
    let run = apply(&site, &store, &wrong).exits(1);
    let other = "does not match its result";
    assert!(
        run.findings()
            .iter()
            .any(|found| found.message.contains(other)),
        "{run:#?}"
    );
    assert_eq!(site.variants(), [""; 0]);
    // The file in the store has other dimensions.
    site.write("uploads/logo.png", sample_upload("graphique-visites.png"));
    let wide = work(&store, &plan(&site, &[]));
    let wide: Answer = serde_json::from_str(wide.trim_end()).unwrap();
    let good = FolderStore::open(store.as_ref(), WriteGate::default()).unwrap();
    let file = good
        .get(Name::Variant(Key(wide.outputs[0].key.0)))
        .unwrap()
        .unwrap();
    site.copy_upload("logo.png", "uploads/logo.png");
    assert!(lie(&file).contains("pixels instead of"));
    apply(&site, &store, &results).exits(0);
}

#[test]
fn a_store_that_cannot_be_used_is_an_error_with_its_name() {
    let site = mixed();
    site.write("file", "");
    let store = site.path("file");
    let store = store.to_str().unwrap();
    for arguments in [
        &["worker", "--store", store][..],
        &["plan", "--jobs-out", "-", "--store", store],
        &["apply", "/dev/null", "--store", store],
    ] {
        let run = site.planche(arguments).exits(2);
        assert!(run.err.contains(store), "{run:#?}");
    }
    let run = site.planche(&["worker", "--store", "gopher://x"]).exits(2);
    assert!(run.err.contains("gopher://"), "{run:#?}");
    let run = site
        .planche(&["plan", "--jobs-out", "/nowhere/jobs"])
        .exits(2);
    assert!(run.err.contains("/nowhere/jobs"), "{run:#?}");
}

#[test]
fn a_job_is_read_as_it_was_written() {
    let jobs = plan(&mixed(), &[]);
    for line in jobs.lines() {
        let job = JobLine::read(line.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&job).unwrap(), line);
        assert!(SitePath::normalise(&job.outputs[0].name).is_some());
    }
}

/// Runs the tests of the Python package that need no Ray.
#[test]
fn the_schedule_of_the_python_package() {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/wheel");
    let run = std::process::Command::new("python3")
        .args(["-m", "unittest", "discover", "-s", "tests"])
        .env("PYTHONPATH", tests.join("python"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PLANCHE", env!("CARGO_BIN_EXE_planche"))
        .current_dir(&tests)
        .output();
    let Ok(run) = run else {
        return skip(Need::Python, "python3 cannot be started");
    };
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && told.contains("\nOK"), "{told}");
}

/// Returns the URI of a site's folder, as it is in its jobs.
fn folder_of(jobs: &str) -> &str {
    let start = jobs.find("file://").unwrap();
    let end = jobs[start..].find("/uploads").unwrap();
    &jobs[start..start + end]
}

/// While the simulated cluster works, one of its actors and one of its nodes are killed.
#[test]
fn a_ray_cluster_that_loses_machines_leads_to_the_same_site() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = root.join("target/ray/bin/python");
    let python = if own.exists() { own } else { "python3".into() };
    let has_ray = std::process::Command::new(&python)
        .args(["-c", "import ray"])
        .output();
    if !has_ray.is_ok_and(|run| run.status.success()) {
        return skip(Need::Ray, "`import ray` fails");
    }
    let (here, there) = (many(), many());
    here.planche(&[]).exits(0);
    let (folder, store) = new_store();
    let jobs = folder.path().join("jobs.ndjson");
    fs::write(&jobs, plan(&there, &["--store", &store])).unwrap();
    let results = folder.path().join("results.ndjson");
    let run = std::process::Command::new(&python)
        .arg(root.join("packaging/wheel/tests/cluster.py"))
        .args([&jobs, &results])
        .args([&store, env!("CARGO_BIN_EXE_planche")])
        .env("PYTHONPATH", root.join("packaging/wheel/python"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{told}");
    assert!(
        String::from_utf8_lossy(&run.stdout).contains("killed 1 actor and 1 node"),
        "{told}"
    );
    apply(&there, &store, &fs::read_to_string(&results).unwrap()).exits(0);
    assert_same(&here, &there);
}
