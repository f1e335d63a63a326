//! Presets on built sites: compares every record with the files that it names.

use std::fs;

use planche::internal::preset::Ladder;
use planche::internal::record::Content;

use crate::records::check_framed_records;
use crate::scratch::Scratch;

/// Creates a site with one article that references one upload, and a preset for it.
fn site_with(preset: &str, upload: (&str, Vec<u8>), focus: &str) -> Scratch {
    let site = Scratch::site();
    site.write("presets/card.yml", preset);
    site.write(&format!("uploads/{}", upload.0), upload.1);
    let focus = match focus {
        "" => String::new(),
        focus => format!("image_focus: {focus}\n"),
    };
    let article = format!("---\nimage: /uploads/{}\n{focus}---\n", upload.0);
    site.write("articles/a.md", article);
    site
}

/// Builds the site, checks its only record and returns it.
#[track_caller]
fn record_of(site: &Scratch) -> Content {
    site.planche(&["--format", "json"]).exits(0);
    let again = site.planche(&["--format", "json"]).exits(0);
    assert_eq!(again.count("/variants/written"), 0, "the second run");
    assert_eq!(again.count("/articles/changed"), 0, "the second run");
    site.planche(&["check", "--quiet"]).exits(0);
    site.planche(&["check", "--articles", "--quiet"]).exits(0);
    let records = check_framed_records(site);
    let [(_, record)] = &records[..] else {
        panic!("not one record: {records:#?}");
    };
    record.clone()
}

/// Returns the bytes of a candidate.
fn file_of(site: &Scratch, url: &str) -> Vec<u8> {
    fs::read(site.path(url.trim_start_matches('/'))).unwrap()
}

fn pixels(site: &Scratch, url: &str) -> image::RgbaImage {
    image::load_from_memory(&file_of(site, url))
        .unwrap()
        .to_rgba8()
}

fn png(width: u32, height: u32, paint: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    let image = image::RgbaImage::from_fn(width, height, |x, y| image::Rgba(paint(x, y)));
    let mut png = std::io::Cursor::new(Vec::new());
    image.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

/// An image of red, green and blue thirds from left to right, with noise so that wider files are
/// larger.
fn thirds() -> (&'static str, Vec<u8>) {
    let paint = |x: u32, y: u32| {
        let noise = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) >> 7 & 31;
        let mut pixel = [noise as u8, noise as u8, noise as u8, 255];
        pixel[(x / 200) as usize] = 224 + noise as u8;
        pixel
    };
    ("thirds.png", png(600, 300, paint))
}

/// Returns which of the three colors a pixel has.
fn color(pixel: &image::Rgba<u8>) -> usize {
    (0..3).max_by_key(|index| pixel.0[*index]).unwrap()
}

#[test]
fn each_format_has_a_source_and_the_last_is_the_image() {
    let preset = "widths: [150, 300]\nsizes: 50vw\nformats: [avif, webp, jpeg]\nlossless: never\nbackground: white\n";
    let site = site_with(preset, thirds(), "");
    let record = record_of(&site);
    let types: Vec<&str> = record
        .sources
        .iter()
        .map(|source| source.mime.as_str())
        .collect();
    assert!(record.src.ends_with(".jpg"), "{record:#?}");
    // A source is listed only if it saves bytes. Listed sources are in this order.
    let mut wanted = ["image/avif", "image/webp"].into_iter();
    assert!(
        types.iter().all(|one| wanted.any(|other| other == *one)),
        "{types:?}"
    );
    // Every variant is either published or in the list of left-out widths.
    let list = fs::read_to_string(site.path("uploads/variants/left-out.txt"));
    let left_out = list.unwrap_or_default().lines().skip(1).count();
    assert_eq!(site.variants().len() + left_out, 6);
}

#[test]
fn a_jpeg_of_what_may_be_transparent_is_a_png_without_a_background() {
    let see_through = png(64, 64, |x, y| [200, 10, 10, ((x + y) * 2) as u8]);
    let preset = "widths: [64]\nsizes: 4em\nformats: [webp, jpeg]\n";
    let site = site_with(preset, ("a.png", see_through.clone()), "");
    assert!(record_of(&site).src.ends_with(".png"));
    let preset = format!("{preset}background: '#00f'\n");
    let site = site_with(&preset, ("a.png", see_through), "");
    site.planche(&[]).exits(0);
    let is_jpeg = |name: &&String| name.ends_with(".jpg");
    assert_eq!(site.variants().iter().filter(is_jpeg).count(), 1);
}

