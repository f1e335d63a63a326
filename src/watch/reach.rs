//! Whether the system's notifications reach a folder.

use std::path::Path;

/// File systems whose changes made elsewhere are not told (statfs(2)).
const REMOTE: [(i64, &str); 7] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xfe53_4d42, "SMB"),
    (0xff53_4d42, "CIFS"),
    (
        0x0102_1997,
        "9P, which WSL and virtual machines share folders by",
    ),
    (0x6573_5546, "FUSE"),
    (0x786f_4256, "VirtualBox's shared folders"),
];

/// Why notifications cannot be trusted in a folder; none where they can.
#[cfg(target_os = "linux")]
pub fn obstacle(folder: &Path) -> Option<String> {
    let kind = rustix::fs::statfs(folder).ok()?.f_type;
    name_of(kind).map(|name| format!("the folder is on {name}"))
}

#[cfg(not(target_os = "linux"))]
pub fn obstacle(_folder: &Path) -> Option<String> {
    None
}

#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "statfs(2) is Linux's")
)]
fn name_of(kind: i64) -> Option<&'static str> {
    // The field is signed on some systems and 32 bits wide on others.
    REMOTE
        .iter()
        .find(|(known, _)| kind & 0xffff_ffff == *known)
        .map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_file_systems_are_known_by_their_magic_numbers() {
        assert_eq!(name_of(0x6969), Some("NFS"));
        assert_eq!(name_of(0xff53_4d42_u32.cast_signed().into()), Some("CIFS"));
        assert_eq!(name_of(0xef53), None, "ext4");
    }
}
