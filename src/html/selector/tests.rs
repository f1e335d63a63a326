use super::*;

/// Parses an element, written as a selector without combinators: `a.b.c#d`.
fn node(text: &str) -> Node {
    let name = text.split(['.', '#']).next().unwrap();
    let (text, id) = text.split_once('#').unwrap_or((text, ""));
    let classes: Vec<&str> = text.split('.').skip(1).collect();
    let attributes = [
        ("class", classes.join(" ")),
        ("id", id.to_owned()),
        ("src", "/a/logo.svg#small".to_owned()),
    ];
    Node {
        name: name.to_owned(),
        attributes: attributes
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec(),
    }
}

/// Matches a selector against the last of some nested elements, the outermost first.
fn matches(selector: &str, elements: &str, is_cut: bool) -> Match {
    let nodes: Vec<Node> = elements.split(' ').map(node).collect();
    let nodes: Vec<&Node> = nodes.iter().collect();
    let path = Path {
        nodes: &nodes,
        is_cut,
        has_scripts: false,
    };
    Selector::parse(selector)
        .unwrap()
        .matches(path, &Work::default())
}

#[test]
fn scripts_set_their_classes_and_add_elements_around_others() {
    let nodes = ["html", "body.home", "div.post", "img.big"].map(node);
    let path = Path {
        nodes: &nodes.each_ref(),
        is_cut: false,
        has_scripts: true,
    };
    for (selector, expected) in [
        (".post.is-open img", Match::Maybe),
        (".post > .slick-slide > img", Match::Maybe),
        (".post > .slick-list > .slick-slide > img", Match::Maybe),
        ("body.home .slick-slide > .post img", Match::Maybe),
        ("div.slick-slide img.is-loaded", Match::Maybe),
        (".post > img:not(.is-open)", Match::Maybe),
        (".post > img", Match::Yes),
        (".card.is-open img", Match::No),
        (".card .is-open img", Match::No),
        (".is-open > .card > img", Match::No),
        (".post > .slick-slide.card > img", Match::No),
        (".home > .slick-slide > img", Match::Maybe),
        ("html > .slick-slide > img", Match::No),
    ] {
        let parsed = Selector::parse(selector).unwrap();
        assert_eq!(
            parsed.matches(path, &Work::default()),
            expected,
            "{selector}"
        );
    }
}

#[test]
fn compounds_and_combinators_are_matched() {
    let elements = "html body.home main#m div.post.wide p a img.big";
    for (selector, expected) in [
        ("img", Match::Yes),
        ("*", Match::Yes),
        ("IMG.big", Match::Yes),
        ("p", Match::No),
        (".small", Match::No),
        ("p img", Match::Yes),
        ("p>img", Match::No),
        ("p > a > img", Match::Yes),
        (".post img", Match::Yes),
        (".post.wide > p img", Match::Yes),
        (".wide .post img", Match::No),
        ("main#m p > a img", Match::Yes),
        ("main > p img", Match::No),
        ("#m > div > p > a > img.big", Match::Yes),
        (":root body img", Match::Yes),
        ("body > img", Match::No),
        ("div:not(.card) img", Match::Yes),
        ("div:not(.post) img", Match::No),
        (":is(.post, .page) img", Match::Yes),
        (":where(.card) img", Match::No),
        ("img:not(.post img)", Match::No),
        ("img[src$='#small']", Match::Yes),
        ("img[SRC*=\"LOGO\" i]", Match::Yes),
        ("img[src*=LOGO]", Match::No),
        ("img[src^='/b']", Match::No),
        ("img[class~=big][id]", Match::Yes),
        ("img[width]", Match::No),
        ("img[class|=big]", Match::Yes),
        ("img[src*='']", Match::No),
        ("img:hover", Match::Maybe),
        ("p:hover img", Match::Maybe),
        (".card:hover img", Match::No),
        ("a:not(:hover) img", Match::Maybe),
        ("img:nth-child(2n + 1)", Match::Maybe),
        (".a + img", Match::Maybe),
        ("a > .a ~ img", Match::Maybe),
        ("p > .a ~ img", Match::No),
        (".post > .a + a > img", Match::No),
        ("p > .a + a > img", Match::Maybe),
    ] {
        assert_eq!(matches(selector, elements, false), expected, "{selector}");
    }
    assert_eq!(matches(".far img", "p img", true), Match::Maybe);
    assert_eq!(matches("p img", "p img", true), Match::Yes);
    assert_eq!(matches(".far > p > img", "p img", true), Match::Maybe);
}

#[test]
fn specificities_are_those_of_the_standard() {
    // https://www.w3.org/TR/selectors-4/#specificity-rules
    for (selector, expected) in [
        ("*", (0, 0, 0)),
        ("li", (0, 0, 1)),
        ("ul ol+li", (0, 0, 3)),
        ("ul ol li.red", (0, 1, 3)),
        ("li.red.level", (0, 2, 1)),
        ("#x34y", (1, 0, 0)),
        ("#s12:not(foo)", (1, 0, 1)),
        (".foo :is(.bar, #baz)", (1, 1, 0)),
        (".foo :where(.bar, #baz)", (0, 1, 0)),
        ("a:hover[rel]", (0, 2, 1)),
    ] {
        let found = Selector::parse(selector).unwrap().specificity;
        assert_eq!(found, expected, "{selector}");
    }
}

#[test]
fn what_is_not_understood_is_told() {
    for selector in [
        "",
        "a,b",
        "&",
        "a&",
        "x|img",
        "a::before",
        "img:has(#a)",
        "a >",
        "> a",
        "a > > b",
        ".",
        "a[",
        "a[b=",
        "a[=b]",
        ":is(",
        "a!",
        "#1",
    ] {
        assert!(Selector::parse(selector).is_none(), "{selector}");
    }
}

#[test]
fn many_ways_to_match_end() {
    let elements = ["div"; 100].join(" ");
    let selector = format!("p{} div", " div > div".repeat(12));
    assert_eq!(matches(&selector, &elements, false), Match::Maybe);
}

#[test]
fn what_a_selector_needs_is_known() {
    use Need::{Class, Id};
    for (selector, expected) in [
        ("img", vec![]),
        ("img.is-open", vec![]),
        (
            "#a .b > img.c",
            vec![
                (Class("c"), Of::Element),
                (Class("b"), Of::Ancestor),
                (Id("a"), Of::Ancestor),
            ],
        ),
        ("[class~=a]", vec![(Class("a"), Of::Element)]),
        ("[class=a] [class~=a i] :not(.a) :is(.a)", vec![]),
        // The sibling needs the class, which is not known of it.
        (
            ".a .b ~ .c + .d",
            vec![(Class("d"), Of::Element), (Class("a"), Of::Ancestor)],
        ),
        (
            ".a .b + .c img",
            vec![(Class("c"), Of::Ancestor), (Class("a"), Of::Ancestor)],
        ),
    ] {
        let parsed = Selector::parse(selector).unwrap();
        let found: Vec<_> = parsed.needs().collect();
        assert_eq!(found, expected, "{selector}");
    }
}
