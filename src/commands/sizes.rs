//! The command `sizes`: measures how wide pages show their images, and prints or writes `sizes`
//! that fit.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use planche::internal::preset::Presets;
use planche::internal::project::{OpenError, Site};
use planche::internal::report::{JsonFinding, plural};
use planche::internal::sizes::{
    BrowserError, Extent, MeasureError, MeasureOptions, Measured, Measuring, ShownImage, Slot,
    Target, find_browser, measure, save, write,
};

use super::locked;
use super::opening::{misconfigured, refusal};
use super::output::{Output, language, note, write_error};
use super::print::print_json;
use super::signals::{INTERRUPTED, Signals};
use crate::cli::{SizesArgs, TextOrJson};
use crate::exit::Exit;

pub fn sizes(args: &SizesArgs) -> Result<Exit> {
    let config = args.config.as_deref();
    let folder = folder(&args.targets)?;
    let source = source(args, folder).map_err(|error| {
        let site = args.site.as_deref();
        refusal(error, site, config, args.format, |finding| {
            object(&Measuring::default(), &[JsonFinding(finding)])
        })
    })?;
    let published = folder.map(|dir| Site::published(dir, source.as_ref()));
    let published = published.transpose()?;
    let target = match &published {
        Some(published) => Target::Folder(published),
        None => Target::Pages(&args.targets),
    };
    let built_in = Presets::read([]).0;
    let presets = source.as_ref().map_or(&built_in, |site| &site.presets);
    let browser = match &args.browser {
        Some(browser) => browser.clone(),
        None => find_browser()?,
    };
    let signals = Signals::listen()?;
    let options = MeasureOptions {
        browser: &browser,
        patience: Duration::from_secs(args.timeout),
        pages_per_sizes: args.pages.get(),
        stop: &signals.stop,
    };
    let measuring = match measure(&target, presets, &options) {
        Err(MeasureError::Browser(BrowserError::Stopped)) => {
            note!("{INTERRUPTED}");
            let signal = signals.caught().unwrap_or_default();
            return Ok(Exit::Interrupted { signal });
        }
        measured => measured?,
    };
    let Measuring {
        measured,
        unloaded,
        failures,
    } = &measuring;
    for failure in failures {
        write_error(&format!("{}: {}", failure.page, failure.reason));
    }
    for (page, count) in unloaded {
        let images = plural(*count, "image");
        note!(
            "warning: {page}: {images} not loaded in time, so measured without content – hint: \
             raise `--timeout`"
        );
    }
    if measured.slots.is_empty() && measured.own.is_empty() && failures.is_empty() {
        bail!(
            "no page shows an image with `srcset` and `sizes` – hint: run `planche html` on the pages first, or use the snippets of `planche init`"
        );
    }
    match args.format {
        TextOrJson::Human => print(measured, presets)?,
        TextOrJson::Json => print_json(&object(&measuring, &[]))?,
    }
    let mut is_complete = failures.is_empty();
    if let Some(source) = &source {
        let _lock = source.root.lock(&signals.stop).map_err(locked)?;
        save(source, measured)?;
        if args.write {
            is_complete &= write_presets(source, measured)?;
        }
    } else if args.write {
        bail!("there is no site whose presets could be written – hint: name it with `--site`");
    }
    Ok(if is_complete {
        Exit::Done
    } else {
        Exit::Findings
    })
}

/// Opens the site whose presets are compared. An error of its presets is an error too: they may
/// differ from those with which the pages were built.
fn source(args: &SizesArgs, folder: Option<&Path>) -> Result<Option<Site>, OpenError> {
    let config = args.config.as_deref();
    let source = match (&args.site, folder) {
        (Some(site), _) => Some(Site::open(Some(site), config)?),
        (None, Some(dir)) => Site::above(dir, config)?,
        (None, None) => match Site::open(None, config) {
            Err(OpenError::NotFound { .. }) => None,
            site => Some(site?),
        },
    };
    source.as_ref().map_or(Ok(()), misconfigured)?;
    Ok(source)
}

/// Returns the folder to measure; `None` if all targets are URLs.
fn folder(targets: &[String]) -> Result<Option<&Path>> {
    let is_url = |target: &String| target.starts_with("http://") || target.starts_with("https://");
    match targets {
        [dir] if !is_url(dir) => Ok(Some(Path::new(dir))),
        targets => match targets.iter().find(|target| !is_url(target)) {
            None => Ok(None),
            Some(other) => {
                bail!(
                    "`{other}` is not a URL – hint: name one folder, or URLs that begin with \
                     `http`"
                )
            }
        },
    }
}

