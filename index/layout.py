"""Index layout: the files that an index folder consists of, by name, and a copy of them.

Other rooms keep files of their own in the same folder, each in the place that is named here.
"""

import shutil
from pathlib import Path

from index.errors import LinkInIndex

CATALOG = "catalog.sqlite"
VECTORS = "vectors.sqlite"
CHROMA = "chroma"  # a folder
SEAL = "vectors.seal"
WRITER_LOCK, WRITER_OWNER = "writer.lock", "writer.json"
# A folder of uploads holds this file. It is a root of its own, so that each of its files is indexed
# once, whatever folder it lies below.
UPLOADS_MARK = ".uploads"
# So does a folder of web pages; see index/articles/web_pages.py.
WEB_MARK = ".web.jsonl"
# What other rooms keep there: KV states, what was added on the page, conversations, a socket, and
# web pages that were fetched.
STATES, UPLOADS, CONVERSATIONS, SOCKET = "states", "uploads", "conversations.sqlite", "ask.sock"
WEB = "web"

_PARTS = (
    *(CATALOG, VECTORS, CHROMA, SEAL, WRITER_LOCK, WRITER_OWNER),
    *(STATES, UPLOADS, CONVERSATIONS, SOCKET, WEB),
)


def refuse_links(folder: Path) -> None:
    """See that each part of an index lies in its folder: a link leads to what is another's.

    Raises:
        LinkInIndex: it names the first that is a link.
    """
    for name in _PARTS:
        if (folder / name).is_symlink():
            raise LinkInIndex(folder, name)


def copy_index(index: Path, folder: Path) -> None:
    """Copy an index, which nobody may be writing, into a new folder; times of files stay."""
    folder.mkdir(parents=True)
    # SQLite lays a log and its index beside a database that is open somewhere.
    for database in (CATALOG, VECTORS):
        for file in index.glob(f"{database}*"):
            shutil.copy2(file, folder)
    if (index / CHROMA).is_dir():
        shutil.copytree(index / CHROMA, folder / CHROMA, symlinks=True)
    if (index / SEAL).is_file():
        shutil.copy2(index / SEAL, folder)
