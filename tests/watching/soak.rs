//! Random edits for a while, and then the tree that a plain build makes of what is left.
//!
//! `PLANCHE_SOAK_SECONDS=300 cargo test --test tests soak` soaks for ten minutes, half of them with
//! each backend.

use std::fs;
use std::time::{Duration, Instant};

use super::{BOTH, Watched, article, picture, site, upload};
use crate::scratch::Scratch;

/// How long each backend is soaked where nothing is said.
const SECONDS: u64 = 3;

/// Numbers that look random and are the same in every run (Marsaglia, Xorshift RNGs, 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

/// One thing that somebody does to a site.
fn edit(site: &Scratch, random: &mut Random) {
    let file = format!("articles/{}.md", random.below(12));
    let upload = upload(random.below(4));
    let text = article(random.below(4), &format!("Edit {}.\n", random.below(1_000)));
    let replace = |name: &str, bytes: &[u8]| {
        site.write("aside", bytes);
        fs::rename(site.path("aside"), site.path(name)).unwrap();
    };
    match random.below(10) {
        0..=2 => site.write(&file, text),
        3 | 4 => replace(&file, text.as_bytes()),
        5 => site.write(&file, text.replace("image:", "image: \"")),
        6 => replace(&upload, &picture(random.below(8))),
        7 => {
            // It may be gone already.
            let _ = fs::remove_file(site.path(&file));
        }
        8 => {
            let _ = fs::remove_file(site.path(&upload));
        }
        _ => {
            let widths = ["[16, 32, 64]", "[24, 48]"][random.below(2)];
            let preset = format!("widths: {widths}\nsizes: 100vw\neffort: 0\n");
            site.write("presets/card.yml", preset);
        }
    }
}

/// Mends what is broken or missing: of that, a watcher keeps records that a first build never made.
fn mend(site: &Scratch) {
    for index in 0..4 {
        site.write(&upload(index), picture(index));
    }
    for name in site.names() {
        if name.starts_with("articles/") && site.text(&name).contains("image: \" /") {
            site.write(&name, article(0, "Mended.\n"));
        }
    }
}

#[test]
fn random_edits_end_in_the_tree_that_a_build_makes() {
    let seconds = std::env::var("PLANCHE_SOAK_SECONDS").ok();
    let seconds = seconds.map_or(SECONDS, |seconds| seconds.parse().unwrap());
    for poll in BOTH {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let mut watched = Watched::start(site(), poll);
        let end = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < end {
            edit(&watched.site, &mut random);
            std::thread::sleep(Duration::from_millis(random.below(60) as u64));
            watched.take_told();
        }
        mend(&watched.site);
        watched.whole_barrier();
        watched.finish();
    }
}
