use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn an_edit_of_an_article_reaches_the_open_page() {
    let previewed = Previewed::start(site());
    let mut events = previewed.settled();
    let article = previewed
        .site
        .text(ARTICLE)
        .replace("Un chat", "Deux chats");
    previewed.site.write(ARTICLE, article);
    while events.next("begun") != serde_json::json!([ARTICLE]) {}
    // Earlier sheets may come from the first look at the site, which a second one follows, or from
    // a look at the article while it was being written.
    loop {
        events.next("sheet");
        if previewed.sheet().to_string().contains("Deux chats") {
            break;
        }
    }
}

#[test]
fn it_ends_in_order_with_open_connections() {
    let mut previewed = Previewed::start(site());
    let events = previewed.settled();
    // One that has sent nothing, and one that has sent half a request.
    let silent = previewed.connect();
    let mut half = previewed.connect();
    half.write_all(b"GET / HTTP/1.1\r\nHost:").unwrap();
    assert_eq!(previewed.interrupt(), Some(130));
    events.end();
    drop((silent, half));
    TcpStream::connect(("127.0.0.1", previewed.port)).unwrap_err();
}

#[test]
fn a_port_that_is_in_use_is_said_at_once() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = site()
        .planche(&["watch", "--preview", "--port", &port])
        .exits(2);
    assert!(
        run.err.contains(&format!("error: port {port} is in use")),
        "{run:?}"
    );
    assert!(
        run.err.contains("hint: choose another one with `--port`"),
        "{run:?}"
    );
    drop(taken);
    let previewed = Previewed::with(site(), &["--port", &port]);
    assert_eq!(previewed.port.to_string(), port);
}

#[test]
fn open_and_port_need_a_preview() {
    for arguments in [&["watch", "--open"][..], &["watch", "--port", "8000"]] {
        let run = site().planche(arguments).exits(2);
        assert!(run.err.contains("--preview"), "{run:?}");
    }
}

/// Starts with a program in the place of the one that opens a browser. Returns what is on standard
/// error once the first run is done.
fn opened(script: Option<&str>) -> (Previewed, String) {
    let site = site();
    fs::create_dir(site.path(".bin")).unwrap();
    for name in ["xdg-open", "open"] {
        if let Some(script) = script {
            let path = site.path(&format!(".bin/{name}"));
            fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    let errors = fs::File::create(site.path(".errors")).unwrap();
    let mut command = site.command(&["watch", "--preview", "--open", "--format", "json"]);
    command.env("PATH", site.path(".bin")).stderr(errors);
    let previewed = Previewed::spawn(site, command);
    let deadline = Instant::now() + DEADLINE;
    loop {
        let errors = previewed.site.text(".errors");
        let is_there = previewed.site.path(".opened").exists();
        if is_there || !errors.is_empty() || Instant::now() > deadline {
            return (previewed, errors);
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_browser_is_opened_or_the_reason_is_told() {
    let (previewed, errors) = opened(Some(
        "printf %s \"$1\" > .opening && /bin/mv .opening .opened",
    ));
    assert_eq!(errors, "");
    let url = previewed.site.text(".opened");
    assert_eq!(
        url,
        format!(
            "http://127.0.0.1:{}/?token={}",
            previewed.port, previewed.token
        )
    );
    for (script, reason) in [(None, "No such file"), (Some("exit 3"), "exit status: 3")] {
        let (previewed, errors) = opened(script);
        assert!(errors.starts_with("cannot open a browser: `"), "{errors}");
        assert!(errors.contains(reason), "{errors}");
        assert_eq!(
            previewed.get("/").status,
            200,
            "the preview works without it"
        );
    }
}
