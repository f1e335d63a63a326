//! What `clean` keeps, and when it deletes nothing.

use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::built_site;

#[test]
fn a_variant_that_any_file_names_is_kept() {
    let site = built_site();
    let record = site.text("articles/a.md");
    fs::remove_file(site.path("articles/a.md")).unwrap();
    let named: Vec<String> = {
        let is_named = |name: &String| record.contains(name.rsplit('/').next().unwrap());
        site.variants().into_iter().filter(is_named).collect()
    };
    assert!(!named.is_empty());
    let utf16: Vec<u8> = record.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let encoded = record
        .replace(".webp", "%2Ewebp")
        .replace("-320.", "%2D320.");
    let entities = record
        .replace("-320.", "&#45;320&#46;")
        .replace(".webp", "&period;webp");
    let json = record
        .replace("-320.", "\\u002d320\\u002e")
        .replace(".webp", "\\u002Ewebp");
    let large = format!("{}{record}", " ".repeat(3 << 20));
    let texts: [(&str, &[u8]); 14] = [
        (".vuepress/config.js", record.as_bytes()),
        (".htaccess", record.as_bytes()),
        ("node_modules/theme/page.md", record.as_bytes()),
        ("_site/a.html", record.as_bytes()),
        ("articles/a.png", record.as_bytes()),
        ("articles/a.pdf", record.as_bytes()),
        ("notes.zip", record.as_bytes()),
        ("uploads/variants/style.css", record.as_bytes()),
        (
            "articles/.planche-1111111111111111-2222222222222222-3333333333333333.swap",
            record.as_bytes(),
        ),
        ("utf16.txt", &utf16),
        ("encoded.html", encoded.as_bytes()),
        ("entities.html", entities.as_bytes()),
        ("data.json", json.as_bytes()),
        ("large.txt", large.as_bytes()),
    ];
    for (name, text) in texts {
        site.write(name, text);
        let run = site.planche(&["clean"]).exits(0);
        let kept = site.variants();
        let is_kept = named.iter().all(|variant| kept.contains(variant));
        assert!(is_kept, "{name}: {run:#?}");
        fs::remove_file(site.path(name)).unwrap();
    }
    site.planche(&["clean"]).exits(0);
    assert_eq!(site.variants(), [""; 0], "no file names them any more");
}

#[test]
fn nothing_is_deleted_if_a_text_is_compressed_without_its_plain_copy() {
    let site = built_site();
    fs::remove_file(site.path("articles/a.md")).unwrap();
    let before = site.variants();
    for (file, bytes) in [
        ("old/a.html.gz", &b"\x1f\x8b\x08"[..]),
        ("old/b.html.br", b"\x0b"),
        (".well-known/a.vue.zst", b"\x28\xb5\x2f\xfd"),
    ] {
        site.write(file, bytes);
        let run = site.planche(&["clean"]).exits(2);
        assert!(run.err.contains(file), "{run:#?}");
        assert_eq!(site.variants(), before);
        let (plain, _) = file.rsplit_once('.').unwrap();
        site.write(plain, "");
    }
    site.planche(&["clean"]).exits(0);
    assert_eq!(site.variants(), [""; 0]);
}

#[test]
fn what_is_compressed_with_gzip_is_read_under_any_name() {
    for name in ["deploy/index.html", "index.gz", "node_modules/a/b.svgz"] {
        let site = built_site();
        fs::remove_file(site.path("articles/a.md")).unwrap();
        let before = site.variants();
        site.write("names", before.join("\n"));
        let output = Command::new("gzip")
            .arg("-c")
            .arg(site.path("names"))
            .output();
        site.write(name, output.unwrap().stdout);
        fs::remove_file(site.path("names")).unwrap();
        site.planche(&["clean"]).exits(0);
        assert_eq!(site.variants(), before, "{name}");
        fs::remove_file(site.path(name)).unwrap();
        site.planche(&["clean"]).exits(0);
        assert_eq!(site.variants(), [""; 0]);
    }
}

/// The list of the variants that built pages load is all that keeps them.
#[test]
fn nothing_is_deleted_if_the_list_of_built_pages_cannot_be_read() {
    for kind in ["link", "folder", "pipe", "huge", "hard link"] {
        let site = built_site();
        fs::remove_file(site.path("articles/a.md")).unwrap();
        let before = site.variants();
        let list = site.path(".planche/html");
        site.write("names", before.join("\n"));
        match kind {
            "link" => symlink("../names", &list).unwrap(),
            "folder" => fs::create_dir(&list).unwrap(),
            "pipe" => {
                let made = Command::new("mkfifo").arg(&list).status();
                assert!(made.unwrap().success());
            }
            "huge" => File::create(&list).unwrap().set_len(1 << 40).unwrap(),
            _ => fs::hard_link(site.path("names"), &list).unwrap(),
        }
        fs::write(site.path("names"), "").unwrap();
        let run = site.planche(&["clean"]).exits(2);
        assert!(run.err.contains(".planche/html"), "{kind}: {run:#?}");
        assert_eq!(site.variants(), before, "{kind}");
    }
}

#[test]
fn nothing_is_deleted_if_a_name_is_not_utf8_or_an_article_leads_out() {
    let site = built_site();
    let before = site.variants();
    let odd = std::ffi::OsStr::from_bytes(b"articles/\xe9.md");
    fs::rename(site.path("articles/a.md"), site.path("").join(odd)).unwrap();
    let run = site.planche(&["clean"]).exits(2);
    assert!(run.err.contains("nothing was deleted: "), "{run:#?}");
    assert_eq!(site.variants(), before);

    let outside = tempfile::NamedTempFile::new().unwrap();
    fs::rename(site.path("").join(odd), outside.path()).unwrap();
    symlink(outside.path(), site.path("articles/a.md")).unwrap();
    let run = site.planche(&["clean"]).exits(2);
    assert!(run.err.contains("nothing was deleted: "), "{run:#?}");
    assert_eq!(site.variants(), before);
}
