//! Encodes WebP (RFC 9649) with libwebp, and decodes what it has encoded. This module and its
//! children are the only ones with `unsafe`.
//!
//! C code receives only pixels from Rust decoders, checked settings, and files that the encoder has
//! just written, never untrusted bytes. The calls rely on these invariants:
//!
//! 1. Width and height are 1 to 16383, and the sample buffer contains exactly rows × stride bytes
//!    (checked in `imported` before any call).
//! 2. What libwebp allocates (a picture, a writer, a container, an assembled file) is initialized by
//!    it before use and freed exactly once, by the `Drop` of the type that owns it.
//! 3. The writer and the stop flag that the picture points to outlive the call that uses them:
//!    both are borrowed for the length of [`encode`]; the encoder of an animation, which keeps the
//!    pointer to the flag from frame to frame, borrows the flag for its whole life.
//! 4. Only files that [`encode`] returned are decoded, into a buffer of rows × stride bytes of the
//!    size that was encoded.
//! 5. `WebPEncode` may be called on several threads at once: the library is built with
//!    `WEBP_USE_THREAD`, which locks the set-up of its function tables.
#![expect(unsafe_code, reason = "libwebp is a C library")]

pub mod animation;
mod settled;

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};

use webp::{
    WebPConfig, WebPData, WebPDataClear, WebPDecodeRGBAInto, WebPDecodeRGBInto, WebPEncode,
    WebPEncodingError, WebPGetEncoderVersion, WebPImageHint, WebPMemoryWrite, WebPMemoryWriter,
    WebPMemoryWriterClear, WebPMemoryWriterInit, WebPMux, WebPMuxAssemble, WebPMuxDelete,
    WebPMuxError, WebPMuxNew, WebPMuxSetChunk, WebPMuxSetImage, WebPPicture, WebPPictureFree,
    WebPPictureImportRGB, WebPPictureImportRGBA, WebPValidateConfig,
};

use crate::error::EncodeError;
use crate::pixels::{Channels, Pixels};
use crate::units::{Dimensions, Effort, Quality, WEBP_MAX_SIDE};

/// Compression mode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    Lossy(Quality),
    /// Lossy, with colors that are averaged as the eye sees them ("sharp YUV"): edges between
    /// colors stay sharp.
    LossySharp(Quality),
    /// Every visible pixel is kept exactly.
    Lossless,
    /// Lossless, after pixels were changed a little: 0 (most) to 99, libwebp's `near_lossless`.
    NearLossless(u8),
}

impl Mode {
    /// Returns the quality of libwebp's lossy format, VP8; `None` for a lossless mode.
    fn lossy_quality(self) -> Option<Quality> {
        match self {
            Mode::Lossy(quality) | Mode::LossySharp(quality) => Some(quality),
            Mode::Lossless | Mode::NearLossless(_) => None,
        }
    }
}

/// Quality in the lossless mode, which is the effort of its search: the default of libwebp and
/// cwebp.
const LOSSLESS_SEARCH: f32 = 75.0;
/// libwebp's partition 0 holds at most 512 KiB. A picture that overflows it fits with this
/// `partition_limit`.
const PARTITION_LIMIT: c_int = 100;

/// Returns the version of the library, as `0xMMmmrr`.
pub fn version() -> u32 {
    // SAFETY: takes and touches nothing.
    unsafe { WebPGetEncoderVersion() }.cast_unsigned()
}

/// Encodes an image of 1 to 16383 pixels per side. The result depends only on the arguments.
pub fn encode(
    pixels: &Pixels,
    mode: Mode,
    effort: Effort,
    stop: &AtomicBool,
) -> Result<Vec<u8>, EncodeError> {
    let mut config = configuration(mode, effort)?;
    match encode_with(pixels, &config, stop) {
        Err(Failure::PartitionOverflow) => {
            config.partition_limit = PARTITION_LIMIT;
            encode_with(pixels, &config, stop)
        }
        result => result,
    }
    .map_err(|failure| match failure {
        Failure::Error(error) => error,
        Failure::PartitionOverflow => EncodeError::Refused,
    })
}

enum Failure {
    Error(EncodeError),
    PartitionOverflow,
}

fn configuration(mode: Mode, effort: Effort) -> Result<WebPConfig, EncodeError> {
    let mut config = WebPConfig::new().map_err(|()| EncodeError::Refused)?;
    config.method = c_int::from(effort.get());
    match mode {
        Mode::Lossy(quality) => config.quality = quality.get(),
        Mode::LossySharp(quality) => {
            config.quality = quality.get();
            config.use_sharp_yuv = 1;
        }
        Mode::Lossless | Mode::NearLossless(_) => {
            config.lossless = 1;
            config.quality = LOSSLESS_SEARCH;
            config.image_hint = WebPImageHint::WEBP_HINT_DEFAULT;
        }
    }
    if let Mode::NearLossless(level) = mode {
        config.near_lossless = c_int::from(level);
    }
    // SAFETY: `config` is initialised; the call reads it.
    if unsafe { WebPValidateConfig(&raw const config) } == 0 {
        return Err(EncodeError::Refused);
    }
    Ok(config)
}

