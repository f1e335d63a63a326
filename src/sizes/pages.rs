//! Chooses the pages of a folder to measure: some for each value of `sizes`, from all parts of the
//! site.

use std::collections::{BTreeMap, BTreeSet};

use super::measured::without_auto;
use crate::generator::is_html;
use crate::path::SitePath;
use crate::project::Site;
use crate::site::SiteError;

/// Largest page that is read, in bytes.
const LARGEST: u64 = 8 << 20;

/// Returns at most `most` pages for each value of `sizes`, sorted by path.
pub(super) fn choose(site: &Site, most: usize) -> Result<Vec<SitePath>, SiteError> {
    let found = site.root.files_below(&SitePath::root())?;
    let mut by_sizes: BTreeMap<String, Vec<SitePath>> = BTreeMap::new();
    for (path, _) in found.files {
        if !is_html(&path) {
            continue;
        }
        let Ok((bytes, _)) = site.root.read(&path, LARGEST) else {
            continue;
        };
        for sizes in values(&String::from_utf8_lossy(&bytes)) {
            by_sizes.entry(sizes).or_default().push(path.clone());
        }
    }
    let chosen = by_sizes.into_values().flat_map(|pages| spread(pages, most));
    let chosen: BTreeSet<SitePath> = chosen.collect();
    Ok(chosen.into_iter().collect())
}

/// Returns the values of `sizes` in a page, each once. They only serve to choose pages: the browser
/// knows which of them are attributes of images.
fn values(page: &str) -> BTreeSet<String> {
    let found = page.match_indices("sizes=").filter_map(|(at, name)| {
        let value = &page[at + name.len()..];
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, _) = value[1..].split_once(quote)?;
        Some(without_auto(value).to_owned())
    });
    found.collect()
}

/// Returns at most `most` of the pages, evenly spread.
fn spread(pages: Vec<SitePath>, most: usize) -> impl Iterator<Item = SitePath> {
    let (count, most) = (pages.len(), most.max(1));
    let mut last = None;
    pages
        .into_iter()
        .enumerate()
        .filter_map(move |(index, page)| {
            let part = index * most / count.max(most);
            (last.replace(part) != Some(part)).then_some(page)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_quotes() {
        let page = "<img sizes=\"auto, 10em\"><source sizes='50vw'><img sizes=10em imagesizes=\"50vw\" sizes=\"";
        let found: Vec<String> = values(page).into_iter().collect();
        assert_eq!(found, ["10em", "50vw"]);
    }

    #[test]
    fn pages_are_spread_over_the_site() {
        let pages = |count: usize, most: usize| -> Vec<String> {
            let pages = (0..count).map(|index| SitePath::normalise(&format!("{index}")).unwrap());
            let chosen = spread(pages.collect(), most);
            chosen.map(|page| page.to_string()).collect()
        };
        assert_eq!(pages(3, 8), ["0", "1", "2"]);
        assert_eq!(pages(10, 3), ["0", "4", "7"]);
        assert_eq!(pages(0, 3), [""; 0]);
    }
}
