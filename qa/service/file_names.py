"""File names: what an upload or a download is called, safe for any system. Pure."""

from pathlib import PurePath

import regex

from index.text.characters import BIDI, CONTROL, cut, utf8_size
from index.text.normal_forms import nfc

# Bytes of UTF-8. File systems take 255; backups, archives and browsers add something of their own.
_UPLOAD_BYTES = 200
_DOWNLOAD_BYTES = 80

# Where a line ends, what no file system or UTF-8 holds, and what turns the writing that follows;
# the joiners that many scripts need are none of these.
_NOT_ON_DISK = regex.compile(rf"[\s\p{{Cs}}{CONTROL}{BIDI}]+")
# What Windows or a shell gives a meaning; joiners stay, whole scripts are written with them.
_NOT_PORTABLE = regex.compile(
    r'[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Z}[\p{Cf}--[\u200c\u200d]]\\/:*?"<>|]+', regex.V1
)
_EDGES = " .-~"
# Names of devices on Windows, with any suffix.
_RESERVED = regex.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*", regex.I)


def of_upload(name: str) -> str:
    """A name for a file of this machine, whatever a person or a program calls it.

    The last part of a path, NFC, in one line, not hidden, at most 200 bytes of UTF-8.
    """
    last = nfc(name).replace("\\", "/").rpartition("/")[2]
    path = PurePath(_NOT_ON_DISK.sub(" ", last).strip(" ").lstrip(". "))
    return _fitted(path.stem, path.suffix)


def numbered(name: str, number: int) -> str:
    """The name of an upload beside another of its name: `report (2).pdf`."""
    path = PurePath(name)
    return _fitted(path.stem, f" ({number}){path.suffix}")


def of_download(title: str, suffix: str) -> str:
    """A title as a name that any system takes for a file, at most 80 bytes of UTF-8.

    Args:
        title: of a conversation.
        suffix: with its dot.
    """
    text = str(_NOT_PORTABLE.sub(" ", nfc(title))).strip(_EDGES)
    if _RESERVED.fullmatch(text.partition(".")[0]):
        text = f"_{text}"
    name = cut(text, _DOWNLOAD_BYTES - utf8_size(suffix), utf8_size)
    return (name.rstrip(_EDGES) or "conversation") + suffix


def _fitted(stem: str, ending: str) -> str:
    if utf8_size(ending) > _UPLOAD_BYTES // 2:  # a point in a long name begins no suffix
        stem, ending = stem + ending, ""
    name = cut(stem, _UPLOAD_BYTES - utf8_size(ending), utf8_size)
    return (name.rstrip() or "article") + ending
