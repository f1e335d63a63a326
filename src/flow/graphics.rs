//! Finds graphics without alt text: takes the records of articles and the existing variants, and
//! returns findings. An image is a graphic if `lossless: auto` has chosen the lossless encoding.

use std::collections::HashMap;

use super::planned::Planned;
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::picture::format;
use crate::picture::recipe::Lossless;
use crate::plan::{ImagePlan, Snapshot};
use crate::project::Site;
use crate::reference::AltText;

/// Returns one finding for each article with graphics that have no alt text, or nothing if the
/// configuration does not ask for these checks. Reads the first bytes of variants.
pub(super) fn without_text(site: &Site, planned: &Planned<'_>) -> Vec<Finding> {
    if !site.config.checks_alt_texts(Code::GraphicWithoutText) {
        return Vec::new();
    }
    let mut known: HashMap<&SitePath, bool> = HashMap::new();
    let mut findings = Vec::new();
    for article in planned.plan().articles() {
        let mut names: Vec<&str> = Vec::new();
        let mut first = None;
        for record in article.records() {
            let reference = record.reference;
            let lacks_text = matches!(reference.alt, AltText::Missing | AltText::Empty { .. });
            let preset = reference.preset.as_ref();
            let preset = preset.and_then(|choice| site.presets.get(&choice.preset));
            let is_chosen = preset.is_some_and(|preset| preset.lossless == Lossless::Auto);
            let image = planned.plan().images_of(record).next();
            let (true, true, Some((_, image))) = (lacks_text, is_chosen, image) else {
                continue;
            };
            if is_graphic(site, image, planned.index().snapshot(), &mut known) {
                first = first.or(Some(reference.offset));
                names.push(reference.value.rsplit('/').next().unwrap_or_default());
            }
        }
        let message = match &names[..] {
            [] => continue,
            [name] => {
                format!("`{name}` looks like a chart, a screenshot or a logo, and has no alt text")
            }
            [name, ..] => format!(
                "{} images look like charts, screenshots or logos, and have no alt text: \
                 `{name}`, …",
                names.len()
            ),
        };
        findings.push(
            Finding::new(Code::GraphicWithoutText, message)
                .in_file(article.article.file.path.as_str())
                .at_offset(first),
        );
    }
    findings
}

/// Whether the widest existing WebP variant of an image is lossless.
fn is_graphic<'p>(
    site: &Site,
    image: &'p ImagePlan,
    snapshot: Snapshot<'_>,
    known: &mut HashMap<&'p SitePath, bool>,
) -> bool {
    let webp = image
        .specs()
        .filter(|spec| spec.path.extension() == "webp" && snapshot.exists(&spec.path));
    let Some(widest) = webp.max_by_key(|spec| spec.rendition.dimensions.width) else {
        return false;
    };
    *known.entry(&widest.path).or_insert_with(|| {
        let head = site.root.read_at(&widest.path, 0, format::WEBP_HEAD);
        head.is_ok_and(|head| format::is_lossless_webp(&head))
    })
}
