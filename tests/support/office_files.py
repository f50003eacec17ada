"""Makes Word and PowerPoint files around a few elements of their XML."""

import re
from collections.abc import Mapping

from index.converters.worker import convert
from tests.support.sample_files import zipped

_ECMA = "http://schemas.openxmlformats.org"
_MS = "http://schemas.microsoft.com/office"
SPACES = {
    "w": f"{_ECMA}/wordprocessingml/2006/main",
    "m": f"{_ECMA}/officeDocument/2006/math",
    "r": f"{_ECMA}/officeDocument/2006/relationships",
    "a": f"{_ECMA}/drawingml/2006/main",
    "p": f"{_ECMA}/presentationml/2006/main",
    "wp": f"{_ECMA}/drawingml/2006/wordprocessingDrawing",
    "c": f"{_ECMA}/drawingml/2006/chart",
    "dgm": f"{_ECMA}/drawingml/2006/diagram",
    "mc": f"{_ECMA}/markup-compatibility/2006",
    "w14": f"{_MS}/word/2010/wordml",
    "w15": f"{_MS}/word/2012/wordml",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
}
_NAMES = " ".join(f'xmlns:{name}="{space}"' for name, space in SPACES.items())
_TYPE = f"{SPACES['r']}/"
_RELATIONS = f"{_ECMA}/package/2006/relationships"


def element(tag: str, content: str = "") -> str:
    """An element with every name known in it."""
    return f"<{tag} {_NAMES}>{content}</{tag}>"


def paragraph(content: str, properties: str = "") -> str:
    """A paragraph of Word; text that is no element becomes a run."""
    content = content if content.startswith("<") or not content else run(content)
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{content}</w:p>"


def run(text: str, properties: str = "") -> str:
    """A run of Word."""
    inside = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{inside}<w:t xml:space="preserve">{text}</w:t></w:r>'


def word(body: str, parts: Mapping[str, str] | None = None, *, strict: bool = False) -> bytes:
    """A Word file.

    Args:
        body: what `w:body` holds.
        parts: other parts by their names, such as `styles`, or `header1` for a header; each is
            related to the document under its name as id, and by its name without number as type.
        strict: whether names are those of the strict form.
    """
    others = dict(parts or {})
    relations = "".join(
        f'<Relationship Id="{name}" Type="{_TYPE}{_kind(name)}" Target="{_file(name)}"/>'
        for name in others
    )
    members = {
        "word/document.xml": element("w:document", f"<w:body>{body}</w:body>"),
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}'
        "</Relationships>",
        **{f"word/{_file(name)}": content for name, content in others.items()},
    }
    if strict:
        members = {name: strictly(content) for name, content in members.items()}
    return zipped(members)


def _kind(name: str) -> str:
    return re.sub(r"\d+(?:\.\w+)?\Z", "", name)


def _file(name: str) -> str:
    return name if "." in name else f"{name}.xml"


def strictly(content: str) -> str:
    """With the strict form of the names (ISO/IEC 29500-1, annex A)."""
    return re.sub(
        rf"{_ECMA}/(\w+ml|officeDocument)/2006/", r"http://purl.oclc.org/ooxml/\1/", content
    )


def read(body: str, **parts: str) -> str:
    return convert("docx", word(body, parts)).text


def notices(body: str, **parts: str) -> tuple[str, ...]:
    return convert("docx", word(body, parts)).notices


def field(code: str, result: str = "", form: str = "") -> str:
    def mark(kind: str, inside: str = "") -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}">{inside}</w:fldChar></w:r>'

    begun = mark("begin", f"<w:ffData>{form}</w:ffData>" if form else "")
    code = f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'
    return f"{begun}{code}{mark('separate') + run(result) if result else ''}{mark('end')}"
