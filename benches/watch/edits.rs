//! Creates articles and uploads, the same for planche and for each generator, and edits them.

use std::fs;
use std::path::Path;

use super::pictures::picture;

/// Number of small images that the articles share.
pub const PICTURES: usize = 100;

/// The folders of a site's articles and uploads.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    pub articles: &'static str,
    pub uploads: &'static str,
}

/// An edit of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Appends a line to an article.
    Text,
    /// Names another existing image in an article's front matter.
    FrontMatter,
    /// Adds a new photo to the uploads, then an article that names it.
    Picture,
}

impl Layout {
    /// Returns the path of an article.
    pub fn article(self, index: usize) -> String {
        format!("{}/2024-01-01-{index}.md", self.articles)
    }

    /// Writes the articles, each with one of the small images.
    pub fn fill(self, folder: &Path, articles: usize) {
        for name in [self.articles, self.uploads] {
            fs::create_dir_all(folder.join(name)).expect("a folder");
        }
        for index in 0..PICTURES {
            let name = format!("{}/{index}.png", self.uploads);
            fs::write(folder.join(name), picture(index)).expect("a file");
        }
        for index in 0..articles {
            let text = text(index, index % PICTURES);
            fs::write(folder.join(self.article(index)), text).expect("a file");
        }
    }
}

impl Edit {
    /// Applies the edit to an article. Returns a text that the article then contains, a path or a
    /// sentence, by which the edit can be recognised in the output.
    pub fn apply(self, folder: &Path, layout: Layout, index: usize, photo: &[u8]) -> String {
        let article = folder.join(layout.article(index));
        let (new, mark) = match self {
            Edit::Text => {
                let old = fs::read_to_string(&article).expect("a file");
                let mark = "One more line.".to_owned();
                (format!("{old}{mark}\n"), mark)
            }
            Edit::FrontMatter => {
                let other = (index + 1) % PICTURES;
                (text(index, other), format!("/uploads/{other}.png"))
            }
            Edit::Picture => {
                let name = format!("photo-{index}.jpg");
                // Bytes after the end of the image make it a different file with the same pixels.
                let bytes = [photo, name.as_bytes()].concat();
                fs::write(folder.join(layout.uploads).join(&name), bytes).expect("a file");
                let mark = format!("/uploads/{name}");
                let reference = format!("---\nphoto: {mark}\n");
                let text = text(index, index % PICTURES);
                (text.replacen("---\n", &reference, 1), mark)
            }
        };
        fs::write(article, new).expect("a file");
        mark
    }
}

fn text(index: usize, picture: usize) -> String {
    let body = "A paragraph of some length, as articles have them.\n\n".repeat(20);
    format!("---\ntitle: Article {index}\nimage: /uploads/{picture}.png\n---\n\n{body}")
}
