//! The codes of findings: one entry for each kind, with its documentation, severity and usual hint.
//!
//! To add a code, add an entry here and emit it: the `allow:` schema, the JSON report and
//! `docs/findings.md` and `docs/findings/` read this list.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::Severity;
use crate::language::Language;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $severity:ident, $hint:expr;)+) => {
        /// The stable name of a kind of finding, as `allow:` and `--format json` use it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl Code {
            /// All codes, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$variant),+];

            /// The name in `allow:` and in reports.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $name),+ }
            }

            /// The severity of findings with this code, unless the configuration says otherwise.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity),+ }
            }

            /// Whether a run with such a finding has failed to do something that it was asked to do.
            pub fn is_failure(self) -> bool {
                matches!(self, Code::Configuration | Code::Unwritable)
            }

            /// What to do about such a finding, unless the finding itself knows better.
            pub fn hint(self) -> Option<&'static str> {
                match self { $(Code::$variant => $hint),+ }
            }

            /// The documentation: what the finding means, as Markdown.
            pub fn documentation(self) -> &'static str {
                match self { $(Code::$variant => concat!($($doc, "\n"),+)),+ }
            }
        }
    };
}

codes! {
    /// `planche.yml`, a preset or the generator's configuration has an error.
    Configuration = "configuration", Error, None;
    /// A rule never matches, because an earlier rule matches everything that this rule would match.
    UnreachableRule = "unreachable-rule", Warning,
        Some("the first matching rule wins: move the narrower rule up, or remove one");
    /// A rule matches nothing: its `at` leads to no value in any article, or its `files` match no
    /// article. Often a `[]` is missing. The hint names the nearest key path that has images, and
    /// how many it has. `planche html` reports a rule whose `select` matches no image of any page.
    UnmatchedRule = "unmatched-rule", Warning, None;
    /// A setting names files or a folder that do not exist. Or a glob of `data:` matches files that
    /// planche does not read, because they are neither YAML nor TOML nor JSON; if it also matches
    /// files that planche reads, this is a notice.
    UnmatchedSetting = "unmatched-setting", Warning, None;
    /// Records are written neither to front matter nor to a manifest.
    NoRecords = "no-records", Warning,
        Some("name a data file with `output: { manifest: … }`, or remove `write: false`");
    /// The manifest was not updated, because another file has its name, or because it is or would
    /// be larger than 64 MiB.
    ManifestRefused = "manifest-refused", Error,
        Some("name another file with `output: { manifest: … }`, or remove this one");
    /// Two places want different crops of one upload, but the manifest has one record for both.
    ManifestConflict = "manifest-conflict", Warning,
        Some("use one focal point, or write records to front matter");
    /// The site does not publish the variants under the URL that records use.
    OutputHidden = "output-hidden", Warning, None;
    /// No template uses the records, so pages do not load the variants. `planche init` writes a
    /// snippet, and shows what to add to the templates; `planche html` needs neither.
    UnusedRecords = "unused-records", Notice, None;
    /// Templates print originals instead of records, so readers load the originals. planche follows
    /// loops, variables, and the parameters of includes, partials, macros and components, and finds
    /// backgrounds. Where the template does not show which record belongs to an image, the hint
    /// says why, and there is no code to copy.
    OriginalPrinted = "original-printed", Notice,
        Some("`planche init` shows the code to put there, or why you must write it; `planche init --apply` writes it where that is certain");
    /// eleventy-img's transform generates variants of the variants that planche's snippet shows.
    DoubleProcessing = "double-processing", Warning,
        Some("print `eleventy:ignore` in the `<img>` of the snippet, or remove the transform");
    /// The `sizes` of a preset differ by more than a quarter from the width at which pages show its
    /// images, as the last `planche sizes` measured it. If `sizes` is too small, images are
    /// blurred; if it is too large, readers load more than they see.
    SizesOff = "sizes-off", Warning,
        Some("`planche sizes DIR` prints the `sizes` that fit, and `--write` writes them into the preset");
    /// Style sheets limit the width of images and do not set `height: auto`. planche adds only a
    /// `width` to such images, as a `height` would distort them. So a browser does not know their
    /// height before they are loaded, and the text below them moves.
    HeightMissing = "height-missing", Notice,
        Some("add `:where(img[srcset]) { height: auto }` to a style sheet of the site, build the site, and run `planche html` again");
    /// The folder has the configurations of several generators, and `planche.yml` does not name
    /// one. planche takes the first one that the message names.
    SeveralGenerators = "several-generators", Warning,
        Some("name the generator with `generator:` in planche.yml");
    /// The site's generator is not installed on this machine.
    GeneratorMissing = "generator-missing", Notice, None;
    /// No articles were found.
    NoArticles = "no-articles", Warning,
        Some("run planche in the site's folder, or set `content:` in planche.yml");
    /// The folder that was given to `planche html` contains no page and no feed.
    NoPages = "no-pages", Warning,
        Some("build the site first, and name the folder that its generator writes, such as `_site`");
    /// No article references an image of the site, so there is nothing to do. Templates or built
    /// pages may show images that no article names: `planche html` takes those.
    NoImages = "no-images", Notice,
        Some("`planche html DIR` takes the images in built pages; `planche explain FILE` shows what \
            planche sees in an article");
    /// A front-matter value is only a file name, such as `photo.jpg`, and the site has such a file
    /// in some folder. Often a template puts the folder before it. planche does not guess folders:
    /// a rule with `folder` names it.
    BareName = "bare-name", Notice, None;
    /// Pages that look like articles are not part of the site, according to the generator's
    /// configuration.
    LeftOut = "left-out", Notice, None;
    /// A page's front matter has no closing line. Jekyll and Astro treat it as text; this is a
    /// warning. Hugo and Zola stop at the file, and Eleventy reads all of it as front matter; these
    /// are errors.
    UnclosedFrontMatter = "unclosed-front-matter", Warning,
        Some("close it with a line like its first one");
    /// A file or folder could not be read.
    Unreadable = "unreadable", Error, Some("make it readable");
    /// A file could not be written: the disk is full, or the file or its folder is read-only. A
    /// read-only article or page is not changed, even if its folder is writable.
    Unwritable = "unwritable", Error, Some("make the folder writable, or free disk space");
    /// The site's file system does not support locks, as some network file systems do not, so
    /// nothing keeps two runs of planche from writing at the same time.
    NotLocked = "not-locked", Warning, Some("run one command at a time on this site");
    /// The variant cache could not be read or written, or contains something other than what
    /// planche wrote. The run continues without the cache: nothing is missing from the site. A
    /// read-only cache is used, and is reported only as a notice.
    UnusableCache = "unusable-cache", Warning,
        Some("make the folder readable and writable, name another one with `PLANCHE_CACHE`, or turn the cache off with an empty `PLANCHE_CACHE`");
    /// An article was left unchanged, because an edit could have damaged it.
    ArticleRefused = "article-refused", Error, None;
    /// A built page was left unchanged, because it could not be parsed, has changed meanwhile, or
    /// begins with front matter and so is not a built page.
    PageRefused = "page-refused", Error, None;
    /// An article changed while planche was running; the other edit was kept.
    ArticleChanged = "article-changed", Error, Some("run planche again");
    /// An article was written, but the user that runs planche may not set its previous group.
    GroupChanged = "group-changed", Warning,
        Some("run planche as a member of that group, or set the group again");
    /// One reference got no record; the rest of the article was updated. If the reason is a YAML
    /// anchor, its image gets no variants either, unless another place or the manifest needs them.
    SkippedReference = "skipped-reference", Warning,
        Some("write it more simply, or exclude it with a rule (`preset: none`)");
    /// A referenced upload does not exist. The message says what exists in its place, if anything
    /// does: a folder, a pipe, a socket, a device, or a link that leads to nothing or to itself.
    MissingUpload = "missing-upload", Warning, Some("upload the file, or correct the path");
    /// A reference or a link leads out of the site's folder. Neither is followed; links are
    /// reported if they stand for an article, a built page, or a folder of these.
    OutsideSite = "outside-site", Warning,
        Some("uploads must be within the site's folder, the targets of links included");
    /// An upload is damaged, or is not an image. `check` and dry runs do not decode: they know of
    /// damage behind the headers only from the last build, through the ledger in `.planche/`.
    UndecodableUpload = "undecodable-upload", Error, Some("export the image again, and upload it");
    /// An upload is in a format that planche does not read.
    UnsupportedFormat = "unsupported-format", Error, None;
    /// An upload exceeds one of the `limits:` in `planche.yml`.
    OverLimit = "over-limit", Error, None;
    /// An upload, an article or the variants folder exceeds one of the limits of `budget:` in
    /// `planche.yml`. `check` and dry runs check budgets; nothing is left out because of them.
    OverBudget = "over-budget", Error,
        Some("make the image smaller, or raise the budget in planche.yml");
    /// Variants of two different uploads would get the same file names.
    NameClash = "name-clash", Error, Some("rename one of the two files");
    /// An article's focal point cannot be parsed.
    UnreadableFocus = "unreadable-focus", Warning,
        Some("write two numbers from 0 to 1, such as `0.3 0.6`; until then the preset's focus is used");
    /// `planche:` in an article's front matter is neither `true` nor `false`, so it has no effect.
    /// Which words are booleans depends on the generator: to Jekyll, `no` and `off` are.
    UnclearOptOut = "unclear-opt-out", Warning,
        Some("write `planche: false` without quotes to skip the article, or remove the key");
    /// A variant on disk differs from what was written, cannot be decoded, or no longer exists.
    /// `planche verify` and `build --repair` look for such variants.
    DamagedVariant = "damaged-variant", Error, Some("run `planche build --repair`");
    /// A variant that `planche apply` needs is missing: there is no result for it, or its file in
    /// the store is missing or damaged.
    NotMade = "not-made", Error, Some("run the job again, or `planche build` to generate it here");
    /// Results that `planche apply` has read belong to no variant of the site, or cannot be read.
    UnusedResult = "unused-result", Warning,
        Some("run `planche plan` again if the site or its presets have changed");
    /// Two uploads have the same bytes, or show the same image. Versions of one image for a
    /// language, a theme or a size are not reported if their names say so.
    SimilarUploads = "similar-uploads", Notice,
        Some("reference one of them everywhere, and remove the other");
    /// An animated upload is published as is.
    AnimationKept = "animation-kept", Notice, None;
    /// A source of a preset shows another file (`from`), such as one for dark mode, that some
    /// images with the preset have and others lack. The others are shown without that source.
    SourceMissing = "source-missing", Notice,
        Some("add the file, or give these images a preset without `from`");
    /// Two places in an article share one record, but their rules name different presets.
    PresetConflict = "preset-conflict", Warning,
        Some("give both places the same preset with a rule");
    /// Jekyll does not render a page that starts with a byte order mark. It does render posts and
    /// drafts.
    ByteOrderMark = "byte-order-mark", Warning,
        Some("save the file as UTF-8 without a byte order mark");
    /// An image has no alt text: an `<img>` without `alt`, or front matter without the key that the
    /// rule's `alt` names (RGAA 1.1, WCAG 1.1.1).
    ///
    /// Alt text is checked if a rule has `alt`, or if `severity` names the code. There is one
    /// finding for each article, at the first of its images.
    AltMissing = "alt-missing", Warning,
        Some("describe the image for people who cannot see it; if it is decorative, set `decorative: true` beside it, or `alt=\"\"` in HTML");
    /// An image has empty alt text, such as `![](photo.jpg)` in Markdown. Only a decorative image
    /// may have empty alt text (RGAA 1.2).
    AltEmpty = "alt-empty", Notice,
        Some("describe the image; if it is decorative, set `decorative: true` beside it, or write `<img alt=\"\">`");
    /// The alt text is a file name, such as `IMG_1234` (RGAA 1.3).
    AltFileName = "alt-file-name", Warning,
        Some("write what the image shows");
    /// The alt text repeats the article's title, the image's caption, or the text of the image
    /// before it: a screen reader reads it twice (RGAA 1.3).
    AltRepeats = "alt-repeats", Notice,
        Some("write what the image adds, or leave the text of a decorative image empty");
    /// The alt text is longer than 125 characters (RGAA 1.3 and 1.6).
    AltLong = "alt-long", Notice,
        Some("write a short text, and put the details in the article");
    /// A link contains only images without alt text, so it has no name (RGAA 6.2, WCAG 2.4.4).
    ///
    /// Articles are checked for such links in Markdown, and `planche html` checks built pages, if a
    /// rule has `alt`, or if `severity` names the code.
    LinkWithoutName = "link-without-name", Warning,
        Some("say in the image's alt text where the link leads");
    /// A `<figure>` on a built page does not associate its caption with its image: it has no
    /// `role="figure"` or `role="group"`, or no `aria-label` with the caption text (RGAA 1.9.1).
    /// `planche html` checks it like `link-without-name`. Articles are not checked, because the
    /// template decides how a page shows a caption.
    CaptionNotBound = "caption-not-bound", Notice,
        Some("write `<figure role=\"figure\" aria-label=\"the caption text\">`");
    /// An image without alt text looks like a chart, a screenshot or a logo: `lossless: auto` chose
    /// the lossless encoding (RGAA 1.6 and 1.8). This is checked like `alt-missing`.
    GraphicWithoutText = "graphic-without-text", Warning,
        Some("describe the content of the graphic in a short text, with the details in the article");
    /// An animation moves for more than five seconds, and browsers offer no control to stop it
    /// (RGAA 13.8, WCAG 2.2.2).
    AnimationOver5s = "animation-over-5s", Warning,
        Some("set `animation: first-frame` in the preset, use a video with controls, or make the animation end");
    /// An original that the site publishes contains the GPS position where it was taken. Variants
    /// contain none, but the original can still be loaded from its URL.
    OriginalHasPosition = "original-has-position", Warning,
        Some("export the photo without its position, and upload it again");
    /// A page has images but no front matter for their records.
    NoFrontMatter = "no-front-matter", Notice,
        Some("add front matter to the page (it may be empty)");
}

impl Code {
    /// What the finding means, as one paragraph.
    pub fn meaning(self, language: Language) -> String {
        let lines = self.documentation().lines().map(str::trim);
        let paragraph = lines.collect::<Vec<_>>().join(" ");
        language.text(paragraph.trim()).into_owned()
    }

    /// The first sentence of its meaning, without a final period.
    pub fn headline(self, language: Language) -> String {
        let meaning = self.meaning(language);
        let first = meaning.split(". ").next().unwrap_or_default();
        first.trim_end_matches('.').to_owned()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Lists the codes, so that text editors complete them.
impl JsonSchema for Code {
    fn schema_name() -> Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_sentences_end() {
        for (index, code) in Code::ALL.iter().enumerate() {
            let others = &Code::ALL[..index];
            assert!(!others.iter().any(|other| other.as_str() == code.as_str()));
            assert!(code.documentation().trim().ends_with('.'), "{code}");
            assert!(
                code.hint().is_none_or(|hint| !hint.ends_with('.')),
                "{code}"
            );
        }
    }
}
