"""Index layout: the files that an index folder consists of, by name, and a copy of them.

Other rooms keep files of their own in the same folder; what is named here is the index itself.
"""

import shutil
from pathlib import Path

CATALOG = "catalog.sqlite"
VECTORS = "vectors.sqlite"
CHROMA = "chroma"  # a folder
SEAL = "vectors.seal"
WRITER_LOCK, WRITER_OWNER = "writer.lock", "writer.json"
# A folder of uploads holds this file. It is a root of its own, so that each of its files is indexed
# once, whatever folder it lies below.
UPLOADS_MARK = ".uploads"


def copy_index(index: Path, folder: Path) -> None:
    """Copy an index, which nobody may be writing, into a new folder; times of files stay."""
    folder.mkdir(parents=True)
    # SQLite lays a log and its index beside a database that is open somewhere.
    for database in (CATALOG, VECTORS):
        for file in index.glob(f"{database}*"):
            shutil.copy2(file, folder)
    if (index / CHROMA).is_dir():
        shutil.copytree(index / CHROMA, folder / CHROMA)
    if (index / SEAL).is_file():
        shutil.copy2(index / SEAL, folder)
