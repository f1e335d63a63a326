//! Exchanges that meet another writer.

use std::fs::{self, OpenOptions};
use std::io::Write;

use super::*;

struct Article {
    folder: tempfile::TempDir,
    root: Root,
    path: SitePath,
}

impl Article {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.md"), "old").unwrap();
        Article {
            root: Root::open(folder.path()).unwrap(),
            path: SitePath::root().child("a.md"),
            folder,
        }
    }

    fn text(&self) -> String {
        fs::read_to_string(self.folder.path().join("a.md")).unwrap()
    }

    fn append(&self) -> File {
        let path = self.folder.path().join("a.md");
        OpenOptions::new().append(true).open(path).unwrap()
    }

    fn replace(&self, rewriter: &Rewriter<'_>) -> Replaced {
        rewriter.replace(&self.path, &[], b"old", b"new").unwrap()
    }

    /// The file that was exchanged with the article.
    fn old_file(&self) -> std::path::PathBuf {
        self.folder
            .path()
            .join(Exchange::new(b"old", b"new", "a.md").name())
    }

    fn names(&self) -> usize {
        fs::read_dir(self.folder.path()).unwrap().count()
    }
}

#[test]
fn the_old_file_stays_until_the_end() {
    let article = Article::new();
    let rewriter = article.root.rewriter();
    assert_eq!(article.replace(&rewriter), Replaced::Written);
    assert_eq!(article.text(), "new");
    assert_eq!(fs::read(article.old_file()).unwrap(), b"old");
    assert!(rewriter.finish().is_empty());
    assert_eq!((article.text().as_str(), article.names()), ("new", 1));
}

#[test]
fn an_article_that_differs_from_what_was_read_is_left_alone() {
    let article = Article::new();
    fs::write(article.folder.path().join("a.md"), "edited").unwrap();
    let rewriter = article.root.rewriter();
    assert_eq!(article.replace(&rewriter), Replaced::ChangedMeanwhile);
    assert!(rewriter.finish().is_empty());
    assert_eq!((article.text().as_str(), article.names()), ("edited", 1));
}

#[test]
fn writes_to_the_old_file_are_restored() {
    let article = Article::new();
    let rewriter = article.root.rewriter();
    assert_eq!(article.replace(&rewriter), Replaced::Written);
    // As a program does that had opened the article before the exchange.
    let mut old_file = OpenOptions::new()
        .append(true)
        .open(article.old_file())
        .unwrap();
    old_file.write_all(b" and an edit").unwrap();
    drop(old_file);
    let undone = rewriter.finish();
    assert!(matches!(
        &undone[..],
        [Undone {
            reason: Ok(Replaced::ChangedMeanwhile),
            ..
        }]
    ));
    assert_eq!(
        (article.text().as_str(), article.names()),
        ("old and an edit", 1)
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_opened_the_article_just_before_goes_on_in_the_article() {
    let article = Article::new();
    let mut rewriter = article.root.rewriter();
    // The last look at other programs was before this one opened the article.
    rewriter.writers = RecentWriters::none_for_an_hour();
    let mut writer = article.append();
    assert_eq!(
        article.replace(&rewriter),
        Replaced::Written,
        "not seen yet"
    );
    let undone = rewriter.finish();
    assert!(matches!(
        &undone[..],
        [Undone {
            reason: Ok(Replaced::OpenForWriting),
            ..
        }]
    ));
    writer.write_all(b" and an edit").unwrap();
    assert_eq!(
        (article.text().as_str(), article.names()),
        ("old and an edit", 1)
    );
}

#[cfg(target_os = "linux")]
#[test]
fn two_edits_at_once_are_both_kept() {
    let article = Article::new();
    let rewriter = article.root.rewriter();
    assert_eq!(article.replace(&rewriter), Replaced::Written);
    let old_file = article.old_file();
    let mut writer = OpenOptions::new().append(true).open(&old_file).unwrap();
    fs::write(article.folder.path().join("a.md"), "later").unwrap();
    let undone = rewriter.finish();
    assert_eq!(undone.len(), 1);
    writer.write_all(b" and an edit").unwrap();
    drop(writer);
    assert_eq!(article.text(), "later");
    assert_eq!(fs::read(&old_file).unwrap(), b"old and an edit");
    // A later run does not touch it either.
    let left = SitePath::root().child(old_file.file_name().unwrap().to_str().unwrap());
    assert_eq!(article.root.sweep(&left).unwrap(), Swept::Kept);
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_exchange_whose_old_file_is_open_is_put_back() {
    let article = Article::new();
    let rewriter = article.root.rewriter();
    assert_eq!(article.replace(&rewriter), Replaced::Written);
    // As a killed run leaves it.
    std::mem::forget(rewriter);
    let old_file = article.old_file();
    let left = SitePath::root().child(old_file.file_name().unwrap().to_str().unwrap());
    let writer = OpenOptions::new().append(true).open(&old_file).unwrap();
    let swept = article.root.sweep(&left).unwrap();
    assert_eq!(swept, Swept::Restored(article.path.clone()));
    assert_eq!((article.text().as_str(), article.names()), ("old", 1));
    drop(writer);
}
