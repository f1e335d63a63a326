use super::*;

fn candidate(width: u32, bytes: impl Into<Option<u64>>) -> Candidate {
    Candidate {
        url: format!("/v/{width}.webp"),
        dimensions: Dimensions {
            width,
            height: width / 2,
        },
        bytes: bytes.into(),
    }
}

fn listed(candidates: &[Candidate], original: Option<&Candidate>) -> Vec<u32> {
    listed_candidates(candidates, original, NonZero::<u64>::MIN)
        .iter()
        .map(|candidate| candidate.dimensions.width)
        .collect()
}

#[test]
fn a_candidate_that_saves_nothing_is_left_out() {
    let candidates = [
        candidate(320, 10),
        candidate(640, 30),
        candidate(960, 30),
        candidate(1280, 29),
        candidate(1920, 60),
    ];
    assert_eq!(listed(&candidates, None), [320, 1280, 1920]);
}

#[test]
fn a_candidate_that_saves_less_than_a_step_is_left_out() {
    let candidates = [
        candidate(320, 10),
        candidate(640, 19),
        candidate(960, 30),
        candidate(1280, 41),
        candidate(1920, 49),
    ];
    let original = candidate(2000, 50);
    for (step, expected) in [
        (1, vec![320, 640, 960, 1280, 1920]),
        (8, vec![320, 640, 960, 1280, 1920]),
        (9, vec![320, 640, 960, 1920]),
        (11, vec![320, 960, 1920]),
        (20, vec![320, 1920]),
        (39, vec![320, 1920]),
        (40, vec![1920]),
    ] {
        let step = NonZero::new(step).unwrap();
        let listed = listed_candidates(&candidates, Some(&original), step);
        let widths: Vec<u32> = listed
            .iter()
            .map(|candidate| candidate.dimensions.width)
            .collect();
        assert_eq!(widths, expected, "{step}");
    }
}

#[test]
fn a_candidate_of_unknown_size_is_listed() {
    let candidates = [
        candidate(320, None),
        candidate(640, 30),
        candidate(960, None),
    ];
    assert_eq!(listed(&candidates, None), [320, 640, 960]);
}

#[test]
fn the_original_is_listed_only_if_the_largest_candidate_is_not_smaller() {
    let original = candidate(1000, 25);
    assert_eq!(
        listed(&[candidate(320, 10), candidate(1000, 24)], Some(&original)),
        [320, 1000]
    );
    let candidates = [candidate(320, 10), candidate(640, 25), candidate(1000, 40)];
    let taken = listed_candidates(&candidates, Some(&original), NonZero::<u64>::MIN);
    assert_eq!(listed(&candidates, Some(&original)), [320, 1000]);
    assert_eq!(taken[1].bytes, Some(25));
    assert_eq!(listed(&[candidate(1000, 40)], Some(&original)), [1000]);
}

#[test]
fn a_source_is_worthwhile_if_no_width_costs_more() {
    let webp = [candidate(320, 10), candidate(640, 30)];
    for (avif, pays) in [
        ([candidate(320, 9), candidate(640, 29)], true),
        ([candidate(320, 10), candidate(640, 29)], false),
        ([candidate(320, 9), candidate(640, 30)], false),
        // The small candidate is left out; the large one is smaller than the other small one.
        ([candidate(320, 9), candidate(640, 8)], true),
        ([candidate(320, None), candidate(640, None)], true),
    ] {
        let any = NonZero::<u64>::MIN;
        let pair = (
            listed_candidates(&avif, None, any),
            listed_candidates(&webp, None, any),
        );
        assert_eq!(beats(&pair.0, &pair.1), pays, "{avif:?}");
    }
}

#[test]
fn densities_are_relative_to_the_width_of_the_place() {
    let candidates = [candidate(320, 10), candidate(500, 20), candidate(640, 30)];
    let listed: Vec<&Candidate> = candidates.iter().collect();
    let content = responsive("/a.png", &listed, &Sizing::Densities(320), Vec::new());
    assert_eq!(
        content.srcset,
        ["/v/320.webp 1x", "/v/500.webp 1.5625x", "/v/640.webp 2x"]
    );
    assert_eq!((content.src.as_str(), content.sizes), ("/v/320.webp", None));
    let narrow = responsive("/a.png", &listed[..1], &Sizing::Densities(400), Vec::new());
    assert_eq!(narrow.srcset, ["/v/320.webp 0.8x"]);
}
