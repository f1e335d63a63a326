use super::*;

fn rules(text: &str) -> Vec<SizeRule> {
    Sheet::read(text).rules
}

/// Returns the classes and the selector of each rule, whether it is conditional, and whether it
/// sets `height: auto`.
fn read_rules(text: &str) -> Vec<(Vec<String>, Option<String>, bool, bool)> {
    let rules = rules(text).into_iter();
    rules
        .map(|rule| {
            let SizeRule {
                subject,
                selector,
                is_conditional,
                declared,
                ..
            } = rule;
            (
                subject.classes,
                selector,
                is_conditional,
                declared.height_auto,
            )
        })
        .collect()
}

#[test]
fn rules_about_the_size_of_images_are_found() {
    let css = "@charset \"utf-8\"; /* img { */\n\
        video, img{max-width:100%;height:auto}\n\
        p { width: 1px } .post img { height: auto } a::before { height: 1px }\n\
        @media (min-width: 40em) { .thumb.small { width: 80px } }\n\
        @layer base { img#logo { height: auto } } @font-face { width: 1px }\n\
        @media print { img { width: 1px } } img:not(.a, .b) { height: auto }";
    let owned = |text: &str| Some(text.to_owned());
    assert_eq!(
        read_rules(css),
        [
            (vec![], None, false, true),
            (vec![], owned(".post img"), false, true),
            (
                vec!["thumb".to_owned(), "small".to_owned()],
                None,
                true,
                false
            ),
            (vec![], None, false, true),
            (vec![], owned("img:not(.a, .b)"), false, true),
        ]
    );
}

#[test]
fn rules_about_children_are_told_apart() {
    let css = "a>img{border:0} .x > img.y , b img{color:red} a > b img{width:1px} i > b{width:1px} \
        @media (width > 1px) { p > :first-child {color:red} }";
    let found = rules(css).into_iter();
    let found: Vec<(String, bool)> = found
        .map(|rule| (rule.selector.unwrap(), rule.declared.must_stay_child))
        .collect();
    let expected = [
        ("a>img", true),
        (".x > img.y", true),
        ("a > b img", false),
        ("p > :first-child", true),
    ];
    assert_eq!(
        found,
        expected.map(|(selector, must_stay_child)| (selector.to_owned(), must_stay_child))
    );
}

/// Whether a rule limits the width of `<img class="w-1/2 a">`.
fn limits(css: &str) -> bool {
    let slot = crate::html::scan::first("<img src=a.png class='w-1/2 a'>");
    let rules = rules(css).into_iter();
    let mut rules = rules.filter(|rule| rule.may_apply_to(&slot));
    rules.any(|rule| rule.declared.limits_width)
}

#[test]
fn nested_rules_are_read() {
    for css in [
        "main{img{max-width:100%}}",
        ".w{& img{max-width:100%}}",
        ".w{color:red;img &,img{max-width:100%}}",
        "body{> p{> img{max-width:100%}}}",
        "img{color:red;a{color:red}max-width:100%}",
        "img{@media (width > 1px){max-width:100%}}",
        "img{&:hover{color:red}&:not(.x){max-width:100%}}",
        ".x{.y{&img{max-width:100%}}}",
        ".x{@media (width > 1px){@layer a{img{max-width:100%}}}}",
        ".x{--y:{a:b};img{max-width:100%}}",
        ".x{a:hover img{max-width:100%}}",
        "@document url(){img{max-width:100%}}",
    ] {
        assert!(limits(css), "{css}");
    }
    for css in [
        "img{p{max-width:100%}}",
        "img{&::before{max-width:100%}}",
        "p{max-width:100%;img{color:red}}",
        "p{@media (width > 1px){max-width:100%}}",
        "img{--x:{max-width:100%}}",
        "@keyframes x{from{max-width:100%}}",
        "@-webkit-keyframes x{img{max-width:100%}}",
    ] {
        assert!(!limits(css), "{css}");
    }
    let found = rules("main,.b{img{height:auto}>p img{height:auto}&.c>img{height:auto}}");
    let found = found.into_iter().map(|rule| rule.selector);
    let found: Vec<String> = found.map(|selector| selector.unwrap()).collect();
    let expected = [
        "main img",
        ".b img",
        "main >p img",
        ".b >p img",
        "main.c>img",
        ".b.c>img",
    ];
    assert_eq!(found, expected);
}

#[test]
fn selectors_are_read_as_tokens() {
    for css in [
        ".w-1\\/2{width:50%}",
        ".w-1\\2f 2{width:50%}",
        "/**/ /* img */img/**/{max-width/**/:100%}",
        ".x/**/ /**/img{width:1px}",
        "*|img{width:1px}",
        "|img{width:1px}",
        "x|img{width:1px}",
        "I\\4d G{width:1px}",
        "p img:not(p > a){width:1px}",
        "[alt='a,b']{width:1px}",
        "p,/* ,p */.a{width:1px}",
        "p >img{width:1px}",
    ] {
        assert!(limits(css), "{css}");
    }
    for css in [
        ".w-1{width:50%}",
        ".sm\\:w{width:50%}",
        "img p{width:1px}",
        "img>p{width:1px}",
        "img:before{width:1px}",
        "p:not(img){width:1px}",
        "x|p{width:1px}",
        ".img{width:1px}",
        "img .w{width:1px}",
    ] {
        assert!(!limits(css), "{css}");
    }
    let certain = rules("*|img{height:auto}").pop().unwrap();
    assert!(certain.selector.is_none());
}

#[test]
fn broken_style_sheets_end() {
    for text in [
        "",
        "}",
        "img{",
        "img{height:auto",
        "@media{",
        "a,,{width:1px}",
        "@",
        "\u{0}{",
        "a{b{c{",
        "a{,{&{width:1px",
    ] {
        let _ = rules(text);
    }
    assert_eq!(read_rules("img{height:auto").len(), 1);
}
