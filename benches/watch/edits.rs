//! Articles and uploads, the same for everybody who watches them, and what is done to them.

use std::fs;
use std::path::Path;

use super::pictures::picture;

/// Pictures that the articles share: small ones, made before anything is measured.
pub const PICTURES: usize = 100;

/// Where a site has its articles and its uploads.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    pub articles: &'static str,
    pub uploads: &'static str,
}

/// Something that somebody does to a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A line more in an article.
    Text,
    /// Another picture in an article's front matter, which is there already.
    FrontMatter,
    /// A photo dropped into the uploads, and then named by an article.
    Picture,
}

impl Layout {
    /// The path of an article.
    pub fn article(self, index: usize) -> String {
        format!("{}/2024-01-01-{index}.md", self.articles)
    }

    /// Writes a site's articles, each of which shows one of the small pictures.
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
    /// Does it to the article of that number; gives the picture that the article then names, or the
    /// words that it then holds.
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
                // What follows the end of the image makes it another file, and no other picture.
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
