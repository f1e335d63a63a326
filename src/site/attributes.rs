//! What belongs to a file besides its bytes: owner, group, mode, access control list and extended
//! attributes.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;

use rustix::fs::{Gid, Uid, fchown};

/// An attribute of an article that the file that is to replace it cannot get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    Owner,
    /// The access control list, or an extended attribute.
    Extended,
}

/// Gives `new` the owner, group, mode, access control list and extended attributes of `old`.
pub(super) fn copy(old: &File, new: &File) -> io::Result<Result<(), Lost>> {
    let (from, to) = (old.metadata()?, new.metadata()?);
    if (from.uid(), from.gid()) != (to.uid(), to.gid()) {
        let owner = (from.uid() != to.uid()).then(|| Uid::from_raw(from.uid()));
        let group = (from.gid() != to.gid()).then(|| Gid::from_raw(from.gid()));
        if fchown(new, owner, group).is_err() {
            return Ok(Err(Lost::Owner));
        }
    }
    // After the owner, whose change clears the set-user-ID bit.
    new.set_permissions(from.permissions())?;
    extended::copy(old, new)
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

    /// The access control list (acl(5)): a folder may give its new files one that `old` lacks.
    const ACCESS_LIST: &str = "system.posix_acl_access";

    pub fn copy(old: &File, new: &File) -> io::Result<Result<(), Lost>> {
        let names = names(old)?;
        if !names
            .iter()
            .any(|name| name.as_bytes() == ACCESS_LIST.as_bytes())
        {
            match fremovexattr(new, ACCESS_LIST) {
                // It has none, or the system knows none.
                Ok(()) | Err(Errno::NODATA | Errno::NOTSUP | Errno::INVAL | Errno::PERM) => {}
                Err(error) => return Err(error.into()),
            }
        }
        for name in names {
            let value = value(old, &name)?;
            // The system sets the labels of security modules itself, and refuses others.
            let is_users =
                name.as_bytes().starts_with(b"user.") || name.as_bytes() == ACCESS_LIST.as_bytes();
            let copied = fsetxattr(new, name.as_c_str(), &value, XattrFlags::empty());
            if copied.is_err() && is_users {
                return Ok(Err(Lost::Extended));
            }
        }
        Ok(Ok(()))
    }

    fn names(file: &File) -> io::Result<Vec<CString>> {
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
    use std::fs::File;
    use std::io;

    use super::Lost;

    pub fn copy(_old: &File, _new: &File) -> io::Result<Result<(), Lost>> {
        Ok(Ok(()))
    }
}
