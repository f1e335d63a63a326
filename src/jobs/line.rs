//! Job lines: one original, and all files to make from it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::error::Category;

use super::{Fault, Id, VERSION};
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::info::{Digest, ImageInfo};
use crate::picture::limits::Limits as ImageLimits;
use crate::picture::recipe::{Framing, Recipe, Rendition};
use crate::picture::units::{ByteSize, Dimensions, Width};
use crate::plan::{Job, OpenLadder, VariantSpec};
use crate::preset::{ByteLadder, Demand};
use crate::store::Key;

/// One original with all its outputs, which are made from one decode at each scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobLine {
    /// The version of the line's format, [`VERSION`].
    pub v: u32,
    /// BLAKE3 of everything that determines the bytes of the outputs: the original's digest, the
    /// recipes with their encoders' versions, and the sizes.
    pub id: Id,
    pub source: Source,
    /// The recipes, which outputs refer to by index.
    pub recipes: Vec<JobRecipe>,
    /// The files to make, in the order in which they are started.
    pub outputs: Vec<Output>,
    /// Outputs that depend on the sizes of others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ladders: Vec<Ladder>,
    pub limits: Limits,
}

/// The place, the size and the digest of the original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// `file:///…`, or `store:…` for an entry of the worker's store.
    pub uri: String,
    pub bytes: u64,
    pub blake3: Id,
}

/// How outputs are made, except for their sizes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobRecipe {
    /// Encoder and version.
    pub encoder: String,
    pub framing: Framing,
    pub recipe: Recipe,
}

/// One file to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The file's name in the site. It has no influence on the bytes.
    pub name: String,
    pub width: u32,
    pub height: u32,
    /// The index of the file's recipe in `recipes`.
    pub recipe: usize,
}

/// Widths between two outputs. The file sizes of these outputs decide which widths are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    pub ends: [End; 2],
    /// The sizes that may be chosen, by format.
    pub between: Vec<Between>,
    pub step_bytes: u64,
    /// Widths in pixels that visitors need, each with its weight as the bits of a 64-bit float
    /// (IEEE 754): decimal digits would not be exact everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand: Option<Vec<(u32, u64)>>,
}

/// One end of a ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    pub width: u32,
    pub height: u32,
    pub recipe: usize,
    /// The size of its file in bytes, if the file exists already and is not an output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// Sizes that may be chosen in one format: widths and heights, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    pub recipe: usize,
    pub sizes: Vec<(u32, u32)>,
}

/// Limits for the original, and for the resources that the job takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub images: ImageLimits,
    /// Size of the original's file, in bytes.
    pub file: u64,
    /// The memory that the job takes at its peak in bytes, as predicted from the headers. Engines
    /// may use it to distribute jobs; a worker predicts it again.
    pub memory: u64,
}

impl JobLine {
    /// Creates the line of a job whose original is at `uri`. `known` returns the sizes of files on
    /// disk.
    pub fn new(
        job: &Job,
        uri: String,
        images: ImageLimits,
        file: ByteSize,
        known: &dyn Fn(&SitePath) -> Option<u64>,
    ) -> Self {
        let mut recipes = Vec::new();
        let outputs = job.specs.iter();
        let outputs = outputs.map(|spec| Output {
            name: spec.path.name().to_owned(),
            width: spec.rendition.dimensions.width,
            height: spec.rendition.dimensions.height,
            recipe: recipe_index(&mut recipes, &spec.rendition),
        });
        let outputs = outputs.collect();
        let ladders = job.open.iter();
        let ladders = ladders.map(|open| ladder(open, &mut recipes, known));
        let ladders = ladders.collect();
        let line = JobLine {
            v: VERSION,
            id: Id([0; 32]),
            source: Source {
                uri,
                bytes: job.original.bytes,
                blake3: job.original.digest.into(),
            },
            recipes,
            outputs,
            ladders,
            limits: Limits {
                images,
                file: file.0,
                memory: job.cost(),
            },
        };
        line.sealed()
    }

