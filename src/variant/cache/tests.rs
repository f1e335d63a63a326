use std::sync::atomic::AtomicUsize;

use super::*;
use crate::site::WriteGate;
use crate::store::{Action, Section};

/// How the fake store answers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Right,
    Forbidden,
    Fails,
}

/// A fake object store, which changes its answers after some calls.
struct Fake {
    folder: FolderStore,
    reads: Answer,
    writes: Answer,
    /// Number of calls that are answered rightly at first.
    right: usize,
    calls: AtomicUsize,
    _kept: tempfile::TempDir,
}

impl Fake {
    fn answer<T>(
        &self,
        action: Action,
        answer: Answer,
        right: impl FnOnce(&FolderStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let is_right = self.calls.fetch_add(1, Ordering::SeqCst) < self.right;
        if is_right || answer == Answer::Right {
            return right(&self.folder);
        }
        Err(StoreError {
            action,
            place: "s3://bucket".to_owned(),
            source: "no".into(),
            is_forbidden: answer == Answer::Forbidden,
        })
    }
}

/// A shared fake, which a test can inspect while a cache uses it.
struct Shared(std::sync::Arc<Fake>);

impl Store for Shared {
    fn get(&self, name: Name) -> Result<Option<Vec<u8>>, StoreError> {
        let fake = &self.0;
        fake.answer(Action::Read, fake.reads, |folder| folder.get(name))
    }

    fn put_if_absent(&self, name: Name, bytes: &[u8]) -> Result<Put, StoreError> {
        let fake = &self.0;
        let put = |folder: &FolderStore| folder.put_if_absent(name, bytes);
        fake.answer(Action::Write, fake.writes, put)
    }

    fn exists(&self, name: Name) -> Result<bool, StoreError> {
        self.0.folder.exists(name)
    }

    fn list(&self, section: Section) -> Result<Vec<Name>, StoreError> {
        self.0.folder.list(section)
    }
}

fn fake(reads: Answer, writes: Answer, right: usize) -> std::sync::Arc<Fake> {
    let kept = tempfile::tempdir().unwrap();
    std::sync::Arc::new(Fake {
        folder: FolderStore::open(kept.path(), WriteGate::default()).unwrap(),
        reads,
        writes,
        right,
        calls: AtomicUsize::new(0),
        _kept: kept,
    })
}

fn cache(fake: &std::sync::Arc<Fake>, folder: Option<FolderStore>) -> Cache {
    Cache {
        folder,
        remote: Some(Box::new(Shared(fake.clone()))),
        max: 1 << 20,
        ..Cache::default()
    }
}

fn path() -> SitePath {
    SitePath::normalise("uploads/variants/a.webp").unwrap()
}

/// Claims ten variants, makes those that are missing, and returns how many were made.
fn make_ten(cache: &Cache) -> usize {
    let make = |number: u8| {
        let key = Key([number; 32]);
        match cache.claim(key, &path(), Claiming::WhenFree) {
            Claim::Cached(bytes) => {
                assert_eq!(bytes, [number; 100]);
                0
            }
            Claim::Make(_) => {
                cache.put(key, &path(), &[number; 100]);
                1
            }
            _ => panic!("nobody else is here"),
        }
    };
    (0..10).map(make).sum()
}

#[test]
fn an_object_store_is_read_and_written_and_fills_the_folder() {
    let store = fake(Answer::Right, Answer::Right, 0);
    let first = cache(&store, None);
    assert_eq!(make_ten(&first), 10);
    assert!(first.close().is_empty());
    let folder = tempfile::tempdir().unwrap();
    let open = || FolderStore::open(folder.path(), WriteGate::default()).unwrap();
    let second = cache(&store, Some(open()));
    assert_eq!(make_ten(&second), 0);
    assert!(second.close().is_empty());
    // The folder has them now.
    let before = store.calls.load(Ordering::SeqCst);
    let third = cache(&store, Some(open()));
    assert_eq!(make_ten(&third), 0);
    assert_eq!(store.calls.load(Ordering::SeqCst), before);
}

#[test]
fn a_store_that_fails_is_one_finding_and_is_left_alone() {
    for right in [0, 1, 5, 12] {
        for (reads, writes) in [
            (Answer::Fails, Answer::Fails),
            (Answer::Forbidden, Answer::Forbidden),
            (Answer::Right, Answer::Fails),
            (Answer::Fails, Answer::Right),
        ] {
            let store = fake(reads, writes, right);
            let cache = cache(&store, None);
            assert_eq!(make_ten(&cache), 10);
            let findings = cache.close();
            let what = format!("{reads:?} {writes:?} after {right}: {findings:?}");
            assert_eq!(findings.len(), 1, "{what}");
            assert_eq!(findings[0].code, Code::UnusableCache);
            assert!(findings[0].message.contains("s3://bucket"), "{what}");
            // After the first failure of a kind, there is no further call of that kind.
            let calls = store.calls.load(Ordering::SeqCst);
            assert!(calls <= right + 3, "{calls} calls, {what}");
        }
    }
}

#[test]
fn a_store_that_may_only_be_read_is_no_trouble() {
    let store = fake(Answer::Right, Answer::Forbidden, 0);
    let cache = cache(&store, None);
    assert_eq!(make_ten(&cache), 10);
    // Ten reads, and one attempt to write.
    assert_eq!(store.calls.load(Ordering::SeqCst), 11);
    assert!(cache.close().is_empty());
}

#[test]
fn other_bytes_under_a_key_are_reported() {
    let store = fake(Answer::Right, Answer::Right, 0);
    let name = Name::Variant(Key([1; 32]));
    let cache = cache(&store, None);
    store.folder.put_if_absent(name, b"other").unwrap();
    cache.put(Key([1; 32]), &path(), b"own");
    let findings = cache.close();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].file.as_deref(), Some(path().as_str()));
}
