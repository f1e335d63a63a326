use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::symlink;

use serde_json::json;

use super::*;

#[test]
fn what_does_not_come_from_the_page_is_rejected() {
    let previewed = Previewed::start(site());
    let (port, token) = (previewed.port, &previewed.token);
    let page = format!("/?token={token}");
    let own = format!("Host: 127.0.0.1:{port}");
    let json = "Content-Type: application/json\r\nContent-Length: 2";
    let get = |target: &str, headers: &str| {
        previewed.raw(&format!(
            "GET {target} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n\r\n"
        ))
    };
    assert_eq!(get(&page, &own).status, 200);
    let other: String = token
        .chars()
        .map(|digit| if digit == 'a' { 'b' } else { 'a' })
        .collect();
    for (what, answer, status) in [
        ("no host", previewed.raw(&format!("GET {page} HTTP/1.0\r\n\r\n")), 403),
        ("another host", get(&page, "Host: example.org"), 403),
        ("a name for this machine", get(&page, &format!("Host: evil.example:{port}")), 403),
        ("another port", get(&page, "Host: 127.0.0.1:1"), 403),
        (
            "another origin",
            get(&page, &format!("{own}\r\nOrigin: https://example.org")),
            403,
        ),
        (
            "an opaque origin",
            get(&page, &format!("{own}\r\nOrigin: null")),
            403,
        ),
        (
            "a request of another site's page",
            get(&page, &format!("{own}\r\nSec-Fetch-Site: cross-site")),
            403,
        ),
        ("no token", get("/", &own), 403),
        ("no token for an image", get("/image/uploads/photo.png", &own), 403),
        ("no token for events", get("/events", &own), 403),
        ("no token where there is nothing", get("/nothing", &own), 403),
        ("a wrong token", get(&page.replace(token, &other), &own), 403),
        ("half a token", get(&page[..page.len() - 1], &own), 403),
        (
            "a post without an origin",
            previewed.request(&format!("POST /edit?token={token}"), &format!("{json}\r\n"), "{}"),
            403,
        ),
        (
            "a form",
            previewed.request(
                &format!("POST /edit?token={token}"),
                &format!(
                    "Origin: http://127.0.0.1:{port}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
                ),
                "{}",
            ),
            415,
        ),
        ("an edit by GET", previewed.get("/edit"), 405),
        ("nothing at all", previewed.get("/nothing"), 404),
    ] {
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{what}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{what}: {policy}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{what}");
        assert!(!answer.text().contains(token.as_str()), "{what}");
    }
    // Asked in advance by a browser before it sends JSON to another site.
    let options = previewed.request(
        &format!("OPTIONS /edit?token={token}"),
        "Origin: https://example.org\r\nAccess-Control-Request-Method: POST\r\n",
        "",
    );
    assert_eq!(
        (
            options.status,
            options.header("access-control-allow-methods")
        ),
        (403, "")
    );
}

#[test]
fn only_this_machine_can_connect() {
    let previewed = Previewed::start(site());
    // Another address of the loopback interface: it would answer if all addresses were listened to.
    if cfg!(target_os = "linux") {
        TcpStream::connect(("127.0.0.2", previewed.port)).unwrap_err();
    }
    previewed.connect();
}

