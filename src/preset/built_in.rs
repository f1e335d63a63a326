//! The presets that come with the program.

/// Name and text of each built-in preset.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("article", include_str!("../../presets/article.yml")),
    ("card", include_str!("../../presets/card.yml")),
    ("carousel", include_str!("../../presets/carousel.yml")),
    ("thumbnail", include_str!("../../presets/thumbnail.yml")),
];

/// The preset of images in the text, without a rule.
pub const DEFAULT_BODY: &str = "article";
/// The preset of front-matter images, without a rule.
pub const DEFAULT_FRONT_MATTER: &str = "card";
