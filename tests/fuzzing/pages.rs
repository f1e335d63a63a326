//! The fuzz target `pages`: any text as a page, a style sheet or a feed of a published folder.

use std::fs;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use planche::internal::flow::{Effect, Options};
use planche::internal::html::html;
use planche::internal::project::Site;
use tempfile::TempDir;

use super::in_memory;

const IMAGE: &[u8] = include_bytes!("../../uploads/prague_schaer_CIO_une800.png");

/// A page whose images depend on its style sheet in many ways.
const STYLED: &str = "<html lang=fr><link rel=stylesheet href=style.css><body class=a id=b>\
<main class='row x'><div class=c><p><a href=#><img src=a.png class='c d' alt></a></p>\
<figure class=e style='width:50%'><img src=a.png id=f width=300 height=100></figure></div>\
<ul><li><img src=a.png loading=lazy><li class=d><img src=a.png style='max-width:12rem'></ul></main>";

/// A published folder with an image. Its variants stay from one input to the next.
static FOLDER: LazyLock<Mutex<Folder>> = LazyLock::new(|| Mutex::new(Folder::new()));

struct Folder {
    path: PathBuf,
    _removed: TempDir,
}

impl Folder {
    fn new() -> Self {
        let removed = in_memory::folder();
        let path = removed.path().join("_site");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("a.png"), IMAGE).unwrap();
        Folder {
            path,
            _removed: removed,
        }
    }

    /// Rewrites the pages of the folder, and returns how many have changed.
    fn rewrite(&self) -> usize {
        let site = Site::published(&self.path, None).unwrap();
        let options = Options {
            threads: 1,
            ..Options::for_site(&site)
        };
        let summary = html(None, &site, &options, Effect::Write).unwrap();
        summary.articles.changed
    }
}

/// Makes the images of a page responsive. The first byte tells whether the rest is a page, a style
/// sheet or a feed. Nothing of a page is lost, and a second run changes nothing.
pub fn check(bytes: &[u8]) {
    let Some((kind, text)) = bytes.split_first() else {
        return;
    };
    let folder = FOLDER.lock().unwrap_or_else(PoisonError::into_inner);
    let (name, page) = match kind {
        b's' => ("index.html", STYLED.as_bytes()),
        b'f' => ("feed.xml", text),
        _ => ("index.html", text),
    };
    let sheet = folder.path.join("style.css");
    let other = folder.path.join("feed.xml");
    let path = folder.path.join(name);
    for old in [&sheet, &other] {
        let _ = fs::remove_file(old);
    }
    if *kind == b's' {
        fs::write(&sheet, text).unwrap();
    }
    fs::write(&path, page).unwrap();
    let changed = folder.rewrite();
    let new = fs::read(&path).unwrap();
    assert_eq!(changed > 0, new != page, "{}", printed(&new));
    assert!(
        replaces(page) || is_within(page, &new),
        "{} has become {}",
        printed(page),
        printed(&new)
    );
    assert_eq!(folder.rewrite(), 0, "{} changes again", printed(&new));
}

/// Whether a page may have a URL that is replaced; everywhere else, text is only added.
fn replaces(page: &[u8]) -> bool {
    let page = page.to_ascii_lowercase();
    let has = |word: &[u8]| page.windows(word.len()).any(|part| part == word);
    has(b"style") || has(b"poster") || has(b"meta") || has(b"link")
}

/// Whether a page is what remains of the other one if bytes are removed.
fn is_within(page: &[u8], new: &[u8]) -> bool {
    let mut new = new.iter();
    page.iter().all(|byte| new.any(|other| other == byte))
}

fn printed(bytes: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(bytes))
}
