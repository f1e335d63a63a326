//! Whether a picture's colours are the sRGB that every browser assumes.

/// Whether a profile is absent or the sRGB that every browser assumes, by what it is called: the
/// pixels are not looked at here.
pub(super) fn is_srgb(icc: Option<&[u8]>) -> bool {
    let Some(icc) = icc else { return true };
    let Ok(profile) = moxcms::ColorProfile::new_from_slice(icc) else {
        return false;
    };
    if profile.color_space != moxcms::DataColorSpace::Rgb {
        return false;
    }
    colour_is_srgb(&profile)
}

/// Whether a profile's primaries and tone curve are those of sRGB: its colours of a grid come out
/// as they went in, one step aside at most.
pub(crate) fn colour_is_srgb(profile: &moxcms::ColorProfile) -> bool {
    const STEPS: [u8; 6] = [0, 51, 102, 153, 204, 255];
    let srgb = moxcms::ColorProfile::new_srgb();
    let layout = moxcms::Layout::Rgb;
    let options = moxcms::TransformOptions::default();
    let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, options) else {
        return false;
    };
    let grid: Vec<u8> = STEPS
        .iter()
        .flat_map(|r| {
            STEPS
                .iter()
                .flat_map(move |g| STEPS.iter().flat_map(move |b| [*r, *g, *b]))
        })
        .collect();
    let mut out = vec![0; grid.len()];
    transform.transform(&grid, &mut out).is_ok()
        && grid
            .iter()
            .zip(&out)
            .all(|(before, after)| before.abs_diff(*after) <= 1)
}
