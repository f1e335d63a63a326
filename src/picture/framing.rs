//! How an image fills its slot: aspect ratio, crop, focus, background.

use std::fmt;
use std::str::FromStr;

use cssparser::color::{parse_hash_color, parse_named_color};
use schemars::JsonSchema;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::units::{Dimensions, OutOfRange};

/// An aspect ratio, width to height, from 1/100 to 100, in lowest terms: `16/9`, `16:9` or `1.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "String")]
pub struct Aspect {
    width: u32,
    height: u32,
}

impl Aspect {
    /// Returns the height for a width, rounded half up, at least 1.
    pub fn height_at(self, width: u32) -> u32 {
        self.ratio().height_at(width)
    }

    /// Returns the largest size of this aspect ratio that fits into `own`.
    pub fn within(self, own: Dimensions) -> Dimensions {
        if self.is_wider_than(own) {
            let height = self.height_at(own.width).min(own.height);
            Dimensions { height, ..own }
        } else {
            let width = self.width_at(own.height).min(own.width);
            Dimensions { width, ..own }
        }
    }

    /// Returns the smallest size of this aspect ratio that contains `own`.
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
        /// Steps per unit: four decimals are more precise than a pixel of any image.
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

    fn out_of_range(written: &str) -> OutOfRange {
        OutOfRange {
            what: "aspect",
            value: written.to_owned(),
            range: "width to height from 1/100 to 100, such as `16/9` or `1.5`",
        }
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

impl FromStr for Aspect {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        let number = |text: &str| text.trim().parse().ok();
        text.split_once(['/', ':'])
            .and_then(|(width, height)| Aspect::new(number(width)?, number(height)?))
            .ok_or_else(|| Aspect::out_of_range(text))
    }
}

impl TryFrom<f64> for Aspect {
    type Error = OutOfRange;

    fn try_from(ratio: f64) -> Result<Self, OutOfRange> {
        Aspect::new(ratio, 1.0).ok_or_else(|| Aspect::out_of_range(&ratio.to_string()))
    }
}

impl<'de> Deserialize<'de> for Aspect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = Aspect;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an aspect ratio such as `16/9` or `1.5`")
            }

            fn visit_u64<E: de::Error>(self, ratio: u64) -> Result<Aspect, E> {
                self.visit_f64(ratio as f64)
            }

            fn visit_i64<E: de::Error>(self, ratio: i64) -> Result<Aspect, E> {
                self.visit_f64(ratio as f64)
            }

            fn visit_f64<E: de::Error>(self, ratio: f64) -> Result<Aspect, E> {
                Aspect::try_from(ratio).map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Aspect, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(NumberOrText)
    }
}

/// How an image of another aspect ratio fills the slot (CSS Images, section 5.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// It is cropped.
    #[default]
    Cover,
    /// It is shown uncropped, with a background on two sides.
    Contain,
}

/// A point of an image, as shares of its width and height from the upper left corner: `0.3 0.6`,
/// `30% 60%`.
///
/// A crop is centered on it as far as the image's borders allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FocalPoint {
    /// Distance from the left in ten-thousandths of the width.
    x: u16,
    /// Distance from the top in ten-thousandths of the height.
    y: u16,
}

const FOCAL_STEPS: f64 = 10_000.0;

impl FocalPoint {
    pub const CENTRE: FocalPoint = FocalPoint { x: 5000, y: 5000 };

    /// Returns the shares of the width and of the height, from 0 to 1.
    pub fn parts(self) -> (f64, f64) {
        (
            f64::from(self.x) / FOCAL_STEPS,
            f64::from(self.y) / FOCAL_STEPS,
        )
    }

    /// Returns the left and top of a window of `size` around the point, within `own`.
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
        if matches!(text, "center" | "centre") {
            return Ok(FocalPoint::CENTRE);
        }
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
                range: "`center`, or a point such as `0.3 0.6`, from the left and from the top, each 0 to 1",
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

/// The part of an image that a crop keeps: `0.3 0.6`, `center`, or `auto`, the most salient part.
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

/// A background color: `#rgb`, `#rrggbb`, `#rrggbbaa` (CSS Color, section 5.2), `white`,
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
        let color = match text.strip_prefix('#') {
            Some(digits) => parse_hash_color(digits.as_bytes()).ok(),
            None if text.eq_ignore_ascii_case("transparent") => Some((0, 0, 0, 0.0)),
            None => parse_named_color(&text)
                .ok()
                .map(|(red, green, blue)| (red, green, blue, 1.0)),
        };
        let background = color.map(|(red, green, blue, alpha)| {
            Background([red, green, blue, (alpha * 255.0).round() as u8])
        });
        background.ok_or_else(|| OutOfRange {
            what: "background",
            value: text.clone(),
            range: "a color such as `#f0f0f0`, `white` or `transparent`",
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
    "type": "string", "pattern": "^([a-zA-Z]+|#([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8}))$"
});

#[cfg(test)]
mod tests;
