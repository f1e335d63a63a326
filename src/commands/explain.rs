//! `explain`: prints the page about a code.

use std::io::Write;

use anyhow::{Result, bail};

use planche::internal::finding::{Code, nearest};

use super::output::Output;
use crate::cli::ExplainArgs;
use crate::exit::Exit;

pub fn explain(args: &ExplainArgs) -> Result<Exit> {
    let given = args.code.as_str();
    let Some(code) = Code::ALL.iter().find(|code| code.as_str() == given) else {
        let names = Code::ALL.iter().map(|code| code.as_str());
        match nearest(given, names) {
            Some(name) => bail!("`{given}` is not a code – hint: did you mean `{name}`?"),
            None => bail!("`{given}` is not a code – hint: docs/findings.md lists all codes"),
        }
    };
    let page = code.page();
    // The link leads to another page.
    let text = page
        .trim_end()
        .rsplit_once("\n\n")
        .map_or(&*page, |(text, _)| text);
    let mut out = Output::data(std::io::stdout().lock());
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(Exit::Done)
}
