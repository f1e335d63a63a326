//! `planche init`: writes a commented `planche.yml` and the generator's snippets, and prints what
//! to add to the templates and how to undo everything.

mod setting;
mod target;

use anyhow::{Context, Result, bail};

use planche::internal::config::{Config, FILE};
use planche::internal::generator::{Edited, Generator, GeneratorSetting, Kit, Snippet};
use planche::internal::path::SitePath;
use planche::internal::project::Site;
use planche::internal::site::{Existing, Root};

use crate::cli::InitArgs;
use crate::commands::output::note;
use crate::exit::Exit;
use setting::with_generator;
use target::Target;

const TEMPLATE: &str = include_str!("planche.yml");

/// The largest configuration that is edited, in bytes.
const CONFIGURATION_LIMIT: u64 = 4 << 20;

pub fn init(args: &InitArgs) -> Result<Exit> {
    let target = Target::of(args)?;
    let shown = target.folder.display();
    let root =
        Root::open(&target.folder).with_context(|| format!("cannot open the folder `{shown}`"))?;
    let config = configured(&root)?;
    let recognized = Generator::recognize(&root);
    let (generator, reason) = choose(target.generator, config.as_ref(), recognized);
    let kit = generator.spec().kit.as_ref();
    let hook = if args.hook {
        Some(hook(generator)?)
    } else {
        None
    };

    note!("for {} ({reason})", generator.name());
    if let Some(other) = Generator::detect(&root).filter(|other| *other != generator) {
        note!(
            "warning: the site's files are those of {}, not of {}",
            other.spec().title,
            generator.spec().title
        );
    }
    let mut undo = Vec::new();
    let mut ours = write_configuration(&root, generator, config.as_ref(), &mut undo)?;
    let snippets = kit.map_or(&[][..], |kit| kit.snippets);
    for snippet in snippets.iter().chain(hook) {
        let own = kit.and_then(|kit| (kit.own)(&root, snippet));
        if let Some(own) = own {
            note!(
                "{own} already does this; {} was not written – hint: to use it, add to yours: {}",
                snippet.path,
                snippet.text.lines().last().unwrap_or_default()
            );
        } else if write_snippet(&root, snippet, args.force)? {
            ours.push(snippet.path);
        }
    }
    if let Some(kit) = kit {
        edit_configuration(&root, kit, &mut undo)?;
    }
    // The new files must be readable without a finding.
    let site = Site::open(Some(&target.folder), None)?;
    let output = site.output();
    note!(
        "variants go to {}/, published as {}",
        output.dir.as_str(),
        output.url.as_str()
    );
    if let Some(kit) = kit {
        explain(kit, args.hook);
    }
    note!(
        "to undo this:\n  planche strip\n  remove {}, {}/ and .planche/",
        ours.join(", "),
        output.dir.as_str()
    );
    for line in undo {
        note!("  {line}");
    }
    if kit.is_some() {
        note!("  remove from the templates what you added to them");
    }
    note!("next: planche --dry-run");
    Ok(Exit::Done)
}

/// The site's own configuration, if there is one.
fn configured(root: &Root) -> Result<Option<Config>> {
    let Some(text) = root.read_text(&site_path(FILE))? else {
        return Ok(None);
    };
    match Config::read(FILE, &text) {
        Ok(config) => Ok(Some(config)),
        Err(finding) => bail!("{finding}"),
    }
}

/// The generator, and why it was chosen.
fn choose(
    asked: Option<Generator>,
    config: Option<&Config>,
    recognized: Option<Generator>,
) -> (Generator, &'static str) {
    match (asked, config.map(|config| config.generator), recognized) {
        (Some(generator), _, _) => (generator, "as asked"),
        (None, Some(GeneratorSetting::Named(generator)), _) => (generator, "set in planche.yml"),
        (None, _, Some(generator)) => (generator, "recognized"),
        (None, _, None) => (Generator::NONE, "no generator recognized"),
    }
}

fn hook(generator: Generator) -> Result<&'static Snippet> {
    let Some(kit) = &generator.spec().kit else {
        bail!("there is no hook without a generator");
    };
    match &kit.hook {
        Some(hook) => Ok(hook),
        None => bail!(
            "there is no hook for {} – hint: {}",
            generator.name(),
            kit.without_hook
        ),
    }
}

