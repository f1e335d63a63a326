//! `planche init`: writes a commented `planche.yml` and the generator's snippets, lists the keys
//! and the template lines that show images, edits those lines on request, and reverts everything.

mod change;
mod configuration;
mod data;
mod edits;
mod heights;
mod journal;
mod keys;
mod rules;
mod setting;
mod snippets;
mod target;
mod used;

use std::path::Path;

use anyhow::{Context, Result, bail};

use planche::internal::config::{Config, FolderPath};
use planche::internal::generator::{
    ConfigurationEdit, Edited, Generator, GeneratorSetting, Kit, Snippet, Usage,
};
use planche::internal::inventory::{Inventory, with_texts};
use planche::internal::ledger::Ledger;
use planche::internal::path::SitePath;
use planche::internal::project::Site;
use planche::internal::report::plural;
use planche::internal::site::{Root, STATE_FOLDER};
use planche::internal::survey::survey;
use planche::internal::templates::{Printed, printed};

use crate::cli::InitArgs;
use crate::commands::decode::isolated;
use crate::commands::output::{language, note, write_line};
use crate::exit::Exit;
use data::DataFiles;
use heights::Need;
use journal::{Journal, Replaced};
use snippets::place;
use target::Target;

/// Why a generator was chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    Asked,
    Configured,
    /// By the site's files.
    Recognized,
    /// The site's files are those of no generator.
    Unrecognized,
}

impl Reason {
    fn text(self) -> &'static str {
        match self {
            Reason::Asked => "as asked",
            Reason::Configured => "set in planche.yml",
            Reason::Recognized => "detected",
            Reason::Unrecognized => "none detected",
        }
    }
}

/// Maximum size in bytes of a configuration file that is edited.
const CONFIGURATION_LIMIT: u64 = 4 << 20;

pub fn init(args: &InitArgs) -> Result<Exit> {
    let target = Target::of(args)?;
    let shown = target.folder.display();
    let root =
        Root::open(&target.folder).with_context(|| format!("cannot open the folder `{shown}`"))?;
    if args.undo {
        return undo(&root, &target.folder);
    }
    let config = configuration::read(&root)?;
    let recognized = Generator::recognize(&root);
    let (generator, chosen) = choose(target.generator, config.as_ref(), recognized);
    let kit = generator.spec().kit.as_ref();
    let hook = if args.hook {
        Some(hook(generator)?)
    } else {
        None
    };
    let dsfr = if args.dsfr {
        let dsfr = kit.and_then(|kit| kit.dsfr.as_ref());
        Some(dsfr.with_context(|| format!("there is no DSFR snippet for {}", generator.name()))?)
    } else {
        None
    };
    let reason = chosen.text();
    match kit {
        Some(_) => note!("generator: {} ({reason})", generator.spec().title),
        None => note!("generator: none ({reason})"),
    }
    warn(&Generator::matching(&root), generator, chosen);
    let init = Init {
        args,
        folder: &target.folder,
        root: &root,
        config: config.as_ref(),
        generator,
        kit,
    };
    if args.show {
        init.show()
    } else {
        init.write(dsfr.into_iter().chain(hook))
    }
}

/// A site to set up.
struct Init<'i> {
    args: &'i InitArgs,
    folder: &'i Path,
    root: &'i Root,
    /// The configuration, if the site has one already.
    config: Option<&'i Config>,
    generator: Generator,
    kit: Option<&'static Kit>,
}

