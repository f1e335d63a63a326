use super::*;

fn texts(texts: &[&str]) -> Vec<Value> {
    let texts = texts.iter();
    texts.map(|text| Value::Text((*text).to_owned())).collect()
}

#[test]
fn properties_are_read_outside_comments_strings_and_patterns() {
    let script = Script::new(
        r#"
        // input: "comment"
        /* input: "block" */
        const url = "https://a.org // input: 'string'"; // input: https://a.org
        const pattern = /input: "[/"]/g.test(x) ? a / b : c;
        module.exports = { dir: { input: 'src', "output": `dist` } };
        "#,
    );
    assert_eq!(script.properties("input"), texts(&["src"]));
    assert_eq!(script.text("output").as_deref(), Some("dist"));
    let dir = &script.properties("dir")[0];
    assert_eq!(dir.text(&["input"]).as_deref(), Some("src"));
}

#[test]
fn properties_without_a_literal_are_passed_over() {
    let script = Script::new("f({ input: g(1) }); h({ input: x.y, input: 'b' })");
    assert_eq!(script.properties("input"), texts(&["b"]));
}

#[test]
fn constants_and_concatenations_are_evaluated() {
    let script = Script::new(
        r#"
        const base: string = "src";
        const dirs = { input: base, img: base + "/img", list: ["a", f(), `${base}/b`] };
        export default (c) => {
          c.copy(dirs.img); c.copy(`${dirs2}/x`); c.copy(path.join(base, "css")); c.copy(name());
          return { dir: dirs };
        };
        "#,
    );
    assert_eq!(script.arguments("copy"), texts(&["src/img", "src/css"]));
    let dir = &script.properties("dir")[0];
    assert_eq!(dir.text(&["input"]).as_deref(), Some("src"));
    assert_eq!(dir.list(&["list"]), ["a", "src/b"]);
}

#[test]
fn loops_over_literal_lists_are_followed() {
    for text in [
        r#"["a", "b"].forEach((p) => c.copy(`src/${p}`));"#,
        r#"const all = ["a", "b"]; all.forEach(function (p) { c.copy("src/" + p); });"#,
        r#"for (const p of ["a", "b"]) { c.copy("src/" + p); }"#,
        r#"["a", "b"].map(p => c.copy("src/" + p))"#,
    ] {
        let script = Script::new(text);
        assert_eq!(
            script.arguments("copy"),
            texts(&["src/a", "src/b"]),
            "{text}"
        );
    }
}

#[test]
fn damaged_and_hostile_programs_end() {
    for text in [
        "\"",
        "`${",
        "/*",
        "/",
        "{",
        "[[[",
        "a: {",
        "'\\",
        "const x = ",
        "f(",
    ] {
        let script = Script::new(text);
        assert_eq!(
            script.arguments("f").len() + script.properties("a").len(),
            usize::from(text == "a: {")
        );
    }
    let deep = "[".repeat(20_000) + &"{ a: (".repeat(20_000);
    Script::new(&deep).arguments("a");
}
