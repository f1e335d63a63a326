//! Drafts: small previews of new uploads, shown before the variants exist.
//!
//! A draft is a small WebP, made in memory by decoding the upload at the smallest scale that
//! is large enough. It is shown until the run is finished, and does not affect the run.

use std::collections::VecDeque;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::picture::color::Transforms;
use crate::picture::contained::contain;
use crate::picture::decoder::Decode;
use crate::picture::error::ImageError;
use crate::picture::info::{Format, ImageInfo};
use crate::picture::limits::Limits;
use crate::picture::recipe::{Framing, Recipe, Rendition, Scale};
use crate::picture::render::{Context, Renderer};
use crate::picture::units::{Dimensions, Effort, Quality};

/// Maximum width of a draft in pixels, between the width of a phone and that of a text column on a
/// desktop.
const WIDTH: u32 = 640;
const QUALITY: f32 = 70.0;
/// Maximum memory in bytes for decoding. Images that need more get no draft.
const MEMORY: u64 = 256 << 20;
/// Number of drafts that are kept.
const KEPT: usize = 64;

/// A draft, in the form that is announced to pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Digest of the upload's bytes.
    pub id: String,
    /// Path of the upload.
    pub path: String,
    /// Dimensions of the upload in pixels.
    pub width: u32,
    pub height: u32,
}

/// The most recent drafts, with their WebP files.
#[derive(Debug, Default)]
pub struct Drafts(Mutex<VecDeque<(Draft, Arc<[u8]>)>>);

impl Drafts {
    pub fn put(&self, draft: Draft, webp: Vec<u8>) {
        let mut drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drafts.retain(|(other, _)| other.path != draft.path);
        drafts.push_back((draft, webp.into()));
        while drafts.len() > KEPT {
            drafts.pop_front();
        }
    }

    /// Returns the WebP file of a draft.
    pub fn file(&self, id: &str) -> Option<Arc<[u8]>> {
        let drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, file) = drafts.iter().find(|(draft, _)| draft.id == id)?;
        Some(file.clone())
    }

    /// Whether there is a draft for these bytes at this path.
    pub fn has(&self, path: &str, id: &str) -> bool {
        let drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = drafts.iter();
        all.any(|(draft, _)| draft.path == path && draft.id == id)
    }

    /// Returns all drafts, for a page that was just opened.
    pub fn all(&self) -> Vec<Draft> {
        let drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drafts.iter().map(|(draft, _)| draft.clone()).collect()
    }
}

/// Returns the id of the draft for an upload.
pub fn id(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..32].to_owned()
}

/// Makes a draft. Returns the dimensions of the upload, and a WebP file; `None` if the upload is
/// not a complete image or needs too much memory. The run reports such problems.
pub fn render(
    bytes: Vec<u8>,
    limits: &Limits,
    decoder: &dyn Decode,
    stop: &AtomicBool,
) -> Option<(Dimensions, Vec<u8>)> {
    // A decoder may panic on hostile input.
    let rendered = contain(|| {
        let info = decoder.probe(&bytes, limits).ok()?;
        let rendition = Small(rendition(&info)?);
        let transforms = Transforms::default();
        let context = Context {
            transforms: &transforms,
            decoder,
            stop,
        };
        let renderer = Renderer::still(bytes, &info, &[&rendition], context).ok()?;
        let sink = |_: &Small, webp: &[u8]| Ok::<_, ImageError>(webp.to_vec());
        let files = renderer.render(&[&rendition], &sink);
        let webp = files.into_iter().next()?.ok()?;
        Some((info.dimensions(), webp))
    });
    rendered.ok().flatten()
}

/// Wrapper of the rendition of a draft, as the renderer expects it.
struct Small(Rendition);

impl AsRef<Rendition> for Small {
    fn as_ref(&self) -> &Rendition {
        &self.0
    }
}

fn rendition(info: &ImageInfo) -> Option<Rendition> {
    let own = info.dimensions();
    let scale = match info {
        ImageInfo::Raster(raster) if raster.decode_bytes > MEMORY => return None,
        ImageInfo::Raster(_) => scale(own.width),
        ImageInfo::Vector { .. } => Scale::Whole,
    };
    let width = match info {
        ImageInfo::Raster(_) => own.width.min(WIDTH),
        ImageInfo::Vector { .. } => WIDTH,
    };
    Some(Rendition {
        dimensions: Dimensions {
            width,
            height: own.height_at(width),
        },
        framing: Framing::Whole,
        recipe: Recipe {
            quality: Quality::new(QUALITY).ok()?.into(),
            effort: Effort::new(0).ok()?.into(),
            scale,
            ..Recipe::plain(Format::WEBP)
        },
    })
}

/// Returns the smallest scale at which an image of this width is still at least as wide as a draft.
fn scale(width: u32) -> Scale {
    let scales = [Scale::Quarter, Scale::Half];
    let is_enough = |scale: &Scale| width / (8 / scale.eighths()) >= WIDTH;
    scales.into_iter().find(is_enough).unwrap_or(Scale::Whole)
}
