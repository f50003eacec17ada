"""Formats: a table of the files that are read, their size limits, and advice for the others.

Also checks a file's first bytes. Knows whether OCR is installed, which pictures need.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath

from index.converters.ocr_packs import ADVICE, installed

_MB = 2**20

# Bytes. A news article is some 20 KB and a long book 5 MB; a larger file is data, not an article.
MAX_BYTES = 32 * _MB
# Of formats that hold pictures beside the text, which are not read.
MAX_BYTES_WITH_PICTURES = 128 * _MB


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is read.

    `reader` names its converter in index/converters/worker.py, and is empty for text, which needs
    none. `starts` are the signatures, one of which such a file begins with; text has none.
    """

    name: str
    reader: str = ""
    starts: tuple[bytes, ...] = ()
    max_bytes: int = MAX_BYTES


_ZIP = (b"PK\x03\x04",)
_TEXT = Format("text")
_MARKDOWN = Format("Markdown", "markdown")
_HTML = Format("HTML", "html")
_MHTML = Format("MHTML", "mhtml")
FORMATS = {
    ".txt": _TEXT,
    ".text": _TEXT,
    ".md": _MARKDOWN,
    ".markdown": _MARKDOWN,
    ".html": _HTML,
    ".htm": _HTML,
    ".mhtml": _MHTML,
    ".mht": _MHTML,
    ".pdf": Format("PDF", "pdf", (b"%PDF-",), MAX_BYTES_WITH_PICTURES),
    ".docx": Format("Word", "docx", _ZIP, MAX_BYTES_WITH_PICTURES),
    ".pptx": Format("PowerPoint", "pptx", _ZIP, MAX_BYTES_WITH_PICTURES),
    ".xlsx": Format("Excel", "xlsx", _ZIP, MAX_BYTES_WITH_PICTURES),
    ".xlsm": Format("Excel", "xlsx", _ZIP, MAX_BYTES_WITH_PICTURES),
    ".epub": Format("EPUB", "epub", _ZIP, MAX_BYTES_WITH_PICTURES),
    ".odt": Format("OpenDocument text", "odt", _ZIP, MAX_BYTES_WITH_PICTURES),
    ".odp": Format("OpenDocument slides", "odp", _ZIP, MAX_BYTES_WITH_PICTURES),
    ".ods": Format("OpenDocument sheets", "ods", _ZIP, MAX_BYTES_WITH_PICTURES),
    ".rtf": Format("RTF", "rtf", (b"{\\rtf",), MAX_BYTES_WITH_PICTURES),
    ".eml": Format("e-mail", "eml", (), MAX_BYTES_WITH_PICTURES),
    ".mbox": Format("mailbox", "mbox", (), MAX_BYTES_WITH_PICTURES),
    ".rst": Format("reStructuredText", "rst"),
    ".org": Format("Org", "org"),
    ".srt": Format("SubRip subtitles", "srt"),
    ".vtt": Format("WebVTT subtitles", "vtt"),
    ".csv": Format("CSV", "csv"),
    ".tsv": Format("TSV", "tsv"),
    ".json": Format("JSON", "json"),
    ".geojson": Format("JSON", "json"),
    ".jsonl": Format("JSON Lines", "jsonl"),
    ".ndjson": Format("JSON Lines", "jsonl"),
}
# Read where OCR is installed.
PICTURES = {
    ".png": Format("PNG", "picture", (b"\x89PNG\r\n",)),
    ".jpg": Format("JPEG", "picture", (b"\xff\xd8\xff",)),
    ".jpeg": Format("JPEG", "picture", (b"\xff\xd8\xff",)),
    ".gif": Format("GIF", "picture", (b"GIF8",)),
    ".webp": Format("WebP", "picture", (b"RIFF",)),
    ".bmp": Format("BMP", "picture", (b"BM",)),
    ".tif": Format("TIFF", "picture", (b"II*\0", b"MM\0*"), MAX_BYTES_WITH_PICTURES),
    ".tiff": Format("TIFF", "picture", (b"II*\0", b"MM\0*"), MAX_BYTES_WITH_PICTURES),
}
_SUFFIX = re.compile(r"\.\w{1,10}")
PLAIN = frozenset({".txt", ".text"})

