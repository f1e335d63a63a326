//! Checks the configured variants folder. It must contain nothing else, because that would be
//! hidden.

use std::mem::swap;

use super::Site;
use crate::finding::Finding;
use crate::generator;
use crate::path::SitePath;
use crate::picture::format::is_image_extension;
use crate::published::{Output, is_variant_name};

/// Checks that the configured variants folder is no file, that it contains no articles, and that it
/// is not the folder of the images themselves. `own` is the folder that the site has without a
/// configured one.
///
/// # Errors
///
/// Returns a finding at `output.dir`.
pub(super) fn check(site: &mut Site, mut own: Output) -> Result<(), Finding> {
    let configured = site.config.output.as_ref();
    if configured.is_none_or(|output| output.place.is_none()) {
        return Ok(());
    }
    let mut above = site.output_folder();
    while !above.is_root() {
        if site.root.is_file(above.as_str()) {
            let (file, text) = &site.settings;
            let message = format!("`{above}` is a file, so variants cannot be written below it");
            return Err(site.config.of_output_folder(file, text, message));
        }
        above = above.parent();
    }
    // A folder that cannot be read is reported when its variants are listed.
    let files = site.root.files_below(&site.output_folder());
    let files = files.unwrap_or_default().files;
    let files: Vec<&SitePath> = files.iter().map(|(path, _)| path).collect();
    // Articles are found as if this variants folder were not configured.
    swap(&mut site.conventions.output, &mut own);
    let mut texts = files.iter().filter(|path| !generator::is_binary(path));
    let article = texts.find(|path| path.extension() != "txt" && site.takes(path));
    swap(&mut site.conventions.output, &mut own);
    let message = match article {
        Some(article) => format!("the variants folder contains articles, such as `{article}`"),
        None => {
            let mut images = files
                .iter()
                .filter(|path| is_image_extension(&path.extension()));
            // If there are variants too, the other images were put there by hand, which is allowed.
            match (
                images.clone().any(|path| is_variant_name(path.name())),
                images.next(),
            ) {
                (false, Some(image)) => {
                    format!("the variants folder contains other images, such as `{image}`")
                }
                _ => return Ok(()),
            }
        }
    };
    let (file, text) = &site.settings;
    Err(site.config.of_output_folder(file, text, message))
}
