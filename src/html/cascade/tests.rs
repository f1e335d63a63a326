use super::*;
use crate::html::declared::of_attribute;

const FREE: Attributes = Attributes {
    width: Value::Free,
    height: Value::Free,
};

/// Computes how wide an image of 600 × 300 pixels is shown by rules of equal specificity. A
/// rule that ends with `?` may match, the others certainly do.
fn shown_with(attributes: Attributes, rules: &[&str]) -> Width {
    let mut cascade = Cascade {
        rem: Some(16.0),
        ..Cascade::default()
    };
    for (order, rule) in rules.iter().enumerate() {
        let rank = Rank {
            specificity: (0, 1, 0),
            order,
            ..Rank::default()
        };
        let block = rule.trim_end_matches('?');
        let applies = match block == *rule {
            true => Applies::Always,
            false => Applies::Sometimes,
        };
        cascade.add(&of_attribute(block).1, rank, applies);
    }
    let natural = Dimensions {
        width: 600,
        height: 300,
    };
    cascade.shown(attributes, natural)
}

fn shown(rules: &[&str]) -> Width {
    shown_with(FREE, rules)
}

#[test]
fn a_box_has_the_width_that_css_gives_it() {
    use Width::{AtMost, Exactly, Natural, Open};
    for (rule, expected) in [
        ("", Natural(600.0)),
        ("width:120px", AtMost(120.0)),
        ("width:100%", Open),
        ("height:30px", AtMost(60.0)),
        ("height:2rem;width:auto", AtMost(64.0)),
        ("height:50%", Natural(600.0)),
        ("max-width:200px", Natural(200.0)),
        ("max-width:900px", Natural(600.0)),
        ("max-height:40px", Natural(80.0)),
        ("max-height:40px;max-width:50px", Natural(50.0)),
        ("max-width:100%;height:30px", AtMost(60.0)),
        ("width:300px;max-width:100px", AtMost(100.0)),
        ("width:100%;max-width:100px", AtMost(100.0)),
        ("width:100%;max-width:800px", Open),
        ("width:50px;min-width:80px", AtMost(80.0)),
        ("width:50px;min-width:50%", Open),
        // Without `max-width`, it is wider than the window of a phone.
        ("width:1000px", Exactly(1000.0)),
        ("width:20rem", AtMost(320.0)),
        ("width:40rem", Exactly(640.0)),
        ("width:400px;max-width:none", Exactly(400.0)),
        ("width:400px;max-width:350px", Exactly(350.0)),
        ("width:400px;max-width:100%", AtMost(400.0)),
        ("width:100%;max-width:400px", AtMost(400.0)),
        ("height:400px;aspect-ratio:3", Exactly(1200.0)),
        ("width:1000px;max-width:100%", Open),
        // The image is drawn at 80 × 40 pixels; 40 × 40 of them are visible.
        ("width:40px;height:40px;object-fit:cover", AtMost(80.0)),
        ("width:40px;height:40px;object-fit:contain", AtMost(40.0)),
        ("width:40px;height:40px", AtMost(40.0)),
        ("width:40px;aspect-ratio:1;object-fit:cover", AtMost(80.0)),
        ("width:40px;height:100%;object-fit:cover", Open),
        ("height:40px;aspect-ratio:3", AtMost(120.0)),
        ("height:40px;min-height:10vh", Open),
        ("width:40px;flex:1", Open),
        ("width:40px;flex:1;max-width:90px", AtMost(90.0)),
        ("width:40px;flex:none", AtMost(40.0)),
        ("width:fit-content", Natural(600.0)),
        ("width:max-content;max-width:100%", Natural(600.0)),
        ("width:inherit;max-width:90px", Natural(90.0)),
        ("width:100%;max-width:max-content", Natural(600.0)),
        ("width:50px;min-width:max-content", Natural(600.0)),
        ("width:50px;max-width:max-content", AtMost(50.0)),
        ("width:50px;all:unset", Natural(600.0)),
        ("all:unset;width:50px", AtMost(50.0)),
        ("width:50px;height:50px;object-fit:none", Natural(600.0)),
    ] {
        assert_eq!(shown(&[rule]), expected, "{rule}");
    }
}

