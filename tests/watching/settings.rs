use std::fs;

use super::*;
use crate::needs::{Need, skip};

#[test]
fn broken_front_matter_is_reported_and_left_alone_until_it_is_fixed() {
    for poll in BOTH {
        let mut watched = Watched::start(site(), poll);
        let file = "articles/a.md";
        let record = watched.site.text(file);
        for (broken, fixed, picture) in [
            (record.replace("title: A", "title: \"A"), record.clone(), 0),
            (
                article(1, "Text.\n").replace("title: A", "title: [A"),
                article(1, "Text.\n"),
                1,
            ),
        ] {
            watched.site.write(file, &broken);
            watched.until_told("the finding", |event| is_finding(event, file));
            watched.barrier();
            assert_eq!(watched.site.text(file), broken);
            watched.site.write(file, fixed);
            watched.until_told("resolved", |event| is_resolved(event, file));
            watched.until("the record", |site| shows(site, file, picture));
        }
        watched.finish();
    }
}

/// A site with two presets: `card` for all, `own` for the key `hero`.
fn two_presets() -> Scratch {
    let site = site();
    let rule = "rules: [{ at: hero, preset: own }]\n";
    site.write("planche.yml", site.text("planche.yml") + rule);
    site.write(
        "presets/own.yml",
        "widths: [24, 48]\nsizes: 1em\neffort: 0\n",
    );
    site.write(
        "articles/hero.md",
        format!("---\nhero: /{}\n---\n", upload(1)),
    );
    site
}

#[test]
fn only_the_variants_of_a_changed_preset_are_written_again() {
    for poll in BOTH {
        let mut watched = Watched::start(two_presets(), poll);
        let other = traces(&watched.site).remove("articles/a.md");
        let own = watched.site.text("presets/own.yml");
        let first = watched.site.text("articles/hero.md");

        watched
            .site
            .write("presets/own.yml", own.replace("1em", "2em"));
        watched.until("other sizes", |site| {
            site.text("articles/hero.md").contains("2em")
        });
        watched.whole_barrier();
        assert_eq!(variants(&watched.take_told()), 0);

        watched
            .site
            .write("presets/own.yml", own.replace("24", "30"));
        watched.until("another rung", |site| site.variants().len() == RUNGS + 3);
        watched.whole_barrier();
        assert_eq!(variants(&watched.take_told()), 1);

        // Half-way through typing: reported, and nothing is written.
        watched
            .site
            .write("presets/own.yml", own.replace("sizes", "siezs"));
        let text = watched.site.text("articles/hero.md");
        watched.until_told("the typo", |event| is_finding(event, "presets/own.yml"));
        assert_eq!(watched.site.text("articles/hero.md"), text);
        watched.site.write("presets/own.yml", &own);
        watched.until_told("mended", |event| is_resolved(event, "presets/own.yml"));
        watched.until("as before", |site| site.text("articles/hero.md") == first);
        watched.whole_barrier();
        assert_eq!(variants(&watched.take_told()), 0);
        assert_eq!(traces(&watched.site).remove("articles/a.md"), other);
        watched.finish();
    }
}

#[test]
fn a_deleted_preset_is_reported_and_its_variants_stay() {
    for poll in BOTH {
        let mut watched = Watched::start(two_presets(), poll);
        let before = watched.site.files();
        let own = watched.site.text("presets/own.yml");
        let is_told = |event: &Event| is_finding(event, "planche.yml");
        let is_resolved = |event: &Event| is_resolved(event, "planche.yml");
        fs::remove_file(watched.site.path("presets/own.yml")).unwrap();
        // Nothing is built until it is resolved.
        watched.until_told("the finding", is_told);
        watched.site.write("presets/own.yml", &own);
        watched.until_told("resolved", is_resolved);

        // The whole folder, at once and with time between.
        let (presets, aside) = (watched.site.path("presets"), watched.site.path("aside"));
        fs::rename(&presets, &aside).unwrap();
        watched.until_told("the finding", is_told);
        fs::rename(&aside, &presets).unwrap();
        watched.until_told("resolved", is_resolved);
        watched.whole_barrier();
        fs::remove_file(presets.join("own.yml")).unwrap();
        watched.until_told("the finding", is_told);
        watched.site.write("presets/own.yml", &own);
        watched.until_told("resolved", is_resolved);
        fs::rename(&presets, &aside).unwrap();
        fs::create_dir(&presets).unwrap();
        for name in ["own.yml", "card.yml"] {
            fs::copy(aside.join(name), presets.join(name)).unwrap();
        }
        fs::remove_dir_all(&aside).unwrap();
        watched.whole_barrier();
        fs::remove_file(presets.join("own.yml")).unwrap();
        watched.until_told("the finding", is_told);
        watched.site.write("presets/own.yml", &own);
        watched.until_told("resolved", is_resolved);
        watched.whole_barrier();
        let mut differing = changed(&before, &watched.site.files());
        differing.retain(|name| !name.contains("sentinel") && !name.contains("variants/"));
        assert_eq!(differing, [""; 0]);
        watched.finish();
    }
}

