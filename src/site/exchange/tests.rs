//! Tests of exchanges while another program writes.

use std::fs::{self, File, OpenOptions};
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

    /// Prepares the exchange.
    fn replace(&self, rewriter: &Rewriter<'_>) -> Replaced {
        rewriter.replace(&self.path, &[], b"old", b"new").unwrap()
    }

    /// Exchanges, and leaves the old file.
    fn exchange(&self, rewriter: &Rewriter<'_>) -> Vec<Prepared> {
        assert_eq!(self.replace(rewriter), Replaced::Written);
        let batch = std::mem::take(&mut *lock(&rewriter.batch));
        rewriter.commit(batch.prepared, sync_each)
    }

    /// The file that was exchanged with the article.
    fn old_file(&self) -> std::path::PathBuf {
        self.folder
            .path()
            .join(Exchange::new(blake3::hash(b"old"), blake3::hash(b"new"), "a.md").name())
    }

    fn names(&self) -> usize {
        fs::read_dir(self.folder.path()).unwrap().count()
    }
}

#[test]
fn the_old_file_stays_until_the_end() {
    let article = Article::new();
    let rewriter = article.root.rewriter();
    let exchanged = article.exchange(&rewriter);
    assert_eq!(article.text(), "new");
    assert_eq!(fs::read(article.old_file()).unwrap(), b"old");
    rewriter.settle(exchanged);
    assert!(rewriter.finish().is_empty());
    assert_eq!((article.text().as_str(), article.names()), ("new", 1));
}

#[test]
fn an_article_that_differs_from_what_was_read_is_left_alone() {
    let article = Article::new();
    fs::write(article.folder.path().join("a.md"), "edited").unwrap();
    let rewriter = article.root.rewriter();
    assert_eq!(article.replace(&rewriter), Replaced::Written);
    let undone = rewriter.finish();
    assert!(matches!(
        &undone[..],
        [Undone {
            reason: Ok(Replaced::ChangedMeanwhile),
            ..
        }]
    ));
    assert_eq!((article.text().as_str(), article.names()), ("edited", 1));
}

#[test]
fn writes_to_the_old_file_are_restored() {
    let article = Article::new();
    let rewriter = article.root.rewriter();
    let exchanged = article.exchange(&rewriter);
    // Like a program that had opened the article before the exchange.
    let mut old_file = OpenOptions::new()
        .append(true)
        .open(article.old_file())
        .unwrap();
    old_file.write_all(b" and an edit").unwrap();
    drop(old_file);
    rewriter.settle(exchanged);
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
    // The cached list of writers is from before this program opened the article.
    rewriter.writers = RecentWriters::none_for_an_hour();
    let mut writer = article.append();
    // The writer is not in the list yet.
    let exchanged = article.exchange(&rewriter);
    assert_eq!(article.text(), "new");
    rewriter.settle(exchanged);
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
    let exchanged = article.exchange(&rewriter);
    let old_file = article.old_file();
    let mut writer = OpenOptions::new().append(true).open(&old_file).unwrap();
    fs::write(article.folder.path().join("a.md"), "later").unwrap();
    rewriter.settle(exchanged);
    let undone = rewriter.finish();
    assert_eq!(undone.len(), 1);
    writer.write_all(b" and an edit").unwrap();
    drop(writer);
    assert_eq!(article.text(), "later");
    assert_eq!(fs::read(&old_file).unwrap(), b"old and an edit");
    // A later run does not touch it either.
    let left = SitePath::root().child(old_file.file_name().unwrap().to_str().unwrap());
    assert_eq!(
        article
            .root
            .sweep(&left, &RecentWriters::default())
            .unwrap(),
        Swept::Kept
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_exchange_whose_old_file_is_open_is_put_back() {
    let article = Article::new();
    let rewriter = article.root.rewriter();
    // As a killed run leaves it.
    drop(article.exchange(&rewriter));
    drop(rewriter);
    let old_file = article.old_file();
    let left = SitePath::root().child(old_file.file_name().unwrap().to_str().unwrap());
    let writer = OpenOptions::new().append(true).open(&old_file).unwrap();
    let swept = article
        .root
        .sweep(&left, &RecentWriters::default())
        .unwrap();
    assert_eq!(swept, Swept::Restored(article.path.clone()));
    assert_eq!((article.text().as_str(), article.names()), ("old", 1));
    drop(writer);
}

/// An article that is edited after its new file was written, and before it is exchanged.
#[test]
fn an_edit_before_the_exchange_is_kept() {
    for edit in ["in place", "by rename", "as a link", "removed"] {
        let article = Article::new();
        let rewriter = article.root.rewriter();
        assert_eq!(article.replace(&rewriter), Replaced::Written);
        let path = article.folder.path().join("a.md");
        match edit {
            "in place" => fs::write(&path, "edited").unwrap(),
            "by rename" => {
                fs::write(path.with_extension("new"), "edited").unwrap();
                fs::rename(path.with_extension("new"), &path).unwrap();
            }
            "removed" => fs::remove_file(&path).unwrap(),
            _ => {
                fs::write(path.with_extension("other"), "edited").unwrap();
                fs::remove_file(&path).unwrap();
                std::os::unix::fs::symlink("a.other", &path).unwrap();
            }
        }
        let undone = rewriter.finish();
        assert!(
            matches!(
                &undone[..],
                [Undone {
                    reason: Ok(Replaced::ChangedMeanwhile),
                    ..
                }]
            ),
            "{edit}: {undone:?}"
        );
        if edit == "removed" {
            assert_eq!(article.names(), 0);
        } else {
            assert_eq!(article.text(), "edited", "{edit}");
            assert_eq!(article.names(), 1 + usize::from(edit == "as a link"));
        }
    }
}

/// More articles than a batch has, in more folders than it keeps open.
#[test]
fn many_articles_are_exchanged_in_batches() {
    let folder = tempfile::tempdir().unwrap();
    let root = Root::open(folder.path()).unwrap();
    let paths: Vec<SitePath> = (0..2 * BATCH + 7)
        .map(|number| {
            let path = SitePath::normalise(&format!("{}/{number}.md", number % (2 * FOLDERS)));
            let path = path.unwrap();
            let file = folder.path().join(path.as_str());
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "old").unwrap();
            path
        })
        .collect();
    let rewriter = root.rewriter();
    for (number, path) in paths.iter().enumerate() {
        let read: &[u8] = if number % 100 == 3 { b"other" } else { b"old" };
        let replaced = rewriter.replace(path, &[], read, b"new").unwrap();
        assert_eq!(replaced, Replaced::Written);
        assert!(lock(&rewriter.batch).folders.len() < FOLDERS);
    }
    let mut undone: Vec<SitePath> = rewriter.finish().into_iter().map(|one| one.path).collect();
    undone.sort();
    let mut expected: Vec<SitePath> = paths.iter().skip(3).step_by(100).cloned().collect();
    expected.sort();
    assert_eq!(undone, expected);
    for path in &paths {
        let text = fs::read_to_string(folder.path().join(path.as_str())).unwrap();
        let is_left = expected.contains(path);
        assert_eq!(text, if is_left { "old" } else { "new" }, "{path}");
    }
    let names = root.files_below(&SitePath::root()).unwrap();
    assert_eq!(names.leftovers, []);
}
