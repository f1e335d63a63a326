//! References in the body, a table for each generator.

use super::{Leads, scratch, seen, survey_folder, to};

/// A description, a body, and its values with their targets, in order.
type Case<'c> = (&'c str, &'c str, &'c [(&'c str, Leads)]);

const NOTHING: &[(&str, Leads)] = &[];

/// Puts each body into a separate article, and compares.
fn check(article: &str, head: &str, texts: &[(&str, &str)], pictures: &[&str], cases: &[Case<'_>]) {
    let articles: Vec<(String, String)> = cases
        .iter()
        .enumerate()
        .map(|(number, (_, body, _))| {
            (
                article.replace("NAME", &format!("2024-01-01-{number:03}")),
                format!("{head}{body}"),
            )
        })
        .collect();
    let mut files = texts.to_vec();
    files.extend(
        articles
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str())),
    );
    let folder = scratch(&files, pictures);
    let surveyed = survey_folder(folder.path());
    let mut wrong = Vec::new();
    for ((path, _), (sentence, body, expected)) in articles.iter().zip(cases) {
        let found: Vec<(&str, Leads)> = surveyed
            .found
            .iter()
            .filter(|found| found.file == *path)
            .map(|found| (found.value.as_str(), found.leads.clone()))
            .collect();
        if found != *expected {
            wrong.push(format!(
                "{sentence}\n{body}\nfound:    {found:?}\nexpected: {expected:?}\n"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const JEKYLL: &str = "title: x
url: https://www.exemple.gouv.test
baseurl: /site
collections:
  actualites: { output: true }
";

/// A name with accents in NFC and in NFD.
const NFC: &str = "uploads/\u{e9}t\u{e9}.png";
const NFD: &str = "uploads/ce\u{301}re\u{301}monie.png";

fn jekyll(cases: &[Case<'_>]) {
    check(
        "_actualites/NAME.md",
        "---\ntitle: x\n---\n",
        &[("_config.yml", JEKYLL)],
        &[
            "uploads/a.png",
            "uploads/b.jpg",
            "uploads/a b.png",
            "uploads/d(1).png",
            "uploads/Docs_Teach.png",
            "uploads/1%.png",
            "uploads/sub/c.webp",
            "assets/img/e.svg",
            NFC,
            NFD,
        ],
        cases,
    );
}

#[test]
fn images_in_markdown_are_found() {
    let a = || to("uploads/a.png");
    jekyll(&[
        (
            "inline",
            "x ![a](/uploads/a.png) y",
            &[("/uploads/a.png", a())],
        ),
        (
            "without an alt",
            "![](/uploads/a.png)",
            &[("/uploads/a.png", a())],
        ),
        (
            "an alt over two lines, with brackets and parentheses",
            "![one [two]\n(three)](/uploads/a.png)",
            &[("/uploads/a.png", a())],
        ),
        (
            "titled in each of the quotes",
            "![a](/uploads/a.png \"T\") ![a](/uploads/a.png 'T')",
            &[("/uploads/a.png", a()), ("/uploads/a.png", a())],
        ),
        (
            "in angle brackets, with a space",
            "![a](</uploads/a b.png>)",
            &[("/uploads/a b.png", to("uploads/a b.png"))],
        ),
        (
            "a bare space, which kramdown allows",
            "![a](/uploads/a b.png) ![a](/uploads/a b.png \"T\")",
            &[
                ("/uploads/a b.png", to("uploads/a b.png")),
                ("/uploads/a b.png", to("uploads/a b.png")),
            ],
        ),
        (
            "balanced parentheses",
            "![a](/uploads/d(1).png)",
            &[("/uploads/d(1).png", to("uploads/d(1).png"))],
        ),
        (
            "by reference: full, collapsed, shortcut, without regard to case",
            "![a][R] ![r][] ![r]\n\n[r]: /uploads/a.png \"T\"\n",
            &[
                ("/uploads/a.png", a()),
                ("/uploads/a.png", a()),
                ("/uploads/a.png", a()),
            ],
        ),
        (
            "by reference, with a space",
            "![a][r]\n\n[r]: /uploads/a b.png \"T\"\n",
            &[("/uploads/a b.png", to("uploads/a b.png"))],
        ),
        (
            "a definition that no image uses",
            "[r]: /uploads/a.png",
            NOTHING,
        ),
        (
            "in a link to another picture, which is left alone",
            "[![a](/uploads/a.png)](/uploads/b.jpg)",
            &[("/uploads/a.png", a())],
        ),
        (
            "in a link that is broken and nested",
            "[![a (pdf - 5 Mo)](/uploads/a.png)]([A.PDF](/uploads/A.pdf \"a (pdf - 5 Mo)\")\n{: .c}\n",
            &[("/uploads/a.png", a())],
        ),
        (
            "before attribute lists of kramdown",
            "![a](/uploads/a.png){:height=\"88px\" width=\"200px\"}{: .center-image}",
            &[("/uploads/a.png", a())],
        ),
        (
            "in a list, a quotation, a heading and a table",
            "- ![a](/uploads/a.png)\n\n> ![a](/uploads/a.png)\n{: .encadre}\n\n# ![a](/uploads/a.png)\n\n\
             | a | b |\n|---|---|\n| ![a](/uploads/a.png) | c |\n",
            &[
                ("/uploads/a.png", a()),
                ("/uploads/a.png", a()),
                ("/uploads/a.png", a()),
                ("/uploads/a.png", a()),
            ],
        ),
        (
            "with lines that end in CRLF",
            "a\r\n\r\n![a](/uploads/a.png)\r\n",
            &[("/uploads/a.png", a())],
        ),
    ]);
}

#[test]
fn links_to_pictures_are_left_alone() {
    jekyll(&[
        ("a link in Markdown", "[a](/uploads/a.png)", NOTHING),
        ("by reference", "[a][r]\n\n[r]: /uploads/a.png\n", NOTHING),
        (
            "a link in HTML",
            "<a href=\"/uploads/a.png\">a</a>",
            NOTHING,
        ),
        (
            "an address of its own",
            "<https://www.exemple.gouv.test/uploads/a.png>",
            NOTHING,
        ),
        (
            "links whose path is an expression",
            "[a]({{ '/uploads/a.png' | relative_url }}) <a href=\"{{ '/uploads/a.png' | relative_url }}\">b</a>",
            NOTHING,
        ),
        (
            "a mention",
            "the file /uploads/a.png, or !(/uploads/a.png)",
            NOTHING,
        ),
    ]);
}

#[test]
fn images_in_html_are_found() {
    let a = || to("uploads/a.png");
    jekyll(&[
        (
            "quoted, unquoted, in upper case, with a space behind the equals sign",
            "<img src=\"/uploads/a.png\"> <img src='/uploads/a.png'/> <IMG SRC=/uploads/a.png WIDTH=3> <img alt=\"\" src= \"/uploads/a.png\">",
            &[
                ("/uploads/a.png", a()),
                ("/uploads/a.png", a()),
                ("/uploads/a.png", a()),
                ("/uploads/a.png", a()),
            ],
        ),
        (
            "a tag over lines",
            "<img\n  alt=\"a > b\"\n  src=\"/uploads/a.png\"\n  width=\"3\" >\n",
            &[("/uploads/a.png", a())],
        ),
        (
            "a value with a character reference and a space",
            "<img src=\" /uploads/a.png?a=1&amp;b=2\">",
            &[("/uploads/a.png?a=1&b=2", a())],
        ),
        (
            "a heading glued on behind a figure",
            "<figure class='image-left' style='width: 7%;'><img src=\"/uploads/a.png\"/></figure>### Title\n{: .c}\nText\n",
            &[("/uploads/a.png", a())],
        ),
        (
            "Markdown right behind an element of HTML, which kramdown ends there",
            "<nav>\n<img src=\"/uploads/a.png\">\n</nav>\n> {: .c}\n>\n> ![b](/uploads/b.jpg)\n",
            &[
                ("/uploads/a.png", a()),
                ("/uploads/b.jpg", to("uploads/b.jpg")),
            ],
        ),
        (
            "Markdown right behind a line break",
            "<br>\n![b](/uploads/b.jpg)\n",
            &[("/uploads/b.jpg", to("uploads/b.jpg"))],
        ),
        (
            "code right behind an element of HTML",
            "<p>a</p>\n```\n<div><img src=\"/uploads/a.png\"></div>\n```\n",
            NOTHING,
        ),
        (
            "indented behind a blank line within an element, which kramdown reads as HTML",
            "<div>\n\n    <img src=\"/uploads/a.png\">\n\n</div>\n",
            &[("/uploads/a.png", a())],
        ),
        (
            "Markdown within an element is text",
            "<div>\n![a](/uploads/a.png)\n</div>\n",
            NOTHING,
        ),
        (
            "unless the element says otherwise",
            "<div class=\"c\" markdown=\"1\">\n![a](/uploads/a.png)\n<img src=\"/uploads/b.jpg\">\n</div>\n",
            &[
                ("/uploads/a.png", a()),
                ("/uploads/b.jpg", to("uploads/b.jpg")),
            ],
        ),
        (
            "what is responsive already is seen, and wants no record",
            "<img src=\"/uploads/a.png\" srcset=\"/uploads/a.png 1x, /uploads/b.jpg 2x\">",
            &[
                ("/uploads/a.png", seen("uploads/a.png")),
                ("/uploads/a.png", seen("uploads/a.png")),
                ("/uploads/b.jpg", seen("uploads/b.jpg")),
            ],
        ),
        (
            "a picture element",
            "<picture><source srcset=\"/uploads/a.png 1x, /uploads/b.jpg 2x\" type=\"image/jpeg\"><img src=\"/uploads/a.png\" alt=\"\"></picture>",
            &[
                ("/uploads/a.png", seen("uploads/a.png")),
                ("/uploads/b.jpg", seen("uploads/b.jpg")),
                ("/uploads/a.png", seen("uploads/a.png")),
            ],
        ),
        (
            "backgrounds and posters are seen",
            "<div style=\"background-image:url('/uploads/a.png')\"></div> <video poster=\"/uploads/b.jpg\"></video>",
            &[
                ("/uploads/a.png", seen("uploads/a.png")),
                ("/uploads/b.jpg", seen("uploads/b.jpg")),
            ],
        ),
        (
            "loaded late, and shown without scripts",
            "<img data-src=\"/uploads/a.png\" src=\"data:,\"> <noscript><img src=\"/uploads/b.jpg\"></noscript>",
            &[
                ("/uploads/a.png", a()),
                ("/uploads/b.jpg", to("uploads/b.jpg")),
            ],
        ),
        (
            "behind markup that a parser of streams is not sure of",
            "<select><xmp><script>1</script></xmp></select>\n\n<img src=\"/uploads/a.png\">",
            &[("/uploads/a.png", a())],
        ),
        (
            "in a script",
            "<script>x = '<img src=\"/uploads/a.png\">'</script>",
            NOTHING,
        ),
        (
            "without a value",
            "<img> <img src> <img src=\"\"> <img src=\"data:,\">",
            NOTHING,
        ),
    ]);
}

#[test]
fn code_comments_and_raw_blocks_are_respected() {
    jekyll(&[
        (
            "a fence",
            "```markdown\n![a](/uploads/a.png)\n```\n",
            NOTHING,
        ),
        (
            "a fence of tildes",
            "~~~\n<img src=\"/uploads/a.png\">\n~~~\n",
            NOTHING,
        ),
        ("indented code", "a\n\n    ![a](/uploads/a.png)\n", NOTHING),
        (
            "a code span",
            "`![a](/uploads/a.png)` ``<img src=\"/uploads/a.png\"> ` ``",
            NOTHING,
        ),
        (
            "an expression in code",
            "`{% include a.html image=\"/uploads/a.png\" %}`",
            NOTHING,
        ),
        (
            "a path with a space in code",
            "`![a](/uploads/a b.png)`",
            NOTHING,
        ),
        (
            "a comment of HTML",
            "<!-- ![a](/uploads/a.png) <img src=\"/uploads/a.png\"> --> b",
            NOTHING,
        ),
        (
            "a comment of Liquid",
            "{% comment %}![a](/uploads/a.png){% endcomment %}",
            NOTHING,
        ),
        (
            "a comment of Liquid with dashes and an expression",
            "{%- comment -%}{% include a.html image=\"/uploads/a.png\" %}{%- endcomment -%}",
            NOTHING,
        ),
        (
            "highlighted code",
            "{% highlight html %}\n<img src=\"/uploads/a.png\">\n{% endhighlight %}",
            NOTHING,
        ),
        (
            "a raw block, whose images are rendered",
            "{% raw %}![a](/uploads/a.png) {{ x }} {% y {% endraw %} ![b](/uploads/b.jpg)",
            &[
                ("/uploads/a.png", to("uploads/a.png")),
                ("/uploads/b.jpg", to("uploads/b.jpg")),
            ],
        ),
        (
            "behind a comment at the start of a line",
            "{% comment %}a{% endcomment %}![a](/uploads/a.png)\n\nb {% comment %}\n{% endcomment %}![a](/uploads/a.png)",
            &[
                ("/uploads/a.png", to("uploads/a.png")),
                ("/uploads/a.png", to("uploads/a.png")),
            ],
        ),
        ("escaped", "\\![a](/uploads/a.png)", NOTHING),
    ]);
}

#[test]
fn expressions_of_liquid_come_to_paths() {
    let a = || to("uploads/a.png");
    jekyll(&[
        (
            "prefixes",
            "![a]({{ site.baseurl }}/uploads/a.png) ![a]({{site.url}}{{site.baseurl}}/uploads/a.png) <img src=\"{{ site.baseurl }}/uploads/a.png\">",
            &[
                ("{{ site.baseurl }}/uploads/a.png", a()),
                ("{{site.url}}{{site.baseurl}}/uploads/a.png", a()),
                ("{{ site.baseurl }}/uploads/a.png", a()),
            ],
        ),
        (
            "filters",
            "![a]({{ '/uploads/a.png' | relative_url }}) <img src=\"{{ \"/uploads/a.png\" | absolute_url }}\"> ![a]({{ '/uploads/a.png' | prepend: site.baseurl }} \"T\")",
            &[
                ("{{ '/uploads/a.png' | relative_url }}", a()),
                ("{{ \"/uploads/a.png\" | absolute_url }}", a()),
                ("{{ '/uploads/a.png' | prepend: site.baseurl }}", a()),
            ],
        ),
        (
            "a prefix and a space",
            "![a]({{ site.baseurl }}/uploads/a b.png)",
            &[("{{ site.baseurl }}/uploads/a b.png", to("uploads/a b.png"))],
        ),
        (
            "an argument of an include",
            "{% include image.html image_path=\"/uploads/a.png\" alt='b' %}",
            &[("/uploads/a.png", a())],
        ),
        (
            "a prefix and nothing there",
            "![a]({{ site.baseurl }}/uploads/z.png)",
            &[("{{ site.baseurl }}/uploads/z.png", Leads::Nowhere)],
        ),
        (
            "what only the generator knows",
            "![a]({{ page.image }}) ![a]({{ page.dir }}/a.png)",
            NOTHING,
        ),
        (
            "an include without a picture",
            "{% include a.html title=\"b\" %}",
            NOTHING,
        ),
    ]);
}

#[test]
fn values_lead_to_uploads_however_they_are_written() {
    let a = || to("uploads/a.png");
    let missing = || Leads::Nowhere;
    jekyll(&[
        (
            "a query and a fragment",
            "![a](/uploads/a.png?v=2#top)",
            &[("/uploads/a.png?v=2#top", a())],
        ),
        (
            "percent-encoded",
            "![a](/uploads/%C3%A9t%C3%A9.png) ![a](/uploads/a%20b.png) ![a](/uploads/1%.png)",
            &[
                ("/uploads/%C3%A9t%C3%A9.png", to(NFC)),
                ("/uploads/a%20b.png", to("uploads/a b.png")),
                ("/uploads/1%.png", to("uploads/1%.png")),
            ],
        ),
        (
            "composed and decomposed accents",
            "![a](/uploads/e\u{301}te\u{301}.png) ![a](/uploads/c\u{e9}r\u{e9}monie.png)",
            &[
                ("/uploads/e\u{301}te\u{301}.png", to(NFC)),
                ("/uploads/c\u{e9}r\u{e9}monie.png", to(NFD)),
            ],
        ),
        (
            "a backslash escape",
            "![a](/uploads/Docs\\_Teach.png)",
            &[("/uploads/Docs_Teach.png", to("uploads/Docs_Teach.png"))],
        ),
        (
            "absolute, on the site's own host, with and without its base",
            "![a](https://www.exemple.gouv.test/uploads/a.png) ![a](//WWW.exemple.gouv.test/site/uploads/a.png) ![a](/site/uploads/a.png)",
            &[
                ("https://www.exemple.gouv.test/uploads/a.png", a()),
                ("//WWW.exemple.gouv.test/site/uploads/a.png", a()),
                ("/site/uploads/a.png", a()),
            ],
        ),
        (
            "on another host, and by other schemes",
            "![a](https://cdn.exemple.test/uploads/a.png) ![a](//cdn.exemple.test/uploads/a.png) ![a](data:image/gif;base64,R0lGODlhAQABAAAAACw=)",
            NOTHING,
        ),
        (
            "without its first slash, with two, in a folder",
            "![a](uploads/a.png) ![a](/uploads//a.png) ![c](/uploads/sub/c.webp) ![e](/assets/img/e.svg)",
            &[
                ("uploads/a.png", a()),
                ("/uploads//a.png", a()),
                ("/uploads/sub/c.webp", to("uploads/sub/c.webp")),
                ("/assets/img/e.svg", to("assets/img/e.svg")),
            ],
        ),
        (
            "relative to the page's URL, `/actualites/NAME.html`",
            "![a](../uploads/a.png) ![a](./uploads/a.png) ![a](../../uploads/b.jpg)",
            &[
                ("../uploads/a.png", a()),
                ("./uploads/a.png", missing()),
                ("../../uploads/b.jpg", to("uploads/b.jpg")),
            ],
        ),
        (
            "wrong case, nothing there, out of the site",
            "![a](/uploads/A.PNG) ![a](/uploads/z.png) ![a](/uploads/%2e%2e/%2e%2e/a.png) ![a](../../a.png) ![a](/uploads/%00.png)",
            &[
                ("/uploads/A.PNG", missing()),
                ("/uploads/z.png", missing()),
                ("/uploads/%2e%2e/%2e%2e/a.png", missing()),
                ("../../a.png", missing()),
                ("/uploads/%00.png", missing()),
            ],
        ),
    ]);
}

#[test]
fn a_page_outside_collections_may_be_relative() {
    check(
        "guide/NAME.md",
        "---\n---\n",
        &[("_config.yml", JEKYLL)],
        &["guide/shot.png", "uploads/a.png"],
        &[(
            "beside the page, above it, and from the root",
            "![a](shot.png) ![a](./shot.png) ![a](../uploads/a.png) ![a](uploads/a.png) ![a](./uploads/a.png)",
            &[
                ("shot.png", to("guide/shot.png")),
                ("./shot.png", to("guide/shot.png")),
                ("../uploads/a.png", to("uploads/a.png")),
                ("uploads/a.png", to("uploads/a.png")),
                ("./uploads/a.png", Leads::Nowhere),
            ],
        )],
    );
}

#[test]
fn the_collection_of_uploads_is_where_uploads_lie() {
    check(
        "_posts/NAME.markdown",
        "---\n---\n",
        &[("_config.yml", "collections:\n  uploads: { output: true }\n")],
        &["_uploads/a.png", "_uploads/2024/b.png"],
        &[(
            "by the URL of the collection",
            "![a](/uploads/a.png) ![b](/uploads/2024/b.png)",
            &[
                ("/uploads/a.png", to("_uploads/a.png")),
                ("/uploads/2024/b.png", to("_uploads/2024/b.png")),
            ],
        )],
    );
}

#[test]
fn hugo_names_pictures_in_bundles_and_shortcodes() {
    check(
        "content/blog/NAME/index.md",
        "+++\ntitle = \"x\"\n+++\n",
        &[("hugo.toml", "baseURL = \"https://exemple.test/docs/\"\n")],
        &[
            "content/blog/img/near.png",
            "static/img/a.png",
            "assets/img/b.png",
        ],
        &[
            (
                "in static and assets, absolute and on the own host",
                "![a](/img/a.png) ![b](/img/b.png) ![a](img/a.png) ![a](https://exemple.test/docs/img/a.png)",
                &[
                    ("/img/a.png", to("static/img/a.png")),
                    ("/img/b.png", to("assets/img/b.png")),
                    ("img/a.png", to("static/img/a.png")),
                    (
                        "https://exemple.test/docs/img/a.png",
                        to("static/img/a.png"),
                    ),
                ],
            ),
            (
                "relative to the article, with a query",
                "![a](../img/near.png?raw=true)",
                &[("../img/near.png?raw=true", to("content/blog/img/near.png"))],
            ),
            (
                "figures and other shortcodes: quoted, in backticks, bare, by position",
                "{{< figure src=\"/img/a.png\" title=\"b\" >}} {{% img src=`/img/a.png` %}} {{< img src=/img/a.png >}} {{< img img/b.png >}}",
                &[
                    ("/img/a.png", to("static/img/a.png")),
                    ("/img/a.png", to("static/img/a.png")),
                    ("/img/a.png", to("static/img/a.png")),
                    ("img/b.png", to("assets/img/b.png")),
                ],
            ),
            (
                "a figure to nothing",
                "{{< figure src=\"/img/z.png\" >}} {{< logo \"z.png\" >}}",
                &[("/img/z.png", Leads::Nowhere)],
            ),
            (
                "shortcodes that are shown and not called, comments, highlighted code",
                "{{</* figure src=\"/img/a.png\" */>}} {{/* ![a](/img/a.png) */}}\n\n{{< highlight html >}}\n<img src=\"/img/a.png\">\n{{< /highlight >}}\n",
                NOTHING,
            ),
            (
                "other templates are text",
                "{% raw %}![a](/img/a.png)",
                &[("/img/a.png", to("static/img/a.png"))],
            ),
            (
                "a blank line ends HTML, as in CommonMark",
                "<div>\n![a](/img/a.png)\n\n![b](/img/b.png)\n</div>\n",
                &[("/img/b.png", to("assets/img/b.png"))],
            ),
            ("a bare space ends a path", "![a](/img/a b.png)", NOTHING),
        ],
    );
}

#[test]
fn eleventy_names_pictures_in_shortcodes() {
    check(
        "posts/NAME.md",
        "---\ntitle: x\n---\n",
        &[(
            "eleventy.config.js",
            "export default (c) => { c.addPassthroughCopy(\"img\"); };\n",
        )],
        &["img/a.png", "posts/near.png"],
        &[
            (
                "a shortcode",
                "{% image \"img/a.png\", \"alt\" %} {% image './near.png', 'alt' %}",
                &[
                    ("img/a.png", to("img/a.png")),
                    ("./near.png", to("posts/near.png")),
                ],
            ),
            (
                "a filter",
                "![a]({{ \"/img/a.png\" | url }}) <img src=\"{{ '/img/a.png' | url }}\">",
                &[
                    ("{{ \"/img/a.png\" | url }}", to("img/a.png")),
                    ("{{ '/img/a.png' | url }}", to("img/a.png")),
                ],
            ),
            (
                "a comment",
                "{# ![a](/img/a.png) #} {#- {% image \"img/a.png\" %} -#}",
                NOTHING,
            ),
            (
                "a heading's own name is no comment",
                "# T {#t}\n\n![a](/img/a.png)",
                &[("/img/a.png", to("img/a.png"))],
            ),
        ],
    );
}

#[test]
fn zola_names_pictures_in_functions_and_shortcodes() {
    check(
        "content/NAME/index.md",
        "+++\ntitle = \"x\"\n+++\n",
        &[("config.toml", "base_url = \"https://exemple.test\"\n")],
        &["static/img/a.png", "content/b.png"],
        &[
            (
                "functions",
                "{{ resize_image(path=\"img/a.png\", width=5) }} {{ figure(src='/img/a.png') }} <img src=\"{{ get_url(path=\"img/a.png\") }}\">",
                &[
                    ("img/a.png", to("static/img/a.png")),
                    ("/img/a.png", to("static/img/a.png")),
                    ("{{ get_url(path=\"img/a.png\") }}", to("static/img/a.png")),
                ],
            ),
            (
                "a shortcode with a body",
                "{% figure(src=\"/img/a.png\") %}\n![b](../b.png)\n{% end %}",
                &[
                    ("/img/a.png", to("static/img/a.png")),
                    ("../b.png", to("content/b.png")),
                ],
            ),
            ("a comment", "{# ![a](/img/a.png) #}", NOTHING),
        ],
    );
}

/// As Zola's documentation of `get_url`, of colocated assets and of dates in the names of folders
/// says.
#[test]
fn zola_finds_files_by_the_content_folder_and_by_the_urls_of_other_pages() {
    check(
        "content/posts/old/NAME/index.md",
        "+++\ntitle = \"x\"\n+++\n",
        &[
            ("config.toml", "base_url = \"https://exemple.test\"\n"),
            (
                "content/posts/08-paging/index.md",
                "+++\npath = \"paging\"\n+++\n",
            ),
        ],
        &[
            "content/posts/a.png",
            "content/posts/08-paging/b.png",
            "content/posts/old/2019-01-31-Two Words/img/c.png",
        ],
        &[
            (
                "an argument with the content folder",
                "{{ fig(path=\"@/posts/a.png\") }} {{ fig(path=\"@/none/a.png\") }} ![a](@/posts/a.png)",
                &[
                    ("@/posts/a.png", to("content/posts/a.png")),
                    ("@/none/a.png", Leads::Nowhere),
                    ("@/posts/a.png", Leads::Nowhere),
                ],
            ),
            (
                "files of pages whose URLs are not those of their folders",
                "![b](../paging/b.png?v=1) ![c](../two-words/img/c.png) ![d](../paging/d.png) ![e](../ging/b.png)",
                &[
                    ("../paging/b.png?v=1", to("content/posts/08-paging/b.png")),
                    (
                        "../two-words/img/c.png",
                        to("content/posts/old/2019-01-31-Two Words/img/c.png"),
                    ),
                    ("../paging/d.png", Leads::Nowhere),
                    ("../ging/b.png", Leads::Nowhere),
                ],
            ),
        ],
    );
}

#[test]
fn braces_are_text_to_astro() {
    check(
        "src/content/NAME.mdx",
        "---\ntitle: x\n---\n",
        &[("astro.config.mjs", "export default {};\n")],
        &["public/a.png", "src/assets/b.png"],
        &[(
            "public files, files beside the article, expressions",
            "![a](/a.png) ![b](../assets/b.png)\n\n<Image src={b} /> {{ '/a.png' }}",
            &[
                ("/a.png", to("public/a.png")),
                ("../assets/b.png", to("src/assets/b.png")),
            ],
        )],
    );
}

/// By the syntax of MDX 3, whichever generator reads the file.
#[test]
fn mdx_has_elements_and_comments_but_no_indented_code() {
    let a = || to("public/a.png");
    let settings: [&[(&str, &str)]; 2] = [&[("astro.config.mjs", "export default {};\n")], &[]];
    for texts in settings {
        check(
            "src/content/NAME.mdx",
            "---\ntitle: x\n---\n",
            texts,
            &["public/a.png", "public/b.png"],
            &[
                (
                    "indented in an element",
                    "<Tabs>\n\n    ![x](/a.png)\n\n</Tabs>\n",
                    &[("/a.png", a())],
                ),
                (
                    "without blank lines around it",
                    "<Tabs>\n  <Tab label={\"a > b\"}>\n![x](/a.png)\n  </Tab>\n</Tabs>\n",
                    &[("/a.png", a())],
                ),
                (
                    "on the line of an element",
                    "<Card>![x](/a.png)</Card> and <></>",
                    &[("/a.png", a())],
                ),
                (
                    "an element with an image in an expression",
                    "{show && <img src=\"/a.png\" alt=\"x\" />}\n\n<img\n  src=\"/b.png\"\n/>\n",
                    &[("/a.png", a()), ("/b.png", to("public/b.png"))],
                ),
                (
                    "comments",
                    "{/* ![x](/nothere.png) */}\n\na {/* <img src=\"/nothere.png\"> */} b\n\n{/*\n\n![x](/nothere.png)\n*/}\n\n<Tabs /* ![x](/no.png) */>",
                    NOTHING,
                ),
                (
                    "behind a comment",
                    "{/* TODO */}![x](/a.png) it's {/* } */} ![y](/b.png)",
                    &[("/a.png", a()), ("/b.png", to("public/b.png"))],
                ),
                (
                    "code, also in an element",
                    "<Tab>\n\n    ```md\n    ![x](/nothere.png)\n    ```\n\n</Tab>\n\n`{/* ![x](/nothere.png)` `*/}`\n\n- ~~~\n  <img src=\"/nothere.png\">\n  ~~~\n",
                    NOTHING,
                ),
                (
                    "braces and angles that are text",
                    "a \\{ ![x](/a.png) < 3 } `{` ![y](</b.png>) {",
                    &[("/a.png", a()), ("/b.png", to("public/b.png"))],
                ),
                (
                    "a path from an expression",
                    "![x]({photo}) <Image src={b} />",
                    NOTHING,
                ),
            ],
        );
    }
}

#[test]
fn a_page_of_html_is_no_markdown() {
    check(
        "NAME.html",
        "---\n---\n",
        &[("_config.yml", "")],
        &["uploads/a.png", "uploads/b.jpg"],
        &[(
            "images of HTML alone",
            "    <img src=\"{{ '/uploads/a.png' | relative_url }}\">\n![b](/uploads/b.jpg)\n",
            &[("{{ '/uploads/a.png' | relative_url }}", to("uploads/a.png"))],
        )],
    );
}

#[test]
fn a_reference_knows_its_line_and_column() {
    let folder = scratch(
        &[
            ("_config.yml", ""),
            (
                "a.md",
                "---\r\nimage: /uploads/a.png\r\n---\r\nété ![a](/uploads/a.png) \
                 {% include x.html image=\"/uploads/a.png\" %}\r\n<p\r\n><img src=\"/uploads/a.png\"></p>\r\n",
            ),
        ],
        &["uploads/a.png"],
    );
    let surveyed = survey_folder(folder.path());
    let positions: Vec<(u32, u32)> = surveyed
        .found
        .iter()
        .map(|found| (found.line, found.column))
        .collect();
    assert_eq!(positions, [(2, 8), (4, 5), (4, 51), (6, 7)]);
}
