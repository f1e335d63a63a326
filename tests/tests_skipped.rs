//! Prints how many tests the other test targets of this `cargo test` have skipped, and why.
//!
//! This target has no harness, because libtest would capture the output. Cargo runs test targets
//! sorted by name, so it runs last.

#[path = "needs.rs"]
mod needs;

use std::collections::BTreeMap;
use std::fs;

use needs::{Need, record};

fn main() {
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let skips = record().and_then(|path| {
        let text = fs::read_to_string(&path).ok()?;
        let _ = fs::remove_file(path);
        Some(text)
    });
    print!("{}", summary(&skips.unwrap_or_default()));
}

/// Formats the total, then one line per need.
fn summary(skips: &str) -> String {
    let mut by_need: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in skips.lines() {
        let mut fields = line.split('\t');
        if let (Some(test), Some(need)) = (fields.next(), fields.next()) {
            by_need.entry(need).or_default().push(test);
        }
    }
    let total: usize = by_need.values().map(Vec::len).sum();
    let mut text = format!("\nskipped tests: {total}\n");
    for (name, tests) in by_need {
        let need = Need::ALL.into_iter().find(|need| need.name() == name);
        let hint = need.map_or("", Need::hint);
        text += &format!(
            "  {} need {name} ({hint}): {}\n",
            tests.len(),
            tests.join(", ")
        );
    }
    text
}
