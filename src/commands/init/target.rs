//! Parses the arguments of `planche init`: a generator and a folder, in any order.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use planche::internal::finding::nearest;
use planche::internal::generator::{ALL, Generator};

use crate::cli::InitArgs;

/// The site that `init` sets up.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub generator: Option<Generator>,
    pub folder: PathBuf,
}

impl Target {
    /// Parses the arguments. A word that names a generator is a generator, any other word is a
    /// folder. `./hugo` is always a folder.
    pub fn of(args: &InitArgs) -> Result<Target> {
        let words: Vec<&Path> = [&args.generator, &args.site]
            .into_iter()
            .filter_map(|word| word.as_deref())
            .collect();
        let (generator, folder) = match words.as_slice() {
            [] => (None, None),
            [word] => match by_name(word) {
                Some(generator) => (Some(generator), None),
                None => (None, Some(*word)),
            },
            [first, second, ..] => match (by_name(first), by_name(second)) {
                (Some(generator), _) => (Some(generator), Some(*second)),
                (None, Some(generator)) => (Some(generator), Some(*first)),
                (None, None) => bail!(
                    "neither `{}` nor `{}` is a generator – hint: the generators are {}",
                    first.display(),
                    second.display(),
                    names().join(", ")
                ),
            },
        };
        if let Some(folder) = folder.filter(|folder| !folder.exists()) {
            bail!("{}", unknown(folder, generator));
        }
        Ok(Target {
            generator,
            folder: folder.unwrap_or(Path::new(".")).to_owned(),
        })
    }
}

fn by_name(word: &Path) -> Option<Generator> {
    Generator::by_name(word.to_str()?)
}

fn names() -> Vec<&'static str> {
    ALL.iter().map(|generator| generator.name()).collect()
}

/// Returns the error message for a word that is neither a generator nor a folder.
fn unknown(word: &Path, generator: Option<Generator>) -> String {
    let shown = word.display();
    if generator.is_some() {
        return format!("there is no folder `{shown}`");
    }
    let meant = word.to_str().and_then(|word| nearest(word, names()));
    let hint = match meant {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("the generators are {}", names().join(", ")),
    };
    format!("`{shown}` is neither a generator nor a folder – hint: {hint}")
}
