//! Renders animations: the bytes of an animated image go in, one encoded file per rendition comes
//! out.
//!
//! Each frame is decoded once, resized for every rendition on the free threads, and added to that
//! rendition's encoder before the next frame is decoded. Memory for decoded frames does not grow
//! with their number.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tracing::trace_span;

use crate::animation;
use crate::context::{Context, Sink};
use crate::decode::ScaledImage;
use crate::encode;
use crate::error::{EncodeError, ImageError};
use crate::format::{AnimationEncoder, MAX_FRAME_MILLISECONDS};
use crate::frame::Placement;
use crate::info::Raster;
use crate::parallel::{check_stop, in_order};
use crate::recipe::{Rendition, Scale};
use crate::sources::ResizeSources;

/// Encodes every rendition of an animation and passes each file to `sink`. If a frame cannot be
/// decoded or encoded, passes no file and returns that one error.
pub(crate) fn animate<T, W, E>(
    bytes: &[u8],
    raster: &Raster,
    items: &[&T],
    context: Context<'_>,
    sink: &Sink<'_, T, W, E>,
) -> Vec<Result<W, E>>
where
    T: AsRef<Rendition> + Sync,
    W: Send,
    E: From<ImageError> + Send,
{
    let outputs: Vec<(&T, Mutex<Output<'_>>)> = items
        .iter()
        .map(|item| (*item, Mutex::new(Output::new((*item).as_ref(), context))))
        .collect();
    let encoders: Vec<&Mutex<Output<'_>>> = outputs.iter().map(|(_, output)| output).collect();
    let end = match encode_frames(bytes, raster, &encoders, context) {
        Ok(end) => end,
        Err(error) => return vec![Err(error.into())],
    };
    in_order(&outputs, &|(item, output)| {
        check_stop(context.stop)?;
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        sink(item, &output.finish(end)?)
    })
}

/// Adds every frame to every output, and returns the time in milliseconds at which the animation
/// ends.
fn encode_frames(
    bytes: &[u8],
    raster: &Raster,
    outputs: &[&Mutex<Output<'_>>],
    context: Context<'_>,
) -> Result<u64, ImageError> {
    let open = raster.format.spec().frames;
    let open = open.ok_or_else(|| {
        ImageError::Decode("animations of this format are not resized".to_owned())
    })?;
    let mut frames = animation::Frames::new(open(bytes, raster)?, raster);
    let plays = frames.plays;
    let renditions: Vec<&Rendition> = outputs
        .iter()
        .map(|output| {
            output
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .rendition
        })
        .collect();
    let mut clock = Clock::default();
    let pixels = raster.stored.pixels();
    while let Some(frame) = trace_span!("decode", pixels).in_scope(|| frames.next())? {
        check_stop(context.stop)?;
        let whole = ScaledImage::whole(frame.decoded, raster.stored, vec![Scale::Whole]);
        let sources = ResizeSources::new(vec![whole], raster, &renditions, context.transforms)?;
        let start = clock.milliseconds();
        let added = in_order(outputs, &|output| {
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            output.add(&sources, plays, start)
        });
        added.into_iter().collect::<Result<(), _>>()?;
        clock.advance(frame.duration);
    }
    Ok(clock.milliseconds())
}

/// Time since the start of an animation. Fractions of a millisecond add up, and only the value that
/// is read is rounded: no frame is more than half a millisecond off.
#[derive(Debug, Default)]
struct Clock(Duration);

impl Clock {
    fn advance(&mut self, duration: Duration) {
        // One less than the maximum, since rounding both ends of a frame may make it 1 ms longer.
        self.0 += duration.min(Duration::from_millis(MAX_FRAME_MILLISECONDS - 1));
    }

    /// Returns the time in milliseconds, rounded to the nearest integer.
    fn milliseconds(&self) -> u64 {
        let half = Duration::from_micros(500);
        u64::try_from((self.0 + half).as_millis()).unwrap_or(u64::MAX)
    }
}

/// An animated rendition that is being encoded.
struct Output<'c> {
    rendition: &'c Rendition,
    context: Context<'c>,
    /// How the image is placed in the variant, and the encoder; `None` before the first frame.
    started: Option<(Placement, Box<dyn AnimationEncoder + 'c>)>,
}

impl<'c> Output<'c> {
    fn new(rendition: &'c Rendition, context: Context<'c>) -> Self {
        Output {
            rendition,
            context,
            started: None,
        }
    }

    fn add(&mut self, frame: &ResizeSources, plays: u16, start: u64) -> Result<(), ImageError> {
        check_stop(self.context.stop)?;
        let Rendition {
            dimensions,
            framing,
            recipe,
        } = self.rendition;
        let (upright, _) = frame.upright(recipe)?;
        let (width, pixels) = (u64::from(dimensions.width), dimensions.pixels());
        let resize = |place| {
            let span = trace_span!("resize", width, pixels);
            span.in_scope(|| upright.at(place, *dimensions))
        };
        let result = match &mut self.started {
            Some((place, animation)) => {
                let frame = resize(*place)?;
                let span = trace_span!("encode", width, pixels);
                span.in_scope(|| animation.add(&frame, start))
            }
            None => {
                let place = upright.place(*framing)?;
                let first = resize(place)?;
                let _span = trace_span!("encode", width, pixels).entered();
                let animation = encode::animate(&first, recipe, plays, self.context.stop);
                animation.and_then(|mut animation| {
                    animation.add(&first, start)?;
                    self.started = Some((place, animation));
                    Ok(())
                })
            }
        };
        result.map_err(|error| error.for_variant(*dimensions))
    }

    fn finish(&mut self, end: u64) -> Result<Vec<u8>, ImageError> {
        let dimensions = self.rendition.dimensions;
        let _span = trace_span!("encode", width = u64::from(dimensions.width)).entered();
        let started = self.started.take().ok_or(EncodeError::Refused);
        started
            .and_then(|(_, animation)| animation.finish(end))
            .map_err(|error| error.for_variant(dimensions))
    }
}

#[cfg(test)]
mod tests;
