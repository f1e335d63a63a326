//! Zola: `content/` with co-located assets, and `static/`.

use super::config::{Keys, Value};
use super::kit::{Program, member, snippet};
use super::places::{folder, folder_or, output, output_below, split_url, uploads};
use super::shown::named;
use super::{
    Conventions, Decision, Dialect, DuplicateKeys, Files, Filter, Generator, Kit, RelativeTo,
    Setup, ShownImage, ShownRecord, ShownText, Spec, Templates, Unclosed,
};
use crate::finding::Finding;
use crate::glob::Glob;
use crate::path::SitePath;

const CONFIG: [&str; 2] = ["zola.toml", "config.toml"];

pub(super) static SPEC: Spec = Spec {
    name: "zola",
    title: "Zola",
    detect: |files| has_base_url(files, &CONFIG),
    guess: |_| false,
    conventions,
    setup: Setup {
        publishes: true,
        configuration_is_program: false,
        publish_hint: |_| output_below("static"),
        ignored_hint: None,
    },
    kit: Some(Kit {
        snippets: &[snippet!("templates/macros/planche.html")],
        own: |_, _, _| None,
        dsfr: None,
        hook: None,
        without_hook: "run `planche build` before `zola build`",
        build: "zola build",
        usage: |site| {
            let [image, record, alt] = site.expressions(|keys| match keys {
                ["extra", keys @ ..] => member("page.extra", keys),
                keys => member("page.extra", keys),
            });
            vec![format!(
                "in your templates:\n  \
                 at the start: {{% import \"macros/planche.html\" as planche %}}\n  \
                 to show a front-matter image: {{{{ planche::picture(src={image} | default(value=\"\"), record={record} | default(value=false), alt={alt} | default(value=\"\"), loading=\"eager\") }}}}\n  \
                 in place of page.content: {{{{ planche::body(content=page.content, images=page.extra.{} | default(value=[]), first=false) }}}}\n",
                site.list_key
            )]
        },
        image,
        text: |_| None,
        text_of_key: |_, _| None,
        foreign: &[],
        // A template that uses a macro has to import it.
        applies: false,
        place: |_, _| None,
        configuration: None,
        register: None,
    }),
    program: Some(|_| Program {
        name: "zola",
        package: None,
        hint: "install it with your system's package",
    }),
};

/// Returns the macro call that shows an image.
fn image(shown: &ShownImage<'_>) -> Option<String> {
    let alt = match shown.alt {
        ShownText::Expression(expression) => format!("{expression} | default(value=\"\")"),
        ShownText::Literal(_) => shown.alt.argument()?,
    };
    let others = named(
        &[("class", shown.class), ("loading", shown.loading)],
        ", ",
        "=",
    )?;
    let record = match shown.record {
        ShownRecord::Beside(record) => format!("record={record} | default(value=false)"),
        ShownRecord::In(list) => format!("images={list} | default(value=[])"),
    };
    Some(format!(
        "{{{{ planche::picture(src={} | default(value=\"\"), {record}, alt={alt}{others}) }}}}",
        shown.src
    ))
}

/// Whether one of the files has a `base_url`: Hugo has a `config.toml` as well, but without that
/// key.
pub(super) fn has_base_url(files: &dyn Files, names: &[&str]) -> bool {
    Value::first(files, names, Keys::Exact, &mut Vec::new())
        .text(&["base_url"])
        .is_some()
}

fn conventions(files: &dyn Files, findings: &mut Vec<Finding>) -> Conventions {
    let config = Value::first(files, &CONFIG, Keys::Exact, findings);
    let (host, base_path) = split_url(&config.text(&["base_url"]).unwrap_or_default());
    let ignored = config.list(&["ignored_content"]);
    Conventions {
        settings: CONFIG.map(folder).to_vec(),
        dialect: Dialect {
            toml: true,
            closes_at_line_end: true,
            leading_blanks: true,
            templates: Templates::Tera,
            unclosed: Unclosed::Refused,
            duplicate_keys: DuplicateKeys::RefusedAtRoot,
            ..Dialect::common(usize::MAX)
        },
        list_parent: Some("extra"),
        needs_front_matter: true,
        starts: vec![folder("content")],
        uploads: uploads("/", "static").into_iter().collect(),
        relative: vec![
            RelativeTo::Article,
            RelativeTo::Folder(folder("content")),
            RelativeTo::Folder(folder("static")),
        ],
        output: output("static/uploads/variants", "/uploads/variants/"),
        templates_in: ["templates", "themes"].map(folder).to_vec(),
        destination: folder_or(config.text(&["output_dir"]), "public"),
        hosts: host.into_iter().collect(),
        base_path,
        ..Conventions::common(
            Generator(&SPEC),
            Pages {
                ignored: ignored
                    .iter()
                    .filter_map(|glob| Glob::new(glob).ok())
                    .collect(),
            },
        )
    }
}

struct Pages {
    ignored: Vec<Glob>,
}

impl Filter for Pages {
    fn enters(&self, path: &SitePath) -> bool {
        !path.name().starts_with('.')
    }

    fn takes(&self, path: &SitePath) -> Decision {
        let below = path.below("content").unwrap_or_default();
        let is_ignored = self.ignored.iter().any(|glob| glob.matches(below));
        if path.extension() == "md" && !is_ignored {
            Decision::Page
        } else {
            Decision::Leave
        }
    }
}
