//! What is printed, and the page that it becomes.

use std::fs;
use std::path::Path;

const PAGE: &str = "docs/quality.md";
const CURVES: &str = "docs/images/quality.svg";
/// What stands above and below the figures is written by hand.
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
        self.text += &format!("{line}\n\n");
    }

    pub fn table(&mut self, title: &str, what: &str, head: &[&str], rows: &[Vec<String>]) {
        let mut table = format!("### {title}\n\n{what}\n\n| {} |\n", head.join(" | "));
        table += &format!("|{}\n", "---|".repeat(head.len()));
        for row in rows {
            table += &format!("| {} |\n", row.join(" | "));
        }
        println!("{table}");
        self.text += &format!("{table}\n");
    }

    pub fn curves(&mut self, svg: String) {
        self.text += "![The worst score by bytes: a target takes fewer bytes than one quality for all](images/quality.svg)\n\n";
        self.curves = Some(svg);
    }

    /// Puts the figures into the page, and the curves beside it.
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
