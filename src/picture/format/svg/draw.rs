//! Renders SVG to pixels with `resvg`. Nothing is fetched, and no file and no font is opened.
//!
//! Drawings that would lose something are rejected: text (it needs the reader's fonts), embedded
//! images, HTML, and CSS that is not supported. Work is counted before it is done: the elements
//! that entities and `use` expand to, the depth of nesting, and the pixels that shapes, layers and
//! filters visit.

use std::collections::HashMap;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::roxmltree::{Document, Node, NodeId, ParsingOptions};
use resvg::usvg::{self, Group, ImageHrefResolver, Options, Tree};

use super::text::text;
use super::work::{self, Canvas};
use super::{outline, unsupported};
use crate::error::ImageError;
use crate::pixels::{Channels, Pixels};
use crate::units::Dimensions;

/// Maximum number of elements, including the copies made by references.
const MOST_NODES: u64 = 200_000;
/// The weight of an element, when that of a byte of path data is 1.
const ELEMENT: u64 = 1_000;
/// Maximum depth of nested elements: the converter recurses into them.
const MOST_LEVELS: usize = 128;
/// Maximum size in bytes of a file that declares entities; each may expand 255 times.
const MOST_BYTES_WITH_ENTITIES: usize = 256 << 10;
/// Maximum number of pixels that shapes and layers cover in total, overlaps included: about ten
/// seconds.
const MOST_PIXELS: f64 = 4e9;
/// Maximum number of bytes of the layers that are open at a time.
const MOST_LAYER_BYTES: f64 = (1u64 << 30) as f64;

/// Renders an SVG at a size in pixels; its `viewBox` is stretched to that size.
///
/// # Errors
///
/// If the file is not an SVG, would lose something, or needs more work than an image of a page may.
pub fn rasterise(svg: &[u8], dimensions: Dimensions) -> Result<Pixels, ImageError> {
    let text = text(svg).ok_or_else(|| failed("it is neither in UTF-8 nor in UTF-16"))?;
    work::check_text(&text).map_err(failed)?;
    if text.contains("<!ENTITY") && text.len() > MOST_BYTES_WITH_ENTITIES {
        return Err(failed(
            "it declares entities, and is too large to expand them",
        ));
    }
    let parsing = ParsingOptions {
        // Illustrator declares its namespaces as entities.
        allow_dtd: true,
        nodes_limit: u32::try_from(MOST_NODES).unwrap_or(u32::MAX),
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(&text, parsing);
    let document = document.map_err(|error| ImageError::of_decoder(&error))?;
    check_content(&document)?;
    outline::check_numbers(&document).map_err(failed)?;
    let filters = work::check_filters(&document, dimensions).map_err(failed)?;
    let options = Options {
        resources_dir: None,
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    };
    let tree = Tree::from_xmltree(&document, &options);
    let tree = tree.map_err(|error| ImageError::of_decoder(&error))?;
    let size = tree.size();
    let scale = (
        dimensions.width as f32 / size.width(),
        dimensions.height as f32 / size.height(),
    );
    let mut work = Work {
        pixels: filters,
        ..Work::default()
    };
    let canvas = Canvas {
        scale,
        pixels: dimensions.pixels() as f64,
        height: f64::from(dimensions.height),
    };
    work.add(tree.root(), canvas, 1);
    if work.pixels > MOST_PIXELS || work.layers as f64 * canvas.pixels * 4.0 > MOST_LAYER_BYTES {
        return Err(failed("its shapes and layers cover too many pixels"));
    }
    let mut pixmap = Pixmap::new(dimensions.width, dimensions.height)
        .ok_or_else(|| failed("there are no pixels of that size"))?;
    resvg::render(
        &tree,
        Transform::from_scale(scale.0, scale.1),
        &mut pixmap.as_mut(),
    );
    let mut samples = pixmap.take();
    crate::pixels::divide_alpha(&mut samples, 4);
    Ok(Pixels {
        dimensions,
        channels: Channels::Rgba,
        samples,
    })
}

fn failed(reason: impl Into<String>) -> ImageError {
    ImageError::Decode(reason.into())
}

/// Rejects drawings that would lose something, and drawings that expand without end.
fn check_content(document: &Document) -> Result<(), ImageError> {
    let mut ids = HashMap::new();
    let mut levels: HashMap<NodeId, usize> = HashMap::new();
    for node in document.descendants().filter(Node::is_element) {
        let level = node
            .parent_element()
            .and_then(|parent| levels.get(&parent.id()))
            .map_or(1, |level| level + 1);
        if level > MOST_LEVELS {
            return Err(failed("its elements are nested too deeply"));
        }
        levels.insert(node.id(), level);
        let lost = match node.tag_name().name() {
            "text" => Some("texts, which need the reader's fonts: convert them to paths"),
            "image" | "feImage" => Some("an embedded image: trace it, or use it by itself"),
            "foreignObject" => Some("HTML: draw it as shapes"),
            _ => None,
        };
        if let Some(lost) = lost {
            return Err(failed(format!("it contains {lost}")));
        }
        if let Some(id) = node.attribute("id") {
            ids.entry(id).or_insert(node);
        }
    }
    let mut counted = HashMap::new();
    let total = expanded(document.root_element(), &ids, &mut counted, 0)?;
    if total > MOST_NODES * ELEMENT {
        return Err(failed("its reused elements expand to too many elements"));
    }
    if let Some(lost) = unsupported::reason(document) {
        return Err(failed(format!("it uses {lost}")));
    }
    Ok(())
}

/// Returns the weight of the elements that a node expands to, with everything that it references by
/// id. Each copy of a path is measured again, so the path data count as well.
fn expanded<'a>(
    node: Node<'a, 'a>,
    ids: &HashMap<&'a str, Node<'a, 'a>>,
    counted: &mut HashMap<NodeId, Option<u64>>,
    level: usize,
) -> Result<u64, ImageError> {
    match counted.get(&node.id()) {
        Some(Some(count)) => return Ok(*count),
        // The node is being counted, so it references itself, which the converter ignores.
        Some(None) => return Ok(0),
        None => {}
    }
    if level > 4 * MOST_LEVELS {
        return Err(failed("its reused elements are nested too deeply"));
    }
    counted.insert(node.id(), None);
    let mut count = ELEMENT.saturating_add(path_data(node));
    for child in node.children().filter(Node::is_element) {
        count = count.saturating_add(expanded(child, ids, counted, level + 1)?);
    }
    for attribute in node.attributes() {
        let value = attribute.value();
        let named = if attribute.name() == "href" {
            value.trim().strip_prefix('#').into_iter().collect()
        } else {
            urls(value)
        };
        // These draw a copy at each corner of the path, or of each path in a group.
        let copies = match attribute.name() {
            "marker" | "marker-mid" => {
                let data: u64 = node.descendants().map(path_data).sum();
                (data / BYTES_OF_CORNER).max(1)
            }
            _ => 1,
        };
        for target in named.into_iter().filter_map(|id| ids.get(id)) {
            let target = expanded(*target, ids, counted, level + 1)?;
            count = count.saturating_add(target.saturating_mul(copies));
        }
    }
    counted.insert(node.id(), Some(count));
    Ok(count)
}

