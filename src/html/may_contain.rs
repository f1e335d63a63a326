//! Finds out by a byte search what a page may contain, so that whole pages need not be parsed, and
//! selectors that cannot match need not be tried at every tag.

/// Elements and attributes that a page may contain. If one is `false`, the page certainly lacks it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct MayContain {
    pub image: bool,
    pub picture: bool,
    pub video: bool,
    pub meta: bool,
    pub link: bool,
    pub base: bool,
    /// Whether there may be a `<style>`.
    pub sheet: bool,
    pub noscript: bool,
    /// Whether there may be an element or attribute that affects everything inside the element.
    pub nested: bool,
    /// Whether there may be an element that is as wide as its content: a table cell or a button.
    pub fitting: bool,
    /// Whether there may be an attribute `style`.
    pub style: bool,
    /// Whether there may be the word `preload`, in any attribute.
    pub preload: bool,
}

impl MayContain {
    /// Everything, for a page that is known only in part.
    pub const ALL: MayContain = MayContain {
        image: true,
        picture: true,
        video: true,
        meta: true,
        link: true,
        base: true,
        sheet: true,
        noscript: true,
        nested: true,
        fitting: true,
        style: true,
        preload: true,
    };

    /// Searches the bytes of a page.
    pub fn of(page: &[u8]) -> Self {
        let mut found = MayContain::default();
        let mut has_svg = false;
        for at in memchr::memchr_iter(b'<', page) {
            let behind = &page[at + 1..];
            let is = |name: &[u8]| {
                let start = behind.get(..name.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(name))
            };
            match behind.first().map(u8::to_ascii_lowercase) {
                Some(b'i') => found.image |= is(b"img"),
                Some(b'p') => found.picture |= is(b"picture"),
                Some(b'v') => found.video |= is(b"video"),
                Some(b'm') => found.meta |= is(b"meta"),
                Some(b'l') => found.link |= is(b"link"),
                Some(b'b') => {
                    found.base |= is(b"base");
                    found.fitting |= is(b"button");
                }
                Some(b's') => {
                    found.sheet |= is(b"style");
                    has_svg |= is(b"svg");
                }
                Some(b'n') => found.noscript |= is(b"noscript"),
                Some(b'a') => found.nested |= is(b"audio"),
                Some(b'c') => found.nested |= is(b"canvas"),
                Some(b'd') => {
                    found.nested |= is(b"dialog") || is(b"details") || is(b"desc");
                }
                Some(b'f') => found.nested |= is(b"foreignobject"),
                Some(b't') => {
                    found.nested |= is(b"template");
                    found.fitting |= is(b"td") || is(b"th");
                }
                _ => {}
            }
        }
        // Both attributes need a value. `=` is searched for, as most pages name a `stylesheet`, and
        // most have few `style=`.
        for at in memchr::memchr_iter(b'=', page) {
            let before = page[..at].trim_ascii_end();
            let is = |name: &[u8]| {
                let end = before.len().checked_sub(name.len());
                end.is_some_and(|end| before[end..].eq_ignore_ascii_case(name))
            };
            found.nested |= is(b"data-planche");
            found.style |= is(b"style");
        }
        found.nested |= found.video || has_svg && (found.base || found.style);
        found.nested = found.nested || has_attribute(page, b"hidden", b"HIDDEN");
        found.nested = found.nested || has_attribute(page, b"popover", b"POPOVER");
        found.noscript &= found.link;
        if found.link {
            let preload = b"preload";
            found.preload = memchr::memchr2_iter(b'p', b'P', page).any(|at| {
                let word = page.get(at..at + preload.len());
                word.is_some_and(|word| word.eq_ignore_ascii_case(preload))
            });
        }
        found
    }

    /// Whether the page may show an image. `has_rules` is whether a rule selects elements.
    pub fn any(self, has_rules: bool) -> bool {
        self.image || self.video || self.style || self.preload || self.meta && has_rules
    }
}

/// Whether the page may have an attribute of this name, which is given in lower and upper case.
fn has_attribute(page: &[u8], lower: &[u8], upper: &[u8]) -> bool {
    let is_before = |byte: &u8| byte.is_ascii_whitespace() || b"\"'/".contains(byte);
    let is_behind = |byte: &u8| byte.is_ascii_whitespace() || b"=>/".contains(byte);
    let is_name = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| page.get(before));
        let behind = page.get(at + lower.len());
        before.is_some_and(is_before) && behind.is_none_or(is_behind)
    };
    let mut both = [lower, upper].into_iter();
    both.any(|name| memchr::memmem::find_iter(page, name).any(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_found_in_any_case() {
        let page = b"<IMG><pictuRE><video><Meta><LINK rel=PreLoad><base><style><p Style = a DATA-planche=off><NoScript><TD>";
        let all = MayContain::of(page);
        assert_eq!(all, MayContain::ALL);
        let words = b"img picture video meta link base style preload data-planche hidden, svg \
            <p class=hiddens aria-hidden=true class=\"hidden\"><svg>";
        assert_eq!(MayContain::of(words), MayContain::default());
        for page in [
            &b"<Template>"[..],
            b"<dialog>",
            b"<DETAILS>",
            b"<svg><desc>",
            b"<foreignObject>",
            b"<canvas>",
            b"<audio>",
            b"<p\nhidden>",
            b"<p id='a'HIDDEN=''>",
            b"<p popover",
            b"<svg><base>",
            b"<p data-planche = off>",
        ] {
            assert!(MayContain::of(page).nested, "{page:?}");
        }
        assert!(!MayContain::of(b"<meta>").any(false));
        assert!(MayContain::of(b"<meta>").any(true));
        for page in [&b"<"[..], b"<im", b"=", b"style", b"<link prel", b""] {
            assert!(!MayContain::of(page).any(true));
        }
    }
}
