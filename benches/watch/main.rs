//! Measures the latency of `watch`: the wall time from the end of a save to the end of the run that
//! it causes, median and 95th percentile, on sites of 100 and of 10,000 articles; the CPU time of
//! an idle watcher; the drafts of a preview; and the same edits with the servers of Hugo and
//! Eleventy, if they are installed.
//!
//! `cargo bench --bench watch`; `cargo bench --bench watch -- preview` for the drafts alone.

/// Drafts of a preview.
mod drafts;
/// Edits of a site, and the site.
mod edits;
/// The servers of site generators.
mod generators;
/// Images for the sites.
mod pictures;
#[path = "../support/mod.rs"]
mod support;
/// A site that this library watches.
mod watched;

use std::time::Duration;

use drafts::Previewed;
use edits::{Edit, Layout};
use generators::{GENERATORS, Generator, Served};
use support::{cpu_of, print_machine};
use watched::Watched;

const EDITS: usize = 50;
const DRAFTS: usize = 20;
/// Fewer than `EDITS`, because a server takes up to ten seconds per edit.
const EDITS_OF_GENERATORS: usize = 10;
const SIZES: [usize; 2] = [100, 10_000];
const IDLE: Duration = Duration::from_secs(5);

fn main() {
    print_machine();
    let photo = pictures::photo();
    if std::env::args().any(|argument| argument == "preview") {
        return measure_preview(&photo);
    }
    println!(
        "milliseconds from the end of a save to the end of its run, median and 95th percentile of {EDITS}:"
    );
    for articles in SIZES {
        let watched = Watched::start(articles);
        println!("{articles} articles");
        for (edit, what) in [
            (Edit::Text, "text, nothing written"),
            (Edit::FrontMatter, "front matter, article written"),
            (Edit::Picture, "12 megapixels, 6 variants, article"),
        ] {
            let measure = |index| watched.milliseconds(edit, index, &photo);
            print(what, &(0..EDITS).map(measure).collect::<Vec<f64>>());
        }
        watched.settle();
        let (cpu, ()) = cpu_of(|| std::thread::sleep(IDLE));
        let share = cpu / IDLE.as_secs_f64() * 100.0;
        println!("  idle                                {share:7.2}% CPU");
    }
    measure_preview(&photo);
    GENERATORS
        .iter()
        .for_each(|generator| measure_generator(generator, &photo));
}

/// Measures how long drafts take, and runs while a preview is open.
fn measure_preview(photo: &[u8]) {
    println!("with a preview, 100 articles, median and 95th percentile of {DRAFTS}:");
    let previewed = Previewed::start(SIZES[0]);
    let measure = |index| previewed.milliseconds(index, photo);
    let (drafts, runs): (Vec<f64>, Vec<f64>) = (0..DRAFTS).map(measure).unzip();
    print("12 megapixels, draft in the page", &drafts);
    print("12 megapixels, 6 variants, article", &runs);
}

/// Measures the same edits with a generator's server.
fn measure_generator(generator: &Generator, photo: &[u8]) {
    let command = generator.command;
    let program = match generator.find() {
        Ok(program) => program,
        Err(reason) => return println!("{command}: skipped: {reason}"),
    };
    println!(
        "{command} ({}), from the end of a save to the end of its rebuild, median and 95th percentile \
         of {EDITS_OF_GENERATORS}; below it the time that the server reports for the rebuild:",
        program.version
    );
    for articles in SIZES {
        println!("{articles} articles");
        let measured = Served::start(generator, &program, articles).and_then(|served| {
            for (edit, what) in [
                (Edit::Text, "text"),
                (Edit::FrontMatter, "front matter"),
                (Edit::Picture, "12 megapixels, copied"),
            ] {
                let rebuilds = (0..EDITS_OF_GENERATORS)
                    .map(|index| served.rebuild(edit, index, photo))
                    .collect::<Result<Vec<_>, String>>()?;
                let (total, own): (Vec<f64>, Vec<f64>) = rebuilds.into_iter().unzip();
                print(&format!("{what:26} total"), &total);
                print(&format!("{:26} rebuild", ""), &own);
            }
            Ok(())
        });
        if let Err(reason) = measured {
            println!("  failed: {reason}");
        }
    }
}

fn print(what: &str, milliseconds: &[f64]) {
    let mut sorted = milliseconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    let high = sorted[(sorted.len() * 95).div_ceil(100) - 1];
    println!("  {what:34} {median:8.1} {high:8.1}");
}
