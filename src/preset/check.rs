//! Settings of a preset that contradict one another, and those that do nothing.

use super::{Ladder, Preset, Sizes};
use crate::picture::framing::{Fit, Focus};
use crate::picture::info::Format;
use crate::picture::quality::QualitySpec;
use crate::picture::recipe::Lossless;
use crate::tree::path::{KeyPath, Segment};

/// Settings that contradict one another, or one that does nothing.
pub(super) struct Contradiction {
    pub at: KeyPath,
    pub why: &'static str,
    pub hint: &'static str,
}

/// The settings of one `<source>`, or of the preset itself.
struct Part<'p> {
    /// Where they stand.
    at: Vec<Segment>,
    widths: Option<&'p Ladder>,
    sizes: Option<&'p Sizes>,
    fit: Option<Fit>,
    focus: Option<Focus>,
    /// Whether anything of it is cut or framed.
    has_aspect: bool,
}

impl Preset {
    /// Whether a picture may be cut, so that its focus matters.
    pub fn is_cut(&self) -> bool {
        self.parts()
            .any(|part| part.has_aspect && part.fit.or(self.fit) != Some(Fit::Contain))
    }

    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let preset = Part {
            at: Vec::new(),
            widths: Some(&self.widths),
            sizes: self.sizes.as_ref(),
            fit: self.fit,
            focus: self.focus,
            has_aspect: self.aspect.is_some()
                || self.sources.iter().any(|source| source.aspect.is_some()),
        };
        let sources = self.sources.iter().enumerate().map(|(index, source)| Part {
            at: vec![Segment::key("sources", 0), Segment::index(index)],
            widths: source.widths.as_ref(),
            sizes: source.sizes.as_ref(),
            fit: source.fit,
            focus: source.focus,
            has_aspect: source.aspect.or(self.aspect).is_some(),
        });
        std::iter::once(preset).chain(sources)
    }

    pub(super) fn contradiction(&self) -> Option<Contradiction> {
        let wrong = |key: &str, why, hint| {
            Some(Contradiction {
                at: KeyPath::from_iter([Segment::key(key, 0)]),
                why,
                hint,
            })
        };
        let has = |format| self.formats.iter().any(|one| one == format);
        let is_contained = self.parts().any(|part| part.fit == Some(Fit::Contain));
        if self.sizes.is_none() && self.densities.is_none() {
            return wrong(
                "widths",
                "widths need `sizes`",
                "add `sizes: 100vw`, or how wide the picture is shown",
            );
        }
        if self.lossless == Lossless::Always && (has(Format::Avif) || has(Format::Jpeg)) {
            return wrong(
                "lossless",
                "`always` goes with `webp` and `png` alone",
                "remove `avif` and `jpeg` from `formats`",
            );
        }
        if let QualitySpec::Target(_) = self.quality {
            let why_not = match (
                self.lossless,
                self.formats.iter().all(|one| one == Format::Png),
            ) {
                (Lossless::Always, _) => Some(("nothing is lossy", "remove `lossless: always`")),
                (_, true) => Some(("PNG is always lossless", "add `webp` to `formats`")),
                (_, false) => None,
            };
            if let Some((why, hint)) = why_not {
                return wrong("quality", why, hint);
            }
        }
        let is_lossy_webp = has(Format::Webp) && self.lossless != Lossless::Always;
        if self.sharp_yuv && !is_lossy_webp {
            return wrong(
                "sharp_yuv",
                "it is for lossy WebP alone",
                "remove `sharp_yuv`, or add `webp` to `formats`",
            );
        }
        if self.background.is_some() && !is_contained && !has(Format::Jpeg) {
            return wrong(
                "background",
                "nothing shows a background",
                "add `fit: contain`, or `jpeg` to `formats`",
            );
        }
        self.parts().find_map(|part| part.contradiction(self))
    }
}

impl Part<'_> {
    fn contradiction(&self, preset: &Preset) -> Option<Contradiction> {
        let wrong = |key: &str, why, hint| {
            let path = self.at.iter().cloned();
            Some(Contradiction {
                at: path.chain([Segment::key(key, 0)]).collect(),
                why,
                hint,
            })
        };
        if preset.densities.is_some() {
            if self.sizes.is_some() {
                return wrong(
                    "sizes",
                    "`sizes` and `densities` exclude one another",
                    "remove one of the two",
                );
            }
            if self.widths.is_some_and(|widths| widths.only().is_none()) {
                return wrong(
                    "widths",
                    "`densities` need one width",
                    "give the place's width in CSS pixels, as in `widths: [320]`",
                );
            }
        }
        let unused = match (self.fit, self.focus) {
            _ if self.has_aspect => return None,
            (Some(_), _) => "fit",
            (None, Some(_)) => "focus",
            (None, None) => return None,
        };
        wrong(
            unused,
            "a picture that keeps its own aspect is not cut",
            "add `aspect`",
        )
    }
}
