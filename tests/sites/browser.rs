use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::generators::{on_path, tools};
use crate::needs::{Need, skip};

/// Widths of the viewport, and device pixels for each of its pixels.
pub const VIEWS: [(u32, u32); 5] = [(375, 2), (375, 3), (768, 1), (1280, 1), (1440, 2)];

/// A page as a browser sees it.
#[derive(Debug, Deserialize)]
pub struct Seen {
    pub page: String,
    pub width: u32,
    pub density: u32,
    pub images: Vec<Image>,
    pub missing: Vec<String>,
    pub errors: Vec<String>,
    /// The sum of all layout shifts, as the browser scores them.
    pub shift: f64,
    /// Of all images that were loaded.
    pub bytes: u64,
    /// What axe-core finds, if it was asked for: rules with the elements.
    pub violations: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Image {
    pub src: String,
    pub srcset: Option<String>,
    pub sizes: Option<String>,
    pub alt: String,
    pub loading: Option<String>,
    pub priority: Option<String>,
    pub current: String,
    pub width: f64,
    pub height: f64,
    pub natural: u32,
    pub attributes: [Option<String>; 2],
}

/// Whether Chromium and the program that drives it are installed; counts a skipped test if not.
pub fn is_here() -> bool {
    let is_here = on_path("chromium").is_some()
        && on_path("node").is_some()
        && tools().join("node_modules/playwright-core").is_dir()
        && tools().join("node_modules/axe-core").is_dir();
    if !is_here {
        skip(
            Need::Chromium,
            "`chromium`, `node`, playwright-core or axe-core is not installed",
        );
    }
    is_here
}

/// Opens pages of a published folder.
#[track_caller]
pub fn look(root: &Path, base: &str, pages: &[&str], views: &[(u32, u32)]) -> Vec<Seen> {
    open(root, base, pages, views, json!({}))
}

/// Opens pages of a published folder with a preference for dark or light colors.
#[track_caller]
pub fn look_in(scheme: &str, root: &Path, pages: &[&str], views: &[(u32, u32)]) -> Vec<Seen> {
    open(root, "", pages, views, json!({ "scheme": scheme }))
}

/// Opens pages of a published folder, and checks them with axe-core.
#[track_caller]
pub fn check_access(root: &Path, pages: &[&str], views: &[(u32, u32)]) -> Vec<Seen> {
    open(root, "", pages, views, json!({ "axe": true }))
}

/// `settings` are the other keys of the request.
#[track_caller]
fn open(
    root: &Path,
    base: &str,
    pages: &[&str],
    views: &[(u32, u32)],
    mut settings: Value,
) -> Vec<Seen> {
    let mut request = json!({
        "tools": tools(),
        "chromium": on_path("chromium").unwrap(),
        "root": root,
        "base": format!("{base}/"),
        "pages": pages,
        "views": views,
    });
    let keys = request.as_object_mut().unwrap();
    keys.append(settings.as_object_mut().unwrap());
    ask("tests/sites/browser.mjs", &request)
}

/// Runs a script of this repository, which drives Chromium, with a request; returns its answer.
#[track_caller]
pub fn ask<Answer: DeserializeOwned>(script: &str, request: &Value) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("request.json");
    std::fs::write(&file, request.to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let output = Command::new("timeout")
        .args(["300", "node"])
        .args([&script, &file])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The candidate that Chromium takes (seen on version 156): the smallest whose density is not below
/// the device's, else the largest. And the width of the place by `sizes`, in the page's pixels.
pub fn wanted(image: &Image, viewport: u32, density: u32) -> Option<(String, f64)> {
    // `auto` is the width of the image in the layout, which the browser knows for a lazy image.
    let slot = match image.sizes.as_deref()? {
        sizes if sizes.starts_with("auto, ") && image.loading.as_deref() == Some("lazy") => {
            image.width
        }
        sizes => slot(sizes, f64::from(viewport)),
    };
    let mut candidates: Vec<(&str, u32)> = image
        .srcset
        .as_deref()?
        .split(", ")
        .map(|candidate| {
            let (url, width) = candidate.split_once(' ').unwrap();
            (url, width.strip_suffix('w').unwrap().parse().unwrap())
        })
        .collect();
    candidates.sort_by_key(|(_, width)| *width);
    let covers = |width: u32| f64::from(width) / slot >= f64::from(density);
    let taken = candidates.iter().find(|(_, width)| covers(*width));
    let (url, _) = taken.or(candidates.last()).unwrap();
    Some(((*url).to_owned(), slot))
}

/// What `sizes` of our presets and of style sheets come to: `(min-width: X) Y, Z`.
fn slot(sizes: &str, viewport: f64) -> f64 {
    let length = |text: &str| -> f64 {
        let (number, unit) = text.split_at(text.find(|c: char| c.is_alphabetic()).unwrap());
        let number: f64 = number.parse().unwrap();
        match unit {
            "px" => number,
            "em" => number * 16.0,
            "vw" => number * viewport / 100.0,
            _ => panic!("{sizes}"),
        }
    };
    for part in sizes.split(", ") {
        match part.strip_prefix("(min-width: ") {
            Some(rest) => {
                let (at_least, size) = rest.split_once(") ").unwrap();
                if viewport >= length(at_least) {
                    return length(size);
                }
            }
            None => return length(part),
        }
    }
    panic!("{sizes}");
}
