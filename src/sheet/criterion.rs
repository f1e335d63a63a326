//! Maps finding codes to criteria of RGAA 4.1, the French accessibility standard.

use crate::finding::Code;

/// Returns the criteria of a code, such as `1.3`, separated by commas.
pub(super) fn of(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::AltMissing => "1.1",
        Code::AltEmpty => "1.2",
        Code::AltFileName | Code::AltRepeats => "1.3",
        Code::AltLong => "1.3, 1.6",
        Code::CaptionNotBound => "1.9",
        Code::LinkWithoutName => "6.2",
        Code::GraphicWithoutText => "1.6, 1.8",
        Code::AnimationOver5s => "13.8",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_those_of_the_findings_pages() {
        for &code in Code::ALL {
            let text = code.documentation();
            for criterion in of(code).into_iter().flat_map(|all| all.split(", ")) {
                assert!(text.contains(criterion), "{code:?}: {criterion}");
            }
            assert_eq!(text.contains("RGAA"), of(code).is_some(), "{code:?}");
        }
    }
}
