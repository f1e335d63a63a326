//! Edits of files that are not articles: built pages, templates and configurations. One site
//! contains many mutations, so that one run of the program edits all of them.

use super::mutate::Mutator;
use super::seeds;
use crate::scratch::{Files, Scratch, changed};

/// Number of pages of a site.
const PAGES: usize = 300;
/// Number of templates of a site, and of configurations that are tried with them.
const TEMPLATES: usize = 60;
const CONFIGURATIONS: usize = 5;

const PAGE: &str = "<!doctype html><title>a</title>\n<link rel=stylesheet href=/a.css><p>\
    <img src=\"/uploads/logo.png\" alt='x'>\n<picture><source media=\"(min-width: 4em)\" \
    srcset=/uploads/logo.png><img src=/uploads/logo.png></picture>\n<IMG\nSRC = '/uploads/logo.png'\n/>\
    <div style=\"background:url(/uploads/logo.png)\"><noscript><img src=/uploads/logo.png></noscript>\
    <svg><image href=/uploads/logo.png /></svg><script>\"<img src=/uploads/logo.png>\"</script></div>";

const LAYOUT: &str = "<img src=\"{{ page.image }}\" alt=\"{{ page.image_alt }}\">\n{{ content }}\n\
    {% if page.image %}<IMG class='a' src='{{ page.image | relative_url }}' alt=''/>{% endif %}\n\
    {% comment %}<img src=\"{{ page.image }}\">{% endcomment %}{% raw %}{{ page.image }}{% endraw %}\n";

/// Returns mutations of the texts and of the target's seeds.
fn mutations(texts: &[&str], target: &str, count: usize) -> Vec<Vec<u8>> {
    let seeds = seeds(target);
    // The texts are used more often than each seed.
    let own = texts.iter().map(|text| text.as_bytes()).cycle().take(20);
    let all: Vec<&[u8]> = own
        .chain(seeds.iter().map(|(_, seed)| seed.as_slice()))
        .collect();
    let mut mutator = Mutator::new(3);
    (0..count).map(|_| mutator.mutate(&all)).collect()
}

fn texts(files: &Files, folder: &str) -> Files {
    let mut files = files.clone();
    files.retain(|name, _| name.starts_with(folder));
    files
}

#[test]
fn mutated_pages_lose_no_byte_and_a_second_run_adds_nothing() {
    let site = Scratch::site();
    for folder in ["uploads", "_site/uploads"] {
        site.copy_upload("logo.png", &format!("{folder}/logo.png"));
    }
    for (number, page) in mutations(&[PAGE], "references", PAGES)
        .into_iter()
        .enumerate()
    {
        site.write(&format!("_site/{number}.html"), page);
    }
    let before = texts(&site.files(), "_site/");
    let run = site.planche(&["html", "_site", "--format", "json"]);
    assert!(run.count("/articles/changed") > 100, "{}", run.err);
    let after = texts(&site.files(), "_site/");
    for (name, page) in before.iter().filter(|(name, _)| name.ends_with(".html")) {
        let mut new = after[name].iter();
        let is_kept = page.iter().all(|byte| new.any(|other| other == byte));
        assert!(is_kept, "{}", String::from_utf8_lossy(page));
    }
    site.planche(&["html", "_site"]);
    assert_eq!(changed(&after, &texts(&site.files(), "_site/")), [""; 0]);
}

#[test]
fn edits_of_mutated_templates_and_configurations_are_taken_back() {
    let site = Scratch::empty();
    site.copy_upload("logo.png", "uploads/logo.png");
    let article = "---\ntitle: A\nlayout: page\nimage: /uploads/logo.png\nimage_alt: A logo\n---\n";
    site.write("_posts/2024-01-01-a.md", article);
    for (number, layout) in mutations(&[LAYOUT], "references", TEMPLATES)
        .into_iter()
        .enumerate()
    {
        site.write(&format!("_layouts/{number}.html"), layout);
    }
    let configuration = "title: x # a\nexclude: [a, 'b']\ncollections:\n  x: { output: true }\n";
    let mut mutator = Mutator::new(5);
    for round in 0..CONFIGURATIONS {
        let text = match round {
            0 => configuration.as_bytes().to_vec(),
            _ => mutator.mutate(&[configuration.as_bytes()]),
        };
        site.write("_config.yml", &text);
        let before = site.files();
        let applied = site.planche(&["init", "jekyll", "--apply"]);
        assert!(matches!(applied.code, Some(0..=2)), "{applied:?}");
        if round == 0 {
            assert!(changed(&before, &site.files()).len() > 15, "{applied:?}");
        }
        let undone = site.planche(&["init", "--undo"]);
        assert!(matches!(undone.code, Some(0..=2)), "{undone:?}");
        assert_eq!(
            changed(&before, &site.files()),
            [""; 0],
            "{text:?}\n{applied:?}"
        );
    }
}