/// Owns a picture's planes (invariant 2).
struct Picture(WebPPicture);

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: initialised by `WebPPicture::new`; freed only here.
        unsafe { WebPPictureFree(&raw mut self.0) }
    }
}

/// Owns what the encoder has written (invariant 2).
struct Writer(WebPMemoryWriter);

impl Writer {
    fn new() -> Self {
        let mut writer = MaybeUninit::uninit();
        // SAFETY: the call initialises all fields of what it is given.
        unsafe {
            WebPMemoryWriterInit(writer.as_mut_ptr());
            Writer(writer.assume_init())
        }
    }

    fn bytes(&self) -> &[u8] {
        if self.0.mem.is_null() {
            return &[];
        }
        // SAFETY: libwebp has written `size` bytes at `mem`, which it owns until `drop`.
        unsafe { std::slice::from_raw_parts(self.0.mem, self.0.size) }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // SAFETY: initialised by `new`; cleared only here.
        unsafe { WebPMemoryWriterClear(&raw mut self.0) }
    }
}

/// Callback that libwebp calls between steps; returning zero aborts.
extern "C" fn progress(_percent: c_int, picture: *const WebPPicture) -> c_int {
    // SAFETY: libwebp hands back the picture that it was given, whose `user_data` points to the
    // stop flag for the length of the call (invariant 3).
    let stop = unsafe { &*(*picture).user_data.cast::<AtomicBool>() };
    c_int::from(!stop.load(Ordering::Relaxed))
}

fn encode_with(
    pixels: &Pixels,
    config: &WebPConfig,
    stop: &AtomicBool,
) -> Result<Vec<u8>, Failure> {
    // Lossy encoding works on YUV, and importing into it directly saves a copy in ARGB. The sharp
    // conversion needs that copy.
    let use_argb = config.lossless | config.use_sharp_yuv;
    let mut picture = imported(pixels, use_argb, stop).map_err(Failure::Error)?;
    let mut writer = Writer::new();
    picture.0.writer = Some(WebPMemoryWrite);
    picture.0.custom_ptr = (&raw mut writer.0).cast::<c_void>();
    // SAFETY: configuration and picture are initialised and valid; the writer and the flag that
    // the picture points to are alive (invariant 3).
    let done = unsafe { WebPEncode(std::ptr::from_ref(config), &raw mut picture.0) };
    if done != 0 {
        return Ok(writer.bytes().to_vec());
    }
    Err(match picture.0.error_code {
        WebPEncodingError::VP8_ENC_ERROR_PARTITION0_OVERFLOW
        | WebPEncodingError::VP8_ENC_ERROR_PARTITION_OVERFLOW => Failure::PartitionOverflow,
        code => Failure::Error(error_of(code)),
    })
}

/// Imports a copy of the pixels, as ARGB or as YUV with alpha.
fn imported(pixels: &Pixels, use_argb: c_int, stop: &AtomicBool) -> Result<Picture, EncodeError> {
    let (width, height) = (pixels.dimensions.width, pixels.dimensions.height);
    if width == 0 || height == 0 || width > WEBP_MAX_SIDE || height > WEBP_MAX_SIDE {
        return Err(EncodeError::TooLarge);
    }
    let expanded;
    let samples = match pixels.channels {
        Channels::Gray => {
            expanded = pixels
                .samples
                .iter()
                .flat_map(|gray| [*gray; 3])
                .collect::<Vec<u8>>();
            &expanded
        }
        _ => &pixels.samples,
    };
    let channels = if pixels.has_alpha() { 4 } else { 3 };
    let stride = width as usize * channels;
    if samples.len() != stride * height as usize {
        return Err(EncodeError::Refused);
    }
    let mut picture = Picture(WebPPicture::new().map_err(|()| EncodeError::Refused)?);
    picture.0.width = width.cast_signed();
    picture.0.height = height.cast_signed();
    picture.0.use_argb = use_argb;
    picture.0.progress_hook = Some(progress);
    picture.0.user_data = std::ptr::from_ref(stop).cast_mut().cast::<c_void>();
    let stride = c_int::try_from(stride).map_err(|_| EncodeError::TooLarge)?;
    // SAFETY: the picture has its size, and `samples` contains `height` rows of `stride` bytes
    // (invariant 1); the import copies them.
    let imported = unsafe {
        if channels == 4 {
            WebPPictureImportRGBA(&raw mut picture.0, samples.as_ptr(), stride)
        } else {
            WebPPictureImportRGB(&raw mut picture.0, samples.as_ptr(), stride)
        }
    };
    if imported == 0 {
        return Err(EncodeError::OutOfMemory);
    }
    Ok(picture)
}

