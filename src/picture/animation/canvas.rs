//! The canvas on which the frames of an animation are composed: raw frames go in, displayed images
//! come out. Blending and disposal (GIF89a, section 23; PNG, third edition, section 11.3.6; RFC
//! 9649, section 2.7.1.1) work on the stored values, as in browsers.

use crate::animation::{Blend, Dispose};
use crate::compose::over;
use crate::pixels::Sample;
use crate::units::Dimensions;

/// The part of a canvas that a frame covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameRect {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

/// A canvas of pixels with `N` samples each, straight alpha last. It is transparent at first.
pub(super) struct Canvas<T, const N: usize> {
    width: usize,
    height: usize,
    pixels: Vec<[T; N]>,
    /// Copy of the canvas before the last frame, if that frame's disposal is [`Dispose::Restore`].
    before: Vec<[T; N]>,
    /// Area and disposal of the last frame.
    dispose: Option<(FrameRect, Dispose)>,
}

impl<T: Sample, const N: usize> Canvas<T, N> {
    pub fn new(size: Dimensions) -> Self {
        let (width, height) = (size.width as usize, size.height as usize);
        Canvas {
            width,
            height,
            pixels: vec![[T::default(); N]; width * height],
            before: Vec::new(),
            dispose: None,
        }
    }

    /// Disposes of the last frame, draws a frame clipped to the canvas, and returns a copy of the
    /// canvas. Returns `None` if the number of samples does not match the size of the frame.
    pub fn show(
        &mut self,
        samples: &[T],
        place: FrameRect,
        blend: Blend,
        dispose: Dispose,
    ) -> Option<Vec<T>> {
        let (frame, rest) = samples.as_chunks::<N>();
        if !rest.is_empty() || frame.len() != place.width * place.height {
            return None;
        }
        match self.dispose {
            Some((last, Dispose::Clear)) => {
                let (rows, columns) = self.within(last);
                let canvas_rows = self.pixels.chunks_exact_mut(self.width.max(1));
                for row in canvas_rows.skip(rows.start).take(rows.len()) {
                    row[columns.clone()].fill([T::default(); N]);
                }
            }
            Some((_, Dispose::Restore)) => std::mem::swap(&mut self.pixels, &mut self.before),
            Some((_, Dispose::Keep)) | None => {}
        }
        self.dispose = Some((place, dispose));
        if dispose == Dispose::Restore {
            self.before.clone_from(&self.pixels);
        }
        let (rows, columns) = self.within(place);
        let visible = columns.len();
        let canvas_rows = self.pixels.chunks_exact_mut(self.width.max(1));
        let frame_rows = frame.chunks_exact(place.width.max(1));
        for (canvas, frame) in canvas_rows
            .skip(rows.start)
            .take(rows.len())
            .zip(frame_rows)
        {
            for (below, above) in canvas[columns.clone()].iter_mut().zip(&frame[..visible]) {
                *below = match blend {
                    Blend::Source => *above,
                    Blend::Over => over(*above, *below),
                };
            }
        }
        Some(self.pixels.as_flattened().to_vec())
    }

    /// Returns the rows and columns of a rectangle that lie on the canvas.
    fn within(&self, place: FrameRect) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let range = |begin: usize, length: usize, limit: usize| {
            begin.min(limit)..begin.saturating_add(length).min(limit)
        };
        (
            range(place.top, place.height, self.height),
            range(place.left, place.width, self.width),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];
    const NONE: [u8; 4] = [0; 4];

    fn place(left: usize, width: usize) -> FrameRect {
        FrameRect {
            left,
            top: 0,
            width,
            height: 1,
        }
    }

    fn canvas() -> Canvas<u8, 4> {
        Canvas::new(Dimensions {
            width: 3,
            height: 1,
        })
    }

    #[test]
    fn places_are_kept_cleared_or_restored() {
        let mut canvas = canvas();
        let (over, keep) = (Blend::Over, Dispose::Keep);
        let mut show = |pixels: &[[u8; 4]], left: usize, blend, dispose| {
            let place = place(left, pixels.len());
            let shown = canvas.show(pixels.as_flattened(), place, blend, dispose);
            shown.unwrap().as_chunks::<4>().0.to_vec()
        };
        assert_eq!(show(&[RED, RED], 0, over, keep), [RED, RED, NONE]);
        let cleared = show(&[BLUE, NONE], 1, over, Dispose::Clear);
        assert_eq!(cleared, [RED, BLUE, NONE]);
        // `Restore` brings back the canvas after it was cleared, not the frame before that.
        let restored = show(&[NONE, BLUE], 1, over, Dispose::Restore);
        assert_eq!(restored, [RED, NONE, BLUE]);
        let restored = show(&[BLUE], 0, over, Dispose::Restore);
        assert_eq!(restored, [BLUE, NONE, NONE]);
        assert_eq!(show(&[NONE], 2, over, keep), [RED, NONE, NONE]);
        let replaced = show(&[NONE, BLUE], 0, Blend::Source, keep);
        assert_eq!(replaced, [NONE, BLUE, NONE]);
    }

    #[test]
    fn no_row_beside_a_place_is_cleared() {
        let size = Dimensions {
            width: 2,
            height: 3,
        };
        let mut canvas = Canvas::<u8, 4>::new(size);
        let all = FrameRect {
            left: 0,
            top: 0,
            width: 2,
            height: 3,
        };
        let middle = FrameRect {
            top: 1,
            height: 1,
            ..all
        };
        let mut show = |pixels: &[[u8; 4]], place, dispose| {
            let shown = canvas.show(pixels.as_flattened(), place, Blend::Over, dispose);
            shown.unwrap().as_chunks::<4>().0.to_vec()
        };
        show(&[RED; 6], all, Dispose::Keep);
        show(&[BLUE; 2], middle, Dispose::Clear);
        let cleared = show(&[NONE; 2], middle, Dispose::Keep);
        assert_eq!(cleared, [RED, RED, NONE, NONE, RED, RED]);
    }

    #[test]
    fn areas_outside_the_canvas_are_cut_off() {
        let mut canvas = canvas();
        let row = [RED; 3];
        let shown = canvas.show(row.as_flattened(), place(2, 3), Blend::Over, Dispose::Clear);
        assert_eq!(shown.unwrap().as_chunks::<4>().0, [NONE, NONE, RED]);
        let below = FrameRect {
            top: 9,
            ..place(0, 3)
        };
        let shown = canvas.show(row.as_flattened(), below, Blend::Source, Dispose::Clear);
        assert_eq!(shown.unwrap(), [0; 12]);
        let short = canvas.show(&[0; 8], place(0, 3), Blend::Over, Dispose::Keep);
        assert_eq!(short, None);
    }
}
