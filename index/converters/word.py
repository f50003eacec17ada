"""Word -> Markdown; only home of mammoth."""

import io

from index.converters.archive import Archive
from index.converters.converted import Converted
from index.converters.html import markdown
from index.converters.office_properties import with_properties

_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"


def read(data: bytes) -> Converted:
    """Read a Word document: headings, paragraphs, lists, tables, notes; its own properties."""
    import mammoth

    with Archive(data) as file:
        file.require("word/document.xml", "Word")
        html = mammoth.convert_to_html(
            io.BytesIO(data),
            style_map=_STYLES,
            convert_image=mammoth.images.img_element(lambda image: {}),
        ).value
        return with_properties(markdown(html), (), file)
