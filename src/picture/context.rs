//! What every rendering of a run shares, and where finished files go.

use std::sync::atomic::AtomicBool;

use crate::color::Transforms;
use crate::decoder::Decode;

/// What every image of a run is rendered with.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    pub transforms: &'c Transforms,
    pub decoder: &'c dyn Decode,
    /// Set from outside to stop.
    pub stop: &'c AtomicBool,
}

/// Takes the bytes of one finished file: stores them, and returns a value for the caller.
pub type Sink<'s, T, W, E> = dyn Fn(&T, &[u8]) -> Result<W, E> + Sync + 's;
