use super::*;

const fn size(width: u32, height: u32) -> Dimensions {
    Dimensions { width, height }
}

fn aspect(text: &str) -> Result<Aspect, OutOfRange> {
    text.parse()
}

#[test]
fn aspects_are_ratios() {
    for (text, shown) in [
        ("16/9", "16/9"),
        ("32:18", "16/9"),
        ("1 / 1", "1/1"),
        ("2.35/1", "47/20"),
    ] {
        assert_eq!(
            aspect(text).map(|aspect| aspect.to_string()).as_deref(),
            Ok(shown)
        );
    }
    let number = |ratio| Aspect::try_from(ratio).map(String::from);
    assert_eq!(number(1.5).as_deref(), Ok("3/2"));
    assert_eq!(number(1.7778).as_deref(), Ok("8889/5000"));
    for wrong in [
        "0/9", "16/0", "16", "a/b", "-1/2", "nan/1", "inf/1", "1000/1", "1/101", "1/2/3",
    ] {
        assert!(aspect(wrong).is_err(), "{wrong}");
    }
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 101.0] {
        assert!(number(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn windows_fit_within_and_frames_around() {
    let wide = aspect("16/9").unwrap();
    assert_eq!(wide.within(size(4000, 3000)), size(4000, 2250));
    assert_eq!(wide.within(size(4000, 1000)), size(1778, 1000));
    assert_eq!(wide.around(size(4000, 3000)), size(5333, 3000));
    assert_eq!(wide.around(size(4000, 1000)), size(4000, 2250));
    assert_eq!(wide.within(size(1600, 900)), size(1600, 900));
    assert_eq!(wide.around(size(1600, 900)), size(1600, 900));
    assert_eq!(wide.within(size(1, 1)), size(1, 1));
}

#[test]
fn a_window_lies_around_its_point() {
    let own = size(1000, 500);
    let window = size(500, 500);
    for (text, left) in [
        ("0.5 0.5", 250),
        ("0 0", 0),
        ("1 1", 500),
        ("0.3 0.9", 50),
        ("60%, 0%", 350),
        ("center", 250),
        ("centre", 250),
    ] {
        let point: FocalPoint = text.parse().unwrap();
        assert_eq!(point.window(own, window), (left, 0), "{text}");
    }
    for wrong in [
        "",
        "0.5",
        "0.5 0.5 0.5",
        "1.1 0",
        "-0.1 0",
        "nan nan",
        "50 50",
        "a b",
    ] {
        assert!(wrong.parse::<FocalPoint>().is_err(), "{wrong}");
    }
    assert_eq!(
        "30% 0.6".parse::<FocalPoint>().unwrap().to_string(),
        "0.3 0.6"
    );
}

#[test]
fn backgrounds_are_colors() {
    for (text, shown) in [
        ("#FA0", "#ffaa00"),
        ("#010203", "#010203"),
        ("#01020304", "#01020304"),
        ("white", "#ffffff"),
        ("transparent", "#00000000"),
        ("Transparent", "#00000000"),
        ("rebeccapurple", "#663399"),
        ("#1234", "#11223344"),
    ] {
        let background = Background::try_from(text.to_owned());
        assert_eq!(
            background.map(|color| color.to_string()).as_deref(),
            Ok(shown)
        );
    }
    for wrong in [
        "",
        "#",
        "#12",
        "#12345",
        "#ggg",
        "reddish",
        "rgb(0,0,0)",
        "#é12",
    ] {
        assert!(Background::try_from(wrong.to_owned()).is_err(), "{wrong}");
    }
}
