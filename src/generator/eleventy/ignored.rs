//! Reads which files Eleventy ignores: `.eleventyignore` and `.gitignore` go in, globs come out.
//!
//! Eleventy does not read them as Git does: each line is a path or glob below the folder of the
//! file, and a line that starts with `!` has no effect.

use super::super::Files;
use super::super::places::folder;
use super::super::script::Script;
use crate::glob::Glob;
use crate::path::SitePath;

/// Returns the globs of a site with this input folder.
pub(super) fn read(files: &dyn Files, input: &SitePath, script: &Script<'_>) -> Vec<Glob> {
    let root = SitePath::root();
    let mut lists = vec![(&root, ".eleventyignore")];
    if !input.is_root() {
        lists.push((input, ".eleventyignore"));
    }
    if !script.calls("setUseGitIgnore", "false") {
        lists.push((&root, ".gitignore"));
    }
    lists
        .into_iter()
        .filter_map(|(dir, name)| Some((dir, files.text(&folder(&format!("{dir}/{name}")))?)))
        .flat_map(|(dir, text)| globs(dir, &text))
        .collect()
}

/// Returns the globs of one file. A glob for a folder matches the folder itself.
fn globs(dir: &SitePath, text: &str) -> Vec<Glob> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with(['#', '!']))
        .filter_map(|line| {
            let line = line.trim_start_matches("./").trim_matches('/');
            let line = line.strip_suffix("/**").unwrap_or(line);
            let path = format!("{dir}/{line}");
            Glob::new(path.trim_start_matches('/')).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::files::tests::Map;
    use super::*;

    fn ignores(files: &[(&str, &str)], config: &str, path: &str) -> bool {
        let read = read(&Map(files), &folder("src"), &Script::new(config));
        read.iter().any(|glob| glob.matches(path))
    }

    /// As `EleventyFiles.normalizeIgnoreContent` of Eleventy 3.1 reads them.
    #[test]
    fn lines_are_globs_below_the_folder_of_their_file() {
        let files = [
            (
                ".eleventyignore",
                "# a comment\nREADME.md\n./drafts/\n!src/kept.md\n**/_*.md\n\n",
            ),
            ("src/.eleventyignore", "old/**\n*.html\n"),
            (".gitignore", "node_modules\n/tmp/\n"),
        ];
        for path in [
            "README.md",
            "drafts",
            "src/_a.md",
            "src/old",
            "src/a.html",
            "tmp",
        ] {
            assert!(ignores(&files, "", path), "{path}");
        }
        for path in [
            "src/README.md",
            "src/kept.md",
            "src/b/a.html",
            "old",
            "src/tmp",
        ] {
            assert!(!ignores(&files, "", path), "{path}");
        }
        assert!(!ignores(&files, "c.setUseGitIgnore(false);", "tmp"));
    }
}
