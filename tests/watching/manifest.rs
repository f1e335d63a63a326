use super::*;

#[test]
fn the_manifest_follows_what_is_edited() {
    for poll in BOTH {
        let site = site();
        let output = "output: { manifest: _data/planche.yml }\n";
        site.write("planche.yml", site.text("planche.yml") + output);
        let mut watched = Watched::start(site, poll);
        let names = |site: &Scratch, picture: usize| {
            site.text("_data/planche.yml")
                .contains(&format!("/{}:", upload(picture)))
        };
        assert!(names(&watched.site, 0));
        // All other articles' records stay in it.
        watched.site.write("articles/new.md", article(1, "Text.\n"));
        watched.until("the manifest", |site| names(site, 1) && names(site, 0));
        watched.whole_barrier();
        watched.take_told();
        watched.site.write("articles/new.md", article(0, "Text.\n"));
        watched.until("the manifest", |site| !names(site, 1) && names(site, 0));
        watched.finish();
    }
}
