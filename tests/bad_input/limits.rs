//! Lists in `planche.yml` have a maximum length, which bounds the work.

use super::{Expected, check_only, findings_of_a_stopped_build, site_with_a_sound_article};

#[test]
fn lists_whose_length_bounds_the_work_have_a_limit() {
    let site = site_with_a_sound_article();
    let config = site.text("planche.yml");
    let config = config.split("uploads:").next().unwrap();
    let list = |key: &str, entry: &dyn Fn(usize) -> String, count: usize| {
        let entries = (0..count).map(|nth| format!("- {}\n", entry(nth)));
        format!("{key}:\n{}", entries.collect::<String>())
    };
    let rule = |nth: usize| format!("{{ at: \"z{nth}\", preset: card }}");
    let alias = |nth: usize| match nth {
        0 => "&a { at: z, preset: card }".to_owned(),
        _ => "*a".to_owned(),
    };
    let uploads = |nth: usize| format!("{{ url: /u{nth}/, dir: u{nth} }}");
    let allow = |nth: usize| format!("{{ code: missing-upload, path: a{nth} }}");
    let glob = |nth: usize| format!("a{nth}");
    let host = |nth: usize| format!("h{nth}.example");
    for (key, entry, most) in [
        ("rules", &rule as &dyn Fn(usize) -> String, 1_000),
        ("rules", &alias, 1_000),
        ("uploads", &uploads, 200),
        ("allow", &allow, 1_000),
        ("exclude", &glob, 1_000),
        ("data", &glob, 1_000),
        ("hosts", &host, 1_000),
    ] {
        let read = |count| {
            let text = format!("{config}{}", list(key, entry, count));
            planche::internal::config::Config::read("planche.yml", &text)
        };
        read(most).unwrap();
        let finding = read(most + 1).unwrap_err().to_string();
        let expected = format!(
            "planche.yml:{}:3: there are more than {most} entries – hint: combine",
            most + 4
        );
        assert!(finding.starts_with(&expected), "{finding}");
    }
    site.write(
        "planche.yml",
        format!("{config}{}", list("rules", &rule, 1_001)),
    );
    let expected = Expected {
        code: "configuration",
        place: "planche.yml:1004:3",
        message: "more than 1000 entries",
        hint: "remove some",
    };
    check_only(&findings_of_a_stopped_build(&site), &expected);
}
