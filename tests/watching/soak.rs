//! Random edits for a while, and then the tree that a plain build makes of what is left, and a
//! program that holds no more of the system than it did at first.
//!
//! `PLANCHE_SOAK_SECONDS=300 cargo test --test tests soak` soaks for ten minutes, half of them with
//! each backend.

use std::fs;
use std::time::{Duration, Instant};

use super::program::{Program, Usage};
use super::{article, picture, site, upload};
use crate::needs::{Need, skip};
use crate::scratch::Scratch;

/// How long each backend is tested by default.
const SECONDS: u64 = 3;

/// Edits until every code path has run, and the allocator has grown accordingly.
const WARM_UP: usize = 60;

/// The most that resident memory may grow. The allocator keeps some freed memory, and code is paged
/// in when it first runs: one megabyte, as much after five thousand edits as after thirteen
/// thousand. A leak of one small image's pixels (9 KiB) per edit exceeds this bound within half a
/// minute.
const GAIN_KIB: u64 = 8 * 1_024;

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

/// Makes one random edit of a site.
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
    for arguments in [&[][..], &["--poll=30"]] {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let mut program = Program::start(site(), arguments);
        let mut edits = 0;
        let mut edit_and_wait = |program: &mut Program| {
            edit(&program.site, &mut random);
            edits += 1;
            std::thread::sleep(Duration::from_millis(random.below(60) as u64));
            program.forget_told();
        };
        for _ in 0..WARM_UP {
            edit_and_wait(&mut program);
        }
        program.whole_barrier();
        let at_first = program.usage();
        let end = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < end {
            edit_and_wait(&mut program);
        }
        mend(&program.site);
        program.whole_barrier();
        match (at_first, program.usage()) {
            (Some(at_first), Some(at_last)) => check_usage(edits, at_first, at_last),
            _ => skip(Need::Proc, "the program's memory and files are unknown"),
        }
        program.finish();
    }
}

/// Checks that the program holds no more than at first.
fn check_usage(edits: usize, at_first: Usage, at_last: Usage) {
    eprintln!("{edits} edits: {at_first:?}, then {at_last:?}");
    assert!(at_last.descriptors <= at_first.descriptors);
    assert!(at_last.resident_kib <= at_first.resident_kib + GAIN_KIB);
}
