//! The page of a preview: the contact sheet, and a script for what only a preview can do.

use std::sync::OnceLock;

use crate::sheet::{self, Mode, Sheet};

/// Script for progress, drafts and edits.
pub const EDIT_SCRIPT: &str = include_str!("edit.js");

/// The HTML of the page, and its content security policy.
#[derive(Debug)]
pub struct Page {
    pub html: String,
    /// The policy of the page as an HTTP header. The header also forbids other pages to frame it.
    pub policy: String,
}

/// Returns the page. It contains nothing from the site: its script fetches the sheet.
pub fn html(sheet: &Sheet) -> &'static Page {
    static PAGE: OnceLock<Page> = OnceLock::new();
    PAGE.get_or_init(|| {
        let html = sheet::page(sheet, Mode::Preview, None);
        Page {
            policy: policy(&html),
            html,
        }
    })
}

fn policy(html: &str) -> String {
    let start = "http-equiv=\"Content-Security-Policy\" content=\"";
    let own = html
        .split(start)
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let own = own.expect("the page of the sheet has a policy");
    format!("{own}; frame-ancestors 'none'")
}
