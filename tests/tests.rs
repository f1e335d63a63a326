//! The integration tests, one module per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

/// Sources of presets that show other files, as for dark mode.
mod alternates;
/// Animations: resized variants, and animations that are published unchanged.
mod animations;
/// The order of modules, cycles among them, and the size of files.
mod architecture;
/// Focal points and alternative texts that are written for the author, and undone.
mod author_keys;
/// Broken, missing and hostile input becomes findings; the rest is processed.
mod bad_input;
/// `bench`, `build --timings` and `build --trace`.
#[cfg(feature = "bench")]
mod benching;
/// The cache of variants: shared, damaged, full, and while a process is killed.
mod caching;
/// Colors of flat patches, compared with LittleCMS and the formulas of the standards.
mod colours;
/// Arguments, output, exit codes, and runs concurrent with an editor, another run or a signal.
mod command_line;
/// Identical uploads: encoded once, and reported.
mod copies;
/// The folder of the shared corpus.
mod corpus;
/// Shared by the editing tests: articles from texts, a record for every image.
mod editing;
/// The editing cases of the corpus: front matter of real and hostile sites.
mod editing_cases;
/// `planche explain` of uploads and articles.
mod explaining;
/// Faults of the environment: open files, links, attributes, broken streams, deep folders.
mod faults;
/// The invariants of front-matter edits, on generated and on damaged texts.
mod front_matter_properties;
/// The corpora of the fuzz targets, replayed.
mod fuzzing;
/// `planche html`: built pages.
mod html;
/// Work for other machines: plans, workers, applied results.
mod jobs;
/// Each text that people read exists in both languages.
mod languages;
/// Widths that a `srcset` leaves out, and the list of their sizes.
mod left_out;
/// The data file with the records of all originals.
mod manifest;
/// Tests that cannot run: counted, never passed silently.
mod needs;
/// Records compared with the alternatives, for generated images and presets.
mod never_worse;
/// Caches and jobs in an object store.
#[cfg(feature = "remote")]
mod objects;
/// Every odd or broken image of the corpus is right or a finding.
mod odd_and_broken;
/// Images come out upright for every stored orientation, in every container.
mod orientations;
/// Files that options name for planche to write, and files that it must not overwrite.
mod output_files;
/// Paths in findings, from the directory that planche runs in.
mod paths_from_here;
/// Variants compared with those of libvips.
mod pictures;
/// Shared by the tests of images: variants as pixels.
mod pixels;
/// Placeholders of a built site: values, syntaxes, and the files they are computed from.
mod placeholders;
/// The keys of presets on a built site: formats, crops, frames, densities, colors.
mod presets;
/// `watch --preview`: the server, drafts, edits, and the page in a browser.
#[cfg(feature = "preview")]
mod previewing;
/// Promises of the documentation that no other test covers.
mod promises;
/// The program does what the README shows.
mod readme;
/// Whole sites: built, checked, built again, stripped.
mod real_sites;
/// The records of a built site, compared with the files that they name.
mod records;
/// References: each kind in an article, hostile bodies, and the corpus's sites.
mod references;
/// The formats of reports: positions, schemas, and files written by hand.
mod reports;
/// Rules, severities and errors of `planche.yml`.
mod rules;
/// Originals decoded at a reduced size, compared with results from all pixels.
mod scales;
/// Temporary sites that tests build.
mod scratch;
/// Rules with several presets for one place.
mod several_presets;
/// The contact sheet: its data, and its page in a browser.
mod sheet;
/// Sites of five generators with the snippets, opened in a browser.
mod sites;
/// Summaries say what was done, and no more, if something has failed.
mod summaries;
/// Hand-written edits of TOML, JSON and data files, to the byte.
mod syntax_cases;
/// Sites that change while they are watched.
mod watching;
