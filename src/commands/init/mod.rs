//! `init`: a commented `planche.yml`, and what the generator's templates need to show records.

mod exclude;
mod kit;

use anyhow::{Context, Result, bail};

use planche::config::{FILE, Generator};
use planche::path::SitePath;
use planche::site::{Existing, Replaced, Root, Site, detect, guess};

use crate::cli::InitArgs;
use crate::commands::output::note;
use crate::exit::Exit;
use kit::Kit;

const TEMPLATE: &str = include_str!("../planche.yml");

pub fn init(args: &InitArgs) -> Result<Exit> {
    let shown = args.site.display();
    let root =
        Root::open(&args.site).with_context(|| format!("cannot open the folder `{shown}`"))?;
    let recognised = detect(&root).or_else(|| guess(&root));
    let generator = args.generator.or(recognised).unwrap_or(Generator::None);
    let kit = Kit::of(generator);
    let config = TEMPLATE.replace("{generator}", generator.name());
    let mut files = vec![(FILE, config)];
    files.extend(
        kit.snippets
            .iter()
            .map(|(path, text)| (*path, (*text).to_owned())),
    );
    if args.hook {
        let Some((path, text)) = kit.hook else {
            bail!("{} – hint: {}", kit.no_hook(), kit.instead_of_hook());
        };
        files.push((path, text.to_owned()));
    }
    let is_new = |path: &str, text: &str| {
        let there = root.read_text(&site_path(path));
        !there.is_ok_and(|there| there.as_deref() == Some(text))
    };
    let (taken, free): (Vec<_>, Vec<_>) = files
        .iter()
        .filter(|(path, text)| is_new(path, text))
        .partition(|(path, _)| !args.force && root.is_file(path));
    let names: Vec<String> = taken.iter().map(|(path, _)| format!("`{path}`")).collect();
    if free.is_empty() {
        match names.as_slice() {
            [] => bail!("there is nothing to write: all files are there already"),
            [one] => bail!("{one} exists – hint: use --force to overwrite it"),
            more => bail!(
                "{} exist – hint: use --force to overwrite them",
                more.join(", ")
            ),
        }
    }
    let how = match (args.generator, recognised) {
        (Some(_), _) => "as asked",
        (None, Some(_)) => "recognised",
        (None, None) => "no generator recognised",
    };
    note!("for {} ({how})", generator.name());
    for (path, text) in &free {
        root.create(&site_path(path), text.as_bytes(), existing(args))?;
        note!("wrote {path}");
    }
    for name in names {
        note!("kept {name}, which was there – hint: --force overwrites it");
    }
    if generator == Generator::Jekyll {
        keep_out(&root)?;
    }
    // What was written must be read without a finding.
    let site = Site::open(Some(&args.site), None)?;
    let output = site.output();
    note!(
        "variants go to {}/, published as {}",
        output.dir.as_str(),
        output.url.as_str()
    );
    let written: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    note!("{}", kit.advice(&site, args.hook, &written).trim_end());
    note!("next: planche --dry-run");
    Ok(Exit::Done)
}

/// Keeps files of ours out of what Jekyll publishes; says what to add where it cannot be done safely.
fn keep_out(root: &Root) -> Result<()> {
    let Some(name) = ["_config.yml", "_config.yaml", "_config.toml"]
        .into_iter()
        .find(|name| root.is_file(name))
    else {
        return Ok(());
    };
    let path = site_path(name);
    let entries = exclude::OURS.join(", ");
    let (bytes, _) = root.read(&path, 4 << 20)?;
    match exclude::add(&bytes, name) {
        exclude::Added::Nothing => {}
        exclude::Added::Text(text) => match root.replace(&path, &bytes, text.as_bytes())? {
            Replaced::Written => note!("added to `exclude:` in {name}: {entries}"),
            _ => {
                note!(
                    "{name} is being edited and was left alone; add to `exclude:` in it: {entries}"
                );
            }
        },
        exclude::Added::Unsafe(reason) => {
            note!("{name} was left alone ({reason}); add to `exclude:` in it: {entries}");
        }
    }
    Ok(())
}

fn site_path(path: &str) -> SitePath {
    SitePath::normalise(path).expect("a path of the kit lies within the site")
}

/// Whether existing files may be overwritten.
fn existing(args: &InitArgs) -> Existing {
    if args.force {
        Existing::Replace
    } else {
        Existing::Keep
    }
}