#[test]
fn densities_have_x_descriptors() {
    let preset = "widths: [150]\ndensities: [1, 2, 8]\nlossless: never\n";
    let record = record_of(&site_with(preset, thirds(), ""));
    let descriptors: Vec<&str> = record
        .srcset
        .iter()
        .map(|candidate| candidate.rsplit_once(' ').unwrap().1)
        .collect();
    assert_eq!(descriptors, ["1x", "2x", "4x"]);
    assert_eq!((record.sizes, record.dimensions.width), (None, 150));
}

#[test]
fn a_crop_keeps_the_focus() {
    let square = "widths: [100]\nsizes: 100px\naspect: 1/1\nlossless: always\n";
    for (preset_focus, article_focus, expected) in [
        ("", "", [0, 1, 2]),
        ("focus: 0 0\n", "", [0, 0, 1]),
        ("focus: 0 0\n", "1 1", [1, 2, 2]),
        ("", "20% 50%", [0, 0, 1]),
    ] {
        let site = site_with(&format!("{square}{preset_focus}"), thirds(), article_focus);
        let record = record_of(&site);
        assert_eq!(
            (record.dimensions.width, record.dimensions.height),
            (100, 100)
        );
        let shown = pixels(&site, &record.src);
        // The crop shows 300 of the 600 pixels: the pixels at its borders and in its middle are
        // checked.
        let seen = [2, 50, 97].map(|x| color(shown.get_pixel(x, 50)));
        assert_eq!(seen, expected, "{preset_focus:?} {article_focus:?}");
    }
}

#[test]
fn the_most_salient_part_is_found() {
    let picture = png(600, 300, |x, y| {
        if (460..560).contains(&x) && (100..200).contains(&y) {
            [230, 40, 20, 255]
        } else {
            [90, (100 + y / 10) as u8, 120, 255]
        }
    });
    let preset = "widths: [100]\nsizes: 100px\naspect: 1\nfocus: auto\nlossless: always\n";
    let site = site_with(preset, ("a.png", picture), "");
    let shown = pixels(&site, &record_of(&site).src);
    let red = shown.pixels().filter(|pixel| pixel.0[0] > 200).count();
    // The red square covers 100 × 100 of the 300 × 300 pixels, one in nine.
    assert!(red > 1000, "{red} of 10000 pixels");
}

#[test]
fn a_frame_shows_the_full_image_on_its_background() {
    let preset = "widths: [120]\nsizes: 120px\naspect: 1\nfit: contain\nbackground: '#fc0'\nlossless: always\n";
    let site = site_with(preset, thirds(), "");
    let record = record_of(&site);
    assert_eq!(
        (record.dimensions.width, record.dimensions.height),
        (120, 120)
    );
    let shown = pixels(&site, &record.src);
    assert_eq!(shown.get_pixel(60, 5).0, [255, 204, 0, 255]);
    assert_eq!(shown.get_pixel(60, 115).0, [255, 204, 0, 255]);
    let seen = [5, 60, 115].map(|x| color(shown.get_pixel(x, 60)));
    assert_eq!(seen, [0, 1, 2]);
}

#[test]
fn art_direction_writes_a_source_for_each_media_condition() {
    let preset = "widths: [300, 600]
sizes: 100vw
lossless: never
sources:
- media: \"(max-width: 40em)\"
  aspect: 1
  widths: [100, 200]
- media: print
  sizes: 20cm
";
    let site = site_with(preset, thirds(), "");
    let record = record_of(&site);
    let [narrow, print] = &record.sources[..] else {
        panic!("{record:#?}");
    };
    assert_eq!(narrow.media.as_deref(), Some("(max-width: 40em)"));
    assert_eq!(
        (narrow.dimensions.width, narrow.dimensions.height),
        (200, 200)
    );
    assert_eq!(narrow.sizes.as_deref(), Some("100vw"));
    assert_eq!(print.media.as_deref(), Some("print"));
    assert_eq!(print.sizes.as_deref(), Some("20cm"));
    assert_eq!(print.srcset, record.srcset, "the same files");
}

