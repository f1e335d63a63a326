//! The arguments of `report`.

use std::path::PathBuf;

use clap::Args;

use super::{SiteArgs, WorkArgs};

#[derive(Debug, Args)]
pub struct ContactSheetArgs {
    #[command(flatten)]
    pub site: SiteArgs,

    /// Page to write, by default .planche/contact-sheet.html in the site; its links to images are
    /// relative, so leave it where it is
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Compute no scores; show those that an earlier report has computed
    #[arg(long)]
    pub no_scores: bool,

    /// Print errors only
    #[arg(long, short, help_heading = "Output")]
    pub quiet: bool,

    #[command(flatten)]
    pub work: WorkArgs,
}
