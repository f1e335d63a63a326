//! Reports: from the summary of a run to text for people, or JSON for programs.

mod finding;
mod json;
mod summary;
mod terminal;

use std::io;

pub use finding::serialize_finding;
pub use json::Json;
pub use summary::{
    Articles, Forecast, ForecastArticle, ForecastVariant, Manifest, Originals, RunKind, Summary,
    Variants,
};
pub use terminal::{Styling, Terminal};

/// A way to report a summary.
pub trait Report {
    /// Writes data to `out`, and what people read to `err`.
    fn report(
        &self,
        summary: &Summary,
        out: &mut dyn io::Write,
        err: &mut dyn io::Write,
    ) -> io::Result<()>;
}
