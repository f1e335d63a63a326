//! Reads, applies and writes the baseline, a file at the root of the site. `build` and `check` do
//! not report the findings that it accepts; `check --write-baseline` writes it.

use anyhow::{Result, bail};

use planche::internal::finding::Finding;
use planche::internal::path::SitePath;
use planche::internal::project::Site;
use planche::internal::report::{BASELINE, Baseline, Summary};
use planche::internal::site::{Existing, TEXT_LIMIT};

use super::output::note;

fn path() -> SitePath {
    SitePath::normalise(BASELINE).expect("the name of a file is a path")
}

/// Reads the site's baseline; `None` if the site has none.
pub fn read(site: &Site) -> Result<Option<Baseline>> {
    let bytes = match site.root.read(&path(), TEXT_LIMIT) {
        Ok((bytes, _)) => bytes,
        Err(error) if error.is_missing() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let text = String::from_utf8_lossy(&bytes);
    match Baseline::read(&text) {
        Some(baseline) => Ok(Some(baseline)),
        None => bail!(
            "`{BASELINE}` is not a baseline of this version of planche – hint: write it again with \
             `planche check --write-baseline`"
        ),
    }
}

/// Removes the findings that a baseline accepts from a summary, and counts them in it.
pub fn apply(accepted: Option<&Baseline>, summary: &mut Summary) {
    if let Some(accepted) = accepted {
        summary.baselined = accepted.remove_from(&mut summary.findings);
    }
}

/// Writes a baseline that accepts `findings`.
pub fn write(site: &Site, findings: &[Finding]) -> Result<()> {
    let accepted = Baseline::of(findings);
    let text = accepted.text();
    let written = site
        .root
        .create(&path(), text.as_bytes(), Existing::Replace);
    if let Err(error) = written {
        bail!(
            "{} – hint: make the site's folder writable, or free disk space",
            error.full()
        );
    }
    let are = match accepted.count() {
        1 => "1 finding is".to_owned(),
        count => format!("{count} findings are"),
    };
    note!("{are} accepted from now on: wrote {BASELINE}");
    Ok(())
}
