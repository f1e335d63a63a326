//! `init`: a commented `planche.yml`.

use anyhow::{Context, Result, bail};

use planche::config::{FILE, Generator};
use planche::site::{Root, Site, SitePath, detect};

use crate::cli::InitArgs;
use crate::exit::Exit;

const TEMPLATE: &str = include_str!("planche.yml");

pub fn init(args: &InitArgs) -> Result<Exit> {
    let shown = args.site.display();
    let root =
        Root::open(&args.site).with_context(|| format!("cannot open the folder `{shown}`"))?;
    let detected = detect(&root);
    let generator = args.generator.or(detected).unwrap_or(Generator::None);
    let file = SitePath::root().child(FILE);
    if root.is_file(FILE) && !args.force {
        bail!("`{FILE}` exists – hint: use --force to overwrite it");
    }
    let text = TEMPLATE.replace("{generator}", generator.name());
    root.create(&file, text.as_bytes(), args.force)?;
    // What was written must be read without a finding.
    let site = Site::open(Some(&args.site), None)?;
    let output = site.output();
    eprintln!(
        "wrote {FILE} for {} ({})",
        generator.name(),
        if args.generator.is_some() {
            "as asked"
        } else if detected.is_some() {
            "recognised"
        } else {
            "no generator recognised"
        }
    );
    eprintln!(
        "variants go to {}/, published as {}",
        output.dir.as_str(),
        output.url.as_str()
    );
    eprintln!("next: planche --dry-run");
    Ok(Exit::Done)
}
