//! Responsive pictures for static sites.
//!
//! `planche` finds the uploads that a site's articles reference, makes resized WebP variants of
//! them in parallel, and writes the `srcset` into the articles' front matter without touching any
//! other byte. The binary of the same name is a thin layer over this library.
//!
//! A whole build, from a folder to a summary:
//!
//! ```
//! use planche::flow::{self, Options};
//! use planche::project::Site;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let at = |name: &str| folder.path().join(name);
//! # std::fs::create_dir(at("_posts"))?;
//! # std::fs::create_dir(at("uploads"))?;
//! # std::fs::copy("uploads/prague_schaer_CIO_une800.png", at("uploads/prague.png"))?;
//! # std::fs::write(at("_config.yml"), "title: A site\n")?;
//! # let folder = folder.path();
//! std::fs::write(
//!     folder.join("_posts/2024-05-02-prague.md"),
//!     "---\nune-ou-diaporama:\n- image: \"/uploads/prague.png\"\n---\nBonjour.\n",
//! )?;
//! let site = Site::open(Some(folder), None)?;
//! let summary = flow::build(&site, &Options::for_site(&site))?;
//! assert_eq!(summary.articles.changed, 1);
//! assert_eq!(summary.variants.written, 4); // 320, 480, 640 and the picture's own 800 pixels
//! let article = std::fs::read_to_string(folder.join("_posts/2024-05-02-prague.md"))?;
//! assert!(article.contains("  image_responsive:\n    original: \"/uploads/prague.png\"\n"));
//! # Ok(())
//! # }
//! ```
//!
//! Data goes one way, and each module uses only those before it:
//! [`path`] · [`finding`] · [`tree`] · [`settings`] · [`glob`] · [`published`] · [`generator`] · [`site`] · [`preset`] · [`record`] · [`config`] ·
//! [`manifest`] · [`project`] · [`setup`] · [`article`] · [`reference`](mod@reference) · [`original`] · [`ledger`] · [`survey`] · [`plan`] ·
//! [`variant`] · [`front_matter`] · [`report`] · [`flow`], where the whole flow stands on one
//! page · [`watch`], which runs it again and again. `ARCHITECTURE.md` has the map, the invariants and the
//! glossary.

#[cfg(not(unix))]
compile_error!("planche needs a Unix system (Linux or macOS); on Windows, use it inside WSL");

pub mod article;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
pub mod config;
pub mod finding;
pub mod flow;
pub mod front_matter;
pub mod generator;
pub mod glob;
pub mod ledger;
pub mod manifest;
pub mod original;
pub mod path;
pub mod plan;
pub mod preset;
pub mod printable;
pub mod project;
pub mod published;
pub mod record;
pub mod reference;
pub mod report;
pub mod settings;
pub mod setup;
pub mod site;
pub mod survey;
pub mod tree;
pub mod variant;
pub mod watch;

pub use planche_picture as picture;
