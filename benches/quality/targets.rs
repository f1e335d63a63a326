//! Compares fixed qualities with target scores: bytes at the same worst score, number of encodes,
//! CPU time.

use std::path::PathBuf;

use planche::internal::picture::format::webp::libwebp as webp;
use planche::internal::picture::score::Scorer;
use planche::internal::picture::search::{self, MOST_PROBES};
use planche::internal::picture::units::{Quality, Score};

use crate::page::Page;
use crate::pictures::{Picture, lossy};
use crate::plot;
use crate::support::{build, cpu_of, least, site_of};

const QUALITIES: [f32; 8] = [45.0, 60.0, 70.0, 75.0, 80.0, 85.0, 90.0, 94.0];
const TARGETS: [f32; 4] = [60.0, 70.0, 75.0, 80.0];
/// Number of builds per setting.
const RUNS: usize = 1;
/// Maximum distance from the target at which a score counts as on target.
const NEAR: f64 = 1.5;

/// Total bytes, mean score and worst score of one way of encoding all images.
#[derive(Clone, Copy)]
pub struct Way {
    pub bytes: f64,
    pub mean: f64,
    pub worst: f64,
}

fn way(files: &[(usize, f64)]) -> Way {
    let count = files.len() as f64;
    Way {
        bytes: files.iter().map(|file| file.0 as f64).sum(),
        mean: files.iter().map(|file| file.1).sum::<f64>() / count,
        worst: files
            .iter()
            .map(|file| file.1)
            .fold(f64::INFINITY, f64::min),
    }
}

/// Prints the results of fixed qualities and of target scores, scored with the whole metric.
pub fn compare(photos: &[Picture], page: &mut Page) {
    // For each variant: bytes and scores at each quality, and the result of each search.
    let mut fixed = vec![Vec::new(); QUALITIES.len()];
    let mut searched = vec![Vec::new(); TARGETS.len()];
    for photo in photos {
        let score = photo.scorer();
        for (files, quality) in fixed.iter_mut().zip(QUALITIES) {
            let file = photo.encode(lossy(quality), 4);
            files.push((file.len(), score(&file)));
        }
        let scorer = Scorer::new(&photo.pixels).expect("a scorer");
        for (files, target) in searched.iter_mut().zip(TARGETS) {
            let shown = |file: &[u8]| webp::shown(file, &photo.pixels);
            let at =
                |effort| move |quality: Quality| Ok(photo.encode(lossy(quality.get()), effort));
            let target = Score::new(target).expect("a score");
            let found = search::by_drafts(&scorer, target, at(0), at(4), shown).expect("a file");
            let scores = score(&found.bytes);
            files.push((photo, found, scores));
        }
    }
    let judged = |files: &[(usize, planche::internal::picture::score::Scores)], target: f64| {
        let files: Vec<_> = files
            .iter()
            .map(|(bytes, scores)| (*bytes, scores.judged(target)))
            .collect();
        way(&files)
    };
    let mut rows = Vec::new();
    let mut found_ways = Vec::new();
    for (target, searched) in TARGETS.into_iter().zip(searched) {
        let target = f64::from(target);
        let mut files = Vec::new();
        let (mut near, mut counts) = (0, [0; MOST_PROBES]);
        for (photo, found, scores) in searched {
            let scored = scores.judged(target);
            if (scored - target).abs() <= NEAR {
                near += 1;
            } else {
                println!(
                    "  {} at {target}: {scored:.2} (search: {:?}), quality {}, {} encodes",
                    photo.name,
                    found.scores.map(|scores| scores.judged(target)),
                    found.quality.get(),
                    found.probes
                );
            }
            counts[found.probes - 1] += 1;
            files.push((found.bytes.len(), scored));
        }
        let found = way(&files);
        // The comparison uses the fixed quality with the same worst score by the same scorer.
        let ways: Vec<Way> = fixed.iter().map(|files| judged(files, target)).collect();
        let same_worst = at_worst(&ways, found.worst);
        let share = near as f64 * 100.0 / photos.len() as f64;
        let probes: usize = (1..)
            .zip(counts)
            .map(|(probes, count): (usize, usize)| probes * count)
            .sum();
        rows.push(vec![
            format!("{target}"),
            format!("{share:.1}%"),
            format!("{:.2}", probes as f64 / photos.len() as f64),
            format!("{counts:?}"),
            format!("{:.1}", found.worst),
            format!("{:.1}", found.mean),
            format!("{:.2} MB", found.bytes / 1e6),
            same_worst.map_or("none up to 94".to_owned(), |(quality, bytes)| {
                format!("quality {quality:.0}: {:.2} MB", bytes / 1e6)
            }),
            same_worst.map_or("–".to_owned(), |(_, bytes)| {
                format!("{:+.1}%", (found.bytes / bytes - 1.0) * 100.0)
            }),
        ]);
        found_ways.push(found);
    }
    page.table(
        "Targets",
        "For each target: the share of variants within 1.5 points of it; the mean number of encodes, and how many \
         variants took 1, 2, 3 and 4; the worst and the mean score; the bytes of all variants. Last, the fixed \
         quality whose worst variant scores the same, with its bytes. Effort 4.",
        &["target", "within 1.5", "encodes", "1, 2, 3, 4", "worst", "mean", "bytes", "fixed quality, same worst score", "difference"],
        &rows,
    );
    let target = 75.0;
    let mut rows = Vec::new();
    let ways: Vec<Way> = fixed.iter().map(|files| judged(files, target)).collect();
    for (quality, way) in QUALITIES.iter().zip(&ways) {
        let mut row = vec![format!("{quality}")];
        row.extend([
            format!("{:.2} MB", way.bytes / 1e6),
            format!("{:.1}", way.mean),
            format!("{:.1}", way.worst),
        ]);
        rows.push(row);
    }
    page.table(
        "Fixed qualities",
        "Bytes of all variants, their mean and their worst score (computed as for a target of 75):",
        &["quality", "bytes", "mean", "worst"],
        &rows,
    );
    // Bytes of a target score whose worst score equals that of quality 80.
    let at_80 = ways[QUALITIES
        .iter()
        .position(|quality| *quality == 80.0)
        .expect("80")];
    if let Some(bytes) = bytes_at(&found_ways, at_80.worst) {
        page.line(&format!(
            "The worst variant at quality 80 scores {:.1}, with {:.2} MB in all. A target with the same worst score takes {:.2} MB \
             (interpolated between the targets above): {:+.1}%.",
            at_80.worst,
            at_80.bytes / 1e6,
            bytes / 1e6,
            (bytes / at_80.bytes - 1.0) * 100.0
        ));
    }
    page.curves(plot::curves(&ways, &found_ways));
}

