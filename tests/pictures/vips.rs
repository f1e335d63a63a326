//! Resizes images with libvips' own program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::needs::{Need, skip};

/// Whether libvips' programs are installed; counts a skipped test if they are not.
pub fn is_installed() -> bool {
    let programs = ["vips", "vipsheader", "vipsthumbnail"];
    let missing = programs.into_iter().find(|program| {
        let run = Command::new(program).arg("--version").output();
        !run.is_ok_and(|output| output.status.success())
    });
    if let Some(program) = missing {
        skip(Need::Vips, &format!("`{program}` is not installed"));
    }
    missing.is_none()
}

/// The image at this size, upright and in sRGB, as a PNG; `scratch` is a path without extension.
///
/// The size is given in full: from a width alone, libvips makes the whole number of rows that fits,
/// and crops the rest of the image.
pub fn thumbnail(picture: &Path, scratch: &Path, size: (u32, u32), light: &str) -> PathBuf {
    // `vipsthumbnail` has JPEG and WebP decoders make an image smaller themselves, by a box
    // filter, whatever options its input has. A file in libvips' own format keeps all pixels.
    let whole = scratch.with_extension("v");
    run(vips("copy").arg(picture).arg(&whole));
    let small = match light {
        "linear" => in_linear_light(&whole, scratch, size),
        _ => on_stored_values(&whole, scratch, size),
    };
    fs::remove_file(whole).unwrap();
    small
}

fn on_stored_values(whole: &Path, scratch: &Path, size: (u32, u32)) -> PathBuf {
    let small = scratch.with_extension("png");
    // Without an import profile for images without a profile, libvips 8.14 uses the white point of
    // print instead of sRGB's, and pure blue becomes rgb(85, 15, 253). It cannot assign a profile
    // to gray images, which it treats as sRGB.
    let profiles = ["--export-profile", "srgb", "--import-profile", "srgb"];
    let output = output(vipsthumbnail(whole, &small, size).args(profiles));
    let message = String::from_utf8_lossy(&output.stderr);
    if message.contains("unable to load or find any compatible input profile") {
        run(&mut vipsthumbnail(whole, &small, size));
    } else {
        assert!(output.status.success(), "{}: {output:?}", whole.display());
    }
    small
}

/// Resizes in two steps; the second one gets neither a profile nor a gray image: `--linear` and
/// `--export-profile` together use the white point of print instead of sRGB's for every profile,
/// and average gray without linearization.
fn in_linear_light(whole: &Path, scratch: &Path, size: (u32, u32)) -> PathBuf {
    let upright = scratch.with_extension("upright.v");
    let colours = scratch.with_extension("srgb.png");
    let small = scratch.with_extension("png");
    run(vips("autorot").arg(whole).arg(&upright));
    let mut stripped = colours.clone().into_os_string();
    stripped.push("[strip]");
    if has_profile(&upright) {
        let mut transform = vips("icc_transform");
        transform.arg(&upright).arg(&stripped);
        run(transform.args(["srgb", "--embedded"]));
    } else {
        // Not by `icc_transform`, which cuts alpha of sixteen bits to 255.
        run(vips("colourspace").arg(&upright).arg(&stripped).arg("srgb"));
    }
    run(vipsthumbnail(&colours, &small, size).arg("--linear"));
    for file in [upright, colours] {
        fs::remove_file(file).unwrap();
    }
    small
}

fn vips(operation: &str) -> Command {
    let mut command = Command::new("vips");
    command.arg(operation);
    command
}

fn vipsthumbnail(picture: &Path, small: &Path, (width, height): (u32, u32)) -> Command {
    let mut command = Command::new("vipsthumbnail");
    command.arg(picture).arg("-o").arg(small);
    command.arg("--size").arg(format!("{width}x{height}!"));
    command
}

fn has_profile(picture: &Path) -> bool {
    let mut header = Command::new("vipsheader");
    header.args(["-f", "icc-profile-data"]).arg(picture);
    output(&mut header).status.success()
}

#[track_caller]
fn run(command: &mut Command) {
    let output = output(command);
    assert!(output.status.success(), "{command:?}: {output:?}");
}

fn output(command: &mut Command) -> Output {
    // The tests themselves are what runs in parallel.
    command.env("VIPS_CONCURRENCY", "1").output().unwrap()
}
