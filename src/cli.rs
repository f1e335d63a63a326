//! The arguments. Doc comments are the help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use planche::config::Generator;
use planche::synthetic::Synthetic;
use planche::units::ByteSize;

/// Responsive pictures for static sites.
///
/// Finds the uploads that articles reference, makes resized WebP variants of them, and writes the
/// srcset into the front matter without touching any other byte.
#[derive(Debug, Parser)]
#[command(name = "planche", version, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub build: BuildArgs,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done; under `check`, nothing would change
  1    an upload or an article could not be processed; under `check`, something
       would change; under --strict, there are warnings
  2    wrong usage, wrong configuration, or the system refused
  130  interrupted (143: terminated)";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the missing variants and bring the articles up to date (the default)
    Build(BuildArgs),
    /// Say whether a build would change anything; writes nothing, encodes nothing
    Check(CheckArgs),
    /// Build, then build again whatever changes, until it is interrupted
    Watch(WatchArgs),
    /// Run the flow on a copy of a site, or on a made-up one, and say where the time goes
    Bench(BenchArgs),
    /// Remove all records from the articles
    Strip(StripArgs),
    /// Remove variants that nothing uses any more
    Clean(CleanArgs),
    /// Write a commented planche.yml, and a snippet for the site's templates
    Init(InitArgs),
    /// Print the JSON Schema of planche.yml or of a preset, for editors
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man(ManArgs),
}

#[derive(Debug, Default, Args)]
pub struct SiteArgs {
    /// The site's folder [default: the nearest one upwards with a planche.yml or a generator's configuration]
    #[arg(value_name = "SITE")]
    pub site: Option<PathBuf>,

    /// Read this file in the place of the site's planche.yml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Default, Args)]
pub struct ReportArgs {
    /// How findings and the summary are printed
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    pub format: FormatArg,

    /// Print errors and warnings only
    #[arg(long, short, help_heading = "Output")]
    pub quiet: bool,

    /// Let warnings fail the run
    #[arg(long)]
    pub strict: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// Lines for people
    #[default]
    Human,
    /// One JSON object on standard output
    Json,
}

#[derive(Debug, Default, Args)]
pub struct WorkArgs {
    /// Number of threads [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Resources")]
    pub jobs: Option<u16>,

    /// Memory that pixels may take, such as 512MiB [default: a quarter of what may be used]
    #[arg(long, value_name = "SIZE", help_heading = "Resources")]
    pub max_memory: Option<ByteSize>,
}

#[derive(Debug, Default, Args)]
pub struct BuildArgs {
    #[command(flatten)]
    pub site: SiteArgs,

    /// Print the plan and a diff of every article; write nothing
    #[arg(long)]
    pub dry_run: bool,

    #[command(flatten)]
    pub work: WorkArgs,

    #[command(flatten)]
    pub report: ReportArgs,

    #[command(flatten)]
    pub timings: TimingsArgs,
}

#[derive(Debug, Default, Args)]
pub struct TimingsArgs {
    /// Write where the time of this run went as an HTML page: by stage, by file, by thread
    #[arg(long, value_name = "FILE.html", help_heading = "Timings")]
    pub timings: Option<PathBuf>,

    /// Write it as a trace for Perfetto or chrome://tracing
    #[arg(long, value_name = "FILE.json", help_heading = "Timings")]
    pub trace: Option<PathBuf>,

    /// Print it as JSON in the place of the summary; what `bench` reads
    #[arg(long, hide = true)]
    pub measured: bool,
}

#[derive(Debug, Args)]
pub struct BenchArgs {
    /// The site's folder, which is copied and never written [default: the nearest one upwards]
    #[arg(value_name = "SITE", conflicts_with = "synthetic")]
    pub site: Option<PathBuf>,

    /// Read this file in the place of the site's planche.yml
    #[arg(long, value_name = "FILE", conflicts_with = "synthetic")]
    pub config: Option<PathBuf>,

