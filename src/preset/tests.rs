use super::*;
use crate::picture::quality::{EffortSpec, QualitySpec, Target};
use crate::picture::units::{Effort, Quality};

#[test]
fn built_in_presets_are_valid() {
    let (presets, findings) = Presets::read([]);
    assert!(findings.is_empty());
    for (name, _) in BUILT_IN {
        assert!(presets.get(name).is_some(), "{name}");
    }
    assert!(presets.get(DEFAULT_BODY).is_some());
    assert!(presets.get(DEFAULT_FRONT_MATTER).is_some());
}

#[test]
fn wrong_values_are_errors_with_their_line() {
    let base = "widths: [320, 640]\nsizes: 100vw\n";
    for (text, place) in [
        ("widths: []\nsizes: 100vw\n", "1:9"),
        ("widths: [640, 320]\nsizes: 100vw\n", "1:9"),
        ("widths: [0]\nsizes: 100vw\n", "1:10"),
        ("widths: 320\nsizes: 100vw\n", "1:9"),
        (
            "widths: {min: 320, max: 320, step_bytes: 1}\nsizes: 1vw\n",
            "1:9",
        ),
        (
            "widths: {min: 320, max: 640, step_bytes: 0}\nsizes: 1vw\n",
            "1:9",
        ),
        ("widths: {min: 320, max: 640}\nsizes: 1vw\n", "1:9"),
        (
            "widths: {min: 320, max: 640, step: 1}\nsizes: 1vw\n",
            "1:30",
        ),
        (
            "widths: {min: 320, max: 640, step_bytes: 1}\ndensities: [1, 2]\n",
            "1:9",
        ),
        ("widths: [16384]\nsizes: 100vw\n", "1:10"),
        ("widths: [320]\nsizes: '100vw\" onload=\"x'\n", "2:8"),
        ("widths: [320]\nsizes: '(min-width: 1em'\n", "2:8"),
        ("widths: [320]\nsizes: ''\n", "2:8"),
        ("widths: [320]\nsizes: banana\n", "2:8"),
        (&format!("{base}quality: 101\n"), "3:10"),
        (&format!("{base}effort: 7\n"), "3:9"),
        (&format!("{base}formats: []\n"), "3:10"),
        (&format!("{base}formats: [wepb]\n"), "3:11"),
        (&format!("{base}lossless: yes\n"), "3:11"),
        (&format!("{base}speed: 3\n"), "3:1"),
        (&format!("{base}formats: [webp, avif, webp]\n"), "3:10"),
        ("widths: [320]\n", "1:9"),
        ("widths: [320]\nsizes: 100vw\ndensities: [1, 2]\n", "2:8"),
        ("widths: [320, 640]\ndensities: [1, 2]\n", "1:9"),
        ("widths: [320]\ndensities: [2, 1]\n", "2:12"),
        ("widths: [320]\ndensities: [0]\n", "2:12"),
        ("widths: [320]\ndensities: [.nan]\n", "2:12"),
        (&format!("{base}quality: .nan\n"), "3:10"),
        (&format!("{base}resize: gamma\n"), "3:9"),
        (&format!("{base}color: p3\n"), "3:8"),
        (&format!("{base}aspect: 0\n"), "3:9"),
        (&format!("{base}aspect: 16/0\n"), "3:9"),
        (&format!("{base}aspect: .nan\n"), "3:9"),
        (&format!("{base}fit: contain\n"), "3:6"),
        (&format!("{base}focus: 0.3 0.6\n"), "3:8"),
        (&format!("{base}aspect: 1\nfocus: 3 6\n"), "4:8"),
        (&format!("{base}aspect: 1\nfit: fill\n"), "4:6"),
        (
            &format!("{base}aspect: 1\nfit: contain\nbackground: sky\n"),
            "5:13",
        ),
        (&format!("{base}background: white\n"), "3:13"),
        (
            &format!("{base}formats: [avif]\nlossless: always\n"),
            "4:11",
        ),
        (&format!("{base}quality: high\n"), "3:10"),
        (&format!("{base}quality: {{ssim: 75}}\n"), "3:11"),
        (&format!("{base}quality: {{}}\n"), "3:10"),
        (&format!("{base}quality: {{ssimulacra2: 101}}\n"), "3:24"),
        (&format!("{base}quality: {{ssimulacra2: .nan}}\n"), "3:24"),
        (
            &format!("{base}quality: {{ssimulacra2: 75}}\nlossless: always\n"),
            "3:10",
        ),
        (
            &format!("{base}formats: [png]\nquality: {{ssimulacra2: 75}}\n"),
            "4:10",
        ),
        (&format!("{base}effort: best\n"), "3:9"),
        (&format!("{base}effort: 2.5\n"), "3:9"),
        (&format!("{base}effort: -1\n"), "3:9"),
        (&format!("{base}sharp_yuv: always\n"), "3:12"),
        (&format!("{base}formats: [avif]\nsharp_yuv: true\n"), "4:12"),
        (
            &format!("{base}lossless: always\nsharp_yuv: true\n"),
            "4:12",
        ),
        (&format!("{base}animation: drop\n"), "3:12"),
        (&format!("{base}rasterise: 2\n"), "3:12"),
        (&format!("{base}placeholder: [colours]\n"), "3:15"),
        (&format!("{base}placeholder: [blur, blur]\n"), "3:14"),
        (&format!("{base}placeholder: blur\n"), "3:14"),
        (&format!("{base}sources: [{{aspect: 1}}]\n"), "3:11"),
        (
            &format!("{base}sources: [{{media: '(x)\" y=\"'}}]\n"),
            "3:19",
        ),
        (
            &format!("{base}sources: [{{media: '(max-width: 1em'}}]\n"),
            "3:19",
        ),
        (
            &format!("{base}sources: [{{media: print, focus: auto}}]\n"),
            "3:33",
        ),
        (
            &format!("{base}sources: [{{media: print, widths: []}}]\n"),
            "3:34",
        ),
    ] {
        let (presets, findings) = Presets::read([("presets/card.yml", text)]);
        let shown = findings
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        assert!(
            shown.starts_with(&format!("presets/card.yml:{place}: ")),
            "{text}: {shown}"
        );
        assert!(presets.get("card").is_none(), "a broken preset is not used");
        assert!(
            presets.check_name("card").is_none(),
            "its own finding is enough"
        );
    }
}

