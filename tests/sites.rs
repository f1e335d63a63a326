//! Sites of every generator with the snippets of `planche init`, built by the generator and opened
//! in a browser.

/// Compares what a browser loads with what it should load.
pub mod browser;
/// How the tests build sites with each generator.
pub mod generators;
/// A replacement for Zola: its template engine, with pages rendered here.
mod zola;

/// `planche html` on what each generator builds.
mod built;
/// Feeds with absolute URLs, and the examples for CI.
mod feeds;
/// `planche init` on sites with articles and templates: rules, edits, undo.
mod init_edits;
/// The parameters of the snippets, in every generator.
mod options;
/// Whole sites: built, opened, built again, stripped.
mod pages;
/// Handwritten records, as each generator shows them.
mod shown;
/// Real Jekyll sites render the same pages with and without records.
mod themes;
/// The setup check: unused records, variants that are not published.
mod unseen;
/// How each generator's folders and paths are read.
mod ways;
/// What `planche init` writes and prints.
mod written;