    /// Returns the same line with the id of its content.
    #[must_use]
    pub fn sealed(self) -> Self {
        JobLine {
            id: self.digest(),
            ..self
        }
    }

    /// Reads a line.
    ///
    /// # Errors
    ///
    /// If it is not a job line of this version, or is not what its id was computed from.
    pub fn read(line: &[u8]) -> Result<Self, Fault> {
        #[derive(Deserialize)]
        struct Head {
            v: u32,
        }
        let broken = |reason: &str| {
            Fault::new("invalid-job", format!("this line is not a job: {reason}"))
                .hint("lines are written by `planche plan`; this one may be truncated")
        };
        let unread = |error: serde_json::Error| match error.classify() {
            Category::Eof => broken("the line ends too early"),
            Category::Data => broken("a key is missing, or has another kind of value"),
            Category::Syntax | Category::Io => broken("it is not valid JSON"),
        };
        let head: Head = serde_json::from_slice(line).map_err(unread)?;
        if head.v != VERSION {
            return Err(Fault::new(
                "other-version",
                format!("this job has version {}, not {VERSION}", head.v),
            )
            .hint("use one version of planche for `plan`, `worker` and `apply`"));
        }
        let job: JobLine = serde_json::from_slice(line).map_err(unread)?;
        if job.id != job.digest() {
            return Err(broken("its content does not match its id"));
        }
        Ok(job)
    }

    /// Computes the id from the content. The place of the original, names, limits and the order of
    /// keys have no influence.
    fn digest(&self) -> Id {
        let outputs: Vec<_> = self.outputs.iter().map(Output::size).collect();
        let content = (
            "planche job 1",
            self.source.blake3,
            &self.recipes,
            outputs,
            &self.ladders,
        );
        let content = serde_json::to_vec(&content).expect("the content is text and numbers");
        Id(*blake3::hash(&content).as_bytes())
    }

    /// Returns the job, for an original with these headers. The path of each variant is its key.
    ///
    /// # Errors
    ///
    /// If the line refers to something that it does not contain, or requires other encoders than
    /// those of this program.
    pub fn job(&self, info: ImageInfo) -> Result<Job, Fault> {
        let digest = Digest(self.source.blake3.0);
        let spec = |size: (u32, u32), place: usize| self.spec(digest, size, place);
        let specs = self.outputs.iter();
        let specs = specs.map(|output| spec((output.width, output.height), output.recipe));
        let mut open = Vec::new();
        for ladder in &self.ladders {
            let [low, high] = ladder.ends;
            let end = |end: End| spec((end.width, end.height), end.recipe);
            let possible = ladder.between.iter().map(|between| {
                let sizes = between.sizes.iter();
                sizes.map(|size| spec(*size, between.recipe)).collect()
            });
            let possible = possible.collect::<Result<Vec<Vec<VariantSpec>>, Fault>>()?;
            if possible.is_empty() || ladder.step_bytes == 0 || low.width >= high.width {
                return Err(senseless("a ladder without steps"));
            }
            let width = |width: u32| Width::new(width).map_err(senseless);
            let demand = ladder.demand.as_ref().map(|demand| {
                let demand = demand.iter();
                let demand = demand.map(|(width, weight)| (*width, f64::from_bits(*weight)));
                Demand::new(demand.collect())
            });
            open.push(OpenLadder {
                ends: [end(low)?, end(high)?],
                possible,
                ladder: ByteLadder {
                    min: width(low.width)?,
                    max: width(high.width)?,
                    step_bytes: ByteSize(ladder.step_bytes),
                    visitors: None,
                    demand,
                },
            });
        }
        Ok(Job {
            original: Original {
                path: SitePath::root().child(&self.source.blake3.to_string()),
                digest,
                bytes: self.source.bytes,
                info,
            },
            specs: specs.collect::<Result<_, Fault>>()?,
            open,
            identical: Vec::new(),
            copies: Vec::new(),
            images: Vec::new(),
        })
    }

