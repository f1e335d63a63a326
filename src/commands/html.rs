//! The command `html`: makes the images in built pages responsive.

use anyhow::Result;

use planche::internal::flow::{Effect, Options};
use planche::internal::html;
use planche::internal::project::Site;
use planche::internal::report::{Forecast, RunKind, Sources, Summary};

use super::decode::isolated;
use super::opening::{error_for_people, report_refusal};
use super::print::print_from;
use super::progress::Shown;
use super::signals::Signals;
use super::{check_report, exit_code, failure};
use crate::cli::HtmlArgs;
use crate::exit::Exit;

pub fn html(args: &HtmlArgs) -> Result<Exit> {
    let effect = Effect::of(args.dry_run || args.check);
    let source = source(args, effect)?;
    let published = Site::published(&args.dir, source.as_ref())?;
    check_report(&args.report, source.iter().chain([&published]))?;
    let signals = Signals::listen()?;
    let decoder = isolated();
    signals.end_soon(published.root.gate().clone())?;
    let shown = Shown::of(&args.progress, &args.report, effect);
    let mut options = Options {
        stop: &signals.stop,
        decoder: &decoder,
        progress: &shown,
        ..Options::for_site(&published)
    };
    args.work.apply(&mut options);
    let result = html::html(source.as_ref(), &published, &options, effect);
    shown.clear();
    match result {
        Ok(mut summary) => {
            let would_change = summary
                .forecast
                .as_ref()
                .is_some_and(|plan| !plan.is_empty());
            if args.check {
                summary.forecast = summary.forecast.map(Forecast::without_diffs);
            }
            let exit = exit_code(&summary, args.report.strict, args.check && would_change);
            let sources = Sources::of_pages(&published, source.as_ref());
            print_from(&summary, &args.report, &sources)?;
            exit.now()
        }
        Err(error) => failure(error, &signals),
    }
}

/// Opens the site that the pages were built from. If its configuration cannot be read, the error is
/// reported in the format that was asked for.
fn source(args: &HtmlArgs, effect: Effect) -> Result<Option<Site>> {
    let config = args.config.as_deref();
    let refused = |finding| Summary::refused(RunKind::Html, effect, finding);
    let (site, root) = match &args.site {
        Some(folder) => {
            let site = Site::open(Some(folder), config).map(Some);
            (site, Site::find(Some(folder)))
        }
        None => (Site::above(&args.dir, config), Site::find_above(&args.dir)),
    };
    site.map_err(|error| {
        let reported = report_refusal(&error, &root, config, &args.report, refused);
        reported.unwrap_or_else(|| match &args.site {
            Some(folder) => error_for_people(error, Some(folder), config),
            None => error.into(),
        })
    })
}