#[test]
fn only_the_files_that_the_plan_names_are_sent() {
    let site = site();
    let outside = Scratch::empty();
    outside.copy_upload("prague_schaer_CIO_une800.png", "secret.png");
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/other.png");
    site.write("articles/b.md", "---\nimage: /uploads/link.png\n---\n");
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/link.png");
    let previewed = Previewed::start(site);
    let original = previewed.get("/image/uploads/photo.png");
    assert_eq!(original.status, 200, "{original:?}");
    assert_eq!(original.header("content-type"), "image/png");
    assert_eq!(
        original.body,
        fs::read(previewed.site.path("uploads/photo.png")).unwrap()
    );
    for variant in previewed.site.variants() {
        let answer = previewed.get(&format!("/image/{variant}"));
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "image/webp")
        );
        assert!(answer.header("content-security-policy").contains("sandbox"));
    }
    for (path, status) in [
        ("uploads/other.png", 404),
        ("planche.yml", 404),
        ("articles/a.md", 404),
        (".planche/lock", 404),
        ("uploads/missing.png", 404),
        ("", 404),
        ("../secret.png", 400),
        ("uploads/../uploads/photo.png", 400),
        ("uploads/%2e%2e/uploads/photo.png", 400),
        ("uploads/%2E%2E%2Fuploads/photo.png", 400),
        ("..%2f..%2fetc/passwd", 400),
        ("%2e%2e%5cphoto.png", 400),
        ("%252e%252e/uploads/photo.png", 404),
        ("/etc/passwd", 400),
        ("%2fetc%2fpasswd", 400),
        ("uploads//photo.png", 400),
        ("./uploads/photo.png", 400),
        ("uploads/photo.png%00", 400),
        ("uploads/photo.png/", 400),
    ] {
        let answer = previewed.get(&format!("/image/{path}"));
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    }
    // The plan names it, and by now it is a link that leads out of the site.
    assert_eq!(previewed.get("/image/uploads/link.png").status, 200);
    let link = previewed.site.path("uploads/link.png");
    let replaced = previewed.site.path("uploads/link.tmp");
    symlink(outside.path("secret.png"), &replaced).unwrap();
    fs::rename(replaced, link).unwrap();
    assert_eq!(previewed.get("/image/uploads/link.png").status, 404);
}

#[test]
fn an_image_that_the_browser_has_is_not_sent_again() {
    let previewed = Previewed::start(site());
    let first = previewed.get("/image/uploads/photo.png");
    let tag = first.header("etag");
    let target = previewed.target("/image/uploads/photo.png");
    let again = |tag: &str| {
        let header = format!("If-None-Match: {tag}\r\n");
        previewed.request(&format!("GET {target}"), &header, "")
    };
    assert_eq!((again(tag).status, again(tag).body.len()), (304, 0));
    assert_eq!(again("\"other\"").status, 200);
}

#[test]
fn posts_that_are_too_long_or_make_no_sense_are_refused() {
    let previewed = Previewed::start(site());
    let image = previewed.image();
    for (what, body, status) in [
        ("too long", json!({ "image": "x".repeat(20_000) }), 413),
        ("no object", json!([]), 400),
        ("no wish", json!({ "image": image }), 400),
        (
            "two wishes",
            json!({ "image": image, "focus": "0 0", "alt": "x" }),
            400,
        ),
        (
            "a file",
            json!({ "image": image, "alt": "x", "article": "articles/a.md" }),
            400,
        ),
        (
            "a key",
            json!({ "image": image, "alt": "x", "key": "title" }),
            400,
        ),
        ("no point", json!({ "image": image, "focus": "0.5" }), 400),
        (
            "out of the image",
            json!({ "image": image, "focus": "0.5 1.5" }),
            400,
        ),
        ("no image", json!({ "image": "../a", "alt": "x" }), 404),
        (
            "a long text",
            json!({ "image": image, "alt": "x".repeat(2_001) }),
            400,
        ),
    ] {
        let answer = previewed.post("/edit", &body);
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        let reason: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(!reason["error"].as_str().unwrap().is_empty(), "{what}");
    }
    assert_eq!(previewed.post("/undo", &json!({ "edit": 1 })).status, 409);
}

#[test]
fn a_title_of_markup_is_text() {
    let previewed = Previewed::start(site());
    let page = previewed.get("/").text();
    assert!(
        !page.contains("onerror=alert"),
        "the page holds nothing of the site"
    );
    let policy = previewed
        .get("/")
        .header("content-security-policy")
        .to_owned();
    assert!(policy.contains("script-src 'self' 'sha256-"), "{policy}");
    assert!(
        policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let sheet = previewed.get("/sheet.json");
    assert_eq!(sheet.header("content-type"), "application/json");
    assert!(sheet.text().contains("onerror=alert"));
}
