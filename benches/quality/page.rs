//! Prints the results, and writes them into `docs/quality.md`.

use std::fs;
use std::path::Path;

const PAGE: &str = "docs/quality.md";
const CURVES: &str = "docs/images/quality.svg";
/// The parts of the page before `BEGIN` and after `END` are written by hand.
const BEGIN: &str = "<!-- figures: cargo bench --bench quality -->\n";
const END: &str = "<!-- end of figures -->\n";

#[derive(Default)]
pub struct Page {
    text: String,
    curves: Option<String>,
}

impl Page {
    pub fn line(&mut self, line: &str) {
        println!("{line}");
        self.text += &format!("{}\n\n", wrap(line));
    }

    pub fn table(&mut self, title: &str, what: &str, head: &[&str], rows: &[Vec<String>]) {
        let what = wrap(what);
        let mut table = format!("### {title}\n\n{what}\n\n| {} |\n", head.join(" | "));
        table += &format!("|{}\n", "---|".repeat(head.len()));
        for row in rows {
            table += &format!("| {} |\n", row.join(" | "));
        }
        println!("{table}");
        self.text += &format!("{table}\n");
    }

    pub fn curves(&mut self, svg: String) {
        self.text += "![Worst score by total bytes: a target needs fewer bytes than a fixed quality](images/quality.svg)\n\n";
        self.curves = Some(svg);
    }

    /// Replaces the figures in the page, and the chart that it shows.
    pub fn write(&self) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let page = fs::read_to_string(root.join(PAGE)).expect("the page");
        let (before, rest) = page.split_once(BEGIN).expect("where figures begin");
        let (_, after) = rest.split_once(END).expect("where figures end");
        let page = format!("{before}{BEGIN}\n{}{END}{after}", self.text);
        fs::write(root.join(PAGE), page).expect("the page is written");
        if let Some(curves) = &self.curves {
            fs::write(root.join(CURVES), curves).expect("the curves are written");
        }
    }
}

/// Breaks a paragraph into lines of at most 120 characters.
fn wrap(text: &str) -> String {
    let mut wrapped = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if length > 0 {
            let fits = length + 1 + width <= 120;
            wrapped.push(if fits { ' ' } else { '\n' });
            length = if fits { length + 1 } else { 0 };
        }
        wrapped.push_str(word);
        length += width;
    }
    wrapped
}