fn print(measured: &Measured, presets: &Presets) -> Result<()> {
    let mut out = Output::data(std::io::stdout().lock());
    let pages = plural(measured.pages, "page");
    let say = |english: &str| language().text(english).into_owned();
    writeln!(out, "{}", say(&format!("measured {pages}")))?;
    for slot in &measured.slots {
        let name = match slot.presets.as_slice() {
            [] => say("no preset"),
            names => names.join(", "),
        };
        writeln!(out, "\n{name}{}{}", say(": "), slot.sizes)?;
        let row = |title: &str, cells: Vec<String>| {
            let cells: String = cells.iter().map(|cell| format!("{cell:>7}")).collect();
            format!("  {:<8}{cells}", say(title))
        };
        let compared = slot.compared();
        let windows = compared.iter().map(|(window, _, _)| window.to_string());
        let shown = compared.iter().map(|(_, _, shown)| format!("{shown:.0}"));
        let declared = compared.iter().map(|(_, declared, _)| {
            declared.map_or_else(|| "?".to_owned(), |declared| format!("{declared:.0}"))
        });
        if compared.is_empty() {
            writeln!(
                out,
                "{}",
                say("  not measured: no image is shown in these windows")
            )?;
            continue;
        }
        writeln!(out, "{}", row("window", windows.collect()))?;
        writeln!(out, "{}", row("shown", shown.collect()))?;
        writeln!(out, "{}", row("sizes", declared.collect()))?;
        if slot.fits() {
            writeln!(out, "{}", say("  `sizes` fits"))?;
        } else if let Some(fitting) = slot.fitting() {
            writeln!(out, "{}", say(&format!("  recommended: {fitting}")))?;
        }
        if let Some((window, Extent { narrowest, widest })) = slot.conflict() {
            let shared = format!("  images of different widths share it; in a {window} px window:");
            writeln!(out, "{}", say(&shared))?;
            for ShownImage { width, page, src } in [narrowest, widest] {
                let seen = format!("    {width:.0} px: {src} on {page}");
                writeln!(out, "{}", say(&seen))?;
            }
        }
    }
    let is_measured = |name: &str| {
        let mut slots = measured.slots.iter();
        slots.any(|slot| slot.presets.iter().any(|own| own == name))
    };
    let others = presets.sizes().filter(|(name, _)| !is_measured(name));
    let (own, unseen): (Vec<_>, Vec<_>) = others.partition(|(_, own)| measured.own.contains(*own));
    let names = |presets: Vec<(&str, &str)>| {
        let names: Vec<&str> = presets.into_iter().map(|(name, _)| name).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    if let Some(names) = names(own) {
        let own =
            format!("\nnot measured, because their images are shown at their own width: {names}");
        writeln!(out, "{}", say(&own))?;
    }
    if let Some(names) = names(unseen) {
        writeln!(out, "{}", say(&format!("\nnot on these pages: {names}")))?;
    }
    out.flush()?;
    Ok(())
}

/// Returns the object of `--format json`.
fn object(measuring: &Measuring, findings: &[JsonFinding]) -> Value {
    let Measuring {
        measured, failures, ..
    } = measuring;
    let slot = |slot: &Slot| -> Value {
        let windows = slot.widths.iter().map(|(window, extent)| {
            json!({ "window": window, "narrowest": extent.narrowest.width, "widest": extent.widest.width })
        });
        json!({
            "presets": slot.presets,
            "sizes": slot.sizes,
            "fits": slot.fits(),
            "fitting": slot.fitting(),
            "conflict": slot.conflict().is_some(),
            "windows": windows.collect::<Vec<Value>>(),
        })
    };
    let failures = failures
        .iter()
        .map(|failure| json!({ "page": failure.page, "reason": failure.reason }));
    json!({
        "schema": 1,
        "pages": measured.pages,
        "slots": measured.slots.iter().map(slot).collect::<Vec<Value>>(),
        "failures": failures.collect::<Vec<Value>>(),
        "findings": findings,
    })
}

/// Writes the measured `sizes` into presets. Returns whether this succeeded for every preset whose
/// `sizes` do not fit.
fn write_presets(source: &Site, measured: &Measured) -> Result<bool> {
    let mut is_complete = true;
    let mut changed = 0;
    for slot in measured.slots.iter().filter(|slot| !slot.fits()) {
        let reason = match slot.presets.as_slice() {
            [] => {
                note!(
                    "`{}` belongs to no preset; change it where the template prints it",
                    slot.sizes
                );
                continue;
            }
            [_, _, ..] => {
                "these presets have the same `sizes`, so that their images cannot be distinguished"
            }
            [_] if slot.conflict().is_some() => {
                "its images are shown in different widths; give them a preset for each width with rules in planche.yml"
            }
            [name] => {
                let Some(fitting) = slot.fitting() else {
                    continue;
                };
                match write(source, name, &fitting) {
                    Ok(written) => {
                        let verb = if written.is_new { "wrote" } else { "edited" };
                        note!("{verb} {}: `sizes` is now `{fitting}`", written.path);
                        changed += 1;
                    }
                    Err(error) => {
                        write_error(&error.to_string());
                        is_complete = false;
                    }
                }
                continue;
            }
        };
        note!("left `{}` unchanged: {reason}", slot.presets.join("`, `"));
        is_complete = false;
    }
    if changed > 0 {
        note!("now build the site again");
    }
    Ok(is_complete)
}
