//! The command `explain`: prints the page about a finding code, or what planche does with an upload
//! or an article, and why.

mod file;

use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Result, bail};

use planche::internal::finding::{Code, nearest};
use planche::internal::flow::{self, Options};
use planche::internal::path::{Lookup, SitePath, decode_percent};
use planche::internal::project::Site;
use planche::internal::report::{DisplayPaths, Terminal};
use planche::internal::site::Listings;

use super::decode::isolated;
use super::output::{language, print_data};
use super::print::lines;
use super::signals::Signals;
use super::{failure, open};
use crate::cli::ExplainArgs;
use crate::exit::Exit;

pub fn explain(args: &ExplainArgs) -> Result<Exit> {
    let given = args.what.as_str();
    match Code::ALL.iter().find(|code| code.as_str() == given) {
        Some(code) => print_data(page(*code).as_bytes())?,
        None => return explain_file(args),
    }
    Ok(Exit::Done)
}

/// Returns the text of the page about a code, without its last paragraph, which links to another
/// page.
fn page(code: Code) -> String {
    let page = code.page(language());
    let page = page.trim_end();
    let text = page.rsplit_once("\n\n").map_or(page, |(text, _)| text);
    match columns() {
        Some(columns) => format!("{}\n", rewrapped(text, columns.max(40))),
        None => format!("{text}\n"),
    }
}

/// Wraps the paragraphs of a text that is wrapped at another width. Code blocks and lists stay.
fn rewrapped(text: &str, columns: usize) -> String {
    let is_fixed = |line: &str| line.starts_with([' ', '-', '|', '#']) || line.starts_with("```");
    let paragraphs = text.split("\n\n").map(|paragraph| {
        if paragraph.lines().any(is_fixed) {
            return paragraph.to_owned();
        }
        textwrap::fill(&paragraph.lines().collect::<Vec<_>>().join(" "), columns)
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

fn explain_file(args: &ExplainArgs) -> Result<Exit> {
    let given = args.what.as_str();
    let is_name = !given.contains(['/', '\\', '.']);
    let names = Code::ALL.iter().map(|code| code.as_str());
    if let Some(name) = nearest(given, names).filter(|_| is_name) {
        bail!("`{given}` is not a code – hint: did you mean `{name}`?");
    }
    let site = match open(&args.site) {
        Ok(site) => site,
        Err(_) if is_name && args.site.site.is_none() => bail!(
            "`{given}` is not a code – hint: docs/findings.md lists all codes; to explain an \
             upload or an article, give its path"
        ),
        Err(error) => return Err(error),
    };
    let signals = Signals::listen()?;
    let decoder = isolated();
    let options = Options {
        stop: &signals.stop,
        decoder: &decoder,
        ..Options::for_site(&site)
    };
    for path in meant_paths(&site, given) {
        match flow::explain(&site, &options, &path) {
            Ok(Some(explanation)) => {
                let terminal = Terminal {
                    width: columns(),
                    ..lines(args.terminal.color)
                };
                let here = DisplayPaths::to(&site);
                let text = file::text(&explanation, &here, terminal);
                let mut wrapped = Vec::new();
                for line in text.lines() {
                    terminal.write_wrapped(line, &mut wrapped)?;
                }
                print_data(&wrapped)?;
                return Ok(Exit::Done);
            }
            Ok(None) => {}
            Err(error) => return failure(error, &signals),
        }
    }
    bail!(
        "`{given}` is neither a code, nor an article of this site, nor an upload that one of its \
         articles names – hint: give a path from the site's folder, such as `uploads/photo.jpg`, or \
         a URL such as `/uploads/photo.jpg`"
    )
}

/// Returns the files of the site that the argument can refer to: as a path from the working
/// directory, as a URL, and as a path from the root of the site, in this order. Each may be
/// percent-encoded, and in any Unicode normalization.
fn meant_paths(site: &Site, given: &str) -> Vec<SitePath> {
    let decoded = decode_percent(given);
    let as_written = paths_of(site, given).into_iter();
    let all = as_written.chain(decoded.iter().flat_map(|given| paths_of(site, given)));
    let listings = Listings::default();
    let mut paths: Vec<SitePath> = Vec::new();
    for path in all {
        let path = match listings.look_up(&site.root, &path) {
            Lookup::File(file) => file,
            _ => path,
        };
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

/// Returns the paths that an argument can be, as written.
fn paths_of(site: &Site, given: &str) -> Vec<SitePath> {
    let absolute = std::path::absolute(given).ok();
    let absolute = absolute.map(|path| path.canonicalize().unwrap_or(path));
    let root = site.root.path().canonicalize();
    let from_here = absolute.zip(root.ok()).and_then(|(path, root)| {
        let below = path.strip_prefix(root).ok().map(Path::to_str)??;
        SitePath::normalise(below)
    });
    let uploads = site.conventions.uploads.iter();
    let as_url = uploads.filter_map(|folder| {
        let below = given.strip_prefix(folder.url.as_str())?;
        SitePath::normalise(&format!("{}/{below}", folder.dir.as_str()))
    });
    let from_root = SitePath::normalise(given.trim_start_matches('/'));
    let paths = from_here.into_iter().chain(as_url).chain(from_root);
    paths.collect()
}

/// Returns the width of the terminal in columns; `None` if standard output is not a terminal.
fn columns() -> Option<usize> {
    let (_, columns) = console::Term::stdout().size_checked().unzip();
    let columns = columns.filter(|_| std::io::stdout().is_terminal());
    columns.map(usize::from)
}
