//! Which folders Hugo mounts as content, static files and assets.

use super::super::Files;
use super::super::config::Value;
use super::super::places::{folder, folder_or};
use crate::path::SitePath;

/// The folders of a site, by component.
#[derive(Debug)]
pub(super) struct Mounts {
    pub content: Vec<Mount>,
    /// Each content folder with its name without a language.
    pub shared: Vec<(SitePath, SitePath)>,
    pub statics: Vec<Mount>,
    pub assets: Vec<Mount>,
    /// The folder of the site itself that variants go to: one that is published at the root, if
    /// there is one.
    pub own_static: Mount,
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
    /// A component that `module.mounts` names is mounted from there only: Hugo ignores its default
    /// folder. Themes come last.
    pub fn of(config: &Value, files: &dyn Files) -> Self {
        let mut content = mounted(config, "content");
        let at = |mount: &Mount| (mount.dir.clone(), folder(&mount.url));
        let shared;
        if content.is_empty() {
            content = default_content(config);
            let at_root = content.iter().filter(|mount| mount.url == "/");
            shared = at_root.map(at).collect();
        } else {
            shared = content.iter().map(at).collect();
        }
        let mut statics = mounted(config, "static");
        if statics.is_empty() {
            let dirs = config.list(&["staticdir"]);
            statics = match dirs.is_empty() {
                true => vec![Mount::at_root(folder("static"))],
                false => dirs.iter().map(|dir| Mount::at_root(folder(dir))).collect(),
            };
        }
        let mut assets = mounted(config, "assets");
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
        let themes = folder_or(config.text(&["themesdir"]), "themes");
        for theme in config.list(&["theme"]) {
            for (mounts, name) in [(&mut statics, "static"), (&mut assets, "assets")] {
                let dir = folder(&format!("{themes}/{theme}/{name}"));
                if files.has_folder(&dir) {
                    mounts.push(Mount::at_root(dir));
                }
            }
        }
        Mounts {
            content,
            shared,
            statics,
            assets,
            own_static,
        }
    }
}

/// The folders within the site that `module.mounts` mounts as a component.
fn mounted(config: &Value, component: &str) -> Vec<Mount> {
    let mounts = config.items(&["module", "mounts"]).iter();
    mounts
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

/// `contentDir`, and that of each language, whose pages are published below its name or not.
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
