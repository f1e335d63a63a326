//! Feeds with absolute URLs, as the recipes say, read by a feed parser; and the examples for CI.

use std::path::Path;
use std::process::Command;

use super::generators::{fixture, tools};
use super::shown::tags;
use crate::needs::{Need, skip};

const RECIPES: &str = include_str!("../../docs/recipes.md");
const CI: &str = include_str!("../../docs/ci.md");

const ARTICLE: &str = "---\ntitle: A & B\ndate: 2024-01-02\n---\n\nText.\n\n![a](/uploads/logo.png)\n\n![b](https://cdn.example.net/b.png)\n\n![c](/uploads/missing.png)\n";

/// The contents of a feed's entries, by feedparser. `None` if it is not installed.
fn parsed(feed: &Path) -> Option<Vec<String>> {
    let python = tools().join("venv/bin/python");
    let script = "import feedparser, json, sys\nd = feedparser.parse(sys.argv[1])\nassert not d.bozo, d.bozo_exception\nassert d.version in ('atom10', 'rss20'), d.version\nprint(json.dumps([(e.get('content') or [{'value': e.summary}])[0]['value'] for e in d.entries]))";
    // Sanitizing would remove the attributes that are to be looked at.
    let script = format!(
        "import feedparser\nfeedparser.SANITIZE_HTML = 0\nfeedparser.RESOLVE_RELATIVE_URIS = 0\n{script}"
    );
    let has_parser = Command::new(&python)
        .args(["-c", "import feedparser"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !has_parser {
        skip(Need::Feedparser, "feedparser is not installed");
        return None;
    }
    let output = Command::new(python)
        .args(["-c", &script])
        .arg(feed)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:#?}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// Every URL of the images is absolute, and there is a `srcset`.
#[track_caller]
fn expect_absolute(feed: &Path) {
    let Some(contents) = parsed(feed) else {
        return;
    };
    assert_eq!(contents.len(), 1, "{contents:?}");
    let found = tags(&contents[0]);
    assert_eq!(found.len(), 3, "{contents:?}");
    let is_absolute = |url: &str| url.starts_with("https://");
    for (_, attributes) in &found {
        assert!(is_absolute(&attributes["src"]), "{attributes:?}");
        let candidates = attributes
            .get("srcset")
            .map(String::as_str)
            .unwrap_or_default();
        assert!(
            candidates.is_empty() || candidates.split(", ").all(is_absolute),
            "{candidates}"
        );
    }
    let srcset = &found[0].1["srcset"];
    assert!(srcset.contains("https://www.example.org/"), "{srcset}");
    assert!(!contents[0].contains("data-planche"), "{contents:?}");
}

#[test]
fn jekylls_feed_has_absolute_urls() {
    let Some(site) = fixture("jekyll").site("") else {
        return;
    };
    let recipe = RECIPES.split("### Jekyll\n").nth(1).unwrap();
    let recipe = recipe.split("```liquid\n").nth(1).unwrap();
    site.write("feed.xml", recipe.split("```").next().unwrap());
    site.write("_posts/2024-01-02-a.md", ARTICLE);
    site.copy_upload("logo.png", "uploads/logo.png");
    site.planche(&[]).exits(0);
    let built = fixture("jekyll").build(&site);
    expect_absolute(&built.join("feed.xml"));
}

#[test]
fn hugos_rss_has_absolute_urls() {
    let Some(site) = fixture("hugo").site("") else {
        return;
    };
    let config = site.text("hugo.toml");
    site.write(
        "hugo.toml",
        config.replace("\"RSS\", ", "").replace(", \"section\"", ""),
    );
    // The page as a whole; Hugo's own template has summaries.
    site.write(
        "layouts/_default/rss.xml",
        "{{ printf \"<?xml version=\\\"1.0\\\" encoding=\\\"utf-8\\\"?>\" | safeHTML }}<rss version=\"2.0\"><channel><title>{{ .Title }}</title><link>{{ .Permalink }}</link><description>D</description>{{ range where .Site.RegularPages \"Section\" \"actualites\" }}<item><title>{{ .Title }}</title><link>{{ .Permalink }}</link><guid>{{ .Permalink }}</guid><description>{{ .Content | transform.XMLEscape | safeHTML }}</description></item>{{ end }}</channel></rss>\n",
    );
    site.write("content/actualites/a.md", ARTICLE);
    site.copy_upload("logo.png", "static/uploads/logo.png");
    site.planche(&[]).exits(0);
    let built = fixture("hugo").build(&site);
    expect_absolute(&built.join("index.xml"));
}

#[test]
fn eleventys_filter_makes_urls_absolute() {
    let Some(site) = fixture("eleventy").site("") else {
        return;
    };
    let config = site.text("eleventy.config.mjs");
    let with_url = "addPlugin(planche, { url: \"https://www.example.org\" })";
    site.write(
        "eleventy.config.mjs",
        config.replace("addPlugin(planche)", with_url),
    );
    let content = RECIPES
        .split("<content type=\"html\">{{ post")
        .nth(1)
        .unwrap();
    let content = content.split("```").next().unwrap();
    site.write(
        "feed.njk",
        format!("---\npermalink: feed.xml\n---\n<?xml version=\"1.0\" encoding=\"utf-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><id>https://www.example.org/</id><title>T</title><updated>2024-01-02T00:00:00Z</updated>{{% for post in collections.all %}}{{% if post.url == \"/a/\" %}}<entry><id>https://www.example.org/a/</id><title>A</title><updated>2024-01-02T00:00:00Z</updated><content type=\"html\">{{{{ post{content}</entry>{{% endif %}}{{% endfor %}}</feed>"),
    );
    site.write("actualites/a.md", ARTICLE);
    site.copy_upload("logo.png", "uploads/logo.png");
    site.planche(&[]).exits(0);
    let built = fixture("eleventy").build(&site);
    expect_absolute(&built.join("feed.xml"));
}

/// The YAML after a comment with a file's name.
fn example(name: &str) -> serde_yaml::Value {
    let start = format!("```yaml\n# {name}\n");
    let text = CI.split(start.as_str()).nth(1).unwrap();
    serde_yaml::from_str(text.split("```").next().unwrap()).unwrap()
}

#[test]
fn the_examples_for_ci_are_yaml_with_cache_keys_and_our_commands() {
    let github = example(".github/workflows/site.yml");
    assert!(github["on"]["push"]["branches"].is_sequence());
    let steps = github["jobs"]["build"]["steps"].as_sequence().unwrap();
    for step in steps {
        let has_one = step["uses"].is_string() != step["run"].is_string();
        assert!(has_one, "{step:?}");
    }
    let caches: Vec<_> = steps
        .iter()
        .filter(|step| {
            step["uses"]
                .as_str()
                .is_some_and(|uses| uses.starts_with("actions/cache@"))
        })
        .collect();
    assert_eq!(caches.len(), 2);
    for cache in &caches {
        assert!(cache["with"]["path"].is_string() && cache["with"]["key"].is_string());
    }
    assert!(
        caches[1]["with"]["key"]
            .as_str()
            .unwrap()
            .contains("hashFiles(")
    );
    assert_eq!(caches[1]["with"]["path"].as_str(), Some(".cache/planche"));
    let build = steps
        .iter()
        .find(|step| step["run"] == "planche build --strict");
    let folder = build.unwrap()["env"]["PLANCHE_CACHE"].as_str();
    assert_eq!(folder, Some(".cache/planche"));
    let position = |command: &str| {
        let mut steps = steps.iter();
        steps
            .position(|step| step["run"].as_str() == Some(command))
            .unwrap()
    };
    assert!(position("planche build --strict") < position("bundle exec jekyll build"));

    let gitlab = example(".gitlab-ci.yml");
    let caches = gitlab["pages"]["cache"].as_sequence().unwrap();
    assert!(caches.iter().all(|cache| {
        (cache["key"].is_string() || cache["key"]["files"].is_sequence())
            && cache["paths"].is_sequence()
    }));
    assert_eq!(caches[1]["paths"][0].as_str(), Some(".cache/planche/"));
    let folder = gitlab["pages"]["variables"]["PLANCHE_CACHE"].as_str();
    assert_eq!(folder, Some("$CI_PROJECT_DIR/.cache/planche"));
    let script = gitlab["pages"]["script"].as_sequence().unwrap();
    assert_eq!(script[0].as_str(), Some("planche build --strict"));
    assert_eq!(
        gitlab["pages"]["artifacts"]["paths"][0].as_str(),
        Some("public")
    );
}
