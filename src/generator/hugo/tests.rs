use super::super::files::tests::Map;
use super::*;

/// Returns the articles folders, and the URLs and uploads folders.
fn read(files: &[(&str, &str)]) -> (Vec<String>, Vec<(String, String)>) {
    let mut findings = Vec::new();
    let conventions = conventions(&Map(files), &mut findings);
    assert_eq!(findings, []);
    let starts = conventions.starts.iter().map(SitePath::to_string);
    let uploads = conventions.uploads.iter().map(|uploads| {
        let url = uploads.url.as_str().to_owned();
        (url, uploads.dir.as_str().to_owned())
    });
    (starts.collect(), uploads.collect())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(url, dir)| ((*url).to_owned(), (*dir).to_owned()))
        .collect()
}

#[test]
fn keys_are_read_in_any_case() {
    for key in ["contentDir", "contentdir", "CONTENTDIR"] {
        let text = format!("{key} = 'docs'\nStaticDir = ['a', 'b']\nassetdir = 'c'\n");
        let (starts, uploads) = read(&[("hugo.toml", &text)]);
        assert_eq!(starts, ["docs"], "{key}");
        assert_eq!(
            uploads,
            pairs(&[("/", "a"), ("/", "b"), ("/", "c"), ("/", "docs")]),
            "{key}"
        );
    }
}

#[test]
fn folders_of_configuration_are_merged() {
    let (starts, uploads) = read(&[
        ("hugo.toml", "contentDir = 'root'\nstaticDir = 'files'\n"),
        ("config/_default/config.yaml", "contentDir: shared\n"),
        (
            "config/_default/languages.toml",
            "[en]\ncontentDir = 'shared/en'\n[fr]\ncontentdir = 'shared/fr'\n",
        ),
        ("config/_default/params.toml", "contentDir = 'no'\n"),
        (
            "config/production/hugo.toml",
            "staticDir = 'public-files'\n",
        ),
        ("config/staging/hugo.toml", "staticDir = 'no'\n"),
    ]);
    assert_eq!(starts, ["shared", "shared/en", "shared/fr"]);
    assert_eq!(uploads[0], ("/".to_owned(), "public-files".to_owned()));
}

#[test]
fn mounts_replace_the_default_folder_of_their_component() {
    let (starts, uploads) = read(&[(
        "hugo.toml",
        "[[module.mounts]]\nsource = 'static'\ntarget = 'static'\n\
         [[module.mounts]]\nsource = 'media'\ntarget = 'static/media'\n\
         [[module.mounts]]\nsource = 'pages'\ntarget = 'content/docs'\n\
         [[module.mounts]]\nsource = '../outside'\ntarget = 'static'\n\
         [[module.mounts]]\nsource = 'x'\ntarget = 'statics'\n",
    )]);
    assert_eq!(starts, ["pages"]);
    assert_eq!(
        uploads,
        pairs(&[
            ("/", "static"),
            ("/media/", "media"),
            ("/", "assets"),
            ("/docs/", "pages"),
        ])
    );
}

#[test]
fn a_themes_static_files_are_published_too() {
    let (_, uploads) = read(&[
        ("hugo.yaml", "theme: [t, absent]\n"),
        ("themes/t/static/img/a.jpg", ""),
    ]);
    assert_eq!(
        uploads,
        pairs(&[
            ("/", "static"),
            ("/", "themes/t/static"),
            ("/", "assets"),
            ("/", "content"),
        ])
    );
}

#[test]
fn variants_go_to_the_sites_own_static_folder() {
    for (text, expected) in [
        ("", "static/uploads/variants"),
        ("staticDir = 'files'", "files/uploads/variants"),
        (
            "[[module.mounts]]\nsource = 'media'\ntarget = 'static/media'\n",
            "media/uploads/variants",
        ),
    ] {
        let conventions = conventions(&Map(&[("hugo.toml", text)]), &mut Vec::new());
        assert_eq!(conventions.output.dir.as_str(), expected, "{text}");
    }
}
