//! Reads one article: its bytes go in, its references and findings come out.

use tracing::trace_span;

use crate::article::{Article, Refusal, Refused};
use crate::finding::{Code, Finding, Relation, Severity};
use crate::generator::{Generator, Unclosed};
use crate::ledger::ArticleFacts;
use crate::path::SitePath;
use crate::project::Site;
use crate::reference::{self, Found, PageUrl, Reference, Search};
use crate::site::{ArticleFile, Stamp, TEXT_LIMIT};
use crate::tree::Tree;

/// Reads one article. Returns `None` if it no longer exists.
pub(super) fn read(site: &Site, file: &ArticleFile) -> Option<(Stamp, ArticleFacts)> {
    let bytes = file.stamp.bytes;
    let _span = trace_span!("read", file = %file.path, bytes).entered();
    let (bytes, stamp) = match site.root.read(&file.path, TEXT_LIMIT) {
        Ok(read) => read,
        Err(error) if error.is_missing() => return None,
        Err(error) => {
            let finding = Finding::new(Code::Unreadable, error.full())
                .in_file(file.path.as_str())
                .hint("make it readable, or list it under `exclude:` in planche.yml");
            return Some((file.stamp, left_alone(finding)));
        }
    };
    let facts = facts(site, file, bytes)
        .unwrap_or_else(|refused| left_alone(refusal(&file.path, &refused)));
    Some((stamp, facts))
}

fn left_alone(finding: Finding) -> ArticleFacts {
    ArticleFacts {
        findings: vec![finding],
        ..ArticleFacts::default()
    }
}

/// Splits bytes into front matter and body. A data file is only front matter.
pub fn open_article(
    site: &Site,
    path: &SitePath,
    is_data: bool,
    bytes: Vec<u8>,
) -> Result<Article, Refused> {
    if is_data {
        Article::data(path.clone(), bytes, &site.conventions.dialect)
    } else {
        Article::page(path.clone(), bytes, &site.conventions.dialect)
    }
}

/// Returns the finding about an article that is not edited.
pub fn refusal(path: &SitePath, refused: &Refused) -> Finding {
    let finding = Finding::new(
        Code::ArticleRefused,
        format!("left unchanged: {}", refused.refusal),
    )
    .in_file(path.as_str())
    .at_offset(refused.offset)
    .hint(refused.refusal.hint());
    match refused.refusal {
        Refusal::DuplicateKey { first, .. } => {
            finding.related(Relation::Conflict, path.as_str(), first)
        }
        _ => finding,
    }
}

/// Returns the finding about front matter that is never closed.
fn unclosed(site: &Site, article: &Article, offset: usize) -> Finding {
    let title = site.conventions.generator.spec().title;
    let (message, severity) = match site.conventions.dialect.unclosed {
        Unclosed::Text => (
            "the front matter is never closed, so the generator treats it as text".to_owned(),
            Severity::Warning,
        ),
        Unclosed::Refused => (
            format!("the front matter is never closed, so {title} stops at this file"),
            Severity::Error,
        ),
        Unclosed::RestOfFile => (
            format!(
                "the front matter is never closed, so {title} reads the whole file as front matter"
            ),
            Severity::Error,
        ),
    };
    let mut finding = Finding::new(Code::UnclosedFrontMatter, message)
        .in_file(article.path.as_str())
        .at_offset(offset);
    finding.severity = severity;
    if article.bytes()[offset..].starts_with(b"{") {
        finding = finding.hint("close it with `}`");
    }
    finding
}