#[test]
fn rasterise_makes_variants_of_an_svg() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 10'><rect width='10' height='10' fill='red'/><circle cx='15' cy='5' r='4' fill='blue'/></svg>";
    let preset = "widths: [100, 400]\nsizes: 100vw\nrasterise: true\nlossless: always\n";
    let site = site_with(preset, ("a.svg", svg.into()), "");
    let record = record_of(&site);
    assert_eq!(
        (record.dimensions.width, record.dimensions.height),
        (400, 200)
    );
    let shown = pixels(&site, &record.src);
    assert_eq!(shown.get_pixel(100, 100).0, [255, 0, 0, 255]);
    assert_eq!(shown.get_pixel(300, 100).0, [0, 0, 255, 255]);
    assert_eq!(shown.get_pixel(395, 5).0[3], 0, "nothing is drawn there");
    let cut = format!("{preset}aspect: 1\nfocus: 1 0\n");
    let site = site_with(&cut, ("a.svg", svg.into()), "");
    let record = record_of(&site);
    assert_eq!(
        (record.dimensions.width, record.dimensions.height),
        (400, 400)
    );
    let shown = pixels(&site, &record.src);
    assert_eq!(shown.get_pixel(200, 200).0, [0, 0, 255, 255]);
    let plain = site_with("widths: [100]\nsizes: 100vw\n", ("a.svg", svg.into()), "");
    assert_eq!(record_of(&plain).src, "/uploads/a.svg");
}

#[test]
fn a_variant_of_an_svg_does_not_depend_on_the_others() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 30 20'><path d='M0 0L30 17L8 20z' fill='teal'/></svg>";
    let alone = "widths: [90]\nsizes: 100vw\nrasterise: true\nlossless: always\n";
    let among = "widths: [90, 777]\nsizes: 100vw\nrasterise: true\nlossless: always\n";
    let [alone, among] = [alone, among].map(|preset| {
        let site = site_with(preset, ("a.svg", svg.into()), "");
        let record = record_of(&site);
        let (url, _) = record.srcset[0].rsplit_once(' ').unwrap();
        (url.to_owned(), file_of(&site, url))
    });
    assert!(alone == among, "{} {}", alone.0, among.0);
}

#[test]
fn color_keep_keeps_the_profile() {
    let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let mut jpeg = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, 95);
    encoder.add_icc_profile(&icc).unwrap();
    let samples = [200u8, 60, 40].repeat(64 * 64);
    encoder
        .encode(&samples, 64, 64, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    let red = |site: &Scratch| {
        let record = record_of(site);
        let file = file_of(site, &record.src);
        let mut decoder =
            image::codecs::webp::WebPDecoder::new(std::io::Cursor::new(&file)).unwrap();
        let icc = image::ImageDecoder::icc_profile(&mut decoder).unwrap();
        (pixels(site, &record.src).get_pixel(32, 32).0[0], icc)
    };
    let preset = "widths: [64]\nsizes: 4em\nlossless: always\n";
    let (value, profile) = red(&site_with(preset, ("a.jpg", jpeg.clone()), ""));
    // CSS Color 4: color(display-p3 0.784 0.235 0.157) is rgb(217 42 23) in sRGB.
    assert!(value.abs_diff(217) <= 2 && profile.is_none(), "{value}");
    let keep = format!("{preset}color: keep\n");
    let (value, profile) = red(&site_with(&keep, ("a.jpg", jpeg), ""));
    assert!(value.abs_diff(200) <= 2, "{value}");
    assert_eq!(profile, Some(icc));
}

#[test]
fn resize_linear_averages_linear_light() {
    let checkerboard = || {
        png(400, 400, |x, y| {
            let value = if (x + y) % 2 == 0 { 255 } else { 0 };
            [value, value, value, 255]
        })
    };
    for (resize, expected) in [("linear", 188u8), ("srgb", 128)] {
        let preset = format!("widths: [100]\nsizes: 100px\nlossless: always\nresize: {resize}\n");
        let site = site_with(&preset, ("a.png", checkerboard()), "");
        let shown = pixels(&site, &record_of(&site).src);
        for pixel in shown.pixels() {
            assert!(pixel.0[0].abs_diff(expected) <= 1, "{resize}: {pixel:?}");
        }
    }
}

