//! The speed settings of rav1e for each effort.

use rav1e::prelude::{
    BlockSize, PartitionRange, PredictionModesSetting, SGRComplexityLevel, SceneDetectionSpeed,
    SegmentationLevel, SpeedSettings,
};

use crate::units::Effort;

/// The choices that rav1e tries at an effort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Search {
    /// Size of the smallest blocks; the largest are 16 × 16 pixels.
    smallest: BlockSize,
    /// Whether predictions in directions between the eight main ones are tried.
    has_fine_directions: bool,
    /// Whether Paeth and smooth predictions, and chroma from luma, are tried in addition to the
    /// simple ones.
    has_all_modes: bool,
    /// Whether each block's transform is chosen by its bytes and its error.
    has_transforms: bool,
}

/// Returns the search of an effort from 0 to 6, chosen by measured bytes and CPU time at equal
/// SSIMULACRA2; docs/quality.md has the figures.
fn search(effort: Effort) -> Search {
    let least = Search {
        smallest: BlockSize::BLOCK_16X16,
        has_fine_directions: true,
        has_all_modes: false,
        has_transforms: false,
    };
    let smallest = BlockSize::BLOCK_8X8;
    match effort.get() {
        0 => least,
        1 => Search {
            smallest,
            has_fine_directions: false,
            ..least
        },
        2 | 3 => Search { smallest, ..least },
        4 => Search {
            smallest: BlockSize::BLOCK_4X4,
            ..least
        },
        // Choosing transforms takes three times as long as everything else, and smaller blocks then
        // gain little.
        5 => Search {
            smallest,
            has_transforms: true,
            ..least
        },
        _ => Search {
            smallest,
            has_transforms: true,
            has_all_modes: true,
            ..least
        },
    }
}

pub(super) fn settings(effort: Effort) -> SpeedSettings {
    let search = search(effort);
    // Speed 6, with every setting that affects a still picture set explicitly.
    let mut settings = SpeedSettings::from_preset(6);
    settings.partition.partition_range =
        PartitionRange::new(search.smallest, BlockSize::BLOCK_16X16);
    settings.partition.encode_bottomup = false;
    settings.prediction.fine_directional_intra = search.has_fine_directions;
    settings.prediction.prediction_modes = if search.has_all_modes {
        PredictionModesSetting::ComplexAll
    } else {
        PredictionModesSetting::Simple
    };
    settings.transform.rdo_tx_decision = search.has_transforms;
    settings.transform.reduced_tx_set = false;
    settings.transform.tx_domain_rate = false;
    // Adapts the quantizer to the activity of a block, which saves a fifteenth of the bytes at
    // equal SSIMULACRA2.
    settings.segmentation = SegmentationLevel::Simple;
    // Filters after decoding. The first two, CDEF and loop restoration, take half of the encoder's
    // time, and blur more than they mend at the qualities of photographs. The fast search of the
    // third, deblocking, blurs less.
    settings.cdef = false;
    settings.lrf = false;
    settings.fast_deblock = true;
    settings.sgr_complexity = SGRComplexityLevel::Reduced;
    // Settings that only affect videos.
    settings.multiref = false;
    settings.rdo_lookahead_frames = 1;
    settings.scene_detection_mode = SceneDetectionSpeed::None;
    settings.motion.include_near_mvs = false;
    settings.motion.use_satd_subpel = false;
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_effort_never_searches_less_than_the_least() {
        let of = |effort| search(Effort::new(effort).unwrap());
        assert_eq!(of(0).smallest, BlockSize::BLOCK_16X16);
        assert_eq!(of(4).smallest, BlockSize::BLOCK_4X4);
        assert!(!of(4).has_transforms && of(5).has_transforms && of(6).has_transforms);
        assert!(of(6).has_all_modes && !of(5).has_all_modes);
        // These two efforts of libwebp take the same time too.
        assert_eq!(of(2), of(3));
    }
}
