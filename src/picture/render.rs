//! Renders images: the bytes of an image go in, the bytes of its variants come out. Each scale is
//! decoded once, each set of equal pixels is resized once, and each variant is encoded once.

use tracing::field::Empty;
use tracing::trace_span;

use crate::animate::animate;
pub use crate::context::{Context, Sink};
use crate::encode::encode;
use crate::error::ImageError;
use crate::framing::Background;
use crate::info::{ImageInfo, Raster};
use crate::parallel::{check_stop, in_order};
use crate::pixels::Pixels;
use crate::recipe::{Color, Framing, Rendition, Resize, Scale};
use crate::score::{Scorer, Scores};
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
    /// Prepares still renditions: decodes the image, or the first frame of an animation, at each
    /// scale that a rendition uses.
    ///
    /// # Errors
    ///
    /// If the image cannot be decoded or its colors cannot be converted. Panics if a decoder does.
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

    /// Prepares animated renditions: frames are decoded one by one while they are rendered.
    pub fn animated(bytes: Vec<u8>, raster: Raster, context: Context<'c>) -> Self {
        Renderer {
            source: Source::Animation(bytes, raster),
            context,
        }
    }

    /// Renders files on the threads of the current pool, and passes each to `sink` as soon as it is
    /// encoded. Returns the results of `sink`, in no particular order.
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

impl Renderer<'_> {
    /// Scores existing files against the pixels that they were encoded from, on the threads of the
    /// current pool. `shown` decodes the file of an item; an item for which it returns `None` is
    /// left out. The frames of animations are not scored.
    ///
    /// # Errors
    ///
    /// If the pixels cannot be framed, or `stop` was set.
    pub fn compare<'i, T: AsRef<Rendition> + Sync>(
        &self,
        items: &[&'i T],
        shown: &(dyn Fn(&T) -> Option<Pixels> + Sync),
    ) -> Result<Vec<(&'i T, Scores)>, ImageError> {
        let groups = SamePixels::group(items);
        let compare = |group: &SamePixels<'i, T>| match &self.source {
            Source::Animation(..) => Ok(Vec::new()),
            Source::Still(sources) => group.compare(sources, shown, self.context),
            Source::Drawing(bytes, own) => {
                let sources = group.draw(bytes, *own, self.context)?;
                group.compare(&sources, shown, self.context)
            }
        };
        let scored: Result<Vec<_>, ImageError> = in_order(&groups, &compare).into_iter().collect();
        Ok(scored?.into_iter().flatten().collect())
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
    /// Groups renditions by their pixels. Groups are in the order of their first renditions.
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

    /// Resizes the image once for the group. Returns the pixels, and the profile that belongs to
    /// them.
    fn framed<'s>(
        &self,
        sources: &'s ResizeSources,
        context: Context<'_>,
    ) -> Result<(Pixels, Option<&'s [u8]>), ImageError> {
        check_stop(context.stop)?;
        let (upright, icc) = sources.upright(&self.items[0].as_ref().recipe)?;
        let _span = trace_span!(
            "resize",
            width = u64::from(self.dimensions.width),
            pixels = self.dimensions.pixels()
        )
        .entered();
        Ok((upright.frame(self.dimensions, self.framing)?, icc))
    }

    /// Scores the file of each rendition in the group.
    fn compare(
        &self,
        sources: &ResizeSources,
        shown: &(dyn Fn(&T) -> Option<Pixels> + Sync),
        context: Context<'_>,
    ) -> Result<Vec<(&'i T, Scores)>, ImageError> {
        let (pixels, _) = self.framed(sources, context)?;
        // Each background has its own scorer: formats without transparency show it.
        let mut scorers: Vec<(Option<Background>, Option<Scorer>)> = Vec::new();
        let mut scored = Vec::with_capacity(self.items.len());
        for item in &self.items {
            check_stop(context.stop)?;
            let background = (*item).as_ref().recipe.background;
            let known = scorers.iter().position(|(other, _)| *other == background);
            let place = known.unwrap_or_else(|| {
                let source = match background {
                    Some(background) => pixels.clone().opaque(background),
                    None => pixels.clone(),
                };
                scorers.push((background, Scorer::new(&source).ok()));
                scorers.len() - 1
            });
            let scorer = scorers[place].1.as_ref();
            let scores = scorer.and_then(|scorer| scorer.scores(&shown(item)?).ok());
            scored.extend(scores.map(|scores| (*item, scores)));
        }
        Ok(scored)
    }

    /// Resizes the image once, encodes each rendition, and passes the files to `sink`.
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
        let (pixels, icc) = match self.framed(sources, context) {
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
