//! From an image's bytes to the bytes of its variants: one decode per scale, one resize per set of
//! equal pixels, one encode per format.

use tracing::field::Empty;
use tracing::trace_span;

use crate::animate::animate;
pub use crate::context::{Context, Sink};
use crate::encode::encode;
use crate::error::ImageError;
use crate::info::{ImageInfo, Raster};
use crate::parallel::{check_stop, in_order};
use crate::recipe::{Color, Framing, Rendition, Resize, Scale};
use crate::sources::{ResizeSources, at_scales, distinct};
use crate::units::Dimensions;

/// One image, ready to be rendered: still images are decoded, animations and drawings are not.
pub struct Renderer<'c> {
    source: Source,
    context: Context<'c>,
}

enum Source {
    Still(ResizeSources),
    Animation(Vec<u8>, Raster),
    Drawing(Vec<u8>, Dimensions),
}

impl<'c> Renderer<'c> {
    /// For still renditions: decodes the image, or the first frame of an animation, at each scale
    /// that a rendition asks for.
    ///
    /// # Errors
    ///
    /// If the image cannot be decoded or its colors cannot be converted. Panics where a decoder
    /// does.
    pub fn still<T: AsRef<Rendition>>(
        bytes: Vec<u8>,
        info: &ImageInfo,
        renditions: &[&T],
        context: Context<'c>,
    ) -> Result<Self, ImageError> {
        let source = match info {
            ImageInfo::Vector { dimensions } => Source::Drawing(bytes, *dimensions),
            ImageInfo::Raster(raster) => {
                check_stop(context.stop)?;
                let renditions: Vec<&Rendition> =
                    renditions.iter().map(|one| (*one).as_ref()).collect();
                let mut scales = distinct(renditions.iter().map(|one| one.recipe.scale));
                scales.sort_unstable();
                let rendered = at_scales(&bytes, raster, &scales, context.decoder)?;
                drop(bytes);
                check_stop(context.stop)?;
                let sources = ResizeSources::new(rendered, raster, &renditions, context.transforms);
                Source::Still(sources?)
            }
        };
        Ok(Renderer { source, context })
    }

    /// For animated renditions: frames are decoded one by one while they are rendered.
    pub fn animated(bytes: Vec<u8>, raster: Raster, context: Context<'c>) -> Self {
        Renderer {
            source: Source::Animation(bytes, raster),
            context,
        }
    }

    /// Renders files on the threads of the current pool and hands each to `sink` as soon as it is
    /// encoded. Returns the result of each, in no particular order.
    pub fn render<T, W, E>(&self, items: &[&T], sink: &Sink<'_, T, W, E>) -> Vec<Result<W, E>>
    where
        T: AsRef<Rendition> + Sync,
        W: Send,
        E: From<ImageError> + Send,
    {
        match &self.source {
            Source::Animation(bytes, raster) => animate(bytes, raster, items, self.context, sink),
            Source::Still(sources) => {
                let groups = SamePixels::group(items);
                let results = in_order(&groups, &|group| group.render(sources, sink, self.context));
                results.into_iter().flatten().collect()
            }
            Source::Drawing(bytes, own) => {
                let groups = SamePixels::group(items);
                let results = in_order(&groups, &|group| {
                    let sources = group.draw(bytes, *own, self.context);
                    match sources {
                        Ok(sources) => group.render(&sources, sink, self.context),
                        Err(error) => vec![Err(error.into())],
                    }
                });
                results.into_iter().flatten().collect()
            }
        }
    }
}

/// Renditions that show the same pixels, in one format or several.
struct SamePixels<'i, T> {
    dimensions: Dimensions,
    framing: Framing,
    scale: Scale,
    color: Color,
    resize: Resize,
    items: Vec<&'i T>,
}

impl<'i, T: AsRef<Rendition> + Sync> SamePixels<'i, T> {
    /// Groups renditions, in the order of each group's first one.
    fn group(items: &[&'i T]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for item in items {
            let rendition = (*item).as_ref();
            match groups.iter_mut().find(|group| group.contains(rendition)) {
                Some(group) => group.items.push(item),
                None => groups.push(SamePixels {
                    dimensions: rendition.dimensions,
                    framing: rendition.framing,
                    scale: rendition.recipe.scale,
                    color: rendition.recipe.color,
                    resize: rendition.recipe.resize,
                    items: vec![item],
                }),
            }
        }
        groups
    }

    fn contains(&self, other: &Rendition) -> bool {
        let recipe = other.recipe;
        (self.dimensions, self.framing) == (other.dimensions, other.framing)
            && (self.scale, self.color, self.resize) == (recipe.scale, recipe.color, recipe.resize)
    }

    fn draw(
        &self,
        svg: &[u8],
        own: Dimensions,
        context: Context<'_>,
    ) -> Result<ResizeSources, ImageError> {
        check_stop(context.stop)?;
        let renditions: Vec<&Rendition> = self.items.iter().map(|one| (*one).as_ref()).collect();
        let size = renditions[0].drawn(own);
        let Context {
            transforms,
            decoder,
            ..
        } = context;
        ResizeSources::from_drawing(svg, own, size, &renditions, transforms, decoder)
    }

    /// Resizes once, encodes each rendition, and hands the files to `sink`.
    fn render<W, E>(
        &self,
        sources: &ResizeSources,
        sink: &Sink<'_, T, W, E>,
        context: Context<'_>,
    ) -> Vec<Result<W, E>>
    where
        W: Send,
        E: From<ImageError> + Send,
    {
        let framed = check_stop(context.stop).and_then(|()| {
            let (upright, icc) = sources.upright(&self.items[0].as_ref().recipe)?;
            let _span = trace_span!(
                "resize",
                width = u64::from(self.dimensions.width),
                pixels = self.dimensions.pixels()
            )
            .entered();
            Ok((upright.frame(self.dimensions, self.framing)?, icc))
        });
        let (pixels, icc) = match framed {
            Ok(framed) => framed,
            Err(error) => return vec![Err(error.into())],
        };
        in_order(&self.items, &|item| {
            let rendition = (*item).as_ref();
            let span = trace_span!(
                "encode",
                width = u64::from(rendition.dimensions.width),
                pixels = rendition.dimensions.pixels(),
                bytes = Empty
            );
            let bytes = span
                .in_scope(|| encode(&pixels, &rendition.recipe, icc, context.stop))
                .map_err(|error| error.for_variant(rendition.dimensions))?;
            span.record("bytes", bytes.len() as u64);
            sink(item, &bytes)
        })
    }
}