impl Init<'_> {
    /// Prints what would be set up, and writes nothing.
    fn show(&self) -> Result<Exit> {
        let site = Site::open(Some(self.folder), None)?;
        let inventory = take_inventory(&site)?;
        show_keys(&inventory);
        DataFiles::of(self.folder)?.show();
        let found = printed(&site, &inventory);
        edits::show(&found);
        edits::offer(&found);
        if let Some(kit) = self.kit {
            let need = heights::need(&site);
            explain(kit, &site, Some(&inventory), &need, self.args.hook);
        }
        Ok(Exit::Done)
    }

    /// Writes the configuration and the snippets, `asked` among them, and edits the templates on
    /// request.
    fn write(&self, asked: impl Iterator<Item = &'static Snippet>) -> Result<Exit> {
        let (root, kit) = (self.root, self.kit);
        let mut journal = Journal::open(root, self.folder)?;
        let mut undo = Vec::new();
        let mut ours =
            configuration::write(root, &mut journal, self.generator, self.config, &mut undo)?;
        ours.extend(self.write_snippets(asked, &mut journal)?);
        if let Some(edit) = kit.and_then(|kit| kit.configuration.as_ref()) {
            edit_configuration(root, &mut journal, edit, &mut undo)?;
        }
        // Reopening the site checks that the new files can be read without a finding.
        let site = Site::open(Some(self.folder), None)?;
        let output = site.output();
        note!(
            "variants go to {}/, published as {}",
            output.dir.as_str(),
            output.url.as_str()
        );
        let inventory = take_inventory(&site)?;
        show_keys(&inventory);
        let data = DataFiles::of(self.folder)?;
        match self.config {
            None => configuration::write_found(root, &mut journal, &inventory, &data)?,
            Some(config) => configuration::show_missing_rules(config, &inventory),
        }
        data.show();
        let found = printed(&site, &inventory);
        edits::show(&found);
        let mut exit = Exit::Done;
        let mut shows_usage = false;
        if !self.args.apply {
            edits::offer(&found);
        }
        if let Some(kit) = kit {
            let mut need = heights::need(&site);
            if self.args.apply {
                exit = self.apply(kit, &mut journal, &found, &mut undo)?;
                if exit == Exit::Done {
                    need = heights::apply(&site, &mut journal, need, &mut undo)?;
                }
            }
            let is_left = |place: &Printed| !place.applies;
            let all_applied = kit.applies && !found.is_empty() && !found.iter().any(is_left);
            shows_usage = !(self.args.apply && exit == Exit::Done && all_applied);
            let inventory = shows_usage.then_some(&inventory);
            explain(kit, &site, inventory, &need, self.args.hook);
        }
        self.print_undo(&ours, &output.dir, &undo, shows_usage);
        note!("next: planche --dry-run");
        Ok(exit)
    }

    /// Registers the plugin, then edits the templates. In the reverse order, the generator could
    /// not build the edited templates if registering failed.
    fn apply(
        &self,
        kit: &Kit,
        journal: &mut Journal<'_>,
        found: &[Printed],
        undo: &mut Vec<String>,
    ) -> Result<Exit> {
        let is_registered = match &kit.register {
            Some(edit) => edit_configuration(self.root, journal, edit, undo)?,
            None => true,
        };
        if !kit.applies {
            note!(
                "templates of {} must be edited by hand: `--apply` edits none of them",
                self.generator.spec().title
            );
            return Ok(Exit::Done);
        }
        if !is_registered {
            note!(
                "the templates were left unchanged, because the configuration does not register \
                 planche's plugin – hint: register it as shown below, then run \
                 `planche init --apply` again"
            );
            return Ok(Exit::Findings);
        }
        let edited = edits::apply(self.root, journal, found)?;
        if edited.places > 0 {
            let places = plural(edited.places, "place");
            note!("edited {places} in the templates");
        }
        Ok(match edited.is_partial {
            true => Exit::Findings,
            false => Exit::Done,
        })
    }

    /// Prints how to undo what was written: the files `ours`, the variants folder, and the edits of
    /// other files; if the usage was shown, also what its reader added.
    fn print_undo(
        &self,
        ours: &[String],
        variants: &FolderPath,
        edits: &[String],
        shows_usage: bool,
    ) {
        if ours.is_empty() {
            note!(
                "to undo this:\n  planche strip\n  remove {}/ and {STATE_FOLDER}/",
                variants.as_str()
            );
        } else {
            note!(
                "to undo this:\n  planche strip\n  remove {}, {}/ and {STATE_FOLDER}/",
                ours.join(", "),
                variants.as_str()
            );
        }
        for line in edits {
            note!("  {line}");
        }
        if shows_usage {
            note!("  remove what you added to the templates");
        }
        note!(
            "or, unless you have edited these files since: planche strip, then planche init --undo"
        );
    }
}

/// Warns if the site's files are those of other generators, or of others as well.
fn warn(matching: &[Generator], generator: Generator, reason: Reason) {
    let mut others = matching.iter().filter(|other| **other != generator);
    let Some(other) = others.next() else {
        return;
    };
    let own = generator.spec().title;
    let (title, name) = (other.spec().title, other.name());
    if !matching.contains(&generator) {
        note!("warning: the site's files are those of {title}, not of {own}");
    } else if reason == Reason::Recognized {
        note!(
            "warning: the site's files are those of {own} and of {title} – hint: to choose {title}, run `planche init {name}`"
        );
    }
}

/// Undoes what earlier runs wrote and edited.
fn undo(root: &Root, folder: &Path) -> Result<Exit> {
    let mut journal = Journal::open(root, folder)?;
    if journal.is_empty() {
        note!("there is nothing to undo");
        return Ok(Exit::Done);
    }
    Ok(if journal.undo()? {
        Exit::Done
    } else {
        Exit::Findings
    })
}

/// Takes an inventory of the images that the site's articles name.
fn take_inventory(site: &Site) -> Result<Inventory> {
    let decoder = isolated();
    let surveyed = survey(site, site.walk(), &Ledger::load(site), &decoder);
    Ok(with_texts(site, &surveyed.survey))
}