    /// Make up a site: articles=N,images=N[,seed=N]
    #[arg(long, value_name = "SIZE")]
    pub synthetic: Option<Synthetic>,

    /// How often each kind of run is measured; medians are told
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub runs: u16,

    /// Measure this kind of run only
    #[arg(long, value_enum)]
    pub only: Option<KindArg>,

    /// Measure with 1 to N threads [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,

    /// Save the figures in this file
    #[arg(long, value_name = "FILE.json", help_heading = "Output")]
    pub save: Option<PathBuf>,

    /// Hold the figures against those that were saved in this file
    #[arg(long, value_name = "FILE.json", help_heading = "Output")]
    pub compare: Option<PathBuf>,

    /// Draw the figures into this file
    #[arg(long, value_name = "FILE.svg", help_heading = "Output")]
    pub plot: Option<PathBuf>,

    /// How figures are printed
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    pub format: FormatArg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KindArg {
    /// Nothing is there yet
    Cold,
    /// Nothing is to be done
    Warm,
    /// One picture, or one article, has changed
    Change,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub site: SiteArgs,

    /// Ignore variants that are absent, for a checkout without them
    #[arg(long)]
    pub articles: bool,

    /// Number of threads [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Resources")]
    pub jobs: Option<u16>,

    #[command(flatten)]
    pub report: ReportArgs,
}

#[derive(Debug, Args)]
pub struct WatchArgs {
    #[command(flatten)]
    pub site: SiteArgs,

    /// Look at the folders every MS milliseconds instead of being notified, where notifications do
    /// not come (network folders, virtual machines)
    #[arg(long, value_name = "MS", num_args = 0..=1, require_equals = true, default_missing_value = "700", value_parser = clap::value_parser!(u64).range(10..=60_000))]
    pub poll: Option<u64>,

    /// Run this shell command after each run that changed something
    #[arg(long, value_name = "CMD")]
    pub exec: Option<String>,

    #[command(flatten)]
    pub work: WorkArgs,

    /// How events are printed; as JSON, one object a line on standard output
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    pub format: FormatArg,

    /// Print errors and warnings only
    #[arg(long, short, help_heading = "Output")]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct StripArgs {
    #[command(flatten)]
    pub site: SiteArgs,

    /// Print a diff of every article; write nothing
    #[arg(long)]
    pub dry_run: bool,

    #[command(flatten)]
    pub report: ReportArgs,
}

#[derive(Debug, Args)]
pub struct CleanArgs {
    #[command(flatten)]
    pub site: SiteArgs,

    /// Print what would be removed; remove nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Print errors and warnings only
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// jekyll, hugo, eleventy, zola, astro or none [default: recognised by the site's files]
    #[arg(value_name = "GENERATOR", value_parser = generator)]
    pub generator: Option<Generator>,

    /// The site's folder
    #[arg(value_name = "SITE", default_value = ".")]
    pub site: PathBuf,

    /// Write a hook too that runs planche before each build (Jekyll: _plugins/planche.rb)
    #[arg(long)]
    pub hook: bool,

    /// Overwrite files that are there
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// What the schema is for
    #[arg(value_enum, default_value_t)]
    pub of: SchemaOf,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum SchemaOf {
    /// planche.yml
    #[default]
    Config,
    /// presets/NAME.yml
    Preset,
}

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// The page of this command [default: planche itself]
    pub command: Option<String>,
}

fn generator(text: &str) -> Result<Generator, String> {
    const KNOWN: [Generator; 6] = [
        Generator::Jekyll,
        Generator::Hugo,
        Generator::Eleventy,
        Generator::Zola,
        Generator::Astro,
        Generator::None,
    ];
    KNOWN
        .into_iter()
        .find(|generator| generator.name() == text)
        .ok_or_else(|| {
            let names: Vec<&str> = KNOWN.iter().map(|generator| generator.name()).collect();
            format!(
                "known: {}; the site's folder comes behind it",
                names.join(", ")
            )
        })
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
