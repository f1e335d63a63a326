//! Checks the budgets of `planche.yml`: takes a plan, and returns a finding for each budget that is
//! exceeded.

use std::collections::BTreeSet;

use super::planned::Planned;
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::picture::units::ByteSize;
use crate::plan::{ImageId, LoadedFile, bytes_of_page};
use crate::project::Site;

/// Returns the findings about uploads, articles and variants that exceed a budget. Articles whose
/// variants are missing are not measured.
pub(super) fn over_budget(planned: &Planned<'_>, site: &Site) -> Vec<Finding> {
    let budget = &site.config.budget;
    let over = |message: String| Finding::new(Code::OverBudget, message);
    let size = |what: &str, bytes: u64, most: ByteSize| {
        let bytes = ByteSize(bytes);
        (bytes > most).then(|| over(format!("{what} {bytes}, more than the budget of {most}")))
    };
    let mut findings = Vec::new();
    for original in planned.survey().originals().values() {
        let file = original.path.as_str();
        let most = budget.original;
        let too_large = most.and_then(|most| size("this upload is", original.bytes, most));
        findings.extend(too_large.map(|finding| finding.in_file(file)));
        let pixels = original.info.dimensions().pixels();
        if let Some(most) = budget
            .megapixels
            .filter(|most| pixels > u64::from(*most) * 1_000_000)
        {
            let megapixels = pixels as f64 / 1e6;
            let message = format!(
                "this upload has {megapixels:.1} megapixels, more than the budget of {most}"
            );
            findings.push(over(message).in_file(file));
        }
    }
    if let Some(most) = budget.article {
        for (article, bytes) in phone_loads(planned) {
            let too_large = size("a phone loads images of", bytes, most);
            findings.extend(too_large.map(|finding| finding.in_file(article.as_str())));
        }
    }
    if let Some(most) = budget.variants {
        let bytes = planned.index().files().map(|(_, bytes)| bytes).sum();
        let too_large = size("all variants together take", bytes, most);
        let hint = "`planche clean` deletes those that are no longer used; fewer widths or formats \
                    take less";
        let folder = site.output_folder();
        findings.extend(too_large.map(|finding| finding.in_file(folder.as_str()).hint(hint)));
    }
    let missing = planned.survey().counts().missing;
    if let Some(most) = budget.missing.filter(|most| missing > *most as usize) {
        let references = match missing {
            1 => "1 reference".to_owned(),
            missing => format!("{missing} references"),
        };
        let message = format!("{references} to missing uploads, more than the budget of {most}");
        findings.push(over(message).hint("upload the files, or correct the paths"));
    }
    findings
}

/// Returns the size in bytes of the images that a phone loads for each article. Leaves out articles
/// for which it is unknown.
fn phone_loads<'p>(planned: &'p Planned<'_>) -> Vec<(&'p SitePath, u64)> {
    let plan = planned.plan();
    let loads = plan.loads(planned.survey().originals(), planned.index().snapshot());
    let articles = plan.articles().iter().filter_map(|article| {
        let images = article
            .records()
            .filter_map(|record| record.images.as_ref());
        let ids: BTreeSet<ImageId> = images.map(|images| images.first).collect();
        let files = ids.iter().map(|id| loads.get(*id).as_ref()?.phone);
        let files: Vec<LoadedFile<'_>> = files.collect::<Option<_>>()?;
        Some((&article.article.file.path, bytes_of_page(files)))
    });
    articles.collect()
}
