//! How a picture fills its place: aspect, crop, focus, background.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Dimensions, OutOfRange};

/// Width to height, from 1/100 to 100, in lowest terms: `16/9`, `16:9` or `1.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "NumberOrText", into = "String")]
pub struct Aspect {
    width: u32,
    height: u32,
}

impl Aspect {
    /// The height that goes with a width, rounded half up, at least 1.
    pub fn height_at(self, width: u32) -> u32 {
        self.ratio().height_at(width)
    }

    /// The largest size of this aspect within `own`.
    pub fn within(self, own: Dimensions) -> Dimensions {
        if self.is_wider_than(own) {
            let height = self.height_at(own.width).min(own.height);
            Dimensions { height, ..own }
        } else {
            let width = self.width_at(own.height).min(own.width);
            Dimensions { width, ..own }
        }
    }

    /// The smallest size of this aspect around `own`.
    pub fn around(self, own: Dimensions) -> Dimensions {
        if self.is_wider_than(own) {
            let width = self.width_at(own.height).max(own.width);
            Dimensions { width, ..own }
        } else {
            let height = self.height_at(own.width).max(own.height);
            Dimensions { height, ..own }
        }
    }

    fn ratio(self) -> Dimensions {
        Dimensions {
            width: self.width,
            height: self.height,
        }
    }

    fn width_at(self, height: u32) -> u32 {
        self.ratio().transposed().height_at(height)
    }

    fn is_wider_than(self, own: Dimensions) -> bool {
        u64::from(self.width) * u64::from(own.height)
            > u64::from(self.height) * u64::from(own.width)
    }

    fn new(width: f64, height: f64) -> Option<Self> {
        /// Four decimals are more than any picture has pixels for.
        const STEPS: f64 = 10_000.0;
        let whole = |side: f64| (side * STEPS).round();
        let possible = |side: f64| side.is_finite() && (1.0..1e9).contains(&whole(side));
        if !possible(width) || !possible(height) || !(0.01..=100.0).contains(&(width / height)) {
            return None;
        }
        let (mut a, mut b) = (whole(width) as u64, whole(height) as u64);
        let (width, height) = (a, b);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Some(Aspect {
            width: u32::try_from(width / a).ok()?,
            height: u32::try_from(height / a).ok()?,
        })
    }
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.width, self.height)
    }
}

impl From<Aspect> for String {
    fn from(aspect: Aspect) -> String {
        aspect.to_string()
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(f64),
    Text(String),
}

impl TryFrom<NumberOrText> for Aspect {
    type Error = OutOfRange;

    fn try_from(value: NumberOrText) -> Result<Self, OutOfRange> {
        let (aspect, written) = match value {
            NumberOrText::Number(ratio) => (Aspect::new(ratio, 1.0), ratio.to_string()),
            NumberOrText::Text(text) => {
                let number = |text: &str| text.trim().parse().ok();
                let sides = text.split_once(['/', ':']);
                let aspect =
                    sides.and_then(|(width, height)| Aspect::new(number(width)?, number(height)?));
                (aspect, text)
            }
        };
        aspect.ok_or(OutOfRange {
            what: "aspect",
            value: written,
            range: "width to height from 1/100 to 100, such as `16/9` or `1.5`",
        })
    }
}

/// How a picture of another aspect than the place's fills it (CSS Images, section 5.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// Cut on two sides.
    #[default]
    Cover,
    /// Shown whole, with a background on two sides.
    Contain,
}

/// A point of a picture, from its upper left corner: `0.3 0.6`, `30% 60%`.
///
/// A crop puts it as near to its own middle as the picture's borders allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FocalPoint {
    /// Ten-thousandths of the width.
    x: u16,
    /// Ten-thousandths of the height.
    y: u16,
}

const FOCAL_STEPS: f64 = 10_000.0;

impl FocalPoint {
    pub const CENTRE: FocalPoint = FocalPoint { x: 5000, y: 5000 };

    /// Where a window of `size` around the point begins within `own`, left and top.
    pub fn window(self, own: Dimensions, size: Dimensions) -> (u32, u32) {
        let begin = |at: u16, own: u32, size: u32| {
            let point = (u64::from(own) * u64::from(at) + 5_000) / 10_000;
            let begin = point.saturating_sub(u64::from(size) / 2);
            u32::try_from(begin)
                .unwrap_or(u32::MAX)
                .min(own.saturating_sub(size))
        };
        (
            begin(self.x, own.width, size.width),
            begin(self.y, own.height, size.height),
        )
    }
}

