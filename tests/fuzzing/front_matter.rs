//! The fuzz target `front_matter`: apply, strip and the guard, on arbitrary bytes.

use crate::editing::{Form, rewrite, strip, wanted};

/// Checks the invariants of edits. The first byte chooses the form of the rest.
pub fn check(bytes: &[u8]) {
    let Some((form, text)) = bytes.split_first() else {
        return;
    };
    let form = form_of(*form);
    let Ok(before) = form.article(text) else {
        return;
    };
    let Ok(stripped) = strip(&before, form) else {
        return;
    };
    let all = wanted(&before, form);
    let Ok(outcome) = rewrite(&before, form, &all) else {
        return;
    };
    let Some(new) = outcome.rewrite else {
        return;
    };
    let after = form.article(&new.bytes).expect("still an article");
    assert_eq!(after.body(), before.body(), "the body changed");
    assert_eq!(
        after.bytes()[..after.front_matter_start()],
        before.bytes()[..before.front_matter_start()],
        "the text before the front matter changed"
    );
    assert_eq!(wanted(&after, form), all, "references changed");
    let second = rewrite(&after, form, &all).expect("accepted again");
    if let Some(second) = second.rewrite {
        assert_eq!(second.bytes, new.bytes, "a second run changes the article");
    }
    let stripped_after = strip(&after, form).expect("can be stripped");
    assert_eq!(stripped_after, stripped, "strip does not undo apply");
}

/// Chooses a form by a letter, so that seeds can be read and written in an editor.
fn form_of(letter: u8) -> Form {
    match letter {
        b'j' => Form::Jekyll,
        b'h' => Form::Hugo,
        b'z' => Form::Zola,
        b'y' => Form::YamlData,
        b't' => Form::TomlData,
        b'o' => Form::JsonData,
        other => [
            Form::Jekyll,
            Form::Hugo,
            Form::Zola,
            Form::YamlData,
            Form::TomlData,
            Form::JsonData,
        ][usize::from(other) % 6],
    }
}
