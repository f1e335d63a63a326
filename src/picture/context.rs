//! Data shared by all renderings of a run, and the callback that receives finished files.

use std::sync::atomic::AtomicBool;

use crate::color::Transforms;
use crate::decoder::Decode;

/// Data shared by all images that are rendered in a run.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    pub transforms: &'c Transforms,
    pub decoder: &'c dyn Decode,
    /// Set by the caller to stop the run.
    pub stop: &'c AtomicBool,
}

/// Callback for one finished file: stores the bytes, and returns a value for the caller.
pub type Sink<'s, T, W, E> = dyn Fn(&T, &[u8]) -> Result<W, E> + Sync + 's;