#[test]
fn a_broken_configuration_stops_everything_until_it_is_fixed() {
    for poll in BOTH {
        let mut watched = Watched::start(site(), poll);
        let config = watched.site.text("planche.yml");
        watched
            .site
            .write("planche.yml", format!("{config}contnet: []\n"));
        watched.until_told("the finding", |event| is_finding(event, "planche.yml"));
        watched.site.write("articles/a.md", article(1, "Text.\n"));
        let text = article(1, "Text.\n");
        watched
            .site
            .write("planche.yml", format!("{config}rules: [\n"));
        watched.until_told("another", |event| is_finding(event, "planche.yml"));
        assert_eq!(watched.site.text("articles/a.md"), text);
        watched.site.write("planche.yml", &config);
        watched.until_told("mended", |event| is_resolved(event, "planche.yml"));
        watched.until("the record", |site| shows(site, "articles/a.md", 1));
        watched.whole_barrier();
        watched.site.write("articles/a.md", article(2, "Text.\n"));
        watched.until("the record", |site| shows(site, "articles/a.md", 2));
        watched.finish();
    }
}

#[test]
fn a_configuration_broken_from_the_start_can_be_fixed() {
    for poll in BOTH {
        let site = site();
        let config = site.text("planche.yml");
        site.write("planche.yml", "contnet: []\n");
        let start = Start {
            site: Some(site.folder().to_owned()),
            poll,
            ..Start::default()
        };
        let mut watched = Watched::unready(site, start);
        watched.until_told("the finding", |event| is_finding(event, "planche.yml"));
        watched.site.write("planche.yml", &config);
        watched.until("the record", |site| shows(site, "articles/a.md", 0));
        watched.until_told("the folders are watched", |event| {
            matches!(event, Event::Watching { .. })
        });
        watched.barrier();
        watched.finish();
    }
}

#[test]
fn a_rule_that_changes_is_applied_to_what_it_touches() {
    for poll in BOTH {
        let mut watched = Watched::start(two_presets(), poll);
        let other = traces(&watched.site).remove("articles/a.md");
        let config = watched.site.text("planche.yml");
        watched
            .site
            .write("planche.yml", config.replace("own", "card"));
        watched.until("the other preset", |site| {
            site.text("articles/hero.md").contains("100vw")
        });
        watched.whole_barrier();
        assert_eq!(variants(&watched.take_told()), RUNGS);
        watched
            .site
            .write("planche.yml", config.replace("own", "none"));
        watched.until("no record", |site| {
            !site.text("articles/hero.md").contains("_responsive")
        });
        watched.site.write("planche.yml", &config);
        watched.until("the first preset", |site| {
            site.text("articles/hero.md").contains("1em")
        });
        watched.whole_barrier();
        assert_eq!(variants(&watched.take_told()), 0);
        assert_eq!(traces(&watched.site).remove("articles/a.md"), other);
        watched.finish();
    }
}

#[test]
fn a_configuration_elsewhere_is_looked_at_too() {
    let site = site();
    let elsewhere = Scratch::empty();
    elsewhere.write("other.yml", site.text("planche.yml"));
    let start = Start {
        site: Some(site.folder().to_owned()),
        config: Some(elsewhere.path("other.yml")),
        ..Start::default()
    };
    let mut watched = Watched::with(site, start);
    let suffix = "front_matter: { suffix: _pictures }\n";
    let config = elsewhere.text("other.yml");
    for (text, key) in [
        (format!("{config}{suffix}"), "image_pictures:"),
        (config.clone(), "image_responsive:"),
    ] {
        elsewhere.write("other.yml", text);
        watched.until("the key", |site| site.text("articles/a.md").contains(key));
    }
    elsewhere.write("other.yml", format!("{config}contnet: []\n"));
    watched.until_told("the finding", |event| matches!(event, Event::Finding(_)));
    elsewhere.write("other.yml", config);
    watched.until_told("mended", |event| matches!(event, Event::Resolved(_)));
    watched.barrier();
    watched.stop();
}

#[test]
fn a_configuration_that_is_emptied_to_be_written_is_not_taken_for_one() {
    for poll in BOTH {
        let mut watched = Watched::start(site(), poll);
        let before = watched.site.text("articles/a.md");
        let config = watched.site.text("planche.yml");
        let begun = Instant::now();
        watched.site.write("planche.yml", "");
        std::thread::sleep(Duration::from_millis(500));
        watched.site.write("planche.yml", &config);
        if begun.elapsed() > Duration::from_millis(1_500) {
            skip(
                Need::Speed,
                "the machine stood still for longer than a save may take",
            );
            continue;
        }
        watched.whole_barrier();
        let told = watched.take_told();
        let written = dones(&told).iter().any(|done| done.has_written());
        assert!(!written, "{told:#?}");
        assert_eq!(watched.site.text("articles/a.md"), before);
        watched.finish();
    }
}
