//! Finds the place in a configuration of Eleventy that registers our plugin: a line goes in, an
//! [`Insertion`] comes out.

use super::super::register::{Insertion, is_name};

/// Returns the statement that adds the plugin, if a line opens the function of the configuration,
/// such as `export default async function (eleventyConfig) {`. The body may begin on the same line.
pub(super) fn addition(line: &str) -> Option<Insertion> {
    let (is_module, rest) = match line.strip_prefix("export default ") {
        Some(rest) => (true, rest),
        None => {
            let rest = line.strip_prefix("module.exports")?.trim_start();
            (false, rest.strip_prefix('=')?)
        }
    };
    let (head, body) = rest.split_once('{')?;
    let parameter = parameter(head.trim())?;
    let (call, import) = if is_module {
        ("planche", "import planche from \"./planche.eleventy.cjs\";")
    } else {
        ("require(\"./planche.eleventy.cjs\")", "")
    };
    Some(Insertion {
        at: line.len() - body.len(),
        statement: format!("{parameter}.addPlugin({call});"),
        import,
    })
}

/// Returns the only parameter of a function, given the text before its body.
fn parameter(head: &str) -> Option<&str> {
    let head = match head.strip_prefix("async") {
        Some(rest) if rest.starts_with([' ', '(']) => rest.trim_start(),
        _ => head,
    };
    let parameters = match head.strip_prefix("function") {
        Some(function) => {
            let (name, rest) = function.split_once('(')?;
            let name = name.trim();
            (name.is_empty() || is_name(name)).then_some(rest)?
        }
        None => {
            let before_arrow = head.strip_suffix("=>")?.trim_end();
            match before_arrow.strip_prefix('(') {
                Some(rest) => rest,
                None => return Some(before_arrow).filter(|name| is_name(name)),
            }
        }
    };
    let (parameter, result) = parameters.split_once(')')?;
    let is_typed = result.trim_start().starts_with(':');
    if !result.trim().is_empty() && !is_typed {
        return None;
    }
    // The type annotation of TypeScript: `eleventyConfig: UserConfig`.
    let name = parameter
        .split_once(':')
        .map_or(parameter, |(name, _)| name);
    let name = Some(name.trim()).filter(|name| is_name(name))?;
    (!parameter.contains(',')).then_some(name)
}
