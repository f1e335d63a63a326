//! Measures `planche html` over generated pages: 10,000 pages with 8 of 40 images each, and one
//! page of 50 MB.
//!
//! `cargo bench --bench html`

mod support;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use planche::internal::flow::{Effect, Options};
use planche::internal::html;
use planche::internal::project::Site;
use planche::internal::report::Summary;

use support::{cpu_of, peak_mib, print_machine, reset_peak};

const PAGES: usize = 10_000;
const IMAGES: usize = 40;
const STYLE: &str = "body{margin:0}img{max-width:100%;height:auto}.card img{width:100%}\n";

fn main() {
    print_machine();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    for name in ["_site/uploads", "_site/css", "presets"] {
        fs::create_dir_all(at(name)).expect("a folder");
    }
    fs::write(at("_config.yml"), "title: x\n").expect("a file");
    fs::write(at("_site/css/site.css"), STYLE).expect("a file");
    let preset = "widths: [80, 160, 240]\nsizes: 50vw\neffort: 0\n";
    fs::write(at("presets/article.yml"), preset).expect("a file");
    for index in 0..IMAGES {
        fs::write(at(&format!("_site/uploads/{index}.png")), picture(index)).expect("a file");
    }
    for count in [PAGES / 10, PAGES] {
        write_pages(folder.path(), count);
        let (_, first) = run(folder.path());
        write_pages(folder.path(), count);
        reset_peak();
        let (seconds, summary) = run(folder.path());
        assert_eq!(
            (first.articles.read, summary.articles.changed),
            (count, count)
        );
        assert_eq!(summary.variants.written, 0);
        println!(
            "  {count} pages: {seconds:.2} s of CPU, {:.0} MiB at most",
            peak_mib()
        );
        reset_peak();
        let (seconds, summary) = run(folder.path());
        assert_eq!(summary.articles.changed, 0);
        println!(
            "    again:    {seconds:.2} s of CPU, {:.0} MiB at most",
            peak_mib()
        );
    }
    fs::remove_dir_all(at("_site/pages")).expect("the pages folder");
    let image = "<img src=/uploads/1.png>";
    let page = format!(
        "{image}{}{image}",
        "<p>some text</p>\n".repeat((50 << 20) / 17)
    );
    fs::write(at("_site/large.html"), page).expect("a file");
    reset_peak();
    let (seconds, summary) = run(folder.path());
    assert_eq!(summary.articles.changed, 1);
    println!(
        "  one page of 50 MB: {seconds:.2} s of CPU, {:.0} MiB at most",
        peak_mib()
    );
}

fn run(folder: &Path) -> (f64, Summary) {
    cpu_of(|| {
        let source = Site::open(Some(folder), None).expect("a site");
        let pages = folder.join("_site");
        let published = Site::published(&pages, Some(&source)).expect("a pages folder");
        let options = Options {
            threads: 2,
            ..Options::for_site(&published)
        };
        let summary = html::html(Some(&source), &published, &options, Effect::Write);
        let summary = summary.expect("the run comes to its end");
        assert!(!summary.has_errors(), "{:?}", summary.findings);
        summary
    })
}

/// Writes pages of about 10 kB each.
fn write_pages(folder: &Path, count: usize) {
    let text = "<p>Some text with <a href=\"/\">a link</a>, <b>and</b> more.</p>\n".repeat(110);
    for page in 0..count {
        let below = folder.join(format!("_site/pages/{}", page / 100));
        fs::create_dir_all(&below).expect("a folder");
        let mut html = format!(
            "<!doctype html><html lang=fr><head><meta charset=utf-8><title>{page}</title><link rel=stylesheet href=/css/site.css></head><body>"
        );
        for nth in 0..8 {
            let image = (page * 7 + nth * 5) % IMAGES;
            let _ = write!(
                html,
                "<div class=card><img src=\"/uploads/{image}.png\" alt=\"Image {image}\"></div>\n{}",
                &text[..text.len() / 8]
            );
        }
        html.push_str("</body></html>\n");
        fs::write(below.join(format!("{page}.html")), html).expect("a file");
    }
}

/// Returns a small PNG, different for each index.
fn picture(index: usize) -> Vec<u8> {
    let pixel = |x: u32, y: u32| image::Rgb([x as u8, y as u8, index as u8]);
    let image = image::RgbImage::from_fn(250, 125, pixel);
    let mut bytes = std::io::Cursor::new(Vec::new());
    image
        .write_to(&mut bytes, image::ImageFormat::Png)
        .expect("a PNG");
    bytes.into_inner()
}
