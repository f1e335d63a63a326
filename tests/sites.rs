//! Sites of the generators that people use, with the snippets of `planche init`, built by those
//! generators and looked at in a browser.

/// What a browser loads, held against what it should load.
mod browser;
/// The five generators, and how each one builds a site.
mod generators;
/// A stand-in for Zola: its template engine around pages made here.
mod zola;

/// Whole sites: built, looked at, built again, stripped.
mod pages;
/// Records by hand, as each generator shows them.
mod shown;
/// What real Jekyll sites come to with and without records.
mod themes;
/// What keeps records from the reader's screen is a finding.
mod unseen;
/// What each generator does with folders and paths.
mod ways;
/// What `planche init` writes, and where.
mod written;
