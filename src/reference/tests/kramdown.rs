//! Expected values are the output of kramdown 2.4 with the GFM parser, as Jekyll 4.3 runs it.

use crate::generator::{Markdown, Templates};
use crate::reference::template::mask;
use crate::reference::{Certainty, markdown};

fn images_of(text: &str, parse_block_html: bool) -> Vec<String> {
    let mut masked = mask(text, Templates::Liquid);
    let rules = Markdown::Kramdown { parse_block_html };
    let mut images = markdown::images(&mut masked, rules);
    images.sort_by_key(|image| image.offset);
    images
        .into_iter()
        .inspect(|image| assert_eq!(image.certainty, Certainty::Named))
        .map(|image| image.value)
        .collect()
}

fn check(parse_block_html: bool, cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(images_of(text, parse_block_html), *expected, "{text}");
    }
}

#[test]
fn markdown_may_be_nested_in_html() {
    check(
        false,
        &[
            (
                "<div class=\"row\"><div markdown=\"1\">![a](/a.jpg)</div></div>",
                &["/a.jpg"],
            ),
            (
                "<div class=\"row\">\n<div markdown=\"1\">\n\n![a](/a.jpg)\n\n</div>\n![b](/b.jpg)\n</div>",
                &["/a.jpg"],
            ),
            (
                "<section><p markdown=\"1\">![a](/a.jpg)</p><p>![b](/b.jpg)</p></section>",
                &["/a.jpg"],
            ),
            (
                "<div markdown=\"1\">\n<div>![b](/b.jpg)</div>\n<div class=\"x\">\n![c](/c.jpg)\n</div>\n</div>",
                &[],
            ),
            (
                "<table><tr><td markdown=\"1\">![a](/a.jpg)</td></tr></table>",
                &["/a.jpg"],
            ),
            (
                "<table markdown=\"1\"><tr><td>![a](/a.jpg)</td></tr></table>",
                &[],
            ),
            (
                "<div><!-- <div markdown=\"1\">![a](/a.jpg)</div> --></div>",
                &[],
            ),
            ("<script markdown=\"1\">![a](/a.jpg)</script>", &[]),
            ("<div><pre markdown=\"1\">![a](/a.jpg)</pre></div>", &[]),
            ("<div MARKDOWN=\"1\">![a](/a.jpg)</div>", &["/a.jpg"]),
            ("<div markdown='1'>![a](/a.jpg)</div>", &["/a.jpg"]),
            ("<div markdown=1>![a](/a.jpg)</div>", &["/a.jpg"]),
            ("<div markdown=\"0\">![a](/a.jpg)</div>", &[]),
            (
                "<div><span markdown=\"1\">![a](/a.jpg)</span></div>",
                &["/a.jpg"],
            ),
            // Indented by four in a block of Markdown: code.
            ("<div markdown=\"1\">\n    ![a](/a.jpg)\n</div>", &[]),
            (
                "<div class=\"row\">\n  <div markdown=\"1\">\n    ![a](/a.jpg)\n  </div>\n</div>",
                &[],
            ),
            ("<div>\ntext\n</div>\n    ![x](/a.jpg)", &[]),
            ("- <div>a</div>\n\n  ![x](/a.jpg)", &["/a.jpg"]),
            (
                "<div markdown=\"1\">\n- a\n\n  ![x](/a.jpg)\n</div>\n![y](/b.jpg)",
                &["/a.jpg", "/b.jpg"],
            ),
        ],
    );
}

