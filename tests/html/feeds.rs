use super::{rewritten, site};

/// Returns the `srcset` of the first image in an HTML text.
fn srcset(html: &str) -> Option<&str> {
    let (_, rest) = html.split_once("<img srcset=\"")?;
    rest.split_once('"').map(|(srcset, _)| srcset)
}

#[test]
fn feeds_get_absolute_candidates_and_stay_feeds() {
    let rss = "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><item>\n\
        <description>&lt;p&gt;a &amp;amp; b&lt;img src=\"/uploads/a.png\" alt=\"x\"&gt;</description>\n\
        <content:encoded xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><![CDATA[<img src=\"https://example.org/uploads/b.png\"><img src=\"https://elsewhere.example/a.png\">]]></content:encoded>\n\
        </item></channel></rss>\n";
    let atom = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><content type=\"html\">&lt;img src=&quot;/uploads/a.png&quot;&gt;</content></entry></feed>";
    let map = "<urlset><description>&lt;img src=\"/uploads/a.png\"&gt;</description></urlset>";
    let site = site(&[("feed.xml", rss), ("atom.xml", atom), ("sitemap.xml", map)]);
    let new = rewritten(&site, "feed.xml");
    let texts = site.path("_site/feed.xml");
    // An XML parser extracts the texts that feed readers get.
    let script = "import sys,xml.etree.ElementTree as E\nfor e in E.parse(sys.argv[1]).iter():\n  if e.tag.split('}')[-1] in ('description','encoded'): print(e.text)";
    let output = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(texts)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let parsed = String::from_utf8(output.stdout).unwrap();
    let mut lines = parsed.lines();
    let first = lines.next().unwrap();
    assert!(
        first.starts_with("<p>a &amp; b<img srcset=\"https://example.org/uploads/variants/a-300."),
        "{first}"
    );
    assert!(
        first.ends_with(" src=\"/uploads/a.png\" alt=\"x\">"),
        "{first}"
    );
    let second = lines.next().unwrap();
    assert!(
        srcset(second)
            .unwrap()
            .starts_with("https://example.org/uploads/variants/b-300."),
        "{second}"
    );
    assert!(
        second.ends_with("<img src=\"https://elsewhere.example/a.png\">"),
        "{second}"
    );
    let mut stripped = new.clone();
    while let Some(start) = stripped.find(" srcset=") {
        let end = start + stripped[start..].find("vw\"").unwrap() + 3;
        stripped.replace_range(start..end, "");
    }
    assert_eq!(stripped, rss);
    assert!(
        site.text("_site/atom.xml")
            .contains("&lt;img srcset=\"https://example.org/uploads/variants/a-300.")
    );
    assert_eq!(site.text("_site/sitemap.xml"), map);
    site.planche(&["html", "_site", "--check"]).exits(0);
}

#[test]
fn atom_is_changed_only_where_it_contains_markup() {
    let div =
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><img src=\"/uploads/a.png\" alt=\"x\"/></div>";
    let text = "&lt;img src=\"/uploads/a.png\"&gt;";
    let atom = format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><summary>{text}</summary>\
        <content type=\"xhtml\">{div}</content></entry><entry><content type=\"text\">{text}</content></entry></feed>"
    );
    let site = site(&[("atom.xml", &atom)]);
    let new = rewritten(&site, "atom.xml");
    let start = "<img srcset=\"https://example.org/uploads/variants/a-300.";
    let (before, rest) = new.split_once(start).unwrap();
    assert!(before.ends_with("xhtml\">"), "{new}");
    let (_, rest) = rest.split_once("vw\"").unwrap();
    assert_eq!(format!("{before}<img{rest}"), atom);
    site.planche(&["html", "_site", "--check"]).exits(0);
}

/// jekyll-feed writes `xml:base` on the content of each entry.
#[test]
fn urls_in_atom_are_relative_to_their_base() {
    let entry = |of_entry: &str, of_content: &str, image: &str| {
        format!(
            "<entry{of_entry}><content type=\"html\"{of_content}>&lt;img src=\"{image}\"&gt;\
             </content></entry>"
        )
    };
    let post = " xml:base=\"https://example.org/2020/post/\"";
    let elsewhere = " xml:base=\"https://elsewhere.example/\"";
    let candidates = |of_feed: &str, entry: &str| {
        let feed = "<feed xmlns=\"http://www.w3.org/2005/Atom\"";
        let atom = format!("{feed}{of_feed}>{entry}</feed>");
        let site = site(&[("feed.xml", &atom)]);
        site.write("_site/k.png", super::png(200, 100, 1));
        site.write("_site/2020/post/k.png", super::png(100, 50, 2));
        let new = rewritten(&site, "feed.xml");
        site.planche(&["html", "_site", "--check"]).exits(0);
        let (_, rest) = new.split_once("variants/")?;
        Some(rest.split('.').next().unwrap().to_owned())
    };
    // The image in the folder of the post is 100 pixels wide, the other one 200.
    for (of_feed, entry, expected) in [
        ("", entry("", post, "k.png"), Some("2020/post/k-100")),
        ("", entry(post, "", "k.png"), Some("2020/post/k-100")),
        (post, entry("", "", "k.png"), Some("2020/post/k-100")),
        (
            " xml:base=\"https://example.org/\"",
            entry(" xml:base=\"2020/\"", " xml:base=\"post/\"", "k.png"),
            Some("2020/post/k-100"),
        ),
        ("", entry("", post, "/k.png"), Some("k-200")),
        ("", entry("", "", "k.png"), Some("k-200")),
        ("", entry("", elsewhere, "k.png"), None),
        ("", entry("", elsewhere, "/k.png"), None),
        (
            elsewhere,
            entry("", "", "https://example.org/k.png"),
            Some("k-200"),
        ),
    ] {
        let found = candidates(of_feed, &entry);
        assert_eq!(found.as_deref(), expected, "{of_feed} {entry}");
    }
}

#[test]
fn feeds_and_pages_in_utf_16_are_reported() {
    let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    };
    let site = site(&[]);
    let rss = "<?xml version=\"1.0\"?><rss><description>&lt;img src=\"/uploads/a.png\"&gt;</description></rss>";
    let marked = format!("\u{feff}{rss}");
    site.write("_site/a.xml", utf16(&marked, u16::to_le_bytes));
    site.write("_site/b.rss", utf16(rss, u16::to_be_bytes));
    let page = "<p><img src=/uploads/a.png>";
    site.write("_site/c.html", utf16(page, u16::to_le_bytes));
    site.write("_site/sitemap.xml", utf16("<urlset/>", u16::to_le_bytes));
    let before = site.files();
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(1);
    let findings = run.findings().into_iter();
    let mut files: Vec<String> = findings
        .filter(|finding| finding.code == "page-refused")
        .filter_map(|finding| finding.file)
        .collect();
    files.sort();
    assert_eq!(files, ["_site/a.xml", "_site/b.rss", "_site/c.html"]);
    let pages = |files: &std::collections::BTreeMap<_, _>| {
        let mut files = files.clone();
        files.retain(|name: &String, _: &mut Vec<u8>| name.starts_with("_site/"));
        files
    };
    assert_eq!(pages(&site.files()), pages(&before));
}
