"""HTML tree -> Markdown by markdownify, its only home; lists keep the numbers of the page."""

from functools import cache
from typing import Any

_SILENT = ("head", "script", "style", "noscript", "template", "hr", "nav-gone")


def markdownified(tree: Any) -> str:
    """A simplified tree, or a part of one, as Markdown; the tree loses what has no text."""
    from lxml import etree
    from lxml import html as lxml_html

    etree.strip_elements(tree, *_SILENT, with_tail=False)
    for each in tree.iter("aside"):
        each.tag = "div"
    html = lxml_html.tostring(tree, encoding="unicode", with_tail=False)
    return str(
        _converter()(
            heading_style="atx",
            bullets="-",
            strip=["a", "img"],
            escape_asterisks=False,
            escape_underscores=False,
        ).convert(html)
    )


@cache
def _converter() -> Any:
    from markdownify import MarkdownConverter

    class Numbered(MarkdownConverter):  # type: ignore[misc,unused-ignore]
        """Writes an item's own number, which `html_blocks` has found."""

        def convert_li(self, el: Any, text: str, parent_tags: set[str]) -> str:
            mark = el.get("data-mark")
            if not mark:
                plain: Any = super()
                return str(plain.convert_li(el, text, parent_tags))
            width = " " * (len(mark) + 1)
            lines = (text or "").strip().split("\n")
            below = [f"{width}{line}" if line.strip() else line for line in lines[1:]]
            return "\n".join([f"{mark} {lines[0]}", *below]) + "\n"

    return Numbered
