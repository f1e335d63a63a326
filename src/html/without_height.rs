//! Counts the images that get a width but no height: pages go in, one finding comes out.

use crate::finding::{Code, Finding};

/// Images that get a width but no height, on all pages.
#[derive(Default)]
pub(super) struct WithoutHeight {
    images: usize,
    first_page: Option<String>,
}

impl WithoutHeight {
    /// Adds the images of a page.
    pub fn add(&mut self, page: &str, images: usize) {
        if images > 0 {
            self.images += images;
            self.first_page.get_or_insert_with(|| page.to_owned());
        }
    }

    /// Returns the finding about all of them, if there are any.
    pub fn finding(self) -> Option<Finding> {
        let (images, page) = (self.images, self.first_page?);
        let message = match images {
            1 => format!(
                "an image on `{page}` gets no `height`, so the text below it moves while the page \
                 loads: style sheets limit its width, but do not set `height: auto`"
            ),
            _ => format!(
                "{images} images, the first on `{page}`, get no `height`, so the text below them \
                 moves while pages load: style sheets limit their width, but do not set \
                 `height: auto`"
            ),
        };
        Some(Finding::new(Code::HeightMissing, message))
    }
}
