//! The arguments about what a command prints.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Default, Args)]
pub struct ReportArgs {
    /// Output format
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    pub format: FormatArg,

    /// Write the report to FILE, and print text for people
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub report: Option<PathBuf>,

    /// Print every finding and every change, rather than the most important ones
    #[arg(long, help_heading = "Output")]
    pub all: bool,

    #[command(flatten)]
    pub terminal: TerminalArgs,

    /// Print only warnings and errors
    #[arg(long, short, help_heading = "Output")]
    pub quiet: bool,

    /// Exit with code 1 if there are warnings
    #[arg(long)]
    pub strict: bool,
}

/// How text for people looks.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct TerminalArgs {
    /// When to use colors
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        help_heading = "Output"
    )]
    pub color: When,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// Text for people
    #[default]
    Human,
    /// One line per finding, for text editors
    Concise,
    /// One JSON object
    Json,
    /// GitHub Actions annotations
    Github,
    /// GitLab Code Quality report
    Gitlab,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML
    Junit,
    /// Markdown, for a CI job summary
    Markdown,
}

/// The formats of commands whose output is no list of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// Text for people
    #[default]
    Human,
    /// JSON for programs
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

#[derive(Debug, Default, Args)]
pub struct ProgressArgs {
    /// When to show progress: a bar on a terminal, elsewhere a line every ten seconds
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        help_heading = "Output"
    )]
    pub progress: ProgressArg,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProgressArg {
    /// When printing text for people
    #[default]
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}
