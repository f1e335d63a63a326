//! Detects whether the notifications of the system are reliable for a folder.

use std::path::Path;

/// Magic numbers of the file systems on which changes made by other machines are not notified
/// (statfs(2)).
#[cfg(any(target_os = "linux", test))]
const REMOTE: [(u32, &str); 7] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xfe53_4d42, "SMB"),
    (0xff53_4d42, "CIFS"),
    (
        0x0102_1997,
        "9P, used by WSL and virtual machines to share folders",
    ),
    (0x6573_5546, "FUSE"),
    (0x786f_4256, "VirtualBox's shared folders"),
];

/// Returns the reason why notifications are not reliable for a folder; `None` if they are.
#[cfg(target_os = "linux")]
pub fn obstacle(folder: &Path) -> Option<String> {
    // A magic number has 32 bits. On some systems, the field is wider, and signed.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::unnecessary_cast
    )]
    let kind = rustix::fs::statfs(folder).ok()?.f_type as u32;
    name_of(kind).map(|name| format!("the folder is on {name}"))
}

#[cfg(not(target_os = "linux"))]
pub fn obstacle(_folder: &Path) -> Option<String> {
    None
}

#[cfg(any(target_os = "linux", test))]
fn name_of(kind: u32) -> Option<&'static str> {
    REMOTE
        .iter()
        .find(|(known, _)| kind == *known)
        .map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_file_systems_are_known_by_their_magic_numbers() {
        assert_eq!(name_of(0x6969), Some("NFS"));
        assert_eq!(name_of(0xff53_4d42), Some("CIFS"));
        assert_eq!(name_of(0xef53), None, "ext4");
    }
}
