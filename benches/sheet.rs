//! Measures the contact sheet of 2,000 images in Chromium: `cargo bench --bench sheet`.
//!
//! Prints the size of the page, and two median times: from the start of the navigation to the first
//! image of the list, and from a key press in the search field to its result. Needs Chromium,
//! Node.js and playwright-core (`bash .ci/setup`).

use std::path::Path;
use std::process::Command;

use planche::internal::report::{Gain, Page};
use planche::internal::sheet::{
    AltState, Device, Mode, SCHEMA, Sheet, SheetAlt, SheetArticle, SheetFraming, SheetImage,
    SheetLoad, SheetOriginal, SheetVariant, State, Totals, page,
};

const ARTICLES: usize = 1_000;
/// Number of images per article.
const IMAGES: usize = 2;
const WIDTHS: [u32; 6] = [320, 480, 640, 960, 1280, 1920];
/// Number of base64 characters of a thumbnail. Thumbnails of photos have 1.5 to 2.5 kB.
const THUMBNAIL: usize = 2_500;

fn main() {
    let sheet = sheet();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("contact-sheet.html");
    let html = page(&sheet, Mode::Static { root: "" }, None);
    println!(
        "{} images, {:.1} MB",
        sheet.images.len(),
        html.len() as f64 / 1e6
    );
    assert!(html.len() < 15_000_000, "the page is too large");
    std::fs::write(&file, html).expect("the page is written");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let status = Command::new("node")
        .arg(repository.join("benches/sheet.mjs"))
        .arg(repository.join("target/sites"))
        .arg(&file)
        .status();
    match status {
        Ok(status) if status.success() => {}
        other => eprintln!("the page was not opened: {other:?}"),
    }
}

/// Returns a data URI of pseudo-random letters, which do not compress. Each `seed` has a different
/// sequence.
fn thumbnail(seed: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = seed as u64 + 1;
    let letters = (0..THUMBNAIL).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(LETTERS[(state >> 58) as usize])
    });
    format!("data:image/webp;base64,{}", letters.collect::<String>())
}

fn sheet() -> Sheet {
    let images: Vec<SheetImage> = (0..ARTICLES * IMAGES).map(image).collect();
    let page = Page {
        before: 6_000_000,
        after: 200_000,
    };
    let gain = Gain {
        articles: 1,
        phone: page,
        desktop: page,
    };
    let articles = (0..ARTICLES).map(|number| SheetArticle {
        path: format!(
            "_posts/2024-{:02}-{:02}-article-{number}.md",
            number % 12 + 1,
            number % 28 + 1
        ),
        title: Some(format!("The title of article {number}, of a usual length")),
        date: Some(format!(
            "2024-{:02}-{:02}",
            number % 12 + 1,
            number % 28 + 1
        )),
        gain: Some(gain),
        images: (number * IMAGES..(number + 1) * IMAGES).collect(),
        findings: Vec::new(),
    });
    Sheet {
        schema: SCHEMA,
        version: "0",
        site: "synthetic".to_owned(),
        articles: articles.collect(),
        thumbnails: (0..images.len()).map(thumbnail).collect(),
        images,
        devices: ["phone", "tablet", "desktop"]
            .map(|name| Device {
                name,
                width: 390.0,
                densities: [1.0, 2.0, 3.0],
            })
            .into(),
        findings: Vec::new(),
        unused: Vec::new(),
        orphaned: Vec::new(),
        orphaned_unknown: None,
        totals: Totals::default(),
    }
}

fn image(number: usize) -> SheetImage {
    let file = |width: u32| SheetVariant {
        path: format!("uploads/variants/2024/photograph-{number}-{width}.0123456789.webp"),
        width,
        height: width * 2 / 3,
        bytes: Some(u64::from(width) * 60),
        exists: true,
        format: "webp",
        media: None,
        quality: Some(80.0),
        target: None,
        is_listed: true,
        score: Some(60.0 + (number % 30) as f32),
        worst_region: Some(50.0),
    };
    let load = |file: usize| SheetLoad {
        file: Some(file),
        bytes: Some(50_000),
        place: Some(390.0),
    };
    SheetImage {
        id: format!("i{number:010}"),
        article: number / IMAGES,
        value: format!("/uploads/2024/photograph-{number}.jpg"),
        key: Some(format!("gallery[{}].image", number % IMAGES)),
        line: Some(12),
        column: Some(10),
        record: format!("gallery[{}].image_responsive", number % IMAGES),
        preset: "carousel".to_owned(),
        is_also: false,
        state: State::Ready,
        original: Some(SheetOriginal {
            path: format!("uploads/2024/photograph-{number}.jpg"),
            width: 4032,
            height: 2688,
            bytes: 3_000_000,
            format: "jpeg",
            is_animated: false,
        }),
        thumbnail: Some(number),
        alt: SheetAlt {
            state: AltState::Text,
            text: Some(format!(
                "What photograph {number} shows, in a sentence of usual length"
            )),
            key: Some("gallery[0].alt".to_owned()),
            problems: Vec::new(),
        },
        caption: Some("A caption with the name of the photographer".to_owned()),
        focus: None,
        framing: SheetFraming::Whole,
        sizes: Some("(min-width: 62em) 62em, 100vw".to_owned()),
        files: WIDTHS.map(file).into(),
        loads: (0..3)
            .map(|device| {
                (0..3)
                    .map(|density| load((device + density).min(5)))
                    .collect()
            })
            .collect(),
    }
}
