//! The cache and jobs in an object store. moto implements S3, and a proxy in front of it simulates
//! faults.

mod jobs;

use std::fs;
use std::sync::atomic::Ordering;

use crate::needs;
use crate::scratch::{Files, Run, Scratch, changed};

#[path = "../src/objects/tests/servers/mod.rs"]
#[allow(dead_code, reason = "tests of the client use all of it")]
mod servers;

use servers::{Fault, Moto, Proxy, endpoint, variables};

/// Creates a site whose cache is in the object store.
fn site() -> Scratch {
    let site = Scratch::site();
    let config = site.text("planche.yml") + "cache: { url: \"s3://bucket/site\" }\n";
    site.write("planche.yml", config);
    site.write(
        "presets/card.yml",
        "widths: [64, 96, 128, 160]\nsizes: 10em\neffort: 0\nlossless: never\n",
    );
    for name in ["logo.png", "portrait.jpg", "graphique-visites.png"] {
        site.copy_upload(name, &format!("uploads/{name}"));
        site.write_article(&format!("articles/{name}.md"), &format!("/uploads/{name}"));
    }
    site
}

/// Returns the files of a build without a cache.
fn reference() -> Files {
    let site = site();
    let mut command = site.command(&["build"]);
    Run::of(command.env("PLANCHE_CACHE", "").output().unwrap()).exits(0);
    site.files()
}

fn build(site: &Scratch, port: u16) -> Run {
    let mut command = site.command(&["build", "--format", "json", "--jobs", "2"]);
    Run::of(command.envs(variables(&endpoint(port))).output().unwrap())
}

fn troubles(run: &Run) -> Vec<String> {
    let found = run.findings().into_iter();
    let of_cache = found.filter(|one| one.code == "unusable-cache");
    of_cache
        .map(|one| {
            assert_eq!(one.severity, "warning");
            one.message
        })
        .collect()
}

#[test]
fn a_second_machine_encodes_nothing() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let reference = reference();
    let first = site();
    let run = build(&first, moto.port).exits(0);
    assert_eq!(troubles(&run), [""; 0], "{run:#?}");
    assert_eq!(run.count("/variants/from_cache"), 0, "{run:#?}");
    assert_eq!(changed(&reference, &first.files()), [""; 0]);
    let second = site();
    let run = build(&second, moto.port).exits(0);
    assert_eq!(
        run.count("/variants/from_cache"),
        run.count("/variants/written"),
        "{run:#?}"
    );
    assert_eq!(changed(&reference, &second.files()), [""; 0]);
    // If there is a folder as well, a later checkout does not need the store.
    let third = site();
    let cached = |site: &Scratch, port: u16| {
        let config = site
            .text("planche.yml")
            .replace("cache: { url", "cache: { dir: .cache, url");
        site.write("planche.yml", config);
        build(site, port).exits(0)
    };
    let run = cached(&third, moto.port);
    assert_eq!(
        run.count("/variants/from_cache"),
        run.count("/variants/written"),
        "{run:#?}"
    );
    drop(moto);
    fs::remove_dir_all(third.path("uploads/variants")).unwrap();
    let run = cached(&third, 1);
    assert_eq!(
        run.count("/variants/from_cache"),
        run.count("/variants/written"),
        "{run:#?}"
    );
    assert_eq!(troubles(&run), [""; 0], "{run:#?}");
}

#[test]
fn a_store_that_fails_half_way_is_one_finding() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let reference = reference();
    let is_any = |_: &str| true;
    let is_put = |head: &str| head.starts_with("PUT");
    let cases: [(Fault, usize, fn(&str) -> bool, usize); 8] = [
        // The store is full.
        (Fault::Status(507), 2, is_put, 1),
        // Access is forbidden: for all requests after the first ones, for all requests, and for
        // writing only, which is not reported.
        (Fault::Status(403), 3, is_any, 1),
        (Fault::Status(403), 0, is_any, 1),
        (Fault::Status(403), 0, is_put, 0),
        // The store fails, or cannot be reached.
        (Fault::Status(500), 3, is_any, 1),
        (Fault::Disconnect, 0, is_any, 1),
        (Fault::Disconnect, 5, is_any, 1),
        (Fault::Disconnect, 2, is_put, 1),
    ];
    for (number, (fault, passing, concerns, expected)) in cases.into_iter().enumerate() {
        let proxy = Proxy::start(moto.port, passing, fault, concerns);
        let site = site();
        let config = site.text("planche.yml");
        site.write(
            "planche.yml",
            config.replace("/site", &format!("/{number}")),
        );
        let run = build(&site, proxy.port).exits(0);
        let what = format!("{fault:?} after {passing}");
        assert_eq!(troubles(&run).len(), expected, "{what}: {run:#?}");
        assert!(proxy.failed.load(Ordering::SeqCst) > 0, "{what}");
        site.write("planche.yml", config);
        assert_eq!(changed(&reference, &site.files()), [""; 0], "{what}");
    }
}

#[test]
fn what_is_no_object_store_is_an_error_of_the_configuration() {
    for url in [
        "https://example.org/cache",
        "file:///tmp/cache",
        "bucket",
        "\"s3://\"",
    ] {
        let site = site();
        let config = site.text("planche.yml");
        site.write("planche.yml", config.replace("\"s3://bucket/site\"", url));
        let run = site.planche(&[]).exits(2);
        assert!(run.err.contains("planche.yml:4:15"), "{run:#?}");
        assert_eq!(site.variants(), [""; 0]);
    }
}