#[test]
fn an_invalid_focal_point_is_reported_with_its_position() {
    let preset = "widths: [100]\nsizes: 100px\naspect: 1\n";
    let site = site_with(preset, thirds(), "left");
    let run = site.planche(&["--format", "json"]).exits(0);
    let findings = run.findings();
    let [finding] = &findings[..] else {
        panic!("{findings:#?}");
    };
    assert_eq!(finding.code, "unreadable-focus");
    // The line is that of the key below the record, which the build has inserted.
    let article = site.text("articles/a.md");
    let line = article.lines().position(|line| line == "image_focus: left");
    let line = line.map(|line| u32::try_from(line).unwrap() + 1);
    assert_eq!((finding.line, finding.column), (line, Some(14)));
    assert!(finding.message.contains("`left`"), "{finding:#?}");
    site.planche(&["--strict"]).exits(1);
}

#[test]
fn a_focal_point_without_a_crop_changes_no_name() {
    let preset = "widths: [100]\nsizes: 100px\n";
    let plain = record_of(&site_with(preset, thirds(), ""));
    let focused = record_of(&site_with(preset, thirds(), "0.1 0.9"));
    assert_eq!(plain, focused);
}

/// Returns an image of noise over smooth colors, whose files grow with the width.
fn noisy(width: u32, height: u32) -> (&'static str, Vec<u8>) {
    let paint = |x: u32, y: u32| {
        let noise = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(0x9E37_79B9)) >> 11 & 63;
        [(x / 8 + noise) as u8, (y / 8 + noise) as u8, 90, 255]
    };
    ("noisy.png", png(width, height, paint))
}

/// Returns width and bytes of each file of a `srcset`.
fn files_of(site: &Scratch, record: &Content) -> Vec<(u32, u64)> {
    let candidate = |candidate: &String| {
        let (url, width) = candidate.split_once(' ').unwrap();
        let width = width.trim_end_matches('w').parse().unwrap();
        (width, file_of(site, url).len() as u64)
    };
    record.srcset.iter().map(candidate).collect()
}

#[test]
fn widths_by_file_size_save_a_step_each() {
    let preset = "widths: {min: 200, max: 1200, step_bytes: 4kB}\nsizes: 100vw\nlossless: never\n";
    let site = site_with(preset, noisy(1200, 600), "");
    let record = record_of(&site);
    let files = files_of(&site, &record);
    assert!(files.len() > 3, "{files:?}");
    assert_eq!(files[0].0, 200);
    assert_eq!(files[files.len() - 1].0, 1200);
    for pair in files.windows(2) {
        assert!(pair[1].1 - pair[0].1 >= 4_000, "{files:?}");
    }
    // The widths are determined by the remaining files, and only the missing file is written again.
    let (url, _) = record.srcset[1].split_once(' ').unwrap();
    fs::remove_file(site.path(url.trim_start_matches('/'))).unwrap();
    fs::remove_dir_all(site.path(".planche")).unwrap();
    let again = site.planche(&["--format", "json"]).exits(0);
    assert_eq!(again.count("/variants/written"), 1);
    assert_eq!(again.count("/articles/changed"), 0);
    // Without any variant, the article still counts as up to date, and only the widths between the
    // ends are unknown.
    fs::remove_dir_all(site.path("uploads/variants")).unwrap();
    site.planche(&["check", "--articles", "--quiet"]).exits(0);
    site.planche(&["check", "--quiet"]).exits(1);
    let told = site.planche(&["--dry-run"]).exits(0).out;
    assert!(
        told.contains("variants between 200 and 1200 pixels wide, chosen by the sizes of both"),
        "{told}"
    );
    assert_eq!(record_of(&site), record);
}

