//! `build --timings` and `--trace`: records one run, and writes where its time went.

use std::io::Write;

use anyhow::Result;

use planche::internal::bench::{Measured, Recorder, write_file};
use planche::internal::report::Summary;

use crate::cli::TimingsArgs;

/// A run that is being recorded.
pub struct Recording<'a> {
    recorder: Recorder,
    args: &'a TimingsArgs,
}

impl<'a> Recording<'a> {
    /// Starts to record if an argument requests it.
    pub fn start(args: &'a TimingsArgs) -> Result<Option<Recording<'a>>> {
        if args.timings.is_none() && args.trace.is_none() && !args.measured {
            return Ok(None);
        }
        let recorder = Recorder::install()?;
        Ok(Some(Recording { recorder, args }))
    }

    /// Writes the files that the arguments name, and the JSON of `--measured`.
    pub fn finish(self, summary: &Summary) -> Result<()> {
        let timings = self.recorder.finish();
        if let Some(path) = &self.args.timings {
            write_file(path, timings.page().as_bytes())?;
        }
        if let Some(path) = &self.args.trace {
            write_file(path, timings.trace().as_bytes())?;
        }
        if self.args.measured {
            let mut out = std::io::stdout().lock();
            serde_json::to_writer(&mut out, &Measured::new(&timings, summary))?;
            writeln!(out)?;
        }
        Ok(())
    }
}
