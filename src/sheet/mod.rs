//! The contact sheet: shows every image of a site as readers will see it.
//!
//! [`gather`] turns an open site into a [`Sheet`], a value without text for people. [`page()`]
//! turns a sheet into one HTML file without external resources. The page reads the sheet as JSON,
//! which is embedded in it or, in a preview, fetched from the server.

mod article;
mod criterion;
mod data;
mod gather;
mod image;
mod measure;
mod page;
mod text;
mod totals;
mod uploads;
mod variants;

pub use data::{
    AltProblem, AltState, Compression, Device, FormatCount, SCHEMA, Sheet, SheetAlt, SheetArticle,
    SheetFile, SheetFinding, SheetFocus, SheetFraming, SheetImage, SheetLoad, SheetOriginal,
    SheetVariant, State, Totals,
};
pub use gather::gather;
pub use measure::Scoring;
pub use page::{Mode, STYLE, page};