#[test]
fn block_html_is_parsed_where_the_option_says_so() {
    check(
        true,
        &[
            ("<div class=\"grid\">\n![a](/a.jpg)\n</div>", &["/a.jpg"]),
            (
                "<figure>\n  ![b](/b.jpg)\n  <figcaption>x</figcaption>\n</figure>",
                &["/b.jpg"],
            ),
            (
                "<div class=\"row\">\n<div class=\"col\">\n\n![c](/c.jpg)\n\n</div>\n</div>",
                &["/c.jpg"],
            ),
            ("<ul><li>![a](/a.jpg)</li></ul>", &[]),
            ("<table><tr><td>\n![a](/a.jpg)\n</td></tr></table>", &[]),
            ("<pre>![a](/a.jpg)</pre>", &[]),
            ("<p>![a](/a.jpg)</p>", &["/a.jpg"]),
            ("<section>\n    ![a](/a.jpg)\n</section>", &[]),
            (
                "<section>\n  <figure>\n    ![a](/a.jpg)\n  </figure>\n</section>",
                &[],
            ),
            ("<center>\n![a](/a.jpg)\n</center>", &[]),
            ("<div markdown=\"0\">![a](/a.jpg)</div>", &[]),
            ("<div>\n<p>x</p>\n![a](/a.jpg)\n</div>", &["/a.jpg"]),
            ("<div>\n- item\n\n  ![a](/a.jpg)\n</div>", &["/a.jpg"]),
        ],
    );
    check(
        false,
        &[
            (
                "{::options parse_block_html=\"true\" /}\n\n<div>\n![a](/a.jpg)\n</div>",
                &["/a.jpg"],
            ),
            (
                "<div>\n![a](/a.jpg)\n</div>\n\n{::options parse_block_html=\"true\" /}\n",
                &[],
            ),
        ],
    );
}

#[test]
fn comments_and_math_are_no_images_and_nomarkdown_is_html() {
    check(
        false,
        &[
            ("{::comment}\n![a](/a.jpg)\n{:/comment}\nb", &[]),
            (
                "a {::comment}![a](/a.jpg){:/comment} b {::comment}![c](/c.jpg){:/} ![d](/d.jpg)",
                &["/d.jpg"],
            ),
            ("{::comment}\n![a](/a.jpg)\n{:/}\n![b](/b.jpg)", &["/b.jpg"]),
            (
                "text\n{::comment}\n![a](/a.jpg)\n{:/comment}\nmore ![b](/b.jpg)",
                &["/b.jpg"],
            ),
            ("{::comment}\n![a](/a.jpg)\n\nnever closed", &["/a.jpg"]),
            (
                "{::nomarkdown}\n![a](/a.jpg) <img src=\"/b.jpg\">\n{:/nomarkdown}\n![c](/c.jpg)",
                &["/b.jpg", "/c.jpg"],
            ),
            ("$$ ![a](/a.jpg) $$", &[]),
            ("$$\n![a](/a.jpg)\n<img src=\"/b.jpg\">\n$$", &[]),
            ("$$\na\n\n![x](/a.jpg)\n$$", &[]),
            (
                "text $$ a ![x](/a.jpg)\n\n![y](/b.jpg) $$ b",
                &["/a.jpg", "/b.jpg"],
            ),
            ("`$$` ![x](/a.jpg) `$$`", &["/a.jpg"]),
            (
                "a[^1]\n\n[^1]: ![a](/a.jpg)\n[^2]: ![b](/b.jpg)",
                &["/a.jpg"],
            ),
        ],
    );
}

#[test]
fn links_may_be_written_loosely() {
    check(
        false,
        &[
            (
                "![x](/uploads/a.jpg \"Le \"grand\" soir\")",
                &["/uploads/a.jpg"],
            ),
            (
                "![x](/uploads/a.jpg 'L'eau') ![y](/b.jpg)",
                &["/uploads/a.jpg", "/b.jpg"],
            ),
            ("![x] [r]\n\n[r]: /uploads/a.jpg", &["/uploads/a.jpg"]),
            ("![x] [r]", &[]),
            (
                "![x][R]\n\n[r]: /uploads/a.jpg\n[r]: /uploads/b.jpg",
                &["/uploads/b.jpg"],
            ),
            (
                "![x][r]\n\n[r]: /a.jpg\n\n```\n[r]: /b.jpg\n```\n",
                &["/a.jpg"],
            ),
            ("![x]( /a.jpg )", &["/a.jpg"]),
            ("![x](/a (1).jpg)", &["/a (1).jpg"]),
        ],
    );
}

#[test]
fn definitions_hold_paragraphs() {
    check(
        false,
        &[
            (
                "terme\n\n:   definition\n\n    ![x](/uploads/a.jpg)",
                &["/uploads/a.jpg"],
            ),
            (
                "terme\n: definition\n\n    ![x](/uploads/a.jpg)",
                &["/uploads/a.jpg"],
            ),
            ("terme\n: definition\n\n      ![x](/uploads/a.jpg)", &[]),
            ("terme\n:   definition\n\n        ![x](/uploads/a.jpg)", &[]),
            (
                "terme\n: definition\n\ntext\n\n    ![x](/uploads/a.jpg)",
                &[],
            ),
        ],
    );
}
