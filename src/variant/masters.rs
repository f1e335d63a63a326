//! A picture as all its variants need it: at each scale, in each colour space and each light that
//! one of them asks for.

use super::decode::{self, Rendered};
use super::frame::Upright;
use super::resize::{self, Prepared};
use super::{Transforms, VariantError, colour};
use crate::original::{Orientation, Raster};
use crate::plan::{Recipe, Scale, VariantSpec};
use crate::preset::{Color, Resize};
use crate::units::Dimensions;

/// A picture that variants are resized from.
pub(super) struct Masters {
    masters: Vec<Master>,
    orientation: Orientation,
}

/// The pixels that variants of one kind are resized from.
struct Master {
    /// The scales that it was decoded for.
    scales: Vec<Scale>,
    color: Color,
    light: Resize,
    pixels: Prepared,
    /// What goes into the variants.
    icc: Option<Vec<u8>>,
}

impl Masters {
    /// Of a raster picture at each of the scales that variants want, or of one frame of an
    /// animation.
    pub fn of(
        rendered: Vec<Rendered>,
        raster: &Raster,
        specs: &[&VariantSpec],
        transforms: &Transforms,
    ) -> Result<Self, VariantError> {
        let mut masters = Vec::new();
        for rendered in rendered {
            masters.extend(self::masters(rendered, raster.stored, specs, transforms)?);
        }
        Ok(Masters {
            masters,
            orientation: raster.orientation,
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
        let rendered = Rendered {
            decoded: decode::drawn(svg, size)?,
            samples: size,
            extent: (size.width.into(), size.height.into()),
            scales: vec![Scale::Whole],
        };
        Ok(Masters {
            masters: masters(rendered, own, specs, transforms)?,
            orientation: Orientation::UPRIGHT,
        })
    }

    /// The picture as it is seen, as a recipe wants it, and the profile that goes with it.
    pub fn upright(&self, recipe: &Recipe) -> Result<(Upright<'_>, Option<&[u8]>), VariantError> {
        let is_meant = |master: &&Master| {
            (master.color, master.light) == (recipe.color, recipe.resize)
                && master.scales.contains(&recipe.scale)
        };
        let master = self.masters.iter().find(is_meant);
        let master = master
            .ok_or_else(|| VariantError::Resize("its colours were not prepared".to_owned()))?;
        let upright = Upright {
            prepared: &master.pixels,
            orientation: self.orientation,
        };
        Ok((upright, master.icc.as_deref()))
    }
}

/// The pixels of a picture that is `own` large, in each colour and light that variants want.
fn masters(
    rendered: Rendered,
    own: Dimensions,
    specs: &[&VariantSpec],
    transforms: &Transforms,
) -> Result<Vec<Master>, VariantError> {
    let Rendered {
        decoded,
        samples: dimensions,
        extent,
        scales,
    } = rendered;
    let is_meant = |spec: &&&VariantSpec| scales.contains(&spec.recipe.scale);
    let specs: Vec<&VariantSpec> = specs.iter().filter(is_meant).copied().collect();
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
                scales: scales.clone(),
                color: *color,
                light: *light,
                pixels: resize::prepare(pixels, *light)?.rendering(own, extent),
                icc: icc.clone(),
            });
        }
    }
    Ok(masters)
}

/// Each of them once, in their order.
pub(super) fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
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
