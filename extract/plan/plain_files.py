"""Opens files that others may have put there: plain ones only, without waiting, and no more bytes than expected."""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def open_plain(path: Path, *, follow: bool = False) -> BufferedReader:
    """Open a plain file: no pipe, no device, and unless `follow` is set no link. Raises OSError."""
    if not follow and path.is_symlink():  # where the system has no O_NOFOLLOW
        raise OSError(errno.ELOOP, "it is a link")
    descriptor = os.open(path, _FLAGS | (0 if follow else _NO_LINK))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no plain file")
    return os.fdopen(descriptor, "rb")


def read_plain(path: Path, largest: int, *, follow: bool = False) -> bytes:
    """The content of a plain file of at most `largest` bytes. Raises OSError."""
    with open_plain(path, follow=follow) as file:
        if os.fstat(file.fileno()).st_size > largest:
            raise OSError(errno.EFBIG, f"it has more than {largest:,} bytes")
        return file.read(largest)
