"""Own cache: a cache folder for the tests alone, in which the user's weights are links.

The user's secret, settings and conversations are neither read nor written.
"""

import atexit
import os
import shutil
from pathlib import Path
from tempfile import mkdtemp

from index.user_cache import cache_folder


def use_own_cache() -> None:
    """Make it, until this process ends; all that it starts uses it too."""
    folder = Path(mkdtemp(prefix="article-qa-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for path in cache_folder().glob("*"):
        if path.suffix == ".gguf" or (path / "source.json").is_file():
            (folder / path.name).symlink_to(path.resolve())
    os.environ["ARTICLE_QA_CACHE"] = str(folder)
