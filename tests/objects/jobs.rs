//! Jobs whose originals and results are in an object store, and what becomes of them while it fails.

use std::io::Write;
use std::process::Stdio;
use std::sync::atomic::Ordering;
use std::thread;

use planche::internal::jobs::Answer;

use super::servers::{Fault, Moto, Proxy, endpoint, variables};
use crate::scratch::{Run, Scratch, changed};

fn site() -> Scratch {
    let site = Scratch::site();
    site.write(
        "presets/card.yml",
        "widths: [64, 128]\nsizes: 10em\neffort: 0\nlossless: never\n",
    );
    for name in ["logo.png", "portrait.jpg", "graphique-visites.png"] {
        site.copy_upload(name, &format!("uploads/{name}"));
        site.write_article(&format!("articles/{name}.md"), &format!("/uploads/{name}"));
    }
    site
}

/// Runs a command with the variables of the store.
fn run(site: &Scratch, port: u16, arguments: &[&str], input: &str) -> Run {
    let mut child = site
        .command(arguments)
        .envs(variables(&endpoint(port)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    thread::scope(|scope| {
        // A command that fails does not read its input.
        scope.spawn(move || drop(pipe.write_all(input.as_bytes())));
        Run::of(child.wait_with_output().unwrap())
    })
}

fn plan(site: &Scratch, port: u16, store: &str) -> Run {
    run(
        site,
        port,
        &["plan", "--jobs-out", "-", "--store", store],
        "",
    )
}

/// The answers of a worker that has nothing but the lines and the store.
fn work(port: u16, store: &str, jobs: &str) -> (String, Vec<Answer>) {
    let run = run(&Scratch::empty(), port, &["worker", "--store", store], jobs).exits(0);
    let answers = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let answers: Vec<Answer> = answers.collect();
    assert_eq!(answers.len(), jobs.lines().count());
    (run.out, answers)
}

fn apply(site: &Scratch, port: u16, store: &str, results: &str) -> Run {
    let arguments = ["apply", "-", "--store", store, "--format", "json"];
    run(site, port, &arguments, results)
}

#[test]
fn workers_need_nothing_but_the_object_store() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let (here, there) = (site(), site());
    here.planche(&[]).exits(0);
    let store = "s3://bucket/jobs";
    let jobs = plan(&there, moto.port, store).exits(0).out;
    assert!(!jobs.contains("file://"), "{jobs}");
    assert_eq!(jobs, plan(&there, moto.port, store).exits(0).out);
    // Three machines do the same jobs at the same time.
    let all: Vec<(String, Vec<Answer>)> = thread::scope(|scope| {
        let start = || scope.spawn(|| work(moto.port, store, &jobs));
        let machines = [start(), start(), start()];
        machines.map(|machine| machine.join().unwrap()).into()
    });
    for (_, answers) in &all {
        for (answer, first) in answers.iter().zip(&all[0].1) {
            assert_eq!(answer.error, None);
            assert_eq!(answer.outputs, first.outputs);
        }
    }
    let (results, answers) = work(moto.port, store, &jobs);
    assert!(answers.iter().all(|answer| answer.reused), "{answers:#?}");
    apply(&there, moto.port, store, &results).exits(0);
    assert_eq!(changed(&here.files(), &there.files()), [""; 0]);
}

#[test]
fn no_job_is_lost_if_the_object_store_fails_half_way() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let here = site();
    here.planche(&[]).exits(0);
    let is_any = |_: &str| true;
    let is_put = |head: &str| head.starts_with("PUT");
    let cases: [(Fault, fn(&str) -> bool, usize); 4] = [
        // Full, forbidden, broken and out of reach: before the second job or the third has ended.
        (Fault::Status(507), is_put, 4),
        (Fault::Status(403), is_any, 6),
        (Fault::Status(500), is_any, 6),
        (Fault::Disconnect, is_any, 6),
    ];
    for (number, (fault, concerns, passing)) in cases.into_iter().enumerate() {
        let there = site();
        let store = &format!("s3://bucket/{number}");
        // Each time, the store works at first.
        let failing = |passing| Proxy::start(moto.port, passing, fault, concerns);
        let has_failed = |proxy: &Proxy| proxy.failed.load(Ordering::SeqCst) > 0;

        let proxy = failing(1);
        let stopped = plan(&there, proxy.port, store).exits(2);
        assert!(
            has_failed(&proxy) && stopped.err.contains(store),
            "{stopped:#?}"
        );
        assert!(
            stopped.err.contains("run planche again to continue"),
            "{stopped:#?}"
        );
        assert_eq!(stopped.out, "");
        let jobs = plan(&there, moto.port, store).exits(0).out;

        let proxy = failing(passing);
        let (part, answers) = work(proxy.port, store, &jobs);
        let failed = answers.iter().filter_map(|answer| answer.error.as_ref());
        let failed: Vec<_> = failed.collect();
        assert!(has_failed(&proxy) && !failed.is_empty(), "{fault:?}");
        for failed in &failed {
            assert!(failed.retry && failed.reason.contains(store), "{failed:?}");
        }
        // What was stored stays.
        let is_done = |answer: &&Answer| answer.error.is_none();
        let done: Vec<_> = answers.iter().filter(is_done).map(|one| one.id).collect();
        assert!(!done.is_empty(), "{fault:?}: {answers:#?}");
        let (rest, again) = work(moto.port, store, &jobs);
        for answer in &again {
            assert_eq!(answer.error, None);
            assert!(answer.reused || !done.contains(&answer.id), "{answer:?}");
        }

        let results = part + &rest;
        let is_get = |head: &str| head.starts_with("GET");
        let proxy = Proxy::start(moto.port, 2, fault, is_get);
        let half = apply(&there, proxy.port, store, &results).exits(1);
        let found = half.findings();
        let unread = found.iter().filter(|one| one.code == "unreadable");
        assert!(unread.clone().count() > 0, "{half:#?}");
        assert!(
            unread.clone().all(|one| one.message.contains(store)),
            "{half:#?}"
        );
        apply(&there, moto.port, store, &results).exits(0);
        assert_eq!(changed(&here.files(), &there.files()), [""; 0], "{fault:?}");
    }
}
