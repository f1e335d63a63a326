//! A picture, decoded once, as all its variants need it: in each colour space and each light that one
//! of them asks for.

use super::decode::{self, Decoded};
use super::frame::Upright;
use super::resize::{self, Prepared};
use super::{Transforms, VariantError, colour};
use crate::original::{Orientation, Raster};
use crate::plan::{Recipe, VariantSpec};
use crate::preset::{Color, Resize};
use crate::units::Dimensions;

/// A picture that variants are resized from.
pub(super) struct Masters {
    masters: Vec<Master>,
    orientation: Orientation,
    planned: Dimensions,
}

/// The pixels that variants of one kind are resized from.
struct Master {
    color: Color,
    light: Resize,
    pixels: Prepared,
    /// What goes into the variants.
    icc: Option<Vec<u8>>,
}

impl Masters {
    /// Of a raster picture, or of one frame of an animation.
    pub fn of(
        decoded: Decoded,
        raster: &Raster,
        specs: &[&VariantSpec],
        transforms: &Transforms,
    ) -> Result<Self, VariantError> {
        Ok(Masters {
            masters: masters(decoded, raster.stored, specs, transforms)?,
            orientation: raster.orientation,
            planned: raster.dimensions(),
        })
    }

    /// Of a drawing that is `own` large, drawn in another size.
    pub fn of_drawing(
        svg: &[u8],
        own: Dimensions,
        size: Dimensions,
        specs: &[&VariantSpec],
        transforms: &Transforms,
    ) -> Result<Self, VariantError> {
        Ok(Masters {
            masters: masters(decode::drawn(svg, size)?, size, specs, transforms)?,
            orientation: Orientation::UPRIGHT,
            planned: own,
        })
    }

    /// The picture as it is seen, as a recipe wants it, and the profile that goes with it.
    pub fn upright(&self, recipe: &Recipe) -> Result<(Upright<'_>, Option<&[u8]>), VariantError> {
        let is_meant =
            |master: &&Master| (master.color, master.light) == (recipe.color, recipe.resize);
        let master = self.masters.iter().find(is_meant);
        let master = master
            .ok_or_else(|| VariantError::Resize("its colours were not prepared".to_owned()))?;
        let upright = Upright {
            prepared: &master.pixels,
            orientation: self.orientation,
            planned: self.planned,
        };
        Ok((upright, master.icc.as_deref()))
    }
}

/// The pixels in each colour and light that variants want.
fn masters(
    decoded: Decoded,
    dimensions: Dimensions,
    specs: &[&VariantSpec],
    transforms: &Transforms,
) -> Result<Vec<Master>, VariantError> {
    let mut masters = Vec::new();
    let colors = distinct(specs.iter().map(|spec| spec.recipe.color));
    for (color, decoded) in colors.iter().zip(copies(decoded, colors.len())) {
        let (pixels, icc) = match color {
            Color::Srgb => (colour::to_srgb(decoded, dimensions, transforms)?, None),
            Color::Keep => colour::kept(decoded, dimensions, transforms)?,
        };
        let of_color = specs.iter().filter(|spec| spec.recipe.color == *color);
        let lights = distinct(of_color.map(|spec| spec.recipe.resize));
        for (light, pixels) in lights.iter().zip(copies(pixels, lights.len())) {
            masters.push(Master {
                color: *color,
                light: *light,
                pixels: resize::prepare(pixels, *light)?,
                icc: icc.clone(),
            });
        }
    }
    Ok(masters)
}

/// Each of them once, in their order.
fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.fold(Vec::new(), |mut distinct, one| {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
        distinct
    })
}

/// As many of a value as are wanted; the last one is the value itself, and each copy is made when it
/// is taken.
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
