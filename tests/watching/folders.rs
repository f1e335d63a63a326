use std::fs;

use planche::internal::finding::Code;

use super::*;

#[test]
fn a_folder_that_is_renamed_is_followed() {
    for poll in BOTH {
        let site = site();
        site.write("articles/old/deep/b.md", article(1, "Text.\n"));
        let mut watched = Watched::start(site, poll);
        let from = watched.site.path("articles/old");
        fs::rename(from, watched.site.path("articles/new")).unwrap();
        watched.whole_barrier();
        watched
            .site
            .write("articles/new/deep/b.md", article(2, "Text.\n"));
        watched.until("the record", |site| {
            shows(site, "articles/new/deep/b.md", 2)
        });
        watched.finish();
    }
}

#[test]
fn a_folder_that_is_swapped_at_once_is_listened_to_in_all_its_depth() {
    for poll in BOTH {
        let site = site();
        site.write("articles/x/y/b.md", article(1, "Text.\n"));
        let mut watched = Watched::start(site, poll);
        // Away and back, and then another one in its place, each within a moment.
        let (x, aside) = (watched.site.path("articles/x"), watched.site.path("aside"));
        for _ in 0..2 {
            fs::rename(&x, &aside).unwrap();
            fs::rename(&aside, &x).unwrap();
        }
        watched.whole_barrier();
        watched
            .site
            .write("articles/x/y/b.md", article(2, "Text.\n"));
        watched.until("the record", |site| shows(site, "articles/x/y/b.md", 2));
        watched.barrier();
        fs::rename(&x, &aside).unwrap();
        watched
            .site
            .write("articles/x/y/b.md", article(0, "Text.\n"));
        watched.until("the record", |site| shows(site, "articles/x/y/b.md", 0));
        watched.whole_barrier();
        watched
            .site
            .write("articles/x/y/b.md", article(1, "Text.\n"));
        watched.until("the record", |site| shows(site, "articles/x/y/b.md", 1));
        fs::remove_dir_all(aside).unwrap();
        watched.finish();
    }
}

#[test]
fn the_folder_of_all_articles_may_go_and_come() {
    for poll in BOTH {
        let mut watched = Watched::start(site(), poll);
        let (articles, aside) = (watched.site.path("articles"), watched.site.path("aside"));
        fs::rename(&articles, &aside).unwrap();
        watched.until_told("a look without it", |event| names(event, "articles"));
        fs::write(aside.join("a.md"), article(1, "Text.\n")).unwrap();
        fs::rename(&aside, &articles).unwrap();
        watched.until("the record", |site| shows(site, "articles/a.md", 1));
        watched.whole_barrier();
        watched.site.write("articles/a.md", article(2, "Text.\n"));
        watched.until("the record", |site| shows(site, "articles/a.md", 2));
        watched.finish();
    }
}

/// What is known about the templates does not change while there are no images.
#[test]
fn findings_about_templates_stay_while_no_image_is_in_use() {
    let site = site();
    site.write(
        "planche.yml",
        site.text("planche.yml").replace("none", "jekyll"),
    );
    site.write("_config.yml", "title: A\n");
    site.write("_layouts/default.html", "{{ content }}\n");
    let start = Start {
        site: Some(site.folder().to_owned()),
        ..Start::default()
    };
    let is_about_templates = |event: &Event| match event {
        Event::Finding(said) | Event::Resolved(said) => said.0.code == Code::UnusedRecords,
        _ => false,
    };
    let mut watched = Watched::unready(site, start);
    watched.until_told("the finding", is_about_templates);
    watched.until_told("the folders are watched", |event| {
        matches!(event, Event::Watching { .. })
    });
    watched.barrier();
    watched.told.clear();
    let (articles, aside) = (watched.site.path("articles"), watched.site.path("aside"));
    for (from, to) in [(&articles, &aside), (&aside, &articles)] {
        fs::rename(from, to).unwrap();
        watched.until_told("a look at it", |event| names(event, "articles"));
    }
    watched.whole_barrier();
    let told = watched.take_told();
    assert!(!told.iter().any(is_about_templates), "{told:#?}");
    watched.stop();
}

