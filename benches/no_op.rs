//! Measures a build with nothing to do: 2,000 articles, 2,000 originals, 8,000 variants.
//!
//! `cargo bench --bench no_op`

mod support;

use std::fs;

use support::{build, cpu_of, least, print_machine};

const ARTICLES: usize = 2_000;
const PRESET: &str = "widths: [16, 24, 32, 48]\nsizes: 100vw\neffort: 0\n";

fn main() {
    print_machine();
    let site = support::site_of(&[], PRESET);
    let at = |name: String| site.path().join(name);
    for index in 0..ARTICLES {
        fs::write(at(format!("uploads/picture-{index}.png")), picture(index)).expect("a file");
        let article = format!(
            "---\ntitle: \"Article {index}\"\ndate: 2024-01-01\ntags:\n- one\n- two\nhero:\n- image: \"/uploads/picture-{index}.png\"\n  \
             legend: A picture\n---\n\nSome text, and nothing else to find.\n"
        );
        fs::write(at(format!("_posts/2024-01-01-{index}.md")), article).expect("a file");
    }
    let (first, summary) = cpu_of(|| build(site.path(), 2));
    println!(
        "{} articles, {} originals, {} variants",
        summary.articles.read, summary.originals.used, summary.variants.written
    );
    println!("  first run    {:7.1} ms of CPU", first * 1e3);
    // This build checks the new files once more before the ledger trusts them.
    let (second, _) = cpu_of(|| build(site.path(), 2));
    println!("  second run   {:7.1} ms of CPU", second * 1e3);
    let mut figures = Vec::new();
    for _ in 0..9 {
        let (seconds, summary) = cpu_of(|| build(site.path(), 2));
        assert_eq!(
            (summary.variants.written, summary.articles.changed),
            (0, 0),
            "there was something to do"
        );
        figures.push(seconds * 1e3);
    }
    println!(
        "  no-op run    {:7.1} ms of CPU (minimum of 9)",
        least(&figures)
    );
}

/// Returns a small PNG, different for each index.
fn picture(index: usize) -> Vec<u8> {
    use image::ImageEncoder;
    use image::codecs::png::PngEncoder;
    let samples: Vec<u8> = (0..64 * 40 * 3)
        .map(|at| ((at * 7) ^ (index * 31) ^ (at * index)) as u8)
        .collect();
    let mut bytes = Vec::new();
    let color = image::ExtendedColorType::Rgb8;
    PngEncoder::new(&mut bytes)
        .write_image(&samples, 64, 40, color)
        .expect("a PNG");
    bytes
}
