//! `build --timings` and `--trace`: one run, recorded; and what `bench` hears of its runs.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use planche::report::Summary;
use planche::timings::{Recorder, Stage, StageFigures, Timings};

use crate::cli::TimingsArgs;

/// A run that is being recorded, and where it goes.
pub struct Timed<'a> {
    recorder: Recorder,
    args: &'a TimingsArgs,
}

/// One run as `bench` hears of it: a line of JSON on a pipe.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    pub wall_seconds: f64,
    pub cpu_seconds: f64,
    pub peak_bytes: Option<u64>,
    pub stages: BTreeMap<Stage, StageFigures>,
    pub articles: usize,
    pub originals: usize,
    /// Written and fresh.
    pub variants: usize,
    pub written: usize,
    pub rewritten: usize,
    pub failed: usize,
}

impl<'a> Timed<'a> {
    /// Begins to record, if anybody wants to know.
    pub fn begin(args: &'a TimingsArgs) -> Result<Option<Timed<'a>>> {
        if args.timings.is_none() && args.trace.is_none() && !args.measured {
            return Ok(None);
        }
        let recorder = Recorder::install()?;
        Ok(Some(Timed { recorder, args }))
    }

    /// Writes what was asked for; gives whether that took the place of the summary.
    pub fn end(self, summary: &Summary) -> Result<bool> {
        let timings = self.recorder.finish();
        if let Some(path) = &self.args.timings {
            write(path, timings.page().as_bytes())?;
        }
        if let Some(path) = &self.args.trace {
            write(path, timings.trace().as_bytes())?;
        }
        if self.args.measured {
            let measured = Measured::of(&timings, summary);
            let mut out = std::io::stdout().lock();
            serde_json::to_writer(&mut out, &measured)?;
            writeln!(out)?;
        }
        Ok(self.args.measured)
    }
}

impl Measured {
    fn of(timings: &Timings, summary: &Summary) -> Self {
        Measured {
            wall_seconds: timings.wall.as_secs_f64(),
            cpu_seconds: timings.cpu.as_secs_f64(),
            peak_bytes: timings.peak_bytes,
            stages: timings.by_stage(),
            articles: summary.articles.read,
            originals: summary.originals.used,
            variants: summary.variants.written + summary.variants.fresh,
            written: summary.variants.written,
            rewritten: summary.articles.changed,
            failed: summary.originals.failed + summary.articles.refused,
        }
    }
}

/// Writes a file that the arguments name, as a whole or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = || format!("cannot write `{}`", path.display());
    // A pipe or a device is written into, never replaced.
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        return std::fs::write(path, bytes).with_context(cannot);
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file =
        tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).with_context(cannot)?;
    file.write_all(bytes).with_context(cannot)?;
    // Readable for others like any file, which a temporary one is not.
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    file.as_file()
        .set_permissions(permissions)
        .with_context(cannot)?;
    file.persist(path)
        .map_err(|error| error.error)
        .with_context(cannot)?;
    Ok(())
}