#[test]
fn folders_that_are_made_with_their_files_at_once_are_not_missed() {
    for poll in BOTH {
        let mut watched = Watched::start(site(), poll);
        for round in 0..5 {
            let article = format!("articles/{round}/deep/er/a.md");
            let url = format!("uploads/{round}/deep/er/new.png");
            watched
                .site
                .write(&article, format!("---\nimage: /{url}\n---\nText.\n"));
            watched.site.write(&url, picture(10 + round));
            let variant = format!("/uploads/variants/{round}/deep/er/new-64.");
            watched.until("the record", |site| site.text(&article).contains(&variant));
        }
        // The folders of their variants are listened to, too.
        watched.whole_barrier();
        let variant = named_variants(&watched.site, "articles/3/deep/er/a.md")
            .pop_first()
            .unwrap();
        fs::remove_file(watched.site.path(&variant)).unwrap();
        watched.until("the variant", |site| site.path(&variant).exists());
        watched.finish();
    }
}

#[test]
fn content_whose_folders_do_not_exist_yet_is_waited_for() {
    for poll in BOTH {
        let site = site();
        let config = site.text("planche.yml");
        site.write(
            "planche.yml",
            config.replace(
                "\"articles/**\"",
                "\"articles/**\", \"src/content/blog/**\"",
            ),
        );
        let mut watched = Watched::start(site, poll);
        fs::create_dir(watched.site.path("src")).unwrap();
        watched.barrier();
        watched
            .site
            .write("src/content/blog/a.md", article(2, "Text.\n"));
        watched.until("the record", |site| shows(site, "src/content/blog/a.md", 2));
        watched.finish();
    }
}

#[test]
fn the_folder_of_variants_may_be_swapped_for_one_that_lacks_some() {
    for poll in BOTH {
        let mut watched = Watched::start(site(), poll);
        let (variants, aside) = (
            watched.site.path("uploads/variants"),
            watched.site.path("aside"),
        );
        fs::create_dir(&aside).unwrap();
        let first = watched.site.variants().remove(0);
        let copy = aside.join(first.rsplit('/').next().unwrap());
        fs::copy(watched.site.path(&first), copy).unwrap();
        fs::rename(&variants, watched.site.path("gone")).unwrap();
        fs::rename(&aside, &variants).unwrap();
        watched.until("the others", |site| {
            let names = site.variants().into_iter();
            names.filter(|name| name.starts_with("uploads/")).count() == RUNGS
        });
        fs::remove_dir_all(watched.site.path("gone")).unwrap();
        watched.finish();
    }
}

#[test]
fn a_folder_of_pictures_that_is_still_to_come_is_waited_for_wherever_it_lies() {
    for poll in BOTH {
        let site = site();
        let config = site.text("planche.yml");
        let uploads = "uploads: [{ url: /uploads/, dir: uploads }, { url: /, dir: . }]";
        let old = "uploads: [{ url: /uploads/, dir: uploads }]";
        site.write("planche.yml", config.replace(old, uploads));
        site.write("articles/b.md", "---\nimage: /pictures/deep/new.png\n---\n");
        let mut watched = Watched::start(site, poll);
        watched.site.write("pictures/deep/new.png", picture(1));
        watched.until("the record", |site| {
            site.text("articles/b.md").contains("image_responsive:")
        });
        watched.finish();
    }
}

/// To Jekyll, a file of any name may be a page.
#[test]
fn a_folder_whose_name_may_be_that_of_a_page_is_named() {
    let site = site();
    site.write(
        "planche.yml",
        "generator: jekyll\nuploads: [{ url: /uploads/, dir: uploads }]\n",
    );
    site.write("_config.yml", "collections: { news: {} }\n");
    site.write("_news/b.md", article(1, "Text.\n"));
    let start = Start {
        site: Some(site.folder().to_owned()),
        ..Start::default()
    };
    let mut watched = Watched::unready(site, start);
    watched.until_told("the folders are watched", |event| {
        matches!(event, Event::Watching { .. })
    });
    watched.barrier();
    let (news, aside) = (watched.site.path("_news"), watched.site.path("_aside"));
    fs::rename(&news, &aside).unwrap();
    let is_deleted = |event: &Event| match event {
        Event::Done(done) => done.files == ["_news"] && done.deleted == ["_news"],
        _ => false,
    };
    watched.until_told("its end", is_deleted);
    fs::rename(&aside, &news).unwrap();
    watched.until_told("its return", |event| match event {
        Event::Done(done) => done.files == ["_news"] && done.deleted.is_empty(),
        _ => false,
    });
    watched.stop();
}
