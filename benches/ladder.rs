//! Compares widths by byte step with the same number of listed widths: how many more bytes the
//! visitors of `docs/widths.csv` load than from a variant of exactly the width that they need.
//!
//! `cargo bench --bench ladder`

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use support::{build, photos, print_machine, site_of};

const VISITORS: &str = include_str!("../docs/widths.csv");
const REST: &str =
    "sizes: \"(min-width: 62em) 62em, 100vw\"\nquality: 80\neffort: 4\nlossless: never\n";
const MIN: f64 = 320.0;
const MAX: f64 = 1920.0;
const STEP_BYTES: u64 = 25_000;

/// Width in pixels and size in bytes of each candidate, by ascending width.
type Files = Vec<(f64, f64)>;

fn main() {
    print_machine();
    let photos = photos();
    let ladder = format!("widths: {{min: {MIN}, max: {MAX}, step_bytes: {STEP_BYTES}");
    let uniform = built(&photos, &format!("{ladder}}}\n{REST}"));
    let visited = built(
        &photos,
        &format!("{ladder}, visitors: widths.csv}}\n{REST}"),
    );
    println!(
        "{} photos, {MIN} to {MAX} pixels, steps of {STEP_BYTES} bytes:",
        photos.len()
    );
    for (name, sites) in [("uniform", &uniform), ("by visitors", &visited)] {
        let made: usize = sites.iter().map(|site| site.encoded).sum();
        let listed: usize = sites.iter().map(|site| site.listed.len()).sum();
        println!("  {name:12} {made} variants encoded, {listed} listed");
    }
    let demand = demand();
    for (name, sites) in [("uniform", &uniform), ("by visitors", &visited)] {
        let mut by_length: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, site) in sites.iter().enumerate() {
            by_length.entry(site.listed.len()).or_default().push(index);
        }
        let (mut own, mut fixed, mut better, mut all) = (0.0, 0.0, 0, 0);
        for (length, indices) in by_length.iter().filter(|(length, _)| **length > 1) {
            let group: Vec<PathBuf> = indices.iter().map(|index| photos[*index].clone()).collect();
            let listed = built(&group, &format!("widths: {:?}\n{REST}", equal(*length)));
            for (index, other) in indices.iter().zip(&listed) {
                let mut known = [sites[*index].listed.clone(), other.listed.clone()].concat();
                known.sort_by(|a, b| a.0.total_cmp(&b.0));
                let of_own = waste(&sites[*index].listed, &known, &demand);
                let of_fixed = waste(&other.listed, &known, &demand);
                own += of_own;
                fixed += of_fixed;
                better += usize::from(of_own <= of_fixed);
                all += 1;
            }
        }
        println!(
            "  {name:12} waste per view {:.1} kB, with listed widths {:.1} kB (ratio {:.2}); less for {better} of {all} photos",
            own / f64::from(all) / 1e3,
            fixed / f64::from(all) / 1e3,
            own / fixed,
        );
    }
}

/// Returns widths in a geometric series from `MIN` to `MAX`.
fn equal(length: usize) -> Vec<u32> {
    let factor = (MAX / MIN).powf(1.0 / (length - 1) as f64);
    let widths = (0..length).map(|index| (MIN * factor.powf(index as f64)).round() as u32);
    widths.collect()
}

/// Returns the requested widths in pixels with their weights, for the `sizes` of [`REST`].
fn demand() -> Vec<(f64, f64)> {
    let rows = VISITORS
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    let rows = rows.map(|row| {
        let numbers: Vec<f64> = row
            .split(',')
            .map(|number| number.parse().expect("a number"))
            .collect();
        let shown = if numbers[0] >= 992.0 {
            992.0
        } else {
            numbers[0]
        };
        (shown * numbers[1], numbers[2])
    });
    rows.collect()
}

/// Returns the mean number of bytes per view by which the loaded file exceeds a file of exactly the
/// requested width.
fn waste(listed: &Files, known: &Files, demand: &[(f64, f64)]) -> f64 {
    let (mut bytes, mut views) = (0.0, 0.0);
    for (requested, weight) in demand {
        let serves = listed.iter().find(|(width, _)| width >= requested);
        let loaded = serves.or(listed.last()).expect("a width").1;
        bytes += (loaded - at(known, *requested)).max(0.0) * weight;
        views += weight;
    }
    bytes / views
}

/// Returns the size of a file of this width, interpolated between the nearest known files.
fn at(known: &Files, width: f64) -> f64 {
    let above = known.iter().position(|(other, _)| *other >= width);
    match above {
        None => known[known.len() - 1].1,
        Some(0) => known[0].1,
        Some(above) => {
            let ((low, less), (high, more)) = (known[above - 1], known[above]);
            less * (more / less).powf((width / low).ln() / (high / low).ln())
        }
    }
}

/// The files of one photo.
struct Built {
    encoded: usize,
    listed: Files,
}

/// Builds a site of the photos, and returns the files of each.
fn built(photos: &[PathBuf], preset: &str) -> Vec<Built> {
    let site = site_of(photos, preset);
    fs::write(site.path().join("presets/widths.csv"), VISITORS).expect("a file");
    let summary = build(site.path(), 2);
    assert_eq!(summary.originals.failed, 0, "a photo failed");
    let names: Vec<String> = fs::read_dir(site.path().join("uploads/variants"))
        .expect("variants")
        .map(|entry| {
            entry
                .expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let files = photos.iter().enumerate().map(|(index, photo)| {
        let stem = photo.file_stem().expect("a name").to_string_lossy();
        let is_of = |name: &&String| {
            let rest = name
                .strip_prefix(&*stem)
                .and_then(|rest| rest.strip_prefix('-'));
            rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        Built {
            encoded: names.iter().filter(is_of).count(),
            listed: listed(site.path(), index),
        }
    });
    files.collect()
}

/// Returns the files that the record of one article lists.
fn listed(site: &Path, index: usize) -> Files {
    let article = fs::read_to_string(site.join(format!("_posts/2024-01-01-{index}.md")));
    let article = article.expect("an article");
    let front_matter = article.split("---\n").nth(1).expect("front matter");
    let value: serde_yaml::Value = serde_yaml::from_str(front_matter).expect("YAML");
    let srcset = value["image_responsive"]["srcset"]
        .as_str()
        .expect("a srcset");
    let files = srcset.split(", ").map(|candidate| {
        let (url, width) = candidate.rsplit_once(' ').expect("a candidate");
        let file = fs::metadata(site.join(url.trim_start_matches('/'))).expect("a file");
        let width = width.trim_end_matches('w').parse().expect("a width");
        (width, file.len() as f64)
    });
    files.collect()
}