#[test]
fn quality_and_effort_are_numbers_or_what_decides_them() {
    let text = "widths: [320]\nsizes: 5em\nquality: { ssimulacra2: 75 }\neffort: auto\n";
    let (presets, findings) = Presets::read([("presets/card.yml", text)]);
    assert!(findings.is_empty(), "{findings:?}");
    let card = presets.get("card").unwrap();
    let ssimulacra2 = crate::picture::units::Score::new(75.0).unwrap();
    assert_eq!(card.quality, QualitySpec::Target(Target { ssimulacra2 }));
    assert_eq!(card.effort, EffortSpec::Auto);
    let number = "widths: [320]\nsizes: 5em\nquality: 70.5\neffort: 0\n";
    let (presets, _) = Presets::read([("presets/card.yml", number)]);
    let card = presets.get("card").unwrap();
    assert_eq!(card.quality, Quality::new(70.5).unwrap().into());
    assert_eq!(card.effort, Effort::new(0).unwrap().into());
    // A value survives writing and reading.
    for text in [text, number] {
        let preset = read::preset("presets/card.yml", text, &[]).unwrap();
        let written = serde_yaml::to_string(&preset).unwrap();
        assert_eq!(
            read::preset("presets/card.yml", &written, &[]).unwrap(),
            preset
        );
    }
    let wrong = "widths: [320]\nsizes: 5em\nquality: { ssimulacre: 75 }\n";
    let (_, findings) = Presets::read([("presets/card.yml", wrong)]);
    assert_eq!(
        findings[0].to_string(),
        "presets/card.yml:3:12: unknown key `ssimulacre` – hint: did you mean `ssimulacra2`?"
    );
}

#[test]
fn a_site_overrides_a_built_in_preset() {
    let (presets, findings) = Presets::read([("presets/card.yml", "widths: [100]\nsizes: 5em\n")]);
    assert!(findings.is_empty());
    assert_eq!(
        presets.get("card").map(|card| card.widths.largest()),
        Some(100)
    );
    let unknown = presets
        .check_name("carousell")
        .map(|finding| finding.to_string());
    assert_eq!(
        unknown.as_deref(),
        Some("unknown preset `carousell` – hint: did you mean `carousel`?")
    );
}
