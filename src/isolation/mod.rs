//! Decodes images in worker processes, for formats whose decoders may abort, or take memory or time
//! that no limit bounds. If a worker crashes or exceeds its limits, the image that it was reading
//! gets a finding, and a new worker replaces it.
//!
//! The image engine asks for pixels through its trait [`Decode`]; [`Isolated`] passes the request to
//! a worker, which runs [`serve`] and calls the engine's decoders.

mod confine;
mod message;
mod process;
mod serve;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::picture::decoder::{Decode, InProcess};
use crate::picture::error::{ImageError, Lack, ProbeError};
use crate::picture::format;
use crate::picture::info::{ImageInfo, Raster};
use crate::picture::limits::Limits;
use crate::picture::pixels::{Channels, Decoded, Pixels, SampleKind};
use crate::picture::recipe::Scale;
use crate::picture::units::Dimensions;
use message::{Answer, Bounds, Request, Task};
use process::Worker;

pub use serve::{limit_memory, serve};

/// A decoder that uses worker processes for formats that need isolation, and this process for all
/// others.
#[derive(Debug)]
pub struct Isolated {
    /// `None` if the program's own path is unknown.
    program: Option<PathBuf>,
    arguments: Vec<String>,
    /// Workers that wait for a request. Their number grows to the number of threads that ask at
    /// once.
    idle: Mutex<Vec<Worker>>,
}

impl Isolated {
    /// Creates a decoder whose workers are started by this command, which must run [`serve`] on its
    /// standard streams. Nothing is started before the first image that needs a worker.
    pub fn new(program: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        Isolated::started_by(Some(program.into()), arguments)
    }

    /// Creates a decoder whose workers are this program with these arguments. If its own path is
    /// unknown, only images that need a worker have an error.
    pub fn with_own_program(arguments: &[&str]) -> Self {
        // The same program even if its file was replaced meanwhile.
        let own = Path::new("/proc/self/exe");
        let program = if own.exists() {
            Some(own.to_owned())
        } else {
            std::env::current_exe().ok()
        };
        Isolated::started_by(program, arguments)
    }

    fn started_by(program: Option<PathBuf>, arguments: &[&str]) -> Self {
        Isolated {
            program,
            arguments: arguments.iter().map(|&one| one.to_owned()).collect(),
            idle: Mutex::default(),
        }
    }

    /// Starts a worker.
    fn start(&self) -> Result<Worker, Failure> {
        let Some(program) = &self.program else {
            return Err(Failure {
                reason: "cannot start the process that decodes it: without `/proc`, the path of \
                         this program is unknown"
                    .to_owned(),
                lack: Some(Lack::Proc),
            });
        };
        Worker::start(program, &self.arguments).map_err(|error| Failure {
            reason: format!("cannot start the process that decodes it: {error}"),
            lack: Some(Lack::Resources),
        })
    }

