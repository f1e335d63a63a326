//! The arguments of `sizes`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::TextOrJson;

#[derive(Debug, Args)]
pub struct SizesArgs {
    /// Folder with built pages, or URLs of pages
    #[arg(value_name = "DIR|URL", required = true)]
    pub targets: Vec<String>,

    /// Site folder, whose presets are compared [default: nearest site above DIR; with URLs, above
    /// the current folder]
    #[arg(long, value_name = "SITE")]
    pub site: Option<PathBuf>,

    /// Use this file instead of the site's planche.yml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Write the fitting sizes into the presets that differ
    #[arg(long)]
    pub write: bool,

    /// Pages of DIR to open for each value of sizes
    #[arg(long, value_name = "N", default_value = "8")]
    pub pages: NonZeroUsize,

    /// Seconds that a page may take to load
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,

    /// Program to open pages with [default: Chromium or Google Chrome]
    #[arg(long, value_name = "FILE")]
    pub browser: Option<PathBuf>,

    /// Output format
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    pub format: TextOrJson,
}
