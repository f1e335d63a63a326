//! Checks whether the site's generator is installed.

use planche::internal::finding::{Code, Finding};
use planche::internal::project::Site;

/// A notice if the generator is not installed. Only `check` reports it, as it usually
/// precedes a build of the site, while `build` may run on a machine without the generator.
pub fn missing_generator(site: &Site) -> Option<Finding> {
    let find = site.conventions.generator.spec().program?;
    let program = find(&site.root);
    let is_package = program.package.is_some_and(|package| {
        // Node.js looks for packages in `node_modules` of a folder and of all folders above it.
        let root = site.root.path().canonicalize().unwrap_or_default();
        let mut folders = root.ancestors();
        folders.any(|folder| folder.join("node_modules").join(package).is_dir())
    });
    if is_package || which::which(program.name).is_ok() {
        return None;
    }
    let message = format!(
        "`{}` is not installed, so the site cannot be built here",
        program.name
    );
    Some(Finding::new(Code::GeneratorMissing, message).hint(program.hint))
}
