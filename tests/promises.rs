//! Promises of the documentation that no other test covers.

use std::fs;
use std::path::Path;

use image::RgbImage;
use jpeg_encoder::{ColorType, Encoder};

use crate::scratch::Scratch;

/// Text that represents a position in Exif, and a name in XMP.
const SECRET: &[u8] = b"48.8584N 2.2945E";

/// Returns Exif data with a GPS block: IFD0 points to it (tag 0x8825), and it contains one ASCII
/// entry.
fn exif_with_position() -> Vec<u8> {
    let count = u8::try_from(SECRET.len()).unwrap();
    let ifd0 = [1, 0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0];
    let gps = [1, 0, 0x1d, 0, 2, 0, 0, 0, count, 0, 0, 0, 44, 0, 0, 0, 0];
    [
        b"Exif\0\0MM\0*\0\0\0\x08\0".as_slice(),
        &ifd0,
        b"\0",
        &gps,
        SECRET,
    ]
    .concat()
}

/// Returns a JPEG of noise, smaller than any variant of high quality.
fn jpeg(segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut state = 1_u32;
    let noise = RgbImage::from_fn(64, 48, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        image::Rgb([(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8])
    });
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 20);
    for (number, content) in segments {
        encoder.add_app_segment(*number, content.clone()).unwrap();
    }
    encoder
        .encode(noise.as_raw(), 64, 48, ColorType::Rgb)
        .unwrap();
    bytes
}

fn site_with(upload: &[u8], preset: &str) -> Scratch {
    let site = Scratch::site();
    site.write("presets/card.yml", preset);
    site.write("uploads/a.jpg", upload);
    site.write_article("articles/a.md", "/uploads/a.jpg");
    site.planche(&[]).exits(0);
    site
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn variants_contain_no_metadata_of_the_original() {
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0".as_slice(), SECRET].concat();
    let upload = jpeg(&[(1, exif_with_position()), (1, xmp), (13, SECRET.to_vec())]);
    assert!(holds(&upload, SECRET));
    // Each format is tested alone, because next to others a larger file is left out.
    for (format, extension) in [("avif", "avif"), ("webp", "webp"), ("jpeg", "jpg")] {
        for color in ["srgb", "keep"] {
            let preset = format!(
                "widths: [16, 32]\nsizes: 100vw\nformats: [{format}]\nquality: 5\neffort: 0\ncolor: {color}\n"
            );
            let site = site_with(&upload, &preset);
            let variants = site.variants();
            let is_of_format = |name: &&String| name.ends_with(&format!(".{extension}"));
            assert!(variants.iter().any(|name| is_of_format(&name)), "{color}");
            for name in variants {
                let bytes = fs::read(site.path(&name)).unwrap();
                assert!(!holds(&bytes, SECRET), "{name}");
            }
        }
    }
}

#[test]
fn an_original_with_a_position_is_no_candidate() {
    let preset = "widths: [32, 64]\nsizes: 100vw\nquality: 100\neffort: 0\n";
    let plain = site_with(&jpeg(&[]), preset);
    assert!(
        plain.text("articles/a.md").contains("/uploads/a.jpg 64w"),
        "{}",
        plain.text("articles/a.md")
    );
    let located = site_with(&jpeg(&[(1, exif_with_position())]), preset);
    assert!(
        !located.text("articles/a.md").contains("/uploads/a.jpg 64w"),
        "{}",
        located.text("articles/a.md")
    );
}

/// Keys whose default is the generator's are commented out, but must be named too.
#[test]
fn the_configuration_that_init_writes_names_every_key() {
    let site = Scratch::empty();
    site.write("_config.yml", "title: A\n");
    site.planche(&["init"]).exits(0);
    let text = site.text("planche.yml");
    let schema = site.planche(&["schema"]).exits(0).out;
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert!(keys.len() > 8, "{keys:?}");
    for key in keys {
        let is_named = text.lines().any(|line| {
            let line = line.trim_start_matches(['#', ' ']);
            line.strip_prefix(key.as_str())
                .is_some_and(|rest| rest.starts_with(':'))
        });
        assert!(is_named, "{key}: {text}");
    }
}

/// Two files with the same name in two folders must not collide, as the guides promise.
#[test]
fn variants_keep_the_path_of_their_original_below_the_published_folder() {
    let site = Scratch::empty();
    site.write("hugo.toml", "title = 'A'\n");
    for folder in ["uploads", "images"] {
        site.copy_upload("logo.png", &format!("static/{folder}/a.png"));
    }
    let images = "images:\n- /uploads/a.png\n- /images/a.png\n";
    site.write("content/a.md", format!("---\n{images}---\n"));
    site.planche(&[]).exits(0);
    let text = site.text("content/a.md");
    for folder in ["uploads", "images"] {
        let start = format!("/uploads/variants/{folder}/a-");
        assert!(text.contains(&start), "{start}: {text}");
    }
}

/// Returns the texts between backticks in the last column of a document's tables.
fn named_in_last_column(document: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let last = rows.filter_map(|row| row.trim_end_matches([' ', '|']).rsplit(" | ").next());
    let quoted = last.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    quoted.map(str::to_owned).collect()
}

/// Whether a test with this name, or a module or folder of tests, exists.
fn exists(name: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = name.replace("::", "/");
    let (parent, last) = path.rsplit_once('/').unwrap_or(("", &path));
    let has_test = |file: &Path| {
        fs::read_to_string(file).is_ok_and(|text| text.contains(&format!("fn {last}()")))
    };
    let places = ["tests", "src", "src/picture/tests"].map(|folder| root.join(folder));
    root.join(&path).exists()
        || places.iter().any(|place| {
            let module = place.join(parent);
            place.join(&path).is_dir()
                || place.join(&path).with_extension("rs").is_file()
                || has_test(&module.with_extension("rs"))
        })
}

#[test]
fn each_promise_names_tests_that_exist() {
    for document in ["RELIABILITY.md", "SECURITY.md"] {
        let named = named_in_last_column(document);
        let tests = named
            .iter()
            .filter(|name| name.contains("::") || name.contains('/'));
        assert!(tests.clone().count() >= 10, "{document}: {named:?}");
        for name in tests {
            assert!(exists(name), "{document}: there is no test `{name}`");
        }
    }
}
