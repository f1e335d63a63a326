//! The fuzz target `jobs`: arbitrary bytes as a line from `planche plan` or from `planche worker`.

use planche::internal::jobs::{Answer, JobLine, Shard};
use planche::internal::picture::info::ImageInfo;
use planche::internal::picture::units::Dimensions;

/// Parses a line as a job, an answer or a shard. This must not panic, and a parsed value must
/// survive writing and parsing.
pub fn check(bytes: &[u8]) {
    let _ = JobLine::read(bytes);
    // Almost no mutation has the right id, so the id is corrected first.
    if let Ok(job) = serde_json::from_slice::<JobLine>(bytes) {
        let job = job.sealed();
        let text = serde_json::to_vec(&job).unwrap();
        match JobLine::read(&text) {
            Ok(again) => assert_eq!(serde_json::to_vec(&again).unwrap(), text),
            Err(fault) => assert_eq!(fault.code, "other-version"),
        }
        let dimensions = Dimensions {
            width: 300,
            height: 200,
        };
        if let Ok(planned) = job.job(ImageInfo::Vector { dimensions }) {
            let _ = job.known();
            assert_eq!(planned.specs.len(), job.outputs.len());
            for ladder in &planned.open {
                let chosen = ladder.choose([1, 1 << 40]);
                assert!(chosen.len() <= ladder.possible.iter().flatten().count());
            }
        }
    }
    if let Ok(mut answer) = serde_json::from_slice::<Answer>(bytes) {
        // JSON parsers may differ in the last digit of a float, so the value is rounded.
        answer.cpu_ms = answer.cpu_ms.round().clamp(0.0, 1e9);
        let text = serde_json::to_vec(&answer).unwrap();
        let again: Answer = serde_json::from_slice(&text).unwrap();
        assert_eq!(serde_json::to_vec(&again).unwrap(), text);
    }
    let _ = String::from_utf8_lossy(bytes).parse::<Shard>();
}
