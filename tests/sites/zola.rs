use std::fs;

use pulldown_cmark::{Options, Parser, html};
use serde_json::{Value, json};
use tera::{Context, Tera};

use crate::scratch::Scratch;

/// An article for Zola: of its front matter, what Zola does not know goes under `extra`.
pub fn article(text: &str) -> String {
    let (yaml, body) = split(text);
    let value: serde_yaml::Value = serde_yaml::from_str(yaml).unwrap();
    let title = value["title"].as_str().unwrap();
    let others: Vec<&str> = entries(yaml)
        .into_iter()
        .filter(|entry| !entry.starts_with("title:"))
        .collect();
    let extra: String = others
        .iter()
        .flat_map(|entry| entry.lines())
        .map(|line| format!("  {line}\n"))
        .collect();
    let title = serde_json::to_string(title).unwrap();
    format!("---\ntitle: {title}\nextra:\n{extra}---\n{body}")
}

/// The lines of each key at the root.
fn entries(yaml: &str) -> Vec<&str> {
    let mut starts = vec![0];
    for (at, _) in yaml.match_indices('\n') {
        let rest = &yaml[at + 1..];
        if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            starts.push(at + 1);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([yaml.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| &yaml[*start..end])
        .collect()
}

fn split(text: &str) -> (&str, &str) {
    let rest = text.strip_prefix("---\n").unwrap();
    rest.split_once("\n---\n").unwrap()
}

/// Builds the site as Zola does, as far as the snippet can tell: each page is rendered by
/// `page.html` with `page` and `config`, Markdown is CommonMark, `get_url` gives absolute URLs, and
/// `static/` is copied.
pub fn build(site: &Scratch) {
    let config: toml_edit::DocumentMut = site.text("config.toml").parse().unwrap();
    let base_url = config["base_url"]
        .as_str()
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    let mut tera = Tera::new(&format!("{}/templates/**/*.html", site.folder().display())).unwrap();
    let base = base_url.clone();
    tera.register_function(
        "get_url",
        move |arguments: &std::collections::HashMap<String, Value>| {
            let path = arguments["path"].as_str().unwrap();
            let url = format!("{base}/{}", path.trim_start_matches('/'));
            Ok(Value::from(url.trim_end_matches('/')))
        },
    );
    for name in site.names() {
        let Some(stem) = name
            .strip_prefix("content/")
            .and_then(|name| name.strip_suffix(".md"))
        else {
            continue;
        };
        let text = site.text(&name);
        let (yaml, body) = split(&text);
        let front_matter: Value = serde_yaml::from_str(yaml).unwrap();
        let mut content = String::new();
        html::push_html(&mut content, Parser::new_ext(body, Options::ENABLE_TABLES));
        let page = json!({
            "title": front_matter["title"],
            "extra": front_matter["extra"],
            "content": content,
        });
        let mut context = Context::new();
        context.insert("page", &page);
        context.insert("config", &json!({ "base_url": base_url }));
        let html = tera.render("page.html", &context).unwrap();
        // Its host is the loopback's here.
        let html = html.replace("https:&#x2F;&#x2F;www.example.org", "");
        site.write(&format!("public/{stem}/index.html"), html);
    }
    for name in site.names() {
        if let Some(path) = name.strip_prefix("static/") {
            site.write(
                &format!("public/{path}"),
                fs::read(site.path(&name)).unwrap(),
            );
        }
    }
}
