//! Command-line arguments. The doc comments are the text of `--help` and of the man page.

#[cfg(feature = "bench")]
mod bench;
mod jobs;
mod language;
mod report;
mod sheet;
mod sizes;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use planche::internal::generator::ALL;
use planche::internal::picture::units::ByteSize;

#[cfg(feature = "bench")]
pub use bench::{BenchArgs, ScenarioArg, TimingsArgs};
pub use jobs::{ApplyArgs, PlanArgs, WorkerArgs};
pub use language::{LanguageArg, chosen, command, parse};
pub use report::{
    FormatArg, ProgressArg, ProgressArgs, ReportArgs, TerminalArgs, TextOrJson, When,
};
pub use sheet::ContactSheetArgs;
pub use sizes::SizesArgs;

/// Responsive images for static sites.
///
/// Finds the images that your articles use, generates resized WebP variants of them, and adds the
/// srcset to each article's front matter. Nothing else in the article changes.
#[derive(Debug, Parser)]
#[command(name = "planche", version, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub build: BuildArgs,

    /// Language of messages and help [default: that of LC_ALL, LC_MESSAGES or LANG]
    #[arg(long, global = true, value_enum, value_name = "LANG")]
    pub lang: Option<LanguageArg>,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    success; with `check`: everything is up to date
  1    an image or an article could not be processed; with `check`: something is
       out of date; with --strict: there are warnings
  2    invalid usage or configuration, or an I/O error
  130  interrupted (143: terminated)";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Generate missing variants and update the articles (the default command)
    Build(BuildArgs),
    /// Check that everything is up to date, for CI; changes no article and no variant
    Check(CheckArgs),
    /// Add srcset to the images in built pages, after the generator
    Html(HtmlArgs),
    /// Measure how wide built pages show images, in Chromium, and print the sizes that fit
    ///
    /// Opens pages in windows of 320 to 1920 pixels, and compares how wide they show the images of
    /// each preset with its sizes. Pages must have srcset already, from `planche html` or from
    /// snippets. From then on, `planche check` reports presets whose sizes are off by more than
    /// 25%.
    Sizes(SizesArgs),
    /// Build, then rebuild whatever changes until interrupted
    Watch(WatchArgs),
    /// Write a page with every image as readers will see it: the contact sheet
    Report(ContactSheetArgs),
    #[cfg(feature = "bench")]
    /// Benchmark builds on a copy of your site or on a synthetic one
    Bench(BenchArgs),
    /// Verify that the variants on disk are those that were written; never writes
    Verify(VerifyArgs),
    /// Remove everything that planche added to the articles
    Strip(StripArgs),
    /// Delete variants that are no longer used
    Clean(CleanArgs),
    /// Plan the work for other machines
    Plan(PlanArgs),
    /// Do work that was planned for other machines
    Worker(WorkerArgs),
    /// Build with the variants that other machines have generated
    Apply(ApplyArgs),
    /// Create planche.yml and a snippet for your templates
    Init(InitArgs),
    /// Explain a finding by its code, or what happens to an upload or an article and why
    Explain(ExplainArgs),
    /// Print the JSON Schema of planche.yml, of a preset, or of JSON output
    Schema(SchemaArgs),
    /// Print a shell completion script
    Completions(CompletionsArgs),
    /// Print a man page
    Man(ManArgs),
    /// Decode images for another planche process
    #[command(hide = true)]
    Decode,
}

#[derive(Debug, Default, Args)]
pub struct SiteArgs {
    /// Site folder [default: nearest folder, upwards, with a planche.yml or a generator's
    /// configuration]
    #[arg(value_name = "SITE")]
    pub site: Option<PathBuf>,

    /// Use this file instead of the site's planche.yml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ThreadsArgs {
    /// Number of threads [default: number of CPUs]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Resources")]
    pub jobs: Option<u16>,
}

