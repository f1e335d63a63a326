//! The options `build --timings` and `--trace`: record a run, and write how its time was spent.

use std::io::Write;

use anyhow::Result;

use planche::internal::bench::{Measured, Recorder};
use planche::internal::project::Site;
use planche::internal::report::Summary;

use super::output::Output;
use super::output_file::OutputFile;
use crate::cli::TimingsArgs;

fn page(args: &TimingsArgs) -> Option<OutputFile<'_>> {
    let what = "the timings";
    let path = args.timings.as_deref()?;
    Some(OutputFile { what, path })
}

fn trace(args: &TimingsArgs) -> Option<OutputFile<'_>> {
    let what = "the trace";
    let path = args.trace.as_deref()?;
    Some(OutputFile { what, path })
}

/// Checks the output files that the arguments name.
pub fn check_files(args: &TimingsArgs, site: &Site) -> Result<()> {
    let mut files = [page(args), trace(args)].into_iter().flatten();
    files.try_for_each(|file| file.check([site]))
}

/// A run that is being recorded.
pub struct Recording<'a> {
    recorder: Recorder,
    args: &'a TimingsArgs,
}

impl<'a> Recording<'a> {
    /// Starts recording if an argument requests it.
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
        let write = |file: OutputFile<'_>, text: &str| file.write(text.as_bytes());
        if let Some(file) = page(self.args) {
            write(file, &timings.page())?;
        }
        if let Some(file) = trace(self.args) {
            write(file, &timings.trace())?;
        }
        if self.args.measured {
            let mut out = Output::data(std::io::stdout().lock());
            serde_json::to_writer(&mut out, &Measured::new(&timings, summary))?;
            writeln!(out)?;
        }
        Ok(())
    }
}
