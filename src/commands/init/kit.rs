//! What a generator gets: the snippets of `snippets/`, and what to do with them.

use planche::config::Generator;
use planche::site::Site;

/// A path in the site, and a text.
pub type Snippet = (&'static str, &'static str);

macro_rules! snippet {
    ($generator:literal, $path:literal) => {
        (
            $path,
            include_str!(concat!("../../../snippets/", $generator, "/", $path)),
        )
    };
}

/// What `init` writes and says for one generator.
pub struct Kit {
    generator: Generator,
    pub snippets: &'static [Snippet],
    pub hook: Option<Snippet>,
    /// The generator's command.
    build: &'static str,
    /// What to put where, in the site's own templates.
    usage: &'static str,
}

impl Kit {
    pub fn of(generator: Generator) -> Self {
        let (snippets, hook, build, usage): (&[Snippet], _, _, _) = match generator {
            Generator::Jekyll => (
                &[
                    snippet!("jekyll", "_includes/planche.html"),
                    snippet!("jekyll", "_includes/planche-content.html"),
                ],
                Some(snippet!("jekyll", "_plugins/planche.rb")),
                "jekyll build",
                "\
in a layout, for a picture of the front matter, and in the place of {{ content }}:
  {% include planche.html src=page.image record=page.image_responsive alt=page.title %}
  {% include planche-content.html %}
",
            ),
            Generator::Hugo => (
                &[
                    snippet!("hugo", "layouts/partials/planche.html"),
                    snippet!("hugo", "layouts/_default/_markup/render-image.html"),
                ],
                None,
                "hugo",
                "\
in a layout, for a picture of the front matter (images in Markdown need nothing more):
  {{ partial \"planche.html\" (dict \"page\" . \"src\" .Params.image \"record\" .Params.image_responsive \"alt\" .Title) }}
",
            ),
            Generator::Eleventy => (
                &[snippet!("eleventy", "planche.eleventy.cjs")],
                None,
                "npx @11ty/eleventy",
                "\
in the configuration (images in Markdown need nothing more), and in a layout:
  eleventyConfig.addPlugin(require(\"./planche.eleventy.cjs\"));
  {% planche image, image_responsive, title %}
",
            ),
            Generator::Zola => (
                &[snippet!("zola", "templates/macros/planche.html")],
                None,
                "zola build",
                "\
in a template, at its start, for a picture of the front matter, and in the place of page.content:
  {% import \"macros/planche.html\" as planche %}
  {{ planche::picture(src=page.extra.image, record=page.extra.image_responsive, alt=page.title, loading=\"eager\") }}
  {{ planche::body(content=page.content, images=page.extra.responsive_images | default(value=[]), first=false) }}
",
            ),
            Generator::Astro => (
                &[
                    snippet!("astro", "src/components/Planche.astro"),
                    snippet!("astro", "planche.rehype.mjs"),
                ],
                None,
                "npx astro build",
                "\
in a page, and in astro.config.mjs for images in Markdown:
  <Planche src={data.image} record={data.image_responsive} alt={data.title} />
  markdown: { rehypePlugins: [planche] }
",
            ),
            Generator::Auto | Generator::None => (&[], None, "", ""),
        };
        Kit {
            generator,
            snippets,
            hook,
            build,
            usage,
        }
    }

    pub fn no_hook(&self) -> String {
        format!("there is no hook for {}", self.generator.name())
    }

    pub fn instead_of_hook(&self) -> &'static str {
        match self.generator {
            Generator::Eleventy => {
                "its plugin runs planche: addPlugin(require(\"./planche.eleventy.cjs\"), { build: true })"
            }
            _ => "run `planche build` before it",
        }
    }

    /// What to add where, and how to undo it.
    pub fn advice(&self, site: &Site, has_hook: bool, written: &[&str]) -> String {
        if self.build.is_empty() {
            return String::new();
        }
        let mut text = self.usage.to_owned();
        if has_hook {
            text.push_str(&format!("planche runs before each build: {}\n", self.build));
        } else {
            text.push_str(&format!(
                "to build the site:\n  planche build\n  {}\n",
                self.build
            ));
        }
        text.push_str(&format!(
            "to undo it: planche strip, then remove {}, {}/ and .planche/\n",
            written.join(", "),
            site.output().dir.as_str()
        ));
        text
    }
}