#[derive(Debug, Default, Args)]
pub struct WorkArgs {
    #[command(flatten)]
    pub threads: ThreadsArgs,

    /// Memory limit for decoded images, e.g. 512MiB [default: a quarter of available memory]
    #[arg(long, value_name = "SIZE", help_heading = "Resources")]
    pub max_memory: Option<ByteSize>,
}

#[derive(Debug, Default, Args)]
pub struct BuildArgs {
    #[command(flatten)]
    pub site: SiteArgs,

    /// Print the planned variants and a diff of every article without writing anything
    #[arg(long)]
    pub dry_run: bool,

    /// Verify all variants first, and generate damaged ones again
    #[arg(long, conflicts_with = "dry_run")]
    pub repair: bool,

    #[command(flatten)]
    pub work: WorkArgs,

    #[command(flatten)]
    pub report: ReportArgs,

    #[command(flatten)]
    pub progress: ProgressArgs,

    #[cfg(feature = "bench")]
    #[command(flatten)]
    pub timings: TimingsArgs,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub site: SiteArgs,

    /// Ignore missing variants, for checkouts that do not contain them
    #[arg(long)]
    pub articles: bool,

    /// Accept all current findings from now on: write them to .planche-baseline.json, whose
    /// findings `build` and `check` do not report
    #[arg(long)]
    pub write_baseline: bool,

    #[command(flatten)]
    pub threads: ThreadsArgs,

    #[command(flatten)]
    pub report: ReportArgs,
}

#[derive(Debug, Args)]
pub struct HtmlArgs {
    /// Folder that the generator writes, such as _site, public or dist
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,

    /// Site folder, whose planche.yml, presets and variants are used [default: nearest site above
    /// DIR, if any]
    #[arg(value_name = "SITE")]
    pub site: Option<PathBuf>,

    /// Use this file instead of the site's planche.yml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Print the planned variants and a diff of every page without writing anything
    #[arg(long)]
    pub dry_run: bool,

    /// Exit with code 1 if a page or a variant is not up to date; never write
    #[arg(long, conflicts_with = "dry_run")]
    pub check: bool,

    #[command(flatten)]
    pub work: WorkArgs,

    #[command(flatten)]
    pub report: ReportArgs,

    #[command(flatten)]
    pub progress: ProgressArgs,
}

#[derive(Debug, Default, Args)]
pub struct WatchArgs {
    #[command(flatten)]
    pub site: SiteArgs,

    /// Poll every MS milliseconds instead of relying on notifications, for network folders and
    /// virtual machines
    #[arg(long, value_name = "MS", num_args = 0..=1, require_equals = true, default_missing_value = "700", value_parser = clap::value_parser!(u64).range(10..=60_000))]
    pub poll: Option<u64>,

    /// Run this shell command after each build that changed something
    #[arg(long, value_name = "CMD")]
    pub exec: Option<String>,

    #[cfg(feature = "preview")]
    #[command(flatten)]
    pub preview: PreviewArgs,

    #[command(flatten)]
    pub work: WorkArgs,

    /// Output format; `json` prints one object per line
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    pub format: TextOrJson,

    #[command(flatten)]
    pub terminal: TerminalArgs,

    /// Print only warnings and errors
    #[arg(long, short, help_heading = "Output")]
    pub quiet: bool,
}

#[cfg(feature = "preview")]
#[derive(Debug, Default, Args)]
pub struct PreviewArgs {
    /// Show the contact sheet in a browser, live, and edit focal points and alt text there. Prints
    /// the address, which only this machine can open
    #[arg(long, help_heading = "Preview")]
    pub preview: bool,

    /// Open the preview in the default browser
    #[arg(long, requires = "preview", help_heading = "Preview")]
    pub open: bool,

    /// Preview port [default: a free one]
    #[arg(long, value_name = "N", requires = "preview", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Preview")]
    pub port: Option<u16>,
}

