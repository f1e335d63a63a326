//! The integration tests, one module per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

/// Sources of presets that show other files, for example for dark mode.
mod alternates;
/// Animations: resized variants, and animations that are published unchanged.
mod animations;
/// Order of the modules, cycles among them, and size of the files.
mod architecture;
/// Focal points and alt text that planche writes for the author, and undoes.
mod author_keys;
/// Broken, missing and hostile input: becomes findings, and the rest is processed.
mod bad_input;
/// `bench`, `build --timings` and `build --trace`.
#[cfg(feature = "bench")]
mod benching;
/// The variant cache: shared, damaged, full, and used by a process that is killed.
mod caching;
/// Colors of flat patches, compared with LittleCMS and the formulas of the standards.
mod colours;
/// Arguments, output, exit codes, and runs concurrent with an editor, another run or a signal.
mod command_line;
/// Identical uploads: encoded once, and reported.
mod copies;
/// The folder of the shared corpus.
mod corpus;
/// Code shared by the editing tests: articles from texts, a record for every image.
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
/// Texts that people read: each exists in both languages.
mod languages;
/// Widths that a `srcset` leaves out, and the list of their sizes.
mod left_out;
/// The data file with the records of all originals.
mod manifest;
/// The requirements of tests: tests that cannot run are counted, never passed silently.
mod needs;
/// Records compared with the alternatives, for generated images and presets.
mod never_worse;
/// Caches and jobs in an object store.
#[cfg(feature = "remote")]
mod objects;
/// Odd and broken images of the corpus: each is decoded correctly or reported.
mod odd_and_broken;
/// Variants are upright for every stored orientation, in every container.
mod orientations;
/// Files that options name for planche to write, and files that it must not overwrite.
mod output_files;
/// Paths in findings, from the directory in which planche runs.
mod paths_from_here;
/// Variants compared with those of libvips.
mod pictures;
/// Code shared by the tests of images: decodes variants to pixels.
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
/// The program prints and writes what the README shows.
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
/// Originals decoded at a reduced scale, compared with decodes at full size.
mod scales;
/// Temporary sites that tests build.
mod scratch;
/// Rules with several presets for one place.
mod several_presets;
/// The contact sheet: its data, and its page in a browser.
mod sheet;
/// Sites of five generators with the snippets, opened in a browser.
mod sites;
/// Summaries of runs in which something failed: they report what was done, and no more.
mod summaries;
/// Handwritten edits of TOML, JSON and data files, compared byte by byte.
mod syntax_cases;
/// Sites that change while they are watched.
mod watching;