fn show_keys(inventory: &Inventory) {
    if inventory.keys.is_empty() {
        return;
    }
    note!("front-matter keys that name images:");
    for key in &inventory.keys {
        note!("  {}: {}", key.at, rules::counts(key));
        note!("    {}", rules::rule(key));
    }
}

/// Chooses the generator. Also returns the reason for the choice.
fn choose(
    asked: Option<Generator>,
    config: Option<&Config>,
    recognized: Option<Generator>,
) -> (Generator, Reason) {
    match (asked, config.map(|config| config.generator), recognized) {
        (Some(generator), _, _) => (generator, Reason::Asked),
        (None, Some(GeneratorSetting::Named(generator)), _) => (generator, Reason::Configured),
        (None, _, Some(generator)) => (generator, Reason::Recognized),
        (None, _, None) => (Generator::NONE, Reason::Unrecognized),
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

/// Edits the generator's configuration, or prints what to add if it cannot be edited safely.
/// Returns whether the configuration now contains the addition.
fn edit_configuration(
    root: &Root,
    journal: &mut Journal<'_>,
    edit: &ConfigurationEdit,
    undo: &mut Vec<String>,
) -> Result<bool> {
    let mut names = edit.files.iter();
    let Some(name) = names.find(|name| root.is_file(name)) else {
        return Ok(false);
    };
    let path = site_path(name);
    let (key, adds) = (edit.key, edit.adds);
    let (bytes, _) = root.read(&path, CONFIGURATION_LIMIT)?;
    let by_hand = match key {
        Some(key) => format!("add to `{key}:` in it: {adds}"),
        None => format!("add to it: {adds}"),
    };
    match (edit.apply)(&bytes, name) {
        Edited::Unchanged => undo.push(match key {
            Some(key) => format!("remove {adds} from `{key}:` in {name}"),
            None => format!("remove {adds} from {name}"),
        }),
        Edited::Text { text, undo: how } => {
            match journal.replace(&path, &String::from_utf8(bytes)?, &text)? {
                Replaced::Written => {}
                Replaced::BeingEdited => {
                    note!("{name} is being edited and was left unchanged; {by_hand}");
                    return Ok(false);
                }
                Replaced::Unwritable(error) => {
                    let reason = error.full();
                    note!("{name} was left unchanged ({reason}); {by_hand}");
                    return Ok(false);
                }
            }
            match key {
                Some(key) => note!("added to `{key}:` in {name}: {adds}"),
                None => note!("added to {name}: {adds}"),
            }
            undo.push(how);
        }
        Edited::Refused(reason) => {
            note!("{name} was left unchanged ({reason}); {by_hand}");
            return Ok(false);
        }
    }
    Ok(true)
}

/// Prints what to add to the templates, and how to build the site.
/// `inventory` is `None` if nothing is left to add.
fn explain(kit: &Kit, site: &Site, inventory: Option<&Inventory>, need: &Need, has_hook: bool) {
    if let Some(inventory) = inventory {
        write_usage(kit, site, inventory);
    }
    heights::show(need);
    if has_hook {
        note!("planche runs before each build: {}", kit.build);
    } else {
        note!("to build the site:\n  planche build\n  {}", kit.build);
    }
}

/// Prints what to add to the templates and to the configuration.
fn write_usage(kit: &Kit, site: &Site, inventory: &Inventory) {
    let (root, keys) = (&site.root, &site.config.front_matter);
    let used = keys::used(inventory);
    let usage = Usage {
        keys: &used,
        files: root,
        suffix: keys.suffix.as_str(),
        list_key: keys.list_key.as_str(),
        is_registered: kit
            .register
            .as_ref()
            .is_some_and(|edit| is_made(root, edit)),
        has: &|snippet| {
            let text = root
                .read_text(&place(Some(kit), root, snippet))
                .ok()
                .flatten();
            text == Some(snippet.text(keys.suffix.as_str(), keys.list_key.as_str()))
        },
    };
    for part in (kit.usage)(&usage) {
        write_line(language().text(&part).trim_end());
    }
}

/// Whether the configuration already contains what an edit would add.
fn is_made(root: &Root, edit: &ConfigurationEdit) -> bool {
    let mut names = edit.files.iter();
    let name = names.find(|name| root.is_file(name));
    let read = name.and_then(|name| {
        let (bytes, _) = root.read(&site_path(name), CONFIGURATION_LIMIT).ok()?;
        Some((edit.apply)(&bytes, name))
    });
    matches!(read, Some(Edited::Unchanged))
}

fn site_path(path: &str) -> SitePath {
    SitePath::normalise(path).expect("a path of the kit is within the site")
}
