//! The presets that are compiled into the program.

/// Name and text of each built-in preset.
pub const BUILT_IN: [(&str, &str); 5] = [
    ("article", include_str!("../../presets/article.yml")),
    ("card", include_str!("../../presets/card.yml")),
    ("carousel", include_str!("../../presets/carousel.yml")),
    ("social", include_str!("../../presets/social.yml")),
    ("thumbnail", include_str!("../../presets/thumbnail.yml")),
];