    /// Has a worker run a task. Returns its answer and at most `most` bytes that follow, or why
    /// there is no answer.
    fn ask(
        &self,
        task: Task,
        file: &[u8],
        bounds: Bounds,
        most: u64,
    ) -> Result<(Answer, Vec<u8>), Failure> {
        let request = Request { task, bounds };
        // An earlier file may have left a worker in a bad state. So if a used worker fails, a new
        // one gets the same request.
        let mut used = self.idle().pop();
        loop {
            let is_new = used.is_none();
            let mut worker = match used.take() {
                Some(worker) => worker,
                None => self.start()?,
            };
            match worker.ask(&request, file, most) {
                Ok(answer) => {
                    self.idle().push(worker);
                    return Ok(answer);
                }
                Err(error) => {
                    let end = worker.end(&error);
                    if is_new || end.is_out_of_time {
                        return Err(Failure {
                            reason: end.reason,
                            lack: end.is_out_of_memory.then_some(Lack::Resources),
                        });
                    }
                }
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The reason why there is no answer.
#[derive(Debug)]
struct Failure {
    reason: String,
    /// What the machine lacks, if that is the reason.
    lack: Option<Lack>,
}

impl Failure {
    fn of_headers(self, format: &'static str) -> ProbeError {
        let (format, reason) = (format.into(), self.reason);
        match self.lack {
            Some(lack) => ProbeError::Lacking {
                format,
                reason,
                lack,
            },
            None => ProbeError::Damaged { format, reason },
        }
    }

    fn of_pixels(self) -> ImageError {
        let reason = self.reason;
        match self.lack {
            Some(lack) => ImageError::Lacking { reason, lack },
            None => ImageError::Decode(reason),
        }
    }
}

/// The reason if a worker's answer does not belong to its request.
const NONSENSE: &str = "the process that decodes it gave an unexpected answer";

impl Decode for Isolated {
    fn probe(&self, bytes: &[u8], limits: &Limits) -> Result<ImageInfo, ProbeError> {
        let Some(spec) = format::of(bytes).filter(|spec| spec.needs_isolation) else {
            return InProcess.probe(bytes, limits);
        };
        let task = Task::Probe { limits: *limits };
        let reason = match self.ask(task, bytes, Bounds::of_headers(bytes), 0) {
            Ok((Answer::Probed(probed), _)) => match probed? {
                ImageInfo::Raster(raster) if raster.format == spec.format => {
                    limits.check(&raster)?;
                    return Ok(ImageInfo::Raster(raster));
                }
                ImageInfo::Vector { dimensions } => return Ok(ImageInfo::Vector { dimensions }),
                ImageInfo::Raster(_) => NONSENSE.to_owned(),
            },
            Ok(_) => NONSENSE.to_owned(),
            Err(failure) => return Err(failure.of_headers(spec.title)),
        };
        Err(ProbeError::Damaged {
            format: spec.title.into(),
            reason,
        })
    }

    fn decode(
        &self,
        bytes: &[u8],
        raster: &Raster,
        scale: Scale,
    ) -> Result<Option<Decoded>, ImageError> {
        if !raster.format.spec().needs_isolation {
            return InProcess.decode(bytes, raster, scale);
        }
        let pixels = scale.samples(raster.stored).pixels();
        let most = pixels.saturating_mul(SampleKind::Rgba16.bytes());
        let task = Task::Decode {
            raster: *raster,
            scale,
        };
        match self.ask(task, bytes, Bounds::of_raster(bytes, raster), most) {
            Ok((Answer::Decoded(decoded), samples)) => {
                let Some((kind, color)) = decoded? else {
                    return Ok(None);
                };
                if samples.len() as u64 != pixels.saturating_mul(kind.bytes()) {
                    return Err(ImageError::Decode(NONSENSE.to_owned()));
                }
                let samples = kind.samples(samples);
                Ok(Some(Decoded { samples, color }))
            }
            Ok(_) => Err(ImageError::Decode(NONSENSE.to_owned())),
            Err(failure) => Err(failure.of_pixels()),
        }
    }

    fn draw(&self, svg: &[u8], dimensions: Dimensions) -> Result<Pixels, ImageError> {
        let channels = Channels::Rgba;
        let most = dimensions.pixels().saturating_mul(channels.count() as u64);
        let bounds = Bounds::of_drawing(svg, dimensions);
        match self.ask(Task::Draw { dimensions }, svg, bounds, most) {
            Ok((Answer::Drawn(drawn), samples)) => {
                drawn?;
                if samples.len() as u64 != most {
                    return Err(ImageError::Decode(NONSENSE.to_owned()));
                }
                Ok(Pixels {
                    dimensions,
                    channels,
                    samples,
                })
            }
            Ok(_) => Err(ImageError::Decode(NONSENSE.to_owned())),
            Err(failure) => Err(failure.of_pixels()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_its_own_path_only_images_that_need_a_worker_have_an_error() {
        let workers = Isolated::started_by(None, &["decode"]);
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='3' height='2'/>";
        let error = workers.probe(svg, &Limits::default()).unwrap_err();
        assert!(
            matches!(
                &error,
                ProbeError::Lacking {
                    lack: Lack::Proc,
                    ..
                }
            ),
            "{error:?}"
        );
        let png = image::RgbImage::new(3, 2);
        let mut file = std::io::Cursor::new(Vec::new());
        png.write_to(&mut file, image::ImageFormat::Png).unwrap();
        assert!(workers.probe(file.get_ref(), &Limits::default()).is_ok());
    }
}
