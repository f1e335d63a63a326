//! The integration tests, one module a subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

/// Animations of a site: variants that move, and what is published as it is.
mod animations;
/// The order of the library's modules.
mod architecture;
/// What is broken, missing or hostile becomes a finding; the rest is done.
mod bad_input;
/// `bench`, and what it and `build --timings` say of where the time goes.
#[cfg(feature = "bench")]
mod benching;
/// Colours: what variants show of flat patches, against LittleCMS and the formulas of the standards.
mod colours;
/// What is typed and printed, exit codes, and runs that meet an editor, another run, or a signal.
mod command_line;
/// Uploads that are there twice: made once, and told.
mod copies;
/// Where the shared corpus is, and what to say where it is not.
mod corpus;
/// What the editing tests share: articles from texts, a record for every picture.
mod editing;
/// The editing cases of the corpus: front matter that real and hostile sites hold.
mod editing_cases;
/// Faults of the surroundings: open files, links, attributes, broken streams, endless folders.
mod faults;
/// The invariants of front-matter edits, on generated and on damaged texts.
mod front_matter_properties;
/// The corpora of the fuzz targets, replayed.
mod fuzzing;
/// The data file with the record of every original.
mod manifest;
/// Tests that cannot run here: counted, never passed in silence.
mod needs;
/// What a record offers, held against what it could offer instead, of generated pictures and presets.
mod never_worse;
/// Every file of the corpus's odd and broken pictures is right or a finding.
mod odd_and_broken;
/// Orientations: a picture comes out upright however it is stored, in every container.
mod orientations;
/// Pictures, held against those that libvips makes.
mod pictures;
/// What tests of pictures share: variants as pixels.
mod pixels;
/// Placeholders of a built site: what they say, in every syntax, and what they rest on.
mod placeholders;
/// What presets ask for, on a built site: formats, crops, frames, densities, colours.
mod presets;
/// Promises of the documentation that no other test covers.
mod promises;
/// What the README shows is what the program does.
mod readme;
/// Whole sites: built, checked, built again, stripped.
mod real_sites;
/// The records of a built site, held against the files that they name.
mod records;
/// References: each kind that an article may hold, hostile bodies, and what the corpus's sites do.
mod references;
/// Originals that are decoded smaller, held against what is made of all their pixels.
mod scales;
/// Scratch sites that tests build in.
mod scratch;
/// Sites of five generators, with the snippets, in a browser.
mod sites;
/// Hand-written edits of TOML, JSON and data files, to the byte.
mod syntax_cases;
/// Sites that are watched while they change.
mod watching;