    /// Returns the sizes of files that exist already, by the paths that [`JobLine::job`] gives
    /// them.
    ///
    /// # Errors
    ///
    /// The errors of [`JobLine::job`].
    pub fn known(&self) -> Result<Vec<(SitePath, u64)>, Fault> {
        let digest = Digest(self.source.blake3.0);
        let ends = self.ladders.iter().flat_map(|ladder| ladder.ends);
        let known = ends.filter_map(|end| Some((end, end.bytes?)));
        known
            .map(|(end, bytes)| {
                let spec = self.spec(digest, (end.width, end.height), end.recipe)?;
                Ok((spec.path, bytes))
            })
            .collect()
    }

    fn spec(
        &self,
        original: Digest,
        (width, height): (u32, u32),
        place: usize,
    ) -> Result<VariantSpec, Fault> {
        let found = self.recipes.get(place);
        let found = found.ok_or_else(|| senseless(format_args!("there is no recipe {place}")))?;
        let own = found.recipe.format.encoder().version;
        if found.encoder != own {
            return Err(Fault::new(
                "other-version",
                format!("this job is for the encoder {}, not {own}", found.encoder),
            )
            .hint("use one version of planche for `plan`, `worker` and `apply`"));
        }
        for side in [width, height] {
            Width::new(side).map_err(senseless)?;
        }
        let rendition = Rendition {
            dimensions: Dimensions { width, height },
            framing: found.framing,
            recipe: found.recipe,
        };
        let key = Key::of(original, &rendition);
        Ok(VariantSpec {
            path: SitePath::root().child(&key.to_string()),
            from: None,
            url: String::new(),
            rendition,
        })
    }
}

impl Output {
    /// Returns the values that determine the bytes of the output.
    fn size(&self) -> (u32, u32, usize) {
        (self.width, self.height, self.recipe)
    }
}

/// Returns the index of a recipe in the list, and adds the recipe if it is new.
fn recipe_index(recipes: &mut Vec<JobRecipe>, rendition: &Rendition) -> usize {
    let Rendition {
        framing, recipe, ..
    } = *rendition;
    let mut known = recipes.iter();
    let known = known.position(|known| known.framing == framing && known.recipe == recipe);
    known.unwrap_or_else(|| {
        recipes.push(JobRecipe {
            encoder: recipe.format.encoder().version.to_owned(),
            framing,
            recipe,
        });
        recipes.len() - 1
    })
}

fn ladder(
    open: &OpenLadder,
    recipes: &mut Vec<JobRecipe>,
    known: &dyn Fn(&SitePath) -> Option<u64>,
) -> Ladder {
    let ends = open.ends.each_ref().map(|spec| End {
        width: spec.rendition.dimensions.width,
        height: spec.rendition.dimensions.height,
        recipe: recipe_index(recipes, &spec.rendition),
        bytes: known(&spec.path),
    });
    let formats = open.possible.iter();
    let formats = formats.filter_map(|specs| Some((specs.first()?, specs)));
    let between = formats.map(|(first, specs)| {
        let sizes = specs.iter().map(|spec| spec.rendition.dimensions);
        Between {
            recipe: recipe_index(recipes, &first.rendition),
            sizes: sizes.map(|size| (size.width, size.height)).collect(),
        }
    });
    let between = between.collect();
    let demand = open.ladder.demand.as_ref().map(|demand| {
        let demand = demand.iter();
        demand
            .map(|(width, weight)| (width, weight.to_bits()))
            .collect()
    });
    Ladder {
        ends,
        between,
        step_bytes: open.ladder.step_bytes.0,
        demand,
    }
}

/// Returns the fault of a line that is well formed but makes no sense.
fn senseless(why: impl fmt::Display) -> Fault {
    Fault::new("invalid-job", format!("this job is invalid: {why}"))
        .hint("lines are written by `planche plan`")
}
