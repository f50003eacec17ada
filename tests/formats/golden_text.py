"""Golden texts: what each file of `files/` must become; writes those of named files anew.

    python -m tests.formats.golden_text NAME...

Read what it wrote, word by word, beside the file in a program of its kind, before it is kept.
"""

import os
import sys
from pathlib import Path

from index.articles.article import Article, read
from index.articles.files import Found
from index.converters.sandbox import converter
from index.errors import NotText

HERE = Path(__file__).parent
FILES, GOLDEN = HERE / "files", HERE / "golden"


def described(path: Path) -> str:
    """A file as it is indexed: its metadata, pages and notices in lines, then its text."""
    try:
        return _described(read(Found(path.parent, path.name, path)))
    except NotText as reason:
        return f"refused: {reason}\n"


def _described(article: Article) -> str:
    known = {name: getattr(article, name) for name in ("title", "language", "date", "author")}
    lines = [f"{name}: {value}" for name, value in known.items() if value]
    for page in article.pages:
        begin = article.text[page.start :].split("\n", 1)[0][:40]
        sure = "" if page.ocr is None else " (OCR)"  # how sure differs between its versions
        lines.append(f"{page.kind} {page.name}{sure}: {begin}")
    lines += [f"notice: {notice}" for notice in article.notices]
    return "\n".join([*lines, "----", article.text.rstrip("\n"), ""])


def without_ocr() -> None:
    """Have no scan read from here on: what is read depends on what is installed."""
    os.environ["TESSDATA_PREFIX"] = str(HERE / "no language files")
    converter().close()  # its process knows what was installed


def main(names: list[str]) -> None:
    """Write the golden text of each named file."""
    without_ocr()
    for name in names:
        (GOLDEN / f"{name}.txt").write_text(described(FILES / name), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
