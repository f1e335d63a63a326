//! Reads which folders Hugo mounts as content, static files and assets: its configuration goes in,
//! folders with their URLs come out.

use super::super::Files;
use super::super::config::Value;
use super::super::places::{folder, folder_or, within};
use crate::path::SitePath;

/// Mounted folders of a site, by component.
#[derive(Debug)]
pub(super) struct Mounts {
    pub content: Vec<Mount>,
    /// Content folders, each with its name without a language.
    pub shared: Vec<(SitePath, SitePath)>,
    pub statics: Vec<Mount>,
    pub assets: Vec<Mount>,
    /// Folder of the site itself that variants go to: one that is published at the root, if there
    /// is one.
    pub own_static: Mount,
    /// Single files, each after its URL.
    pub single: Vec<(String, SitePath)>,
}

/// A folder, and the URL that it is published under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    pub dir: SitePath,
    pub url: String,
}

impl Mount {
    fn at_root(dir: SitePath) -> Self {
        Mount {
            dir,
            url: "/".to_owned(),
        }
    }
}

impl Mounts {
    /// Reads the mounts. If `module.mounts` mounts a component, Hugo ignores the component's
    /// default folder. Themes come last.
    pub fn of(config: &Value, files: &dyn Files) -> Self {
        let own = config.items(&["module", "mounts"]);
        let mut content = mounted(own, "content");
        let at = |mount: &Mount| (mount.dir.clone(), folder(&mount.url));
        let shared;
        if content.is_empty() {
            content = default_content(config);
            let at_root = content.iter().filter(|mount| mount.url == "/");
            shared = at_root.map(at).collect();
        } else {
            shared = content.iter().map(at).collect();
        }
        let mut statics = mounted(own, "static");
        if statics.is_empty() {
            statics = default_statics(config);
        }
        let (single, mut statics): (Vec<Mount>, Vec<Mount>) = statics
            .into_iter()
            .partition(|mount| files.has_file(&mount.dir));
        let mut assets = mounted(own, "assets");
        if assets.is_empty() {
            assets.push(Mount::at_root(folder_or(
                config.text(&["assetdir"]),
                "assets",
            )));
        }
        let own_static = statics
            .iter()
            .find(|mount| mount.url == "/")
            .or(statics.first())
            .cloned()
            .unwrap_or_else(|| Mount::at_root(folder("static")));
        for (dir, own) in modules(config, files) {
            for (mounts, name) in [(&mut statics, "static"), (&mut assets, "assets")] {
                let default = Mount::at_root(folder(name));
                let of_module = match own {
                    [] => vec![default],
                    own => mounted(own, name),
                };
                let below = of_module.into_iter().map(|mount| Mount {
                    dir: within(&dir, mount.dir.as_str()),
                    url: mount.url,
                });
                mounts.extend(below.filter(|mount| files.has_folder(&mount.dir)));
            }
        }
        Mounts {
            content,
            shared,
            statics,
            assets,
            own_static,
            single: single
                .into_iter()
                .map(|mount| (mount.url.trim_end_matches('/').to_owned(), mount.dir))
                .collect(),
        }
    }
}

/// Returns the folders of themes and of imported modules, each with the mounts that its import
/// sets. If there are none, the default folders of the module count.
fn modules<'c>(config: &'c Value, files: &dyn Files) -> Vec<(SitePath, &'c [Value])> {
    const NO_MOUNTS: &[Value] = &[];
    let themes = folder_or(config.text(&["themesdir"]), "themes");
    let named = config.list(&["theme"]).into_iter();
    let imports = config.items(&["module", "imports"]).iter();
    let imports = imports.filter(|import| import.text(&["disable"]).as_deref() != Some("true"));
    let imported =
        imports.filter_map(|import| Some((import.text(&["path"])?, import.items(&["mounts"]))));
    named
        .map(|name| (name, NO_MOUNTS))
        .chain(imported)
        .filter_map(|(name, mounts)| {
            let places = [within(&themes, &name), within(&folder("_vendor"), &name)];
            let dir = places.into_iter().find(|dir| files.has_folder(dir))?;
            Some((dir, mounts))
        })
        .collect()
}

/// Returns the folders of `staticDir`, of its numbered variants, and of each language.
fn default_statics(config: &Value) -> Vec<Mount> {
    let keys = std::iter::once("staticdir".to_owned());
    let keys: Vec<String> = keys
        .chain((0..=10).map(|number| format!("staticdir{number}")))
        .collect();
    let mut dirs: Vec<String> = keys
        .iter()
        .flat_map(|key| config.list(&[key.as_str()]))
        .collect();
    if dirs.is_empty() {
        dirs.push("static".to_owned());
    }
    for language in config.names(&["languages"]) {
        let of_language = keys
            .iter()
            .flat_map(|key| config.list(&["languages", &language, key]));
        dirs.extend(of_language);
    }
    let mut statics: Vec<Mount> = Vec::new();
    for dir in dirs {
        let mount = Mount::at_root(folder(&dir));
        if !statics.contains(&mount) {
            statics.push(mount);
        }
    }
    statics
}

/// Returns the folders and files that a list of mounts mounts as a component.
fn mounted(mounts: &[Value], component: &str) -> Vec<Mount> {
    mounts
        .iter()
        .filter_map(|mount| {
            let target = mount.text(&["target"])?;
            let target = target.trim_matches('/');
            let below = match target.strip_prefix(component)? {
                "" => "",
                below => below.strip_prefix('/')?,
            };
            let url = match below {
                "" => "/".to_owned(),
                below => format!("/{below}/"),
            };
            let dir = SitePath::normalise(&mount.text(&["source"])?)?;
            Some(Mount { dir, url })
        })
        .collect()
}

/// Returns `contentDir`, and that of each language. Its pages are published below the language's
/// name or at the root.
fn default_content(config: &Value) -> Vec<Mount> {
    let mut content = vec![Mount::at_root(folder_or(
        config.text(&["contentdir"]),
        "content",
    ))];
    for language in config.names(&["languages"]) {
        let dir = config.text(&["languages", &language, "contentdir"]);
        let Some(dir) = dir.and_then(|dir| SitePath::normalise(&dir)) else {
            continue;
        };
        content.push(Mount {
            dir: dir.clone(),
            url: format!("/{language}/"),
        });
        content.push(Mount::at_root(dir));
    }
    content
}