_SOUND = [".mp3", ".m4a", ".wav", ".ogg", ".flac", ".mp4", ".mov", ".mkv", ".webm"]
_SAVE_AS = {
    **dict.fromkeys([".doc", ".pages", ".docm", ".wps", ".wpd"], "save it as .docx"),
    **dict.fromkeys([".xls", ".numbers", ".xlsb"], "save it as .xlsx"),
    **dict.fromkeys([".ppt", ".key", ".pptm"], "save it as .pptx"),
    **dict.fromkeys([".mobi", ".azw", ".azw3"], "save it as .epub"),
    **dict.fromkeys([".msg", ".emlx"], "save it as .eml"),
    **dict.fromkeys([".pst", ".ost"], "save it as .mbox"),
    **dict.fromkeys([".fodt", ".fods", ".fodp"], "save it as .odt, .ods or .odp"),
    **dict.fromkeys([".sub", ".ass", ".ssa", ".ttml", ".sbv"], "save it as .srt"),
    **dict.fromkeys([".xml", ".xhtml"], "save it as .html"),
    **dict.fromkeys([".zip", ".gz", ".7z", ".rar", ".tar"], "unpack it"),
    **dict.fromkeys(PICTURES, f"save its words as .txt, or {ADVICE}"),
    **dict.fromkeys([".heic", ".avif", ".svg"], "save it as .png, or its words as .txt"),
    **dict.fromkeys(_SOUND, "save its words as .txt (a transcript)"),
}

# Signatures of other kinds of files, so that a wrong name is reported.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (
    (b"%PDF-", "PDF; name it .pdf"),
    (_ZIP[0], "zip file, as .docx, .odt, .xlsx, .pptx and .epub are; give it the right name"),
    (_OLE, "old Office file; save it as .docx, .xlsx or .pptx"),
    (b"\x89PNG\r\n", "picture; name it .png"),
    (b"\xff\xd8\xff", "picture; name it .jpg"),
    (b"{\\rtf", "RTF file; name it .rtf"),
)


def format_of(name: str) -> Format | None:
    """The format by a file's name; None if it is not read, here at the least."""
    suffix = PurePath(name).suffix.lower()
    if suffix in PICTURES and installed():
        return PICTURES[suffix]
    return FORMATS.get(suffix)


def known_format(name: str) -> Format | None:
    """The format by a file's name, whether or not its words can be read here."""
    suffix = PurePath(name).suffix.lower()
    return PICTURES.get(suffix) or FORMATS.get(suffix)


def not_read(name: str) -> str:
    """The reason why a file of this name is not read, with advice."""
    suffix = PurePath(name).suffix
    # In "1. Results of May" the point begins no suffix.
    shown = suffix if _SUFFIX.fullmatch(suffix) else "a file without suffix"
    reason = f"{shown} is not a format that is read"
    hint = _SAVE_AS.get(suffix.lower())
    return f"{reason}; {hint}" if hint else reason


def misnamed(data: bytes, format: Format) -> str | None:
    """The reason why these bytes are not of the format that the name says; None if they may be."""
    if format.starts and data.startswith(_OLE):
        return f"is no {format.name} file of today, or is encrypted; save it without a password"
    # Some PDFs have a line of a mail or a server before their signature.
    where = data[:1024] if format.name == "PDF" else data[:8]
    if any(start in where for start in format.starts):
        return None
    actual = next((name for start, name in _OTHERS if data.startswith(start)), None)
    if actual:
        return f"is not {format.name} but a {actual}"
    return f"is not {format.name}, whatever its name says" if format.starts else None
