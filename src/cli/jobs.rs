//! The arguments of the commands for other machines.

use std::path::PathBuf;

use clap::Args;

use planche::internal::jobs::Shard;
use planche::internal::picture::units::ByteSize;

use super::{ReportArgs, SiteArgs, ThreadsArgs, WorkArgs};

/// Writes one line of JSON per original that lacks variants. `planche worker` reads such lines, on
/// this machine or on others. Does not change the site.
#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub site: SiteArgs,

    /// File for the jobs; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub jobs_out: PathBuf,

    /// Upload the originals to this store: a folder that the workers share, or the URL of an object
    /// store such as s3://bucket/prefix
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,

    /// Only the jobs of one of N machines, such as 2/8
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,

    /// All variants, not only missing ones
    #[arg(long)]
    pub all: bool,

    #[command(flatten)]
    pub threads: ThreadsArgs,
}

/// Reads jobs of `planche plan` from standard input, line by line, and answers each with one line
/// on standard output, in the same order. The answer reports any error of the job.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// Where the files go: a folder, or the URL of an object store
    #[arg(long, value_name = "URL")]
    pub store: String,

    /// Memory limit of this process, e.g. 1GiB [default: three quarters of available memory]
    #[arg(long, value_name = "SIZE", help_heading = "Resources")]
    pub memory: Option<ByteSize>,

    /// Number of threads; one worker per CPU takes less CPU time than one with many threads
    #[arg(long, short, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Resources")]
    pub jobs: u16,
}

/// Builds like `planche build`, but takes the variants from the store instead of generating them.
/// Every file is verified. Missing results are reported; run the command again with more results to
/// continue.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Answers of `planche worker`; `-` is standard input
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,

    #[command(flatten)]
    pub site: SiteArgs,

    /// Where the workers have put the files: a folder, or the URL of an object store
    #[arg(long, value_name = "URL")]
    pub store: String,

    #[command(flatten)]
    pub work: WorkArgs,

    #[command(flatten)]
    pub report: ReportArgs,
}
