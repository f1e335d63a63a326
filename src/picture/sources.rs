//! Prepares the pixels that variants are resized from: the original at each scale, in each color
//! space and gamma that a variant needs.

use tracing::trace_span;

use crate::color;
use crate::color::Transforms;
use crate::color_space::ColorSpace;
use crate::decode::ScaledImage;
use crate::decoder::Decode;
use crate::error::ImageError;
use crate::frame::OrientedImage;
use crate::info::{Orientation, Raster};
use crate::pixels::{Decoded, Samples};
use crate::recipe::{Color, Resize};
use crate::recipe::{Recipe, Rendition, Scale};
use crate::resize;
use crate::resize::PreparedImage;
use crate::units::Dimensions;

/// All pixels that the variants of one image are resized from.
pub struct ResizeSources {
    sources: Vec<ResizeSource>,
    orientation: Orientation,
}

/// The pixels that variants of one kind are resized from.
struct ResizeSource {
    /// The scales that these pixels serve.
    scales: Vec<Scale>,
    color: Color,
    light: Resize,
    pixels: PreparedImage,
    /// The profile to embed into variants.
    icc: Option<Vec<u8>>,
}

impl ResizeSources {
    /// Prepares the pixels of a raster image that was decoded at each scale that variants need, or
    /// of one frame of an animation.
    pub fn new(
        rendered: Vec<ScaledImage>,
        raster: &Raster,
        renditions: &[&Rendition],
        transforms: &Transforms,
    ) -> Result<Self, ImageError> {
        let mut sources = Vec::new();
        for rendered in rendered {
            sources.extend(self::sources(
                rendered,
                raster.stored,
                renditions,
                transforms,
            )?);
        }
        Ok(ResizeSources {
            sources,
            orientation: raster.orientation,
        })
    }

    /// Renders a drawing of intrinsic size `own` at `size`, and prepares its pixels.
    pub fn from_drawing(
        svg: &[u8],
        own: Dimensions,
        size: Dimensions,
        renditions: &[&Rendition],
        transforms: &Transforms,
        decoder: &dyn Decode,
    ) -> Result<Self, ImageError> {
        let span = trace_span!("decode", pixels = size.pixels());
        let pixels = span.in_scope(|| decoder.draw(svg, size))?;
        let rendered = ScaledImage {
            decoded: Decoded {
                samples: Samples::Rgba(pixels.samples),
                color: ColorSpace::Srgb,
            },
            samples: size,
            extent: (size.width.into(), size.height.into()),
            scales: vec![Scale::Whole],
        };
        Ok(ResizeSources {
            sources: sources(rendered, own, renditions, transforms)?,
            orientation: Orientation::UPRIGHT,
        })
    }

    /// Returns the upright image that a recipe needs, and the profile that belongs to its colors.
    pub fn upright(
        &self,
        recipe: &Recipe,
    ) -> Result<(OrientedImage<'_>, Option<&[u8]>), ImageError> {
        let is_meant = |source: &&ResizeSource| {
            (source.color, source.light) == (recipe.color, recipe.resize)
                && source.scales.contains(&recipe.scale)
        };
        let source = self.sources.iter().find(is_meant);
        let source =
            source.ok_or_else(|| ImageError::Resize("its colors were not prepared".to_owned()))?;
        let upright = OrientedImage {
            prepared: &source.pixels,
            orientation: self.orientation,
        };
        Ok((upright, source.icc.as_deref()))
    }
}

/// Decodes an original at several scales. The full image serves the scales that its decoder does not
/// support.
pub fn at_scales(
    bytes: &[u8],
    raster: &Raster,
    scales: &[Scale],
    decoder: &dyn Decode,
) -> Result<Vec<ScaledImage>, ImageError> {
    let decode = |scale| {
        let span = trace_span!("decode", pixels = raster.stored.pixels());
        span.in_scope(|| decoder.decode(bytes, raster, scale))
    };
    let mut rendered = Vec::new();
    let mut whole = Vec::new();
    for scale in scales {
        let decoded = match scale {
            Scale::Whole => None,
            smaller => decode(*smaller)?,
        };
        match decoded {
            Some(decoded) => rendered.push(ScaledImage {
                decoded,
                samples: scale.samples(raster.stored),
                extent: scale.extent(raster.stored),
                scales: vec![*scale],
            }),
            None => whole.push(*scale),
        }
    }
    if !whole.is_empty() {
        let decoded = decode(Scale::Whole)?;
        let decoded = decoded.ok_or_else(|| ImageError::Decode("it has no pixels".to_owned()))?;
        rendered.push(ScaledImage::whole(decoded, raster.stored, whole));
    }
    Ok(rendered)
}

/// Converts decoded pixels to each color space and gamma that renditions need; `own` is the image's
/// full size.
fn sources(
    rendered: ScaledImage,
    own: Dimensions,
    renditions: &[&Rendition],
    transforms: &Transforms,
) -> Result<Vec<ResizeSource>, ImageError> {
    let ScaledImage {
        decoded,
        samples: dimensions,
        extent,
        scales,
    } = rendered;
    let is_meant = |one: &&&Rendition| scales.contains(&one.recipe.scale);
    let renditions: Vec<&Rendition> = renditions.iter().filter(is_meant).copied().collect();
    let mut sources = Vec::new();
    let colors = distinct(renditions.iter().map(|one| one.recipe.color));
    for (color, decoded) in colors.iter().zip(copies(decoded, colors.len())) {
        let (pixels, icc) = match color {
            Color::Srgb => (color::to_srgb(decoded, dimensions, transforms)?, None),
            Color::Keep => color::kept(decoded, dimensions, transforms)?,
        };
        let of_color = renditions.iter().filter(|one| one.recipe.color == *color);
        let lights = distinct(of_color.map(|one| one.recipe.resize));
        for (light, pixels) in lights.iter().zip(copies(pixels, lights.len())) {
            sources.push(ResizeSource {
                scales: scales.clone(),
                color: *color,
                light: *light,
                pixels: resize::prepare(pixels, *light)?.rendering(own, extent),
                icc: icc.clone(),
            });
        }
    }
    Ok(sources)
}

/// Removes duplicates and keeps the order.
pub fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.fold(Vec::new(), |mut distinct, one| {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
        distinct
    })
}

/// Returns `count` copies of a value; the last one is the value itself, and each copy is made
/// lazily.
fn copies<T: Clone>(value: T, count: usize) -> impl Iterator<Item = T> {
    let mut value = Some(value);
    (1..=count).map_while(move |place| {
        if place < count {
            value.clone()
        } else {
            value.take()
        }
    })
}
