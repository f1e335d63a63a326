//! References in front matter: the defaults, and the rules of `planche.yml`.

use planche::internal::reference::Place;

use super::{Leads, scratch, survey_folder, to};

/// A place and its preset, the value and its target.
type Expected<'e> = (&'e str, &'e str, Leads);

/// Surveys one article, and compares every reference: `key.path preset`, value, lead.
fn check(sentence: &str, rules: &str, article: (&str, &str), expected: &[Expected<'_>]) {
    let folder = scratch(
        &[("_config.yml", ""), ("planche.yml", rules), article],
        &[
            "uploads/a.png",
            "uploads/b.jpg",
            "uploads/variants/a-1.0123456789.webp",
        ],
    );
    let surveyed = survey_folder(folder.path());
    let found: Vec<(String, &str, Leads)> = surveyed
        .found
        .iter()
        .zip(&surveyed.references)
        .map(|(found, (_, reference))| {
            let place = match &reference.place {
                Place::Beside(path) => format!("beside {path}"),
                Place::Item(path) => format!("item {path}"),
                Place::Text(path) => format!("within {path}"),
                Place::Body => "body".to_owned(),
            };
            let preset = reference
                .preset
                .as_ref()
                .map_or("-", |choice| choice.preset.as_ref());
            (
                format!("{place}: {preset}"),
                found.value.as_str(),
                found.leads.clone(),
            )
        })
        .collect();
    let found: Vec<Expected<'_>> = found
        .iter()
        .map(|(place, value, leads)| (place.as_str(), *value, leads.clone()))
        .collect();
    assert_eq!(found, expected, "{sentence}");
}

#[test]
fn every_string_that_names_an_upload_is_a_reference() {
    check(
        "however deep it stands and however it is written",
        "",
        (
            "a.md",
            "---\n\
             title: a\n\
             image: /uploads/a.png\n\
             une-ou-diaporama:\n- image: \"/uploads/b.jpg\"\n  legende: b\n- image:\n\
             images: ['/uploads/a.png', uploads/b.jpg]\n\
             deep:\n  er: [[{ photo: '/uploads/a.png' }]]\n  folded: >-\n    /uploads/b.jpg\n\
             ---\n",
        ),
        &[
            ("beside image: card", "/uploads/a.png", to("uploads/a.png")),
            (
                "beside une-ou-diaporama[0].image: card",
                "/uploads/b.jpg",
                to("uploads/b.jpg"),
            ),
            (
                "item images[0]: card",
                "/uploads/a.png",
                to("uploads/a.png"),
            ),
            ("item images[1]: card", "uploads/b.jpg", to("uploads/b.jpg")),
            (
                "beside deep.er[0][0].photo: card",
                "/uploads/a.png",
                to("uploads/a.png"),
            ),
            (
                "beside deep.folded: card",
                "/uploads/b.jpg",
                to("uploads/b.jpg"),
            ),
        ],
    );
}

#[test]
fn values_that_only_look_like_images_are_ignored() {
    check(
        "a bare name of a theme, a document, CSS, prose, another host, an alias of nothing",
        "",
        (
            "a.md",
            "---\n\
             logo: theme.png\n\
             files: [{ file: /uploads/x.pdf }]\n\
             style: |-\n  .a { background: url(/uploads/a.png) }\n  .b { color: red }\n\
             text: See /uploads/a.png, please\n\
             avatar: https://exemple.test/a.png\n\
             exclude: [favicon.ico]\n\
             ---\n",
        ),
        &[],
    );
}

#[test]
fn a_path_to_a_picture_that_is_missing_is_said() {
    check(
        "a path has a folder",
        "",
        ("a.md", "---\nimage: /uploads/z.png\nlogo: z.png\n---\n"),
        &[("beside image: card", "/uploads/z.png", Leads::Nowhere)],
    );
}

#[test]
fn records_of_ours_are_no_references() {
    check(
        "they name variants",
        "",
        (
            "a.md",
            "---\n\
             image: /uploads/a.png\n\
             image_responsive:\n  original: /uploads/a.png\n  src: /uploads/variants/a-1.0123456789.webp\n\
             responsive_images:\n- original: /uploads/b.jpg\n  src: /uploads/b.jpg\n\
             ---\n",
        ),
        &[("beside image: card", "/uploads/a.png", to("uploads/a.png"))],
    );
}

#[test]
fn a_rule_sets_the_preset_of_a_place() {
    check(
        "the first that matches wins, before the defaults",
        "rules:\n\
         - { at: \"une-ou-diaporama[].image\", preset: carousel }\n\
         - { at: une.image, preset: thumbnail }\n\
         - { at: \"*.image\", preset: article }\n\
         - { at: body, preset: card }\n",
        (
            "a.md",
            "---\n\
             une-ou-diaporama: [{ image: /uploads/a.png }]\n\
             une: { image: /uploads/a.png }\n\
             deux: { image: /uploads/a.png }\n\
             image: /uploads/b.jpg\n\
             ---\n![b](/uploads/b.jpg)\n",
        ),
        &[
            (
                "beside une-ou-diaporama[0].image: carousel",
                "/uploads/a.png",
                to("uploads/a.png"),
            ),
            (
                "beside une.image: thumbnail",
                "/uploads/a.png",
                to("uploads/a.png"),
            ),
            (
                "beside deux.image: article",
                "/uploads/a.png",
                to("uploads/a.png"),
            ),
            ("beside image: card", "/uploads/b.jpg", to("uploads/b.jpg")),
            ("body: card", "/uploads/b.jpg", to("uploads/b.jpg")),
        ],
    );
}

#[test]
fn a_rule_takes_what_does_not_look_like_a_picture() {
    check(
        "and says where it is missing",
        "rules:\n- { at: photo }\n",
        ("a.md", "---\nphoto: portrait\n---\n"),
        &[("beside photo: card", "portrait", Leads::Nowhere)],
    );
}

#[test]
fn a_rule_takes_no_value_that_says_that_there_is_no_image() {
    for value in [
        "null", "~", "Null", "NULL", "", "''", "false", "True", "no", "OFF",
    ] {
        check(
            value,
            "rules:\n- { at: photo }\n",
            ("a.md", &format!("---\nphoto: {value}\n---\n")),
            &[],
        );
    }
    check(
        "but a text in quotes",
        "rules:\n- { at: photo }\n",
        ("a.md", "---\nphoto: 'no'\n---\n"),
        &[("beside photo: card", "no", Leads::Nowhere)],
    );
}

#[test]
fn a_rule_reads_the_images_of_a_text() {
    check(
        "Markdown and HTML, and only images",
        "rules:\n- { at: \"blocs[].texte\", text: true }\n- { at: chapo, text: true, preset: card }\n",
        (
            "a.md",
            "---\n\
             blocs:\n- texte: |\n    ![a](/uploads/a.png) [b](/uploads/b.jpg) `![a](/uploads/a.png)`\n\n    <img src=\"/uploads/b.jpg\">\n\
             chapo: '<img src=\"{{ site.baseurl }}/uploads/a.png\">'\n\
             ---\n",
        ),
        &[
            (
                "within blocs[0].texte: article",
                "/uploads/a.png",
                to("uploads/a.png"),
            ),
            (
                "within blocs[0].texte: article",
                "/uploads/b.jpg",
                to("uploads/b.jpg"),
            ),
            (
                "within chapo: card",
                "{{ site.baseurl }}/uploads/a.png",
                to("uploads/a.png"),
            ),
        ],
    );
}

#[test]
fn a_rule_leaves_a_place_alone() {
    check(
        "`none` in the front matter and in the body",
        "rules:\n- { at: image, preset: none }\n- { at: body, preset: none }\n",
        (
            "a.md",
            "---\nimage: /uploads/a.png\nune: /uploads/b.jpg\n---\n![a](/uploads/a.png)\n",
        ),
        &[("beside une: card", "/uploads/b.jpg", to("uploads/b.jpg"))],
    );
}

#[test]
fn a_rule_is_for_its_files_only() {
    let rules = "rules:\n- { at: image, preset: thumbnail, files: \"_posts/**\" }\n- { at: body, preset: none, files: _posts }\n";
    let text = "---\nimage: /uploads/a.png\n---\n![b](/uploads/b.jpg)\n";
    check(
        "one of them",
        rules,
        ("_posts/2024-01-01-a.md", text),
        &[(
            "beside image: thumbnail",
            "/uploads/a.png",
            to("uploads/a.png"),
        )],
    );
    check(
        "another",
        rules,
        ("a.md", text),
        &[
            ("beside image: card", "/uploads/a.png", to("uploads/a.png")),
            ("body: article", "/uploads/b.jpg", to("uploads/b.jpg")),
        ],
    );
}

#[test]
fn an_article_opts_out() {
    check(
        "with every reference",
        "",
        (
            "a.md",
            "---\nplanche: false\nimage: /uploads/a.png\n---\n![a](/uploads/a.png)\n",
        ),
        &[],
    );
    check(
        "at the root only",
        "",
        (
            "a.md",
            "---\nx: { planche: false }\nimage: /uploads/a.png\n---\n",
        ),
        &[("beside image: card", "/uploads/a.png", to("uploads/a.png"))],
    );
}

#[test]
fn data_files_are_front_matter_without_delimiters() {
    check(
        "in each of the syntaxes",
        "data: [\"_data/**\"]\n",
        (
            "_data/a.json",
            "{\"image\": \"/uploads/a.png\", \"list\": [\"/uploads/b.jpg\"]}\n",
        ),
        &[
            ("beside image: card", "/uploads/a.png", to("uploads/a.png")),
            ("item list[0]: card", "/uploads/b.jpg", to("uploads/b.jpg")),
        ],
    );
    check(
        "a sequence at the root",
        "data: [\"_data/**\"]\n",
        ("_data/a.yml", "- image: /uploads/a.png\n"),
        &[(
            "beside [0].image: card",
            "/uploads/a.png",
            to("uploads/a.png"),
        )],
    );
    check(
        "a table",
        "data: [\"_data/**\"]\n",
        ("_data/a.toml", "[a]\nimage = '/uploads/a.png'\n"),
        &[(
            "beside a.image: card",
            "/uploads/a.png",
            to("uploads/a.png"),
        )],
    );
}

#[test]
fn a_text_that_is_nothing_but_a_path_is_that_picture() {
    check(
        "an editor wrote the path alone, or a rule says more than it means",
        "rules:\n- { at: \"une[].image\", preset: carousel, text: true }\n",
        (
            "a.md",
            "---\nune:\n- image: /uploads/a.png\n- image: a text about /uploads/b.jpg, no picture\n---\n",
        ),
        &[(
            "beside une[0].image: carousel",
            "/uploads/a.png",
            to("uploads/a.png"),
        )],
    );
}