/// Writes `planche.yml`, or sets `generator:` in the one that exists: nothing else in it changes.
/// Returns the files that belong to planche.
fn write_configuration(
    root: &Root,
    generator: Generator,
    config: Option<&Config>,
    undo: &mut Vec<String>,
) -> Result<Vec<&'static str>> {
    let path = site_path(FILE);
    let Some(config) = config else {
        let names: Vec<&str> = generator_names().collect();
        let text = TEMPLATE
            .replace("{generators}", &names.join(" | "))
            .replace("{generator}", generator.name());
        root.create(&path, text.as_bytes(), Existing::Keep)?;
        note!("wrote {FILE}");
        return Ok(vec![FILE]);
    };
    let is_read_as = match config.generator {
        GeneratorSetting::Auto => Generator::recognize(root).unwrap_or(Generator::NONE),
        GeneratorSetting::Named(named) => named,
    };
    if is_read_as != generator {
        let (bytes, _) = root.read(&path, CONFIGURATION_LIMIT)?;
        let old = config.generator.name();
        let changed = match with_generator(&bytes, config, generator) {
            Some(text) => root.replace(&path, &bytes, text.as_bytes())?.is_written(),
            None => false,
        };
        if !changed {
            bail!(
                "{FILE} says `generator: {old}` – hint: set `generator: {}` in it first",
                generator.name()
            );
        }
        note!(
            "changed `generator: {old}` to `generator: {}` in {FILE}",
            generator.name()
        );
        undo.push(format!("set `generator: {old}` in {FILE}, if you keep it"));
    }
    Ok(vec![FILE])
}

fn generator_names() -> impl Iterator<Item = &'static str> {
    let names = planche::internal::generator::ALL
        .iter()
        .map(|generator| generator.name());
    std::iter::once("auto").chain(names)
}

/// Writes a snippet unless another file has its name. Returns whether the file is the snippet.
fn write_snippet(root: &Root, snippet: &Snippet, force: bool) -> Result<bool> {
    let path = site_path(snippet.path);
    if root.is_file(snippet.path) {
        let text = root.read_text(&path)?;
        if text.as_deref() == Some(snippet.text) {
            return Ok(true);
        }
        if !force {
            note!(
                "{} already exists; left unchanged – hint: --force replaces it",
                snippet.path
            );
            return Ok(false);
        }
    }
    let existing = if force {
        Existing::Replace
    } else {
        Existing::Keep
    };
    root.create(&path, snippet.text.as_bytes(), existing)?;
    note!("wrote {}", snippet.path);
    Ok(true)
}

/// Excludes our files from the published site, or prints what to add if that cannot be done
/// safely.
fn edit_configuration(root: &Root, kit: &Kit, undo: &mut Vec<String>) -> Result<()> {
    let Some(edit) = &kit.configuration else {
        return Ok(());
    };
    let mut names = edit.files.iter();
    let Some(name) = names.find(|name| root.is_file(name)) else {
        return Ok(());
    };
    let path = site_path(name);
    let (key, adds) = (edit.key, edit.adds);
    let (bytes, _) = root.read(&path, CONFIGURATION_LIMIT)?;
    match (edit.apply)(&bytes, name) {
        Edited::Unchanged => undo.push(format!("remove {adds} from `{key}:` in {name}")),
        Edited::Text { text, undo: how } => match root.replace(&path, &bytes, text.as_bytes())? {
            replaced if replaced.is_written() => {
                note!("added to `{key}:` in {name}: {adds}");
                undo.push(how);
            }
            _ => note!(
                "{name} is being edited and was left unchanged; add to `{key}:` in it: {adds}"
            ),
        },
        Edited::Refused(reason) => {
            note!("{name} was left unchanged ({reason}); add to `{key}:` in it: {adds}");
        }
    }
    Ok(())
}

/// Says what to add to the templates, and how to build the site.
fn explain(kit: &Kit, has_hook: bool) {
    note!("{}", kit.usage.trim_end());
    if has_hook {
        note!("planche runs before each build: {}", kit.build);
    } else {
        note!("to build the site:\n  planche build\n  {}", kit.build);
    }
}

fn site_path(path: &str) -> SitePath {
    SitePath::normalise(path).expect("a path of the kit is within the site")
}
