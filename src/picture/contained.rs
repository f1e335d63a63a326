//! Contains panics. Dependencies that read untrusted input may panic on it: the code that calls
//! them runs in [`contain`], where a panic is an error.
//!
//! Rust prints every panic before it can be caught. A program that reports the error itself calls
//! [`silence`] at its start.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

thread_local! {
    /// Whether this thread runs code in [`contain`].
    static IS_CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs work in which a dependency may panic.
///
/// # Errors
///
/// The text of the panic if there was one.
pub fn contain<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let done = panic::catch_unwind(AssertUnwindSafe(|| run(true, work)));
    done.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        text.unwrap_or("it panicked").to_owned()
    })
}

/// Whether this thread runs code in [`contain`].
pub fn is_contained() -> bool {
    IS_CONTAINED.get()
}

/// Runs a part of the work of another thread, for which [`is_contained`] returned this. The panics
/// of the part reach that thread.
pub fn run<T>(is_contained: bool, work: impl FnOnce() -> T) -> T {
    /// Restores the former value, during a panic too.
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            IS_CONTAINED.set(self.0);
        }
    }
    let _restore = Restore(IS_CONTAINED.replace(is_contained));
    work()
}

/// Makes this process print no panic of a dependency that is contained. Panics of the program's own
/// code are bugs, and are always printed. `main` is the source file with the program's `main`, as
/// `file!()` names it.
pub fn silence(main: &'static str) {
    let own = [folder(main), folder(file!())];
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if is_printed(panic, own) {
            print(panic);
        }
    }));
}

fn is_printed(panic: &PanicHookInfo<'_>, own: [&str; 2]) -> bool {
    let is_own = |file: &str| own.iter().any(|folder| file.starts_with(folder));
    !is_contained() || panic.location().is_none_or(|at| is_own(at.file()))
}

/// Returns the folder of a source file, with a slash at its end. The sources of a dependency are in
/// other folders: Cargo names those of a workspace relative to it, and those of packages from
/// elsewhere by an absolute path.
fn folder(file: &str) -> &str {
    file.rfind('/').map_or("", |slash| &file[..=slash])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::in_order;

    #[test]
    fn a_panic_is_an_error_with_its_text() {
        assert_eq!(contain(|| 7), Ok(7));
        assert_eq!(contain(|| -> u8 { panic!("text") }), Err("text".to_owned()));
        let counted = contain(|| -> u8 { panic!("{} is not {}", 1, 2) });
        assert_eq!(counted, Err("1 is not 2".to_owned()));
        assert!(!is_contained());
    }

    #[test]
    fn the_parts_of_contained_work_are_contained_on_all_threads() {
        let parts = |_: &u8| in_order(&[0, 1, 2, 3], &|_| is_contained());
        assert_eq!(contain(|| parts(&0)), Ok(vec![true; 4]));
        assert_eq!(parts(&0), [false; 4]);
        let nested = contain(|| contain(is_contained).map(|inner| (inner, is_contained())));
        assert_eq!(nested, Ok(Ok((true, true))));
    }

    #[test]
    fn the_folder_of_a_source_tells_whose_it_is() {
        assert_eq!(folder("src/main.rs"), "src/");
        let installed = "/home/a/.cargo/registry/src/index/planche-0.1.0/src/main.rs";
        assert_eq!(
            folder(installed),
            "/home/a/.cargo/registry/src/index/planche-0.1.0/src/"
        );
        assert!(file!().starts_with(folder(file!())));
    }
}