/// The bytes of path data for one corner of a path, as most programs write them.
const BYTES_OF_CORNER: u64 = 8;

/// Returns the length of the path data of an element in bytes.
fn path_data(node: Node<'_, '_>) -> u64 {
    let data = node.attribute("d").or_else(|| node.attribute("points"));
    data.map_or(0, |data| data.len() as u64)
}

/// Returns the ids of `url(#id)` in a value.
fn urls(value: &str) -> Vec<&str> {
    let parts = value.split("url(").skip(1);
    parts
        .filter_map(|part| part.split(')').next())
        .filter_map(|url| url.trim_matches([' ', '"', '\'']).strip_prefix('#'))
        .collect()
}

/// Cost of rendering a drawing.
#[derive(Default)]
struct Work {
    pixels: f64,
    /// Maximum number of layers that are open at a time.
    layers: usize,
}

impl Work {
    /// Adds a group's shapes and layers, each by the part of the canvas that it may cover.
    fn add(&mut self, group: &Group, canvas: Canvas, open: usize) {
        let mut open = open;
        if group.should_isolate() {
            open += 1 + group.filters().len();
            let filters = group.filters().iter();
            let filters = filters.map(|one| work::filtered(one, group.abs_transform(), canvas));
            self.pixels += canvas.pixels + filters.sum::<f64>();
            if let Some(clip) = group.clip_path() {
                self.add(clip.root(), canvas, open + 1);
            }
            if let Some(mask) = group.mask() {
                self.add(mask.root(), canvas, open + 1);
            }
        }
        self.layers = self.layers.max(open);
        for child in group.children() {
            match child {
                usvg::Node::Group(group) => self.add(group, canvas, open),
                node => {
                    let covered = node
                        .abs_layer_bounding_box()
                        .map_or(0.0, |bounds| canvas.covered(bounds.to_rect()));
                    self.pixels += covered;
                    let patterns = match node {
                        usvg::Node::Path(path) => {
                            self.pixels += outline::cost(path, canvas);
                            [
                                path.fill().map(|fill| fill.paint()),
                                path.stroke().map(|stroke| stroke.paint()),
                            ]
                        }
                        _ => [None, None],
                    };
                    for paint in patterns.into_iter().flatten() {
                        if let usvg::Paint::Pattern(pattern) = paint {
                            self.add(pattern.root(), canvas, open + 1);
                        }
                    }
                }
            }
            if self.pixels > MOST_PIXELS {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Dimensions = Dimensions {
        width: 4,
        height: 2,
    };

    fn drawn(content: &str) -> Result<Vec<u8>, String> {
        let svg = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' \
             viewBox='0 0 40 20'>{content}</svg>"
        );
        let pixels = rasterise(svg.as_bytes(), SIZE).map_err(|error| error.to_string())?;
        Ok(pixels.samples)
    }

    #[test]
    fn shapes_are_drawn_at_the_requested_size() {
        let row = [
            [255, 0, 0, 255],
            [255, 0, 0, 255],
            [0, 0, 0, 0],
            [0, 0, 255, 255],
        ]
        .concat();
        let left = "<path d='M0 0H20V20H0z' fill='red'/>";
        let right = "<g opacity='1'><rect x='30' width='10' height='20' fill='#00f'/></g>";
        let pixels = drawn(&format!("{left}{right}")).unwrap();
        assert_eq!(pixels, [row.clone(), row].concat());
        let half = drawn("<rect width='40' height='20' fill='#fff' fill-opacity='.5'/>").unwrap();
        assert_eq!(half[..4], [255, 255, 255, 128]);
    }

    #[test]
    fn what_would_be_lost_is_refused() {
        for (content, reason) in [
            ("<text y='9'>a</text>", "texts"),
            (
                "<image href='x.png' width='1' height='1'/>",
                "embedded image",
            ),
            (
                "<image xlink:href='file:///etc/passwd' width='1' height='1'/>",
                "embedded image",
            ),
            ("<foreignObject/>", "HTML"),
            ("<g><g></svg>", "closes"),
        ] {
            let error = drawn(content).unwrap_err();
            assert!(error.contains(reason), "{content}: {error}");
        }
        assert!(rasterise(b"\xff\xfe<\0", SIZE).is_err());
    }

    #[test]
    fn unbounded_expansion_is_refused() {
        // Nine levels of ten uses each: a billion shapes.
        let uses: String = (1..10)
            .map(|level| {
                let used = format!("<use xlink:href='#a{}'/>", level - 1).repeat(10);
                format!("<g id='a{level}'>{used}</g>")
            })
            .collect();
        let uses = format!("<rect id='a0' width='1' height='1'/>{uses}");
        let patterns: String = (1..10)
            .map(|level| {
                let fill = format!("<rect width='9' height='9' fill='url(#p{})'/>", level - 1);
                format!(
                    "<pattern id='p{level}' width='9' height='9'>{}</pattern>",
                    fill.repeat(10)
                )
            })
            .collect();
        let deep = format!("{}{}", "<g>".repeat(50_000), "</g>".repeat(50_000));
        let layers = "<g opacity='.5'>".repeat(100);
        let layers = format!("{layers}<rect width='9' height='9'/>{}", "</g>".repeat(100));
        for content in [&uses, &patterns, &deep] {
            assert!(drawn(content).is_err());
        }
        let svg =
            format!("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'>{layers}</svg>");
        let large = Dimensions {
            width: 10_000,
            height: 10_000,
        };
        assert!(rasterise(svg.as_bytes(), large).is_err());
        let laughs = "<!DOCTYPE svg [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>\
             <!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'>]>\
             <svg xmlns='http://www.w3.org/2000/svg'><desc>&d;</desc></svg>";
        assert!(rasterise(laughs.as_bytes(), SIZE).is_err());
    }

    #[test]
    fn recursive_elements_are_left_out() {
        let content = "<g id='a'><use xlink:href='#a'/><rect width='40' height='20'/></g>";
        assert!(drawn(content).is_ok());
    }
}