fn facts(site: &Site, file: &ArticleFile, bytes: Vec<u8>) -> Result<ArticleFacts, Refused> {
    let conventions = &site.conventions;
    let article = open_article(site, &file.path, file.is_data, bytes)?;
    let finding = |code, message: &str| Finding::new(code, message).in_file(file.path.as_str());
    let mut facts = ArticleFacts::default();
    let opened = article.unclosed(&conventions.dialect);
    let opened = opened.filter(|_| !file.is_data);
    if let Some(offset) = opened {
        facts.findings.push(unclosed(site, &article, offset));
        // The generator shows no page of this text.
        if conventions.dialect.unclosed != Unclosed::Text {
            return Ok(facts);
        }
    }
    let has_none = article.front_matter().is_none() && article.foreign_language().is_none();
    if has_none && conventions.needs_front_matter {
        // Another program may still show it as a page.
        let is_page = conventions.generator == Generator::NONE && article.markup().is_markdown();
        if is_page && opened.is_none() {
            let references = find(site, file, &article, &article.tree()?);
            let references = references.map_or_else(Vec::new, |found| found.references);
            facts
                .findings
                .extend(images_without_records(site, &article, &references));
        }
        return Ok(facts);
    }
    let is_hidden_by_bom = conventions
        .dialect
        .bom_hides_outside
        .is_some_and(|folders| {
            let mut names = file.path.as_str().split('/');
            !names.any(|name| folders.contains(&name))
        });
    if is_hidden_by_bom && article.has_bom() && !file.is_data {
        let message = "the file starts with a byte order mark: Jekyll copies it unrendered, front \
                       matter included";
        facts.findings.push(finding(Code::ByteOrderMark, message));
    }
    let tree = article.tree()?;
    if let Some(found) = find(site, file, &article, &tree) {
        facts.findings.extend(found.findings);
        let title = tree.root().and_then(|root| tree.get(root, "title"));
        let title = title.and_then(|entry| tree.text(entry.value));
        let is_asked = |code| site.config.checks_alt_texts(code);
        let texts = reference::alt::check(file.path.as_str(), title, &found.references, is_asked);
        facts.findings.extend(texts);
        facts.rules = found.rules;
        facts.page_url = PageUrl::of(&tree, conventions.dialect.templates);
        if article.front_matter().is_none() && site.config.front_matter.write {
            let finding = images_without_records(site, &article, &found.references);
            facts.findings.extend(finding.filter(|_| opened.is_none()));
        } else {
            facts.references = Some(found.references.into());
        }
    } else {
        facts.is_opted_out = true;
    }
    Ok(facts)
}

/// Whether a survey counts a file as an article, whose references may get records.
pub fn is_counted(site: &Site, article: &Article, tree: &Tree<'_>) -> bool {
    let has_front_matter = article.front_matter().is_some();
    let can_have_records = match article.foreign_language() {
        Some(_) => has_front_matter || !site.config.front_matter.write,
        None => {
            has_front_matter
                || !site.conventions.needs_front_matter && !site.config.front_matter.write
        }
    };
    can_have_records && !reference::is_opted_out(article, tree, &site.conventions.dialect)
}

fn find(site: &Site, file: &ArticleFile, article: &Article, tree: &Tree<'_>) -> Option<Found> {
    let keys = site.keys(file);
    let search = Search {
        rules: &site.config.rules,
        keys: &keys,
        dialect: &site.conventions.dialect,
        records_in_articles_only: site.config.front_matter.write && site.manifest().is_none(),
    };
    reference::find(article, tree, &search)
}

/// Returns the finding about a page without front matter that can be edited, at the first of its
/// images that would get a record.
fn images_without_records(
    site: &Site,
    article: &Article,
    references: &[Reference],
) -> Option<Finding> {
    if !site.config.front_matter.write {
        return None;
    }
    let in_code = || {
        let (start, code) = article.foreign_text()?;
        Some(start + reference::quoted_image(code)?)
    };
    let mut references = references.iter();
    let in_body = references
        .find(|reference| reference.preset.is_some() && !reference.is_absolute_url())
        .map(|reference| reference.offset);
    Some(without_records(article).at_offset(in_code().or(in_body)?))
}

/// Returns the finding about a page whose images get no records, because it has no front matter to
/// edit.
fn without_records(article: &Article) -> Finding {
    let finding = match article.foreign_language() {
        Some(language) => Finding::new(
            Code::NoFrontMatter,
            format!("the page has images, but its front matter (`---{language}`) is not edited"),
        )
        .hint("write the front matter in YAML or JSON"),
        None => Finding::new(
            Code::NoFrontMatter,
            "the page has images, but no front matter for their records",
        ),
    };
    finding.in_file(article.path.as_str())
}
