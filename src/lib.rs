//! Responsive images for static sites.
//!
//! `planche` finds the uploads that a site's articles reference, makes resized variants of them in
//! parallel, and writes the `srcset` into the articles' front matter without touching any other
//! byte. The program of the same name is a thin layer over this library.
//!
//! A site is opened ([`Site::open`]) and brought up to date ([`build`]). [`check`] returns what a
//! build would do, [`strip()`] removes what planche has written, [`clean()`] deletes variants that
//! are no longer used, [`verify()`] looks for damaged ones, and [`watch()`] builds again after
//! every change.
//!
//! `Err` means that the run failed as a whole. `Ok(summary)` means that it was completed: problems
//! with single files are [`findings`](Summary::findings) of the summary, and
//! [`Summary::has_errors`] tells whether anything was left out because of an error.
//!
//! ```
//! use planche::{Options, Site, build};
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
//! let summary = build(&site, &Options::for_site(&site))?;
//! for finding in &summary.findings {
//!     eprintln!("{}: {finding}", finding.severity());
//! }
//! assert!(!summary.has_errors());
//! assert_eq!(summary.articles.changed, 1);
//! assert_eq!(summary.variants.written, 4); // 320, 480, 640 and the image's own 800 pixels
//! let article = std::fs::read_to_string(folder.join("_posts/2024-05-02-prague.md"))?;
//! assert!(article.contains("  image_responsive:\n    original: \"/uploads/prague.png\"\n"));
//! # Ok(())
//! # }
//! ```

#[cfg(not(unix))]
compile_error!("planche needs a Unix system (Linux or macOS); on Windows, use it inside WSL");

mod article;
#[cfg(feature = "bench")]
mod bench;
mod config;
mod finding;
mod flow;
mod front_matter;
mod generator;
mod glob;
mod html;
mod inventory;
mod isolation;
mod jobs;
mod language;
mod ledger;
mod manifest;
mod original;
mod path;
mod plan;
mod preset;
#[cfg(feature = "preview")]
mod preview;
mod printable;
mod project;
mod published;
mod record;
mod reference;
mod report;
mod settings;
mod setup;
mod sheet;
mod site;
mod sizes;
mod store;
mod survey;
mod templates;
mod tree;
mod variant;
mod watch;

use planche_picture as picture;

pub use finding::{Code, Finding, Location, Position, Related, Relation, Severity};
pub use flow::{
    Cleaned, DamagedVariant, Effect, MissingVariants, Options, RunError, Verification, build,
    clean, forecast as check, strip, verify,
};
pub use html::html;
pub use language::Language;
pub use path::SitePath;
pub use plan::WidthOrder;
pub use project::{OpenError, Site};
pub use report::{
    Change, Forecast, ForecastArticle, ForecastImage, ForecastVariant, Gain, Page, RunKind, Summary,
};
pub use variant::{Budget, Progress, Silent};
pub use watch::{Done, Event, Start, watch};

/// Items for the program, the tests and the benchmarks that are not part of the interface above.
/// They change without notice.
#[doc(hidden)]
pub mod internal {
    pub use planche_picture as picture;

    pub mod article {
        pub use crate::article::*;
    }
    #[cfg(feature = "bench")]
    pub mod bench {
        pub use crate::bench::*;
    }
    pub mod config {
        pub use crate::config::*;
    }
    pub mod finding {
        pub use crate::finding::*;
    }
    pub mod flow {
        pub use crate::flow::*;
    }
    pub mod front_matter {
        pub use crate::front_matter::*;
    }
    pub mod generator {
        pub use crate::generator::*;
    }
    pub mod glob {
        pub use crate::glob::*;
    }
    pub mod html {
        pub use crate::html::*;
    }
    pub mod inventory {
        pub use crate::inventory::*;
    }
    pub mod isolation {
        pub use crate::isolation::*;
    }
    pub mod jobs {
        pub use crate::jobs::*;
    }
    pub mod language {
        pub use crate::language::*;
    }
    pub mod ledger {
        pub use crate::ledger::*;
    }
    pub mod manifest {
        pub use crate::manifest::*;
    }
    pub mod original {
        pub use crate::original::*;
    }
    pub mod path {
        pub use crate::path::*;
    }
    pub mod plan {
        pub use crate::plan::*;
    }
    pub mod preset {
        pub use crate::preset::*;
    }
    #[cfg(feature = "preview")]
    pub mod preview {
        pub use crate::preview::*;
    }
    pub mod printable {
        pub use crate::printable::*;
    }
    pub mod project {
        pub use crate::project::*;
    }
    pub mod published {
        pub use crate::published::*;
    }
    pub mod record {
        pub use crate::record::*;
    }
    pub mod reference {
        pub use crate::reference::*;
    }
    pub mod report {
        pub use crate::report::*;
    }
    pub mod settings {
        pub use crate::settings::*;
    }
    pub mod setup {
        pub use crate::setup::*;
    }
    pub mod sheet {
        pub use crate::sheet::*;
    }
    pub mod site {
        pub use crate::site::*;
    }
    pub mod sizes {
        pub use crate::sizes::*;
    }
    pub mod store {
        pub use crate::store::*;
    }
    pub mod survey {
        pub use crate::survey::*;
    }
    pub mod templates {
        pub use crate::templates::*;
    }
    pub mod tree {
        pub use crate::tree::*;
    }
    pub mod variant {
        pub use crate::variant::*;
    }
    pub mod watch {
        pub use crate::watch::*;
    }
}