#[test]
fn a_small_image_has_its_own_width_only() {
    let preset = "widths: {min: 200, max: 1200, step_bytes: 4kB}\nsizes: 100vw\nlossless: never\n";
    let site = site_with(preset, noisy(210, 100), "");
    let widths: Vec<u32> = files_of(&site, &record_of(&site))
        .iter()
        .map(|file| file.0)
        .collect();
    assert_eq!(widths, [210]);
}

#[test]
fn visitors_decide_the_widths_by_file_size() {
    let ladder = |visitors: &str| {
        let preset = "widths: {min: 200, max: 1200, step_bytes: 4kB, visitors: v.csv}\nsizes: 100vw\nlossless: never\nformats: [webp]\n";
        let site = site_with(preset, noisy(1200, 600), "");
        site.write("presets/v.csv", format!("width,density,weight\n{visitors}"));
        let files = files_of(&site, &record_of(&site));
        for pair in files.windows(2) {
            assert!(pair[1].1 - pair[0].1 >= 4_000, "{files:?}");
        }
        files.iter().map(|file| file.0).collect::<Vec<u32>>()
    };
    // 600 and 980 pixels are rounded up to multiples of 16.
    assert_eq!(ladder("300,2,9\n490,2,5\n"), [200, 608, 992, 1200]);
    assert_eq!(ladder("100,2,9\n"), [200, 1200]);
}

#[test]
fn art_direction_and_formats_have_their_own_widths_by_file_size() {
    let preset = "widths: {min: 200, max: 1000, step_bytes: 3kB}\nsizes: 100vw\nlossless: never\nformats: [webp, png]\nsources: [{media: '(max-width: 40em)', aspect: 1, widths: {min: 100, max: 500, step_bytes: 2kB}}]\n";
    let site = site_with(preset, noisy(1200, 600), "");
    let record = record_of(&site);
    let narrow = record
        .sources
        .iter()
        .filter(|source| source.media.is_some());
    let widest: Vec<u32> = narrow.map(|source| source.dimensions.width).collect();
    assert_eq!(widest, [500, 500], "{record:#?}");
    let lengths: Vec<usize> = record
        .sources
        .iter()
        .map(|source| source.srcset.len())
        .collect();
    assert!(lengths.iter().all(|length| *length > 2), "{lengths:?}");
}

#[test]
fn a_table_of_visitors_must_exist_and_be_valid() {
    let site = site_with(
        "widths: {min: 200, max: 1200, step_bytes: 4kB, visitors: v.csv}\nsizes: 100vw\n",
        noisy(300, 100),
        "",
    );
    let told = site.planche(&[]).exits(2).err;
    assert!(
        told.contains("presets/card.yml:1:58: no file `v.csv` in `presets/`"),
        "{told}"
    );
    site.write("presets/v.csv", "width,density,weight\n390,three,1\n");
    let told = site.planche(&[]).exits(2).err;
    assert!(
        told.contains("presets/v.csv:2:1: `390,three,1` is not a row of visitors"),
        "{told}"
    );
    site.write("presets/v.csv", "width,density,weight\n390,3,1\n");
    site.write(
        "presets/card.yml",
        "widths: {min: 200, max: 1200, step_bytes: 4kB, visitors: v.csv}\nsizes: 50vh\n",
    );
    let told = site.planche(&[]).exits(2).err;
    assert!(
        told.contains("presets/card.yml:2:8: cannot compute the displayed width from `50vh`"),
        "{told}"
    );
}

