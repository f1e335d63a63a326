//! Animations on a site: variants at each width, publication as is if no variant would be smaller,
//! and variants of the first frame only.

use crate::records::check_records;
use crate::scratch::{Found, Scratch};

/// Creates a site whose only image is `bytes`. `preset` is appended to its preset.
fn site(name: &str, bytes: &[u8], preset: &str) -> Scratch {
    let site = Scratch::site();
    site.write(&format!("uploads/{name}"), bytes);
    site.write_article("articles/a.md", &format!("/uploads/{name}"));
    let preset = format!("widths: [40, 80, 160]\nsizes: 100vw\n{preset}");
    site.write("presets/card.yml", preset);
    site
}

/// Returns a GIF with these dimensions and this number of frames. Its frames contain noise, which
/// GIF compresses badly.
pub fn noisy_gif(width: u16, height: u16, frames: u32) -> Vec<u8> {
    let palette: Vec<u8> = (0..=255)
        .flat_map(|at| [at, at / 2 + 60, 255 - at])
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, width, height, &palette).unwrap();
    encoder.set_repeat(gif::Repeat::Infinite).unwrap();
    for number in 0..frames {
        let mut state = number + 1;
        let noise = (0..u32::from(width) * u32::from(height)).map(|at| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (at / 90 + number * 9 + (state >> 28)) as u8
        });
        let frame = gif::Frame {
            width,
            height,
            delay: 8,
            buffer: noise.collect(),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    bytes
}

/// Returns the number of frames of an animated WebP, and its number of plays.
fn frames_and_plays(webp: &[u8]) -> (usize, u16) {
    let control = webp.windows(4).position(|four| four == b"ANIM").unwrap();
    let plays = u16::from_le_bytes([webp[control + 12], webp[control + 13]]);
    let frames = webp.windows(4).filter(|four| *four == b"ANMF").count();
    (frames, plays)
}

fn notices(findings: Vec<Found>) -> Vec<String> {
    let kept = findings
        .into_iter()
        .filter(|one| one.code == "animation-kept");
    kept.map(|one| format!("{}: {}", one.file.unwrap(), one.message))
        .collect()
}

/// Builds twice and checks. Returns the notices, which must be the same each time.
#[track_caller]
fn notices_of(site: &Scratch) -> Vec<String> {
    let json = ["--format", "json"];
    let first = notices(site.planche(&json).exits(0).findings());
    let again = site.planche(&json).exits(0);
    assert_eq!(again.count("/variants/written"), 0);
    assert_eq!(again.count("/articles/changed"), 0);
    assert_eq!(notices(again.findings()), first);
    let check = site.planche(&["check", "--format", "json"]).exits(0);
    assert_eq!(notices(check.findings()), first);
    first
}

#[test]
fn an_animation_gets_animated_variants() {
    let site = site("a.gif", &noisy_gif(160, 120, 6), "");
    assert_eq!(notices_of(&site), [""; 0]);
    let records = check_records(&site);
    let [(_, record)] = &records[..] else {
        panic!("{records:?}");
    };
    assert_eq!(record.srcset.len(), 3, "{record:#?}");
    for variant in site.variants() {
        let bytes = std::fs::read(site.path(&variant)).unwrap();
        assert_eq!(frames_and_plays(&bytes), (6, 0), "{variant}");
    }
    assert_eq!(site.variants().len(), 3);
}

#[test]
fn one_that_would_not_be_smaller_is_published_as_it_is() {
    // Each frame has a single colour, and so takes a few bytes.
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, 8, 8, &[255, 0, 0, 0, 0, 255]).unwrap();
    for index in [0, 1] {
        let frame = gif::Frame {
            width: 8,
            height: 8,
            delay: 10,
            buffer: vec![index; 64].into(),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    let site = site("a.gif", &bytes, "");
    // Before a build, it is unknown that no variant would be smaller.
    let before = site.planche(&["check", "--format", "json"]).exits(1);
    assert_eq!(notices(before.findings()), [""; 0]);
    assert_eq!(
        notices_of(&site),
        [
            "uploads/a.gif: animation published as is: no resized version would be smaller (referenced at articles/a.md:2:8)"
        ]
    );
    let records = check_records(&site);
    assert_eq!(records[0].1.src, "/uploads/a.gif");
    assert_eq!(records[0].1.srcset, ["/uploads/a.gif 8w"]);
}

#[test]
fn a_preset_without_webp_publishes_it_as_it_is() {
    let site = site("a.gif", &noisy_gif(160, 120, 2), "formats: [jpeg]\n");
    assert_eq!(
        notices_of(&site),
        [
            "uploads/a.gif: animation published as is: preset `card` has no `webp` among its formats (referenced at articles/a.md:2:8)"
        ]
    );
    let records = check_records(&site);
    assert_eq!(records[0].1.srcset, [""; 0]);
    assert_eq!(site.variants().len(), 0);
}

#[test]
fn a_first_frame_represents_the_animation() {
    let site = site("a.gif", &noisy_gif(160, 120, 6), "animation: first-frame\n");
    assert_eq!(notices_of(&site), [""; 0]);
    check_records(&site);
    assert_eq!(site.variants().len(), 3);
    for variant in site.variants() {
        let bytes = std::fs::read(site.path(&variant)).unwrap();
        assert!(!bytes.windows(4).any(|four| four == b"ANIM"), "{variant}");
    }
}

#[test]
fn a_broken_frame_is_a_finding_and_the_article_stays() {
    let mut bytes = noisy_gif(160, 120, 6);
    bytes.truncate(bytes.len() - 100);
    let site = site("a.gif", &bytes, "");
    let before = site.text("articles/a.md");
    let findings = site.planche(&["--format", "json"]).exits(1).findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0].code, "undecodable-upload");
    let message = &findings[0].message;
    assert!(message.contains("frame 6 of 6"), "{message}");
    assert_eq!(site.text("articles/a.md"), before);
    assert_eq!(site.variants().len(), 0);
}

#[test]
fn frames_count_against_the_limits() {
    let site = site("a.gif", &noisy_gif(160, 120, 60), "");
    let settings = format!("{}limits: {{ work: 1 }}\n", site.text("planche.yml"));
    site.write("planche.yml", settings);
    let findings = site.planche(&["--format", "json"]).exits(1).findings();
    let message = &findings[0].message;
    assert_eq!(findings[0].code, "over-limit");
    // 60 · 160 · 120 = 1.152 million.
    assert!(
        message.contains("60 frames, 1.2 megapixels in all"),
        "{message}"
    );
}