#[test]
fn the_declaration_that_wins_counts_and_the_widest_where_it_is_not_certain() {
    use Width::{AtMost, Natural, Open};
    for (rules, expected) in [
        (&["width:10px", "width:20px"][..], AtMost(20.0)),
        (&["width:20px", "width:10px"], AtMost(10.0)),
        (&["width:20px!important", "width:10px"], AtMost(20.0)),
        (&["width:20px", "width:10px?"], AtMost(20.0)),
        (&["width:20px?", "width:10px"], AtMost(10.0)),
        (&["width:20px?", "width:10px?"], Natural(600.0)),
        (&["width:20px", "width:100%?"], Open),
        (&["height:auto", "height:30px"], AtMost(60.0)),
        (&["height:30px", "height:auto"], Natural(600.0)),
        (&["height:30px", "height:50px?"], AtMost(100.0)),
        (&["height:30px?"], Natural(600.0)),
        (&["max-width:90px?"], Natural(600.0)),
        (&["max-width:90px", "max-width:190px?"], Natural(190.0)),
        (&["max-width:90px", "max-width:100%?"], Natural(600.0)),
        (
            &["width:80px;height:80px", "object-fit:cover?"],
            AtMost(160.0),
        ),
    ] {
        assert_eq!(shown(rules), expected, "{rules:?}");
    }
    let attributes = Attributes {
        width: Value::Pixels(90.0),
        height: Value::Pixels(10.0),
    };
    for (rule, expected) in [
        ("", AtMost(90.0)),
        ("height:auto", AtMost(90.0)),
        ("width:auto", AtMost(20.0)),
        ("width:100%", Open),
        ("width:100%?", Open),
    ] {
        assert_eq!(shown_with(attributes, &[rule]), expected, "{rule}");
    }
}

/// The width is computed for each pair of a width and a height.
#[test]
fn many_declarations_are_few_values() {
    let mut cascade = Cascade::default();
    for number in 0..1000 {
        let css = format!("width:{number}px;aspect-ratio:{}", 1 + number % 7);
        cascade.add(&of_attribute(&css).1, Rank::default(), Applies::Sometimes);
    }
    let values = |property| cascade.declared(property);
    assert_eq!(values(Property::Width), [Value::Pixels(999.0), Value::Free]);
    let ratios = [Value::Ratios(1.0, 7.0), Value::Free];
    assert_eq!(values(Property::AspectRatio), ratios);
}

#[test]
fn an_em_is_the_font_size_of_the_element() {
    for (em, css, expected) in [
        (Some(20.0), "width:3em", Width::AtMost(60.0)),
        (Some(20.0), "max-width:3em", Width::Natural(60.0)),
        (None, "width:3em", Width::Open),
        (None, "max-width:3em", Width::Natural(600.0)),
    ] {
        let mut cascade = Cascade {
            em,
            ..Cascade::default()
        };
        cascade.add(&of_attribute(css).1, Rank::default(), Applies::Always);
        let natural = Dimensions {
            width: 600,
            height: 300,
        };
        assert_eq!(cascade.shown(FREE, natural), expected, "{em:?} {css}");
    }
}

#[test]
fn a_width_that_something_unknown_may_change_is_open() {
    let natural = Dimensions {
        width: 600,
        height: 300,
    };
    let of = |specificity, change: &dyn Fn(&mut Cascade)| {
        let mut cascade = Cascade::default();
        let rank = Rank {
            specificity,
            ..Rank::default()
        };
        cascade.add(&of_attribute("height:30px").1, rank, Applies::Always);
        change(&mut cascade);
        cascade.shown(FREE, natural)
    };
    assert_eq!(of((0, 1, 0), &|_| {}), Width::AtMost(60.0));
    assert_eq!(
        of((0, 1, 0), &|all| all.place.is_stretched = true),
        Width::Open
    );
    assert_eq!(of((0, 1, 0), &|all| all.is_partial = true), Width::Open);
    let rem = of_attribute("height:2rem").1;
    let mut unknown = Cascade::default();
    unknown.add(&rem, Rank::default(), Applies::Always);
    assert_eq!(unknown.shown(FREE, natural), Width::Natural(600.0));
}
