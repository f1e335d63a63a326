//! Decodes JPEGs in every layout of components, sampling, scans, restarts and markers, and compares
//! them with what libjpeg-turbo shows (`jpeg_layouts.py`). Only a sample of the layouts is tested;
//! this tests all:
//!
//! ```sh
//! PLANCHE_LAYOUTS=all cargo test -p planche-picture --test jpeg_layouts -- --nocapture
//! ```

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../tests/corpus.rs"]
mod corpus;
#[allow(dead_code, reason = "shared with other targets")]
#[path = "../../../tests/needs.rs"]
mod needs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use planche_picture::color::Transforms;
use planche_picture::decode::pixels;
use planche_picture::format::probe;
use planche_picture::frame::rgba;
use planche_picture::info::ImageInfo;
use planche_picture::limits::Limits;

/// Step from one tested layout to the next, among the systematic ones.
const SAMPLE: &str = "37";

/// Maximum differences of samples: of the mean (`MOST_MEAN`) and of a single one (`MOST_ANYWHERE`).
/// Decoders upsample and round differently, which a smooth image hardly shows.
const MOST_MEAN: f64 = 2.0;
const MOST_ANYWHERE: u8 = 40;

/// Decodes a JPEG to RGBA.
fn decoded(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let info = probe(bytes, &Limits::default()).map_err(|error| error.to_string())?;
    let ImageInfo::Raster(raster) = info else {
        return Err("it is a drawing".to_owned());
    };
    let pixels = pixels(bytes, &raster, &Transforms::default());
    Ok(rgba(&pixels.map_err(|error| error.to_string())?))
}

/// Converts a PPM or PGM of eight bits to RGBA.
fn reference(bytes: &[u8]) -> Vec<u8> {
    let header = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
    let is_gray = header.starts_with("P5");
    let length: usize = header
        .split_whitespace()
        .take(4)
        .map(str::len)
        .sum::<usize>()
        + 4;
    let channels = if is_gray { 1 } else { 3 };
    bytes[length..]
        .chunks_exact(channels)
        .flat_map(|pixel| [pixel[0], pixel[channels / 2], pixel[channels - 1], 255])
        .collect()
}

/// Whether two images differ by more than rounding.
fn differs(one: &[u8], other: &[u8]) -> bool {
    let differences = one.iter().zip(other).map(|(a, b)| a.abs_diff(*b));
    let (sum, largest) = differences.fold((0u64, 0), |(sum, largest), difference| {
        (sum + u64::from(difference), difference.max(largest))
    });
    one.len() != other.len() || sum as f64 / one.len() as f64 > MOST_MEAN || largest > MOST_ANYWHERE
}

fn has(program: &str) -> bool {
    Command::new(program).arg("-version").output().is_ok()
}

#[test]
fn every_layout_looks_as_libjpeg_turbo_shows_it_or_is_refused() {
    if !has("cjpeg") || !has("djpeg") || !has("python3") {
        return needs::skip(needs::Need::Djpeg, "layouts of JPEGs");
    }
    let every = match std::env::var("PLANCHE_LAYOUTS") {
        Ok(all) if all == "all" => "1",
        _ => SAMPLE,
    };
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jpeg_layouts.py");
    let made = Command::new("python3")
        .arg(script)
        .arg(folder.path())
        .arg(every)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let (mut right, mut refused, mut wrong) = (0, Vec::new(), Vec::new());
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jpg") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let result = decoded(&fs::read(&path).unwrap());
        let expected = fs::read(path.with_extension("ppm")).ok();
        // libjpeg-turbo invents the rest of a truncated file, sometimes without a warning.
        if name.contains("-cut-") {
            match result {
                Ok(_) => wrong.push(name),
                Err(_) => right += 1,
            }
            continue;
        }
        match (result, expected) {
            (Ok(shown), Some(expected)) if differs(&shown, &reference(&expected)) => {
                wrong.push(name);
            }
            (Ok(_), _) => right += 1,
            (Err(reason), Some(_)) => refused.push(format!("{name}: {reason}")),
            (Err(_), None) => right += 1,
        }
    }
    println!(
        "{right} right, {} refused, {} wrong",
        refused.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(right > 100, "{right}");
    assert!(refused.len() * 50 < right, "{refused:#?}");
}

/// Collects the JPEGs below a folder.
fn jpegs(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        if path.is_dir() && !path.is_symlink() {
            jpegs(&path, found);
        } else if path.is_file() && (extension == "jpg" || extension == "jpeg") {
            found.push(path);
        }
    }
}

/// Complete files must not be rejected as truncated.
#[test]
fn jpegs_of_real_sites_that_libjpeg_turbo_reads_without_a_warning_are_decoded() {
    if !has("djpeg") {
        return needs::skip(needs::Need::Djpeg, "JPEGs of real sites");
    }
    let Some(folder) = corpus::folder("corpus") else {
        return;
    };
    let mut found = Vec::new();
    jpegs(&folder, &mut found);
    let mut tried = 0;
    for path in found {
        let shown = Command::new("djpeg").arg(&path).output().unwrap();
        let bytes = fs::read(&path).unwrap();
        let is_truncated = decoded(&bytes).is_err_and(|reason| reason.contains("truncated"));
        if shown.status.success() && shown.stderr.is_empty() {
            tried += 1;
            assert!(!is_truncated, "{}", path.display());
        } else if is_truncated {
            println!("truncated: {}", path.display());
        }
    }
    println!("{tried} JPEGs");
    assert!(tried > 100, "{tried}");
}