fn error_of(code: WebPEncodingError) -> EncodeError {
    match code {
        WebPEncodingError::VP8_ENC_ERROR_USER_ABORT => EncodeError::Interrupted,
        WebPEncodingError::VP8_ENC_ERROR_OUT_OF_MEMORY
        | WebPEncodingError::VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY => EncodeError::OutOfMemory,
        WebPEncodingError::VP8_ENC_ERROR_BAD_DIMENSION => EncodeError::TooLarge,
        _ => EncodeError::Refused,
    }
}

/// Owns a container's chunks (invariant 2).
struct Mux(*mut WebPMux);

impl Drop for Mux {
    fn drop(&mut self) {
        // SAFETY: made by `WebPMuxNew`; deleted only here.
        unsafe { WebPMuxDelete(self.0) }
    }
}

/// Owns an assembled file (invariant 2).
struct Assembled(WebPData);

impl Assembled {
    fn new() -> Self {
        Assembled(WebPData::default())
    }

    /// Returns a copy of the file, or `None` if nothing was assembled.
    fn file(&self) -> Option<Vec<u8>> {
        if self.0.bytes.is_null() {
            return None;
        }
        // SAFETY: libwebp has written `size` bytes at `bytes`, which are ours until `drop`.
        Some(unsafe { std::slice::from_raw_parts(self.0.bytes, self.0.size) }.to_vec())
    }
}

impl Drop for Assembled {
    fn drop(&mut self) {
        // SAFETY: initialised as empty, then filled by libwebp; cleared only here.
        unsafe { WebPDataClear(&mut self.0) }
    }
}

/// Decodes a file to the samples that browsers show: four channels if `like` has alpha, otherwise
/// three. `webp` is what [`encode`] returned for `like`. libwebp's decoder returns the same samples
/// on every processor, in a third of the time of `image`'s.
pub fn shown(webp: &[u8], like: &Pixels) -> Result<Pixels, EncodeError> {
    let channels = if like.has_alpha() {
        Channels::Rgba
    } else {
        Channels::Rgb
    };
    let Dimensions { width, height } = like.dimensions;
    let stride = width as usize * channels.count();
    let mut samples = vec![0; stride * height as usize];
    let row = c_int::try_from(stride).map_err(|_| EncodeError::TooLarge)?;
    // SAFETY: file and buffer are borrowed for the length of the call, which checks that the rows
    // fit into the buffer's length (invariant 4).
    let decoded = unsafe {
        let (bytes, size) = (webp.as_ptr(), webp.len());
        let (buffer, length) = (samples.as_mut_ptr(), samples.len());
        if channels == Channels::Rgba {
            WebPDecodeRGBAInto(bytes, size, buffer, length, row)
        } else {
            WebPDecodeRGBInto(bytes, size, buffer, length, row)
        }
    };
    if decoded.is_null() {
        return Err(EncodeError::Refused);
    }
    Ok(Pixels {
        dimensions: like.dimensions,
        channels,
        samples,
    })
}

/// Adds an ICC profile to a file (RFC 9649, section 2.7.1.4). `webp` is one that [`encode`]
/// returned.
pub fn with_profile(webp: &[u8], icc: &[u8]) -> Result<Vec<u8>, EncodeError> {
    const COPIED: c_int = 1;
    let data = |bytes: &[u8]| WebPData {
        bytes: bytes.as_ptr(),
        size: bytes.len(),
    };
    let done = |error| match error {
        WebPMuxError::WEBP_MUX_OK => Ok(()),
        WebPMuxError::WEBP_MUX_MEMORY_ERROR => Err(EncodeError::OutOfMemory),
        _ => Err(EncodeError::Refused),
    };
    let mux = Mux(WebPMuxNew());
    if mux.0.is_null() {
        return Err(EncodeError::OutOfMemory);
    }
    let (image, profile) = (data(webp), data(icc));
    let mut assembled = Assembled::new();
    // SAFETY: the container is alive; image and profile are borrowed for the length of the calls,
    // which copy them; the name of the chunk has its four bytes.
    unsafe {
        done(WebPMuxSetImage(mux.0, &raw const image, COPIED))?;
        let name = c"ICCP".as_ptr();
        done(WebPMuxSetChunk(mux.0, name, &raw const profile, COPIED))?;
        done(WebPMuxAssemble(mux.0, &raw mut assembled.0))?;
    }
    assembled.file().ok_or(EncodeError::Refused)
}

#[cfg(test)]
mod tests;