/// Returns the rows of the first table below a heading of `docs/presets.md`, without its header.
fn table(heading: &str) -> Vec<Vec<String>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/presets.md");
    let guide = fs::read_to_string(path).unwrap();
    let (_, section) = guide.split_once(&format!("\n## {heading}\n")).unwrap();
    let rows = section.lines().skip_while(|line| !line.starts_with('|'));
    rows.take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|row| {
            let cells = row.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

#[test]
fn the_guide_lists_every_key_with_its_default() {
    let schema = serde_json::to_value(planche::internal::settings::schema::<
        planche::internal::preset::Preset,
    >());
    let schema = schema.unwrap();
    let mut properties = schema["properties"].as_object().unwrap().clone();
    for row in table("Keys") {
        let [key, _, default] = &row[..] else {
            panic!("{row:?}");
        };
        let key = key.trim_matches('`');
        let property = properties
            .remove(key)
            .unwrap_or_else(|| panic!("`{key}` is not a key of a preset"));
        let required = schema["required"].as_array().unwrap();
        let is_required = required.iter().any(|one| one == key);
        assert_eq!(is_required, default == "required", "{key}");
        // Keys without a default in the schema, or with an empty one, are described in words.
        let expected = &property["default"];
        let is_given = !expected.is_null() && expected.as_array() != Some(&Vec::new());
        if is_given {
            let default: serde_json::Value =
                serde_yaml::from_str(default.trim_matches('`')).unwrap();
            let same = default == *expected || default.as_f64() == expected.as_f64();
            assert!(
                same,
                "{key}: {default} in the guide, {expected} in the schema"
            );
        }
    }
    // Alternative spellings of keys are not in the guide.
    properties.retain(|_, property| property["doNotSuggest"] != true);
    let missing: Vec<&String> = properties.keys().collect();
    assert_eq!(missing, [""; 0], "keys that the guide does not list");
}

#[test]
fn the_guide_describes_the_built_in_presets() {
    let (presets, _) = planche::internal::preset::Presets::read([]);
    let mut names: Vec<&str> = planche::internal::preset::BUILT_IN
        .iter()
        .map(|(name, _)| *name)
        .collect();
    for row in table("Sizes") {
        let [name, _, sizes, widths] = &row[..] else {
            panic!("{row:?}");
        };
        let name = name.trim_matches('`');
        let preset = presets.get(name).unwrap();
        let shown = preset
            .sizes
            .as_ref()
            .map(planche::internal::preset::Sizes::as_str);
        assert_eq!(shown, Some(sizes.trim_matches('`')), "{name}");
        let Ladder::Listed(listed) = &preset.widths else {
            panic!("{name}");
        };
        let smallest = listed.iter().next().unwrap();
        let expected = match listed.largest() {
            largest if largest == smallest => largest.to_string(),
            largest => format!("{smallest} to {largest}"),
        };
        assert_eq!(*widths, expected, "{name}");
        names.retain(|other| *other != name);
    }
    assert_eq!(names, [""; 0], "presets that the guide does not list");
}

#[test]
fn the_guide_lists_the_keys_that_decide_on_a_preset() {
    use planche::internal::preset::{GENERIC_WORDS, LARGE_KEYS, SOCIAL_KEYS};
    let list = |keys: &[&str]| {
        keys.iter()
            .map(|key| format!("`{key}`"))
            .collect::<Vec<_>>()
    };
    let rows = table("Which preset an image gets");
    let keys: Vec<(&str, &str)> = rows.iter().map(|row| (&*row[0], &*row[1])).collect();
    let [large, social, other] = keys[..] else {
        panic!("{keys:?}");
    };
    assert_eq!(large, ("`carousel`", &*list(&LARGE_KEYS).join(", ")));
    assert_eq!(social, ("none", &*list(&SOCIAL_KEYS).join(", ")));
    assert_eq!(other, ("`card`", "all others"));
    let guide = include_str!("../docs/presets.md").replace("\n  ", " ");
    let words = list(&GENERIC_WORDS);
    let (last, others) = words.split_last().unwrap();
    let words = format!("{} and {last}.", others.join(", "));
    assert!(guide.contains(&words), "{words}");
}

#[test]
fn descriptions_of_the_schema_are_sentences() {
    for schema in [
        planche::internal::settings::schema::<planche::internal::preset::Preset>(),
        planche::internal::settings::schema::<planche::internal::config::Config>(),
    ] {
        let schema = serde_json::to_value(schema).unwrap();
        let of_definitions = schema["$defs"].as_object().into_iter().flatten();
        let objects = of_definitions.map(|(name, object)| (name.as_str(), object));
        for (name, object) in objects.chain([("the root", &schema)]) {
            let properties = object["properties"].as_object().into_iter().flatten();
            for (key, property) in properties {
                let description = property["description"].as_str().unwrap_or_default();
                let is_sentence = description.ends_with('.')
                    && description.starts_with(|c: char| c.is_uppercase() || c == '`')
                    && !description.contains('\n');
                assert!(is_sentence, "{name}, {key}: {description:?}");
            }
        }
    }
}
