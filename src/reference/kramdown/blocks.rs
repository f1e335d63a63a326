//! Prepares definition lists for a CommonMark parser, which would read their indented paragraphs as
//! code.

/// Puts a letter before each indented line of a definition that is not code to kramdown. The length
/// stays the same.
pub(super) fn with_definitions(text: String) -> String {
    if !text.contains("\n:") && !text.contains("\n :") {
        return text;
    }
    let mut letters = Vec::new();
    let mut definition = None;
    let mut follows_blank = true;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches(' ');
        let (indent, letter) = if line.starts_with('\t') {
            (4, start)
        } else {
            (line.len() - content.len(), start + 3)
        };
        let is_blank = content.trim().is_empty();
        if let Some(rest) = content.strip_prefix(':').filter(|_| indent < 4)
            && rest.starts_with([' ', '\t'])
        {
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            definition = Some(indent + 1 + blanks.min(4));
        } else if let Some(width) = definition
            && indent >= 4
            && !is_blank
        {
            if indent < width + 4 {
                letters.push(letter);
            }
        } else if !is_blank && indent < 4 && follows_blank {
            definition = None;
        }
        follows_blank = is_blank;
        start += line.len();
    }
    let mut bytes = text.into_bytes();
    for at in letters {
        bytes[at] = b'x';
    }
    String::from_utf8(bytes).expect("blanks were replaced with letters")
}