/// Compares each variant with the digest that was recorded when it was written
/// (.planche/variants.b3). Variants without one, such as those of a fresh clone, are decoded.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    pub site: SiteArgs,

    #[command(flatten)]
    pub threads: ThreadsArgs,

    /// Output format
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    pub format: TextOrJson,

    #[command(flatten)]
    pub terminal: TerminalArgs,

    /// Print only damaged variants
    #[arg(long, short, help_heading = "Output")]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct StripArgs {
    #[command(flatten)]
    pub site: SiteArgs,

    /// Print a diff of every article without writing anything
    #[arg(long)]
    pub dry_run: bool,

    #[command(flatten)]
    pub report: ReportArgs,
}

#[derive(Debug, Args)]
pub struct CleanArgs {
    #[command(flatten)]
    pub site: SiteArgs,

    /// Print what would be deleted without deleting anything
    #[arg(long)]
    pub dry_run: bool,

    #[command(flatten)]
    pub report: ReportArgs,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    #[arg(value_name = "GENERATOR", help = generator_help())]
    pub generator: Option<PathBuf>,

    /// Site folder [default: .]
    #[arg(value_name = "SITE")]
    pub site: Option<PathBuf>,

    /// Also replace template lines that print originals (Jekyll, Hugo, Eleventy), register the
    /// plugin (Eleventy, Astro), and add `height: auto` to a style sheet that would distort images
    #[arg(long)]
    pub apply: bool,

    /// Only print what there is to do
    #[arg(long, conflicts_with_all = ["apply", "hook", "dsfr", "force"])]
    pub show: bool,

    /// Undo what `init` wrote and edited, except files edited since and snippets still in use
    #[arg(long, conflicts_with_all = ["apply", "show", "hook", "dsfr", "force"])]
    pub undo: bool,

    /// Also write a hook that runs planche before each build (Jekyll: _plugins/planche.rb)
    #[arg(long)]
    pub hook: bool,

    /// Also write a snippet for the DSFR, the design system of the French state (Jekyll, Eleventy)
    #[arg(long)]
    pub dsfr: bool,

    /// Replace snippets that exist and differ; planche.yml is never replaced
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The code that a finding prints in brackets, such as missing-upload; or the path of an upload
    /// or article, or an upload's URL
    #[arg(value_name = "CODE|FILE")]
    pub what: String,

    #[command(flatten)]
    pub site: SiteArgs,

    #[command(flatten)]
    pub terminal: TerminalArgs,
}

#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// File that the schema describes
    #[arg(value_enum, value_name = "SCHEMA", default_value_t)]
    pub of: SchemaOf,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum SchemaOf {
    /// planche.yml
    #[default]
    Config,
    /// presets/NAME.yml
    Preset,
    /// What `build`, `check`, `html` and `strip` print with `--format json`
    Report,
    /// What `clean` prints with `--format json`
    Clean,
    /// What `verify` prints with `--format json`
    Verify,
    /// Each line that `watch` prints with `--format json`
    Watch,
}

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// Command to describe [default: planche itself]
    pub command: Option<String>,
}

/// The help of `init GENERATOR`.
fn generator_help() -> String {
    let names: Vec<&str> = ALL.iter().map(|generator| generator.name()).collect();
    let (last, others) = names.split_last().expect("there are generators");
    format!(
        "Generator: {} or {last} [default: detected]",
        others.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn build_is_the_default() {
        let cli = Cli::parse_from(["planche", "--dry-run", "site"]);
        assert!(cli.command.is_none() && cli.build.dry_run);
        assert_eq!(cli.build.site.site, Some(PathBuf::from("site")));
        assert!(matches!(
            Cli::parse_from(["planche", "check"]).command,
            Some(Command::Check(_))
        ));
        assert!(Cli::try_parse_from(["planche", "build", "--jobs", "0"]).is_err());
        assert!(Cli::try_parse_from(["planche", "build", "--max-memory", "lots"]).is_err());
    }
}
