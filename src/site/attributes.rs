//! The attributes of a file besides its bytes: owner, group, mode, access control list and extended
//! attributes.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use rustix::fs::{Gid, Uid, fchown};

/// An attribute of an article that cannot be given to the file that replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    Owner,
    /// The access control list, or an extended attribute.
    Extended,
}

/// Whether a rewritten file kept its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Kept,
    /// The user may not set the old group. The file has the user's group, which gets only the
    /// permissions of others.
    Changed,
}

/// Fails for a file that no user may write: its author has protected it, although a rename would
/// succeed if its folder is writable.
pub(super) fn refuse_read_only(mode: u32) -> io::Result<()> {
    if mode & 0o222 == 0 {
        let message = "the file is read-only";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    Ok(())
}

/// Gives `new` the owner, group, mode, access control list and extended attributes of `old`.
pub(super) fn copy(old: &File, new: &File) -> io::Result<Result<Group, Lost>> {
    let (from, to) = (old.metadata()?, new.metadata()?);
    if from.uid() != to.uid() && fchown(new, Some(Uid::from_raw(from.uid())), None).is_err() {
        return Ok(Err(Lost::Owner));
    }
    let group =
        if from.gid() == to.gid() || fchown(new, None, Some(Gid::from_raw(from.gid()))).is_ok() {
            Group::Kept
        } else {
            Group::Changed
        };
    // Set after the owner, because changing the owner clears the set-user-ID bit.
    new.set_permissions(Permissions::from_mode(mode(from.mode(), group)))?;
    let names = extended::names(old)?;
    if group == Group::Changed && names.iter().any(extended::is_access_list) {
        return Ok(Err(Lost::Extended));
    }
    Ok(extended::copy(old, new, &names)?.map(|()| group))
}

/// Returns the mode of a rewritten file. If its group has changed, the group gets the permissions
/// of others, and the set-ID bits are cleared.
fn mode(old: u32, group: Group) -> u32 {
    match group {
        Group::Kept => old & 0o7777,
        Group::Changed => old & 0o1707 | (old & 0o7) << 3,
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
mod extended {
    use std::ffi::CString;
    use std::fs::File;
    use std::io;

    use rustix::fs::{
        XattrFlags, fgetxattr, fgetxattr_query, flistxattr, flistxattr_query, fremovexattr,
        fsetxattr,
    };
    use rustix::io::Errno;

    use super::Lost;

    /// Name of the attribute with the access control list (acl(5)). A new file may inherit one from
    /// its folder even if `old` has none.
    const ACCESS_LIST: &str = "system.posix_acl_access";

    pub fn is_access_list(name: &CString) -> bool {
        name.as_bytes() == ACCESS_LIST.as_bytes()
    }

    pub fn copy(old: &File, new: &File, names: &[CString]) -> io::Result<Result<(), Lost>> {
        if !names.iter().any(is_access_list) {
            match fremovexattr(new, ACCESS_LIST) {
                // The file has no list, or the system does not support lists.
                Ok(()) | Err(Errno::NODATA | Errno::NOTSUP | Errno::INVAL | Errno::PERM) => {}
                Err(error) => return Err(error.into()),
            }
        }
        for name in names {
            let value = value(old, name)?;
            // The system sets the labels of security modules itself and may refuse to copy them, so
            // only a failure to copy the user's own attributes counts.
            let is_users = name.as_bytes().starts_with(b"user.") || is_access_list(name);
            let copied = fsetxattr(new, name.as_c_str(), &value, XattrFlags::empty());
            if copied.is_err() && is_users {
                return Ok(Err(Lost::Extended));
            }
        }
        Ok(Ok(()))
    }

    pub fn names(file: &File) -> io::Result<Vec<CString>> {
        let size = match flistxattr_query(file) {
            Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(Vec::new()),
            size => size?,
        };
        let mut list = vec![0; size];
        let size = flistxattr(file, &mut list[..])?;
        let names = list[..size].split(|byte| *byte == 0);
        Ok(names
            .filter(|name| !name.is_empty())
            .filter_map(|name| CString::new(name).ok())
            .collect())
    }

    fn value(file: &File, name: &CString) -> io::Result<Vec<u8>> {
        let size = fgetxattr_query(file, name.as_c_str())?;
        let mut value = vec![0; size];
        let size = fgetxattr(file, name.as_c_str(), &mut value[..])?;
        value.truncate(size);
        Ok(value)
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
mod extended {
    use std::ffi::CString;
    use std::fs::File;
    use std::io;

    use super::Lost;

    pub fn names(_file: &File) -> io::Result<Vec<CString>> {
        Ok(Vec::new())
    }

    pub fn is_access_list(_name: &CString) -> bool {
        false
    }

    pub fn copy(_old: &File, _new: &File, _names: &[CString]) -> io::Result<Result<(), Lost>> {
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_group_may_do_no_more_than_everybody() {
        assert_eq!(mode(0o100_664, Group::Kept), 0o664);
        assert_eq!(mode(0o100_664, Group::Changed), 0o644);
        assert_eq!(mode(0o102_660, Group::Changed), 0o600);
        assert_eq!(mode(0o100_646, Group::Changed), 0o666);
    }
}
