//! Reads from an article's text what the sheet shows of it: its title, its date, and the positions
//! of its images.

use crate::article::Article;
use crate::finding::{Position, positions};
use crate::plan::ArticlePlan;
use crate::project::Site;
use crate::site::TEXT_LIMIT;
use crate::survey::open_article;

/// The title, date and image positions of an article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heading {
    pub title: Option<String>,
    /// Date in the form `2024-05-02`.
    pub date: Option<String>,
    /// The position of each record's reference, in the order of the plan.
    pub positions: Vec<Position>,
}

/// Reads an article. If it cannot be read, only the date in its file name is known; if it can no
/// longer be parsed, the title is unknown.
pub(super) fn heading(site: &Site, plan: &ArticlePlan<'_>) -> Heading {
    let file = &plan.article.file;
    let mut heading = Heading {
        date: date_of(file.path.name()),
        ..Heading::default()
    };
    let Ok((bytes, _)) = site.root.read(&file.path, TEXT_LIMIT) else {
        return heading;
    };
    let offsets: Vec<usize> = plan
        .records()
        .map(|record| record.reference.offset.min(bytes.len()))
        .collect();
    heading.positions = positions(&bytes, &offsets);
    if let Ok(article) = open_article(site, &file.path, file.is_data, bytes) {
        let [title, date] = texts(&article);
        heading.title = title.filter(|title| !title.trim().is_empty());
        heading.date = date.as_deref().and_then(date_of).or(heading.date);
    }
    heading
}

/// Returns the title and the date in the front matter.
fn texts(article: &Article) -> [Option<String>; 2] {
    let Ok(tree) = article.tree() else {
        return [None, None];
    };
    ["title", "date"].map(|key| {
        let entry = tree.get(tree.root()?, key)?;
        tree.text(entry.value).map(str::to_owned)
    })
}

/// Returns the date at the start of a text, if there is one.
fn date_of(text: &str) -> Option<String> {
    let date = text.get(..10)?;
    let is_date = date.bytes().enumerate().all(|(place, byte)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    is_date.then(|| date.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_at_the_start() {
        let date = Some("2024-05-02".to_owned());
        assert_eq!(date_of("2024-05-02-prague.md"), date);
        assert_eq!(date_of("2024-05-02T10:00:00Z"), date);
        assert_eq!(date_of("2024-5-2 at noon"), None);
        assert_eq!(date_of("été-2024-05-02"), None);
    }
}
