"""Archive: a zip file of XML whose sizes and entities are checked before any of it is read.

Python's zipfile reads no more of a member than the size it declares, so the declared sizes bound
the real ones. Zip files inside it are never opened.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from index.errors import NotText

MAX_MEMBERS = 20_000
MAX_UNPACKED = 512 * 2**20  # bytes, pictures included
MAX_RATIO = 250  # times; XML is packed to a tenth, tables of zeros to a hundredth
_RATIO_FROM = 2**20  # bytes; a smaller file may repeat one letter
_TEXT = (".xml", ".rels", ".opf", ".xhtml", ".html", ".htm", ".ncx")
# Entities are how a few bytes of XML become gigabytes, or read other files; no program writes them.
_ENTITIES = tuple("<!ENTITY".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))
_STRICT, _USUAL = (
    re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+ml|officeDocument)/"),
    rb"http://schemas.openxmlformats.org/\1/2006/",
)


class Archive:
    """A zip file in memory. Use it as a context manager.

    Raises:
        NotText: it is damaged, encrypted, or unpacks to more than the limits; it holds entities.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._file = zipfile.ZipFile(io.BytesIO(data))
            self._check()
        except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
            raise NotText("is damaged or was not saved whole") from error
        except RuntimeError as error:  # zipfile raises this for a password
            raise NotText("is encrypted; save it without a password") from error
        self.names = frozenset(self._file.namelist())

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def require(self, name: str, format: str) -> None:
        """Refuse a file that lacks the part every file of its format has."""
        if name not in self.names:
            raise NotText(f"is not {format}, whatever its name says")

    def bytes(self, name: str) -> bytes:
        """One member, whole.

        Raises:
            NotText: it is damaged.
        """
        try:
            return self._file.read(name)
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
            raise NotText("is damaged or was not saved whole") from error

    def xml(self, name: str) -> Any:
        """The tree of one member; nothing outside of it is read.

        Raises:
            NotText: it is not XML.
        """
        return parsed(self.bytes(name))

    def elements(self, name: str, *tags: str) -> Iterator[Any]:
        """The elements of some names of one member, one after the other; each is emptied then.

        Raises:
            NotText: it is damaged, or not XML.
        """
        from lxml import etree

        wanted = [f"{{*}}{tag}" for tag in tags]
        options: Any = {"resolve_entities": False, "no_network": True, "load_dtd": False}
        try:
            with self._file.open(name) as stream:
                for _, element in etree.iterparse(stream, tag=wanted, **options):
                    yield element
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, etree.XMLSyntaxError) as error:
            raise NotText("is damaged or was not saved whole") from error

    def _check(self) -> None:
        members = self._file.infolist()
        if len(members) > MAX_MEMBERS:
            raise NotText(f"is a zip file of more than {MAX_MEMBERS} parts")
        if sum(member.file_size for member in members) > MAX_UNPACKED:
            raise NotText(f"unpacks to more than {MAX_UNPACKED // 2**20} MB; split it")
        for member in members:
            # A white picture packs to nothing, and is never unpacked here.
            large = member.file_size > _RATIO_FROM and _is_text(member.filename)
            if large and member.file_size > MAX_RATIO * max(1, member.compress_size):
                raise NotText("unpacks to too many times its size, as a zip bomb does")
        for member in members:
            if _is_text(member.filename):
                refuse_entities(self._file.read(member))


def refuse_entities(xml: bytes) -> None:
    """See that XML declares no entities.

    Raises:
        NotText: it does.
    """
    if any(mark in xml for mark in _ENTITIES):
        raise NotText("holds XML entities, which are not read")


def parsed(data: bytes) -> Any:
    """The tree of an XML document; nothing outside of it is read.

    The strict form of Office's names (ISO/IEC 29500-1, annex A) becomes the usual one.

    Raises:
        NotText: it is not XML.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(_STRICT.sub(_USUAL, data), parser)
    except etree.XMLSyntaxError as error:
        raise NotText("is damaged or was not saved whole") from error


def usual_names(file: Archive, data: bytes, main: str) -> bytes:
    """The bytes of a file for a library that knows the usual names of Office alone.

    Args:
        file: the file.
        data: its bytes.
        main: the part that tells which names it has.
    """
    if main not in file.names or not _STRICT.search(file.bytes(main)):
        return data
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        for name in sorted(file.names):
            content = file.bytes(name)
            archive.writestr(name, _STRICT.sub(_USUAL, content) if _is_text(name) else content)
    return changed.getvalue()


def _is_text(name: str) -> bool:
    return name.lower().endswith(_TEXT)