impl FromStr for FocalPoint {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        let part = |text: &str| {
            let value: f64 = match text.strip_suffix('%') {
                Some(percent) => percent.parse::<f64>().ok()? / 100.0,
                None => text.parse().ok()?,
            };
            (0.0..=1.0)
                .contains(&value)
                .then_some((value * FOCAL_STEPS).round() as u16)
        };
        let parts: Vec<&str> = text
            .split([' ', ','])
            .filter(|part| !part.is_empty())
            .collect();
        let point = match parts[..] {
            [x, y] => part(x).zip(part(y)),
            _ => None,
        };
        point
            .map(|(x, y)| FocalPoint { x, y })
            .ok_or_else(|| OutOfRange {
                what: "focus",
                value: text.to_owned(),
                range: "a point such as `0.3 0.6`, from the left and from the top, each 0 to 1",
            })
    }
}

impl TryFrom<String> for FocalPoint {
    type Error = OutOfRange;

    fn try_from(text: String) -> Result<Self, OutOfRange> {
        text.parse()
    }
}

impl fmt::Display for FocalPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |at: u16| f64::from(at) / FOCAL_STEPS;
        write!(f, "{} {}", part(self.x), part(self.y))
    }
}

impl From<FocalPoint> for String {
    fn from(point: FocalPoint) -> String {
        point.to_string()
    }
}

/// What a crop keeps: `0.3 0.6`, `center`, or `auto`, the most salient part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Focus {
    Point(FocalPoint),
    Auto,
}

impl Default for Focus {
    fn default() -> Self {
        Focus::Point(FocalPoint::CENTRE)
    }
}

impl TryFrom<String> for Focus {
    type Error = OutOfRange;

    fn try_from(text: String) -> Result<Self, OutOfRange> {
        match text.as_str() {
            "auto" => Ok(Focus::Auto),
            "center" | "centre" => Ok(Focus::default()),
            point => point
                .parse()
                .map(Focus::Point)
                .map_err(|error: OutOfRange| OutOfRange {
                    range: "`auto`, `center`, or a point such as `0.3 0.6`, from the left and from \
                            the top, each 0 to 1",
                    ..error
                }),
        }
    }
}

impl fmt::Display for Focus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Focus::Point(point) => point.fmt(f),
            Focus::Auto => f.write_str("auto"),
        }
    }
}

impl From<Focus> for String {
    fn from(focus: Focus) -> String {
        focus.to_string()
    }
}

/// A color behind a picture: `#rgb`, `#rrggbb`, `#rrggbbaa` (CSS Color, section 5.2), `white`,
/// `black` or `transparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Background(pub [u8; 4]);

impl Background {
    pub const WHITE: Background = Background([255; 4]);
    pub const TRANSPARENT: Background = Background([0; 4]);

    pub fn is_opaque(self) -> bool {
        self.0[3] == 255
    }
}

impl TryFrom<String> for Background {
    type Error = OutOfRange;

    fn try_from(text: String) -> Result<Self, OutOfRange> {
        let named = match text.as_str() {
            "white" => Some(Background::WHITE),
            "black" => Some(Background([0, 0, 0, 255])),
            "transparent" => Some(Background::TRANSPARENT),
            _ => None,
        };
        let hex = || {
            let digits: Option<Vec<u8>> = text
                .strip_prefix('#')?
                .chars()
                .map(|digit| Some(digit.to_digit(16)? as u8))
                .collect();
            let color = match digits?[..] {
                [r, g, b] => [r * 17, g * 17, b * 17, 255],
                [r1, r2, g1, g2, b1, b2] => [r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2, 255],
                [r1, r2, g1, g2, b1, b2, a1, a2] => {
                    [r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2, a1 * 16 + a2]
                }
                _ => return None,
            };
            Some(Background(color))
        };
        named.or_else(hex).ok_or_else(|| OutOfRange {
            what: "background",
            value: text.clone(),
            range: "a color such as `#f0f0f0`, `white`, `black` or `transparent`",
        })
    }
}

impl fmt::Display for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b, a] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")?;
        if a < 255 {
            write!(f, "{a:02x}")?;
        }
        Ok(())
    }
}

impl From<Background> for String {
    fn from(background: Background) -> String {
        background.to_string()
    }
}

crate::units::schema!(Aspect, "Aspect", {
    "type": ["string", "number"], "pattern": "^ *[0-9.]+ *[/:] *[0-9.]+ *$", "minimum": 0.01, "maximum": 100
});
crate::units::schema!(Focus, "Focus", {
    "type": "string", "pattern": "^(auto|center|centre|[0-9.]+%?[ ,]+[0-9.]+%?)$"
});
crate::units::schema!(Background, "Background", {
    "type": "string", "pattern": "^(white|black|transparent|#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8}))$"
});

#[cfg(test)]
mod tests {
    use super::*;

    const fn size(width: u32, height: u32) -> Dimensions {
        Dimensions { width, height }
    }

    fn aspect(text: &str) -> Result<Aspect, OutOfRange> {
        Aspect::try_from(NumberOrText::Text(text.to_owned()))
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
        let number = |ratio| Aspect::try_from(NumberOrText::Number(ratio)).map(String::from);
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
            "red",
            "rgb(0,0,0)",
            "#é12",
        ] {
            assert!(Background::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
