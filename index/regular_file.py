"""Regular files: opened where they lie, never through a link, and none that would be waited for."""

import os
import stat
from io import BufferedReader
from pathlib import Path


def open_regular(path: Path) -> BufferedReader:
    """Open a file to read.

    Raises:
        OSError: it is missing, a link, a pipe, a device or a folder, or may not be read.
    """
    # A pipe without a writer would be waited for.
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise OSError(f"{path} is no file")
        return os.fdopen(opened, "rb")
    except BaseException:
        os.close(opened)
        raise
