//! Sites of every generator with the snippets of `planche init`, built by the generator and opened
//! in a browser.

/// Compares what a browser loads with what it should load.
pub mod browser;
/// How the tests build a site with each generator.
pub mod generators;
/// A replacement for Zola: its template engine, with pages rendered by the tests.
mod zola;

/// `planche html` on the output of each generator.
mod built;
/// `planche init` on sites whose data files name images.
mod data_files;
/// Feeds with absolute URLs, and the CI examples.
mod feeds;
/// `planche init` on sites with articles and templates: rules, edits, undo.
mod heights;
mod init_edits;
/// Layouts that print texts, and pictures with sources.
mod init_layouts;
mod init_values;
/// The parameters of the snippets, in every generator.
mod options;
/// Whole sites: built, opened, built again, stripped.
mod pages;
/// Handwritten records, and what each generator renders for them.
mod shown;
/// Real Jekyll sites render the same pages with and without records.
mod themes;
/// The setup check: unused records, variants that are not published.
mod unseen;
/// How the folders and paths of each generator are interpreted.
mod ways;
/// What `planche init` writes and prints.
mod written;
