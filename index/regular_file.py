"""Regular files: opened unless they would be waited for, and through no link that is not wanted."""

import os
import stat
from io import BufferedReader
from pathlib import Path


class NotRegular(OSError):
    """A pipe, a device or a folder."""


def open_regular(path: Path, *, follow: bool = False) -> BufferedReader:
    """Open a file to read.

    Args:
        path: the file.
        follow: whether it may be a link to one.

    Raises:
        NotRegular: it is a pipe, a device or a folder.
        OSError: it is missing or a link, or may not be read.
    """
    # A pipe without a writer would be waited for.
    way = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    opened = os.open(path, way)
    try:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise NotRegular(f"{path} is no file")
        return os.fdopen(opened, "rb")
    except BaseException:
        os.close(opened)
        raise
