//! Suggestions: the known name nearest to a misspelt one.

/// The known name nearest to `given`, if it is near enough to be what was meant.
///
/// The distance is Damerau–Levenshtein's, at most one edit and one more for every four bytes, and at
/// most half of what was given: `gif` and `avif` share too little.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let half = given.chars().count() / 2;
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), name))
        .filter(|(distance, name)| *distance <= half.min(1 + name.len() / 4))
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["widths", "sizes", "quality", "effort"];
        assert_eq!(nearest("qualty", known), Some("quality"));
        assert_eq!(nearest("width", known), Some("widths"));
        assert_eq!(nearest("zzz", known), None);
        let formats = ["avif", "webp", "jpeg", "png"];
        assert_eq!(nearest("gif", formats), None);
        assert_eq!(nearest("jpg", formats), Some("jpeg"));
    }
}