/// Returns the fixed quality with this worst score, and its bytes, both interpolated.
fn at_worst(ways: &[Way], worst: f64) -> Option<(f64, f64)> {
    let after = ways.iter().position(|way| way.worst >= worst)?;
    let Some(before) = after.checked_sub(1) else {
        return Some((f64::from(QUALITIES[0]), ways[0].bytes));
    };
    let (low, high) = (ways[before], ways[after]);
    let part = (worst - low.worst) / (high.worst - low.worst);
    let (from, to) = (f64::from(QUALITIES[before]), f64::from(QUALITIES[after]));
    Some((
        from + (to - from) * part,
        low.bytes + (high.bytes - low.bytes) * part,
    ))
}

/// Returns the bytes of a target score with this worst score, interpolated.
fn bytes_at(ways: &[Way], worst: f64) -> Option<f64> {
    let after = ways.iter().position(|way| way.worst >= worst)?.max(1);
    let (low, high) = (ways[after - 1], ways[after]);
    Some(low.bytes + (high.bytes - low.bytes) * (worst - low.worst) / (high.worst - low.worst))
}

/// Prints the CPU time of whole builds.
pub fn cpu(files: &[PathBuf], page: &mut Page) {
    let preset = |quality: &str| {
        format!(
            "widths: [320, 640, 960, 1280, 1920]\nsizes: 100vw\nlossless: never\nquality: {quality}\n"
        )
    };
    let seconds = |quality: &str| {
        let runs: Vec<f64> = (0..RUNS)
            .map(|_| {
                let site = site_of(files, &preset(quality));
                let (cpu, summary) = cpu_of(|| build(site.path(), 1));
                assert_eq!(summary.originals.failed, 0, "an image failed");
                cpu
            })
            .collect();
        least(&runs)
    };
    let fixed = seconds("80");
    let mut row = format!("CPU of a whole build at quality 80: {fixed:.1} s.");
    for target in [75, 85] {
        let found = seconds(&format!("{{ ssimulacra2: {target} }}"));
        row += &format!(
            " With `ssimulacra2: {target}`: {found:.1} s, {:.2} times as much.",
            found / fixed
        );
    }
    page.line(&row);
}
