use std::os::unix::fs::symlink;
use std::sync::Barrier;
use std::thread;

use super::*;
use crate::picture::info::Digest;
use crate::store::Key;

struct Scratch {
    store: FolderStore,
    folder: tempfile::TempDir,
}

impl Scratch {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::open(&folder.path().join("store"), WriteGate::default()).unwrap();
        Scratch { store, folder }
    }

    fn file(&self, name: Name) -> PathBuf {
        self.folder.path().join("store").join(name.to_string())
    }
}

fn variant(number: u8) -> Name {
    Name::Variant(Key([number; 32]))
}

#[test]
fn what_was_put_is_got_and_listed() {
    let Scratch { store, .. } = &Scratch::new();
    let original = Name::Original(Digest::of(b"photo"));
    assert_eq!(store.get(variant(1)).unwrap(), None);
    assert_eq!(store.list(Section::Variants).unwrap(), []);
    assert_eq!(store.put_if_absent(variant(1), b"one").unwrap(), Put::New);
    assert_eq!(store.put_if_absent(original, b"photo").unwrap(), Put::New);
    assert_eq!(store.get(variant(1)).unwrap().as_deref(), Some(&b"one"[..]));
    assert_eq!(store.get(original).unwrap().as_deref(), Some(&b"photo"[..]));
    assert!(store.exists(variant(1)).unwrap() && !store.exists(variant(2)).unwrap());
    assert_eq!(store.list(Section::Variants).unwrap(), [variant(1)]);
    assert_eq!(store.list(Section::Originals).unwrap(), [original]);
}

#[test]
fn a_second_writer_compares() {
    let Scratch { store, .. } = &Scratch::new();
    store.put_if_absent(variant(1), b"one").unwrap();
    assert_eq!(store.put_if_absent(variant(1), b"one").unwrap(), Put::Same);
    assert_eq!(
        store.put_if_absent(variant(1), b"two").unwrap(),
        Put::Different
    );
    assert_eq!(store.get(variant(1)).unwrap().as_deref(), Some(&b"one"[..]));
}

#[test]
fn damaged_entries_are_not_used_and_are_replaced() {
    let scratch = &Scratch::new();
    let store = &scratch.store;
    let file = scratch.file(variant(1));
    store.put_if_absent(variant(1), b"one").unwrap();
    let intact = std::fs::read(&file).unwrap();
    let mut flipped = intact.clone();
    flipped[85 - 4] ^= 1;
    let cut = intact[..intact.len() - 1].to_vec();
    for damaged in [flipped, cut, Vec::new(), b"somebody else's".to_vec()] {
        std::fs::write(&file, &damaged).unwrap();
        assert_eq!(store.get(variant(1)).unwrap(), None);
        assert!(!file.exists(), "it is removed");
        std::fs::write(&file, &damaged).unwrap();
        assert_eq!(store.put_if_absent(variant(1), b"one").unwrap(), Put::New);
        assert_eq!(std::fs::read(&file).unwrap(), intact);
    }
}

#[test]
fn a_link_is_neither_followed_nor_written_through() {
    let scratch = &Scratch::new();
    let store = &scratch.store;
    let (file, other) = (
        scratch.file(variant(1)),
        scratch.folder.path().join("other"),
    );
    store.put_if_absent(variant(1), b"one").unwrap();
    std::fs::rename(&file, &other).unwrap();
    symlink(&other, &file).unwrap();
    let before = std::fs::read(&other).unwrap();
    assert_eq!(store.get(variant(1)).unwrap(), None);
    symlink(&other, &file).unwrap();
    assert_eq!(store.put_if_absent(variant(1), b"two").unwrap(), Put::New);
    assert!(!file.is_symlink());
    assert_eq!(std::fs::read(&other).unwrap(), before);
    // A folder of the store that leads out of it is refused.
    let folder = file.parent().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    symlink(scratch.folder.path(), folder).unwrap();
    store.put_if_absent(variant(1), b"one").unwrap_err();
    store.get(variant(1)).unwrap_err();
}

#[test]
fn of_several_writers_one_wins_and_readers_meet_no_torn_entry() {
    let Scratch { store, folder } = &Scratch::new();
    let bytes = vec![7; 300_000];
    for round in 0..25 {
        let barrier = Barrier::new(8);
        let puts: Vec<Put> = thread::scope(|scope| {
            let writers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        let put = store.put_if_absent(variant(round), &bytes).unwrap();
                        assert_eq!(store.get(variant(round)).unwrap().as_ref(), Some(&bytes));
                        put
                    })
                })
                .collect();
            let puts = writers.into_iter().map(|writer| writer.join().unwrap());
            puts.collect()
        });
        let won = puts.iter().filter(|put| **put == Put::New).count();
        assert_eq!(won, 1, "{puts:?}");
        assert!(!puts.contains(&Put::Different), "{puts:?}");
        let left = std::fs::read_dir(folder.path().join("store").join(variant(round).folder()));
        assert_eq!(left.unwrap().count(), 1, "no temporary file is left");
    }
}
