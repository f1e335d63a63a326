//! What differs from libvips, and why: each was looked at.

/// An image that differs from libvips' result.
pub struct Exception {
    pub file: String,
    /// SSIMULACRA2, as measured with libvips 8.14.1.
    pub score: f64,
    pub why: &'static str,
}

type Row = (&'static str, f64, &'static str);

/// The exceptions of `resize: srgb`.
pub fn srgb() -> Vec<Exception> {
    let gammas = PNG_GAMMA.iter().map(|(name, score)| Exception {
        file: format!("odd/pngsuite/{name}.png"),
        score: *score,
        why: GAMMA,
    });
    exceptions(SRGB).chain(gammas).collect()
}

/// The exceptions of `resize: linear`.
pub fn linear() -> Vec<Exception> {
    exceptions(LINEAR).collect()
}

fn exceptions(rows: &[Row]) -> impl Iterator<Item = Exception> {
    rows.iter().map(|(file, score, why)| Exception {
        file: (*file).to_owned(),
        score: *score,
        why,
    })
}

/// What gets no variant, and why.
pub const UNREAD: &[(&str, &str)] = &[
    ("graphics/star.svg", "an SVG is published as it is"),
    ("odd/formats/IMG_5195.HEIC", "browsers do not show it"),
    ("odd/formats/f1t.jxl", "few browsers show it"),
    ("odd/formats/photo-dev.jp2", "browsers do not show it"),
    (
        "odd/formats/random12_99x92_ifast_rgb_420_Q90,80,70_smooth50.jpg",
        "twelve bits a sample: browsers do not show it",
    ),
    (
        "odd/formats/test1.arith.jpg",
        "arithmetic coding: browsers do not show it",
    ),
    (
        "odd/size/giant-image.jpg",
        "280 megapixels, the limit is 100",
    ),
];

/// What libvips 8.14 does not read, and why: there is nothing to compare with.
pub const UNREAD_BY_LIBVIPS: &[(&str, &str)] = &[(
    "odd/orientation/kimono.rotate90.avif",
    "heifload: bad image dimensions on decode",
)];

/// `vips resize` without `--gap` comes to ours.
const BOX: &str = "libvips averages boxes of pixels before Lanczos: thin lines and dots are softer";
const INKS: &str = "libvips takes inks without a profile for a press's; browsers, and planche, for \
                    the complements of red, green and blue";
const BMP: &str = "libvips takes the fourth byte for alpha; without a mask for it the format says \
                   that it is unused";

const SRGB: &[Row] = &[
    (
        "graphics/Exoplanet_Phase_Curve_(Diagram)_indexed_gimp.png",
        89.26,
        BOX,
    ),
    ("graphics/dithered-1bit-2800.png", 88.46, BOX),
    (
        "graphics/plum-blossom-large.png",
        88.58,
        "where alpha overshoots at an edge, ours is lighter by up to 18 levels: alpha is cut to \
         255 before the colours are divided by it, libvips divides fractions",
    ),
    (
        "odd/colour/Channel_digital_image_CMYK_color.jpg",
        71.13,
        "vipsthumbnail makes it darker than `vips icc_transform`, which ours equals: in linear \
         light, where the reference goes through that, it is no exception",
    ),
    ("odd/colour/jpg-cmyk-1.jpg", -30.07, INKS),
    (
        "odd/colour/sample-xyb.jpg",
        -19.23,
        "libvips does not apply its profile, which turns XYB into RGB by a table, and shows it green",
    ),
    ("odd/formats/small.bmp", 56.01, BMP),
];

const LINEAR: &[Row] = &[
    (
        "graphics/Exoplanet_Phase_Curve_(Diagram)_indexed_gimp.png",
        86.33,
        BOX,
    ),
    ("graphics/dithered-1bit-2800.png", 85.06, BOX),
    ("graphics/how-it-works-light.png", 88.70, BOX),
    ("odd/colour/jpg-cmyk-1.jpg", -28.51, INKS),
    (
        "odd/colour/sample-xyb.jpg",
        -19.23,
        "libvips does not apply its profile, which turns XYB into RGB by a table, and shows it green",
    ),
    (
        "odd/formats/SCAN-DEV.TIF",
        81.15,
        "black and white alone: ours cuts what overshoots between the two passes, and is lighter \
         by 1.3% of the light; libvips keeps it in fractions",
    ),
    ("odd/formats/small.bmp", 56.01, BMP),
    ("photos/singaporean-cityscape.jpg", 87.71, BOX),
];

const GAMMA: &str = "it has gAMA (and ccwn3p08 cHRM), which browsers follow and libvips does not";

/// Those of `odd/pngsuite` that look otherwise by [`GAMMA`].
const PNG_GAMMA: &[(&str, f64)] = &[
    ("basi0g02", 80.46),
    ("basi0g08", 79.32),
    ("basi2c08", 27.12),
    ("basi3p01", -21.89),
    ("basi3p04", -32.11),
    ("basi4a08", 77.53),
    ("basi6a08", 3.15),
    ("basn0g04", 75.95),
    ("basn0g16", 77.94),
    ("basn2c16", 3.94),
    ("basn3p08", -15.31),
    ("basn4a16", 83.09),
    ("basn6a16", 20.17),
    ("bggn4a16", 83.09),
    ("bgyn6a16", 20.17),
    ("ccwn3p08", -15.52),
    ("cdhn2c08", 85.26),
    ("cdun2c08", -11.21),
    ("ch2n3p08", -15.31),
    ("cs3n2c16", -27.63),
    ("cs5n2c08", -26.01),
    ("cs8n2c08", -26.62),
    ("cten0g04", 73.76),
    ("ctgn0g04", 73.82),
    ("ctjn0g04", 73.44),
    ("g03n2c08", 71.95),
    ("g05n2c08", 76.35),
    ("g07n0g16", 84.4),
    ("g07n3p04", 55.0),
    ("g10n2c08", -1.75),
    ("g25n0g16", 47.32),
    ("g25n3p04", -39.26),
    ("oi2n2c16", 3.94),
    ("oi4n2c16", 3.94),
    ("oi9n2c16", 3.94),
    ("pp0n6a08", 32.35),
    ("ps1n2c16", 3.94),
    ("ps2n2c16", 3.94),
    ("s03n3p01", 86.27),
    ("s05n3p02", 87.13),
    ("s06n3p02", 80.05),
    ("s09n3p02", 82.43),
    ("s32n3p04", 20.91),
    ("s33n3p04", 22.83),
    ("s34n3p04", 18.77),
    ("s35n3p04", 21.92),
    ("s36n3p04", 19.13),
    ("s37n3p04", 20.11),
    ("s38n3p04", 20.05),
    ("s39n3p04", 20.64),
    ("s40n3p04", 20.15),
    ("tbbn2c16", 40.31),
    ("tbgn2c16", 40.31),
    ("tbrn2c08", 40.32),
    ("tbwn3p08", 40.71),
    ("tp0n2c08", 41.29),
    ("tp1n3p08", 40.71),
];
