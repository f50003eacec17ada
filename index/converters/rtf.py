"""RTF -> Markdown; only home of striprtf.

Its `rtf_to_text` glues raised letters, reads hidden and deleted text, and loses notes and text
boxes, so that only its tables of code pages and of groups without text are used here. Word's
specification is RTF 1.9.1.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from index.converters import metadata
from index.converters.converted import Converted
from index.converters.rtf_page import Place, Sheet
from index.converters.rtf_tokens import Token, tokens
from index.errors import NotText

_DEEPEST = 5_000  # groups within groups; Word writes some dozen
_SYMBOLS = {
    "line": "\n", "lbr": "\n", "softline": "\n", "tab": " ", "emdash": "—", "endash": "–",
    "emspace": " ", "enspace": " ", "qmspace": " ", "bullet": "•", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "~": "\xa0", "_": "‑", "{": "{", "}": "}", "\\": "\\",
    "zwj": "\u200d", "zwnj": "\u200c", "ltrmark": "\u200e", "rtlmark": "\u200f",
}  # fmt: skip
_HEADS = frozenset({"header", "headerf", "headerl", "headerr",
                    "footer", "footerf", "footerl", "footerr"})  # fmt: skip
_ENDS = frozenset({"par", "sect", "page", "column", "cell", "row", "nestcell", "nestrow"})
_ON_PAGE = ("text", "footnote", "annotation", "box")
# Groups whose letters stand where the group does, whatever striprtf's table says.
_SAME = frozenset({"shp", "shpinst", "result", "shpgrp", "field", "object", "do", "ud", "shppict",
                   "pntext", "mmath", "moMath", "moMathPara", "me", "mr", "mf", "msSup", "msSub",
                   "msSubSup", "mfName", "mfunc", "mlim", "mlimLow", "macc", "mbar", "mm", "meqArr",
                   "info"})  # fmt: skip
# What is written around the parts of an equation.
_EQUATION = {
    "mnum": ("(", ")"),
    "mden": ("/(", ")"),
    "msup": ("^(", ")"),
    "msub": ("_(", ")"),
    "mrad": ("√(", ")"),
    "md": ("(", ")"),
    "mmr": ("", "; "),
    "mnary": (" [sum, product or integral] ", ""),
}
_KEPT = frozenset({"footnote", "annotation", "atnauthor", "stylesheet", "fonttbl", "fldinst",
                   "formfield", "pict", "upr", "title", "author", "creatim"})  # fmt: skip
_INFO = ("title", "author")
_CODE_PAGES = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


class _State(NamedTuple):
    """What holds within a group; `into` says where its letters go, "" for nowhere."""

    into: str = "text"
    starred: bool = False
    hidden: bool = False
    struck: bool = False
    deleted: bool = False
    shift: str = ""  # "super" or "sub"
    font: int = -1
    skip: int = 1  # bytes that stand for a \\u letter in old programs
    place: Place = Place()
    closing: str = ""  # what is written where an equation's part ends


@dataclass(slots=True)
class _Reader:
    """Reads tokens one after the other."""

    sheet: Sheet = field(default_factory=Sheet)
    state: _State = field(default_factory=_State)
    stack: list[_State] = field(default_factory=list)
    fonts: dict[int, str] = field(default_factory=dict)
    default_font: int = -1
    code_page: str = "cp1252"
    pending: bytearray = field(default_factory=bytearray)
    to_skip: int = 0
    unit: int = 0  # the first half of a surrogate pair
    defined_font: int = -1
    begun: bool = False


def read(data: bytes) -> Converted:
    """Read an RTF file.

    Raises:
        NotText: it is none, is nested too deeply, or holds no text.
    """
    start = data.find(b"{\\rtf")
    if start < 0:
        raise NotText("is not RTF, whatever its name says")
    reader = _Reader()
    for token in tokens(data[start:]):
        if token.kind == "bytes":
            _bytes(reader, token.data)
        elif _one(reader, token):
            break
    _flush(reader)
    sheet = reader.sheet
    sheet.torn = bool(reader.stack)
    text = sheet.whole()
    if not text:
        raise NotText("holds no text")
    info = {name: "".join(sheet.kept.get(name, [])).strip() for name in _INFO}
    return Converted(
        text,
        metadata.title(info["title"]),
        date=metadata.day(sheet.created),
        author=metadata.author(info["author"]),
        notices=tuple(sheet.notices()),
    )


def _one(reader: _Reader, token: Token) -> bool:
    """Take one token that is no text; whether the file's last group was closed."""
    if token.kind == "word" and token.word == "u":
        _flush(reader)
        _letter(reader, (token.number or 0) % 0x10000)
        reader.to_skip = reader.state.skip
        return False
    _flush(reader)
    reader.to_skip = 0
    if token.kind == "open":
        reader.stack.append(reader.state)
        reader.state = reader.state._replace(starred=False)
        if len(reader.stack) > _DEEPEST:
            raise NotText("is nested too deeply")
        reader.begun = True
    elif token.kind == "close":
        return _close(reader)
    else:
        _word(reader, token)
    return False


def _close(reader: _Reader) -> bool:
    before = reader.state
    reader.state = reader.stack.pop() if reader.stack else _State()
    if before.into == reader.state.into == "stylesheet":
        reader.sheet.style_ended()
    if before.into != reader.state.into:
        reader.sheet.ended(before.into, reader.state.into)
    if before.closing != reader.state.closing:
        _put(reader, before.closing)
    return reader.begun and not reader.stack


def _bytes(reader: _Reader, data: bytes) -> None:
    if reader.to_skip:
        left = reader.to_skip - len(data)
        data, reader.to_skip = data[reader.to_skip :], max(0, left)
    reader.pending += data


def _flush(reader: _Reader) -> None:
    """Decode the bytes that were met by the code page of their font."""
    if reader.pending:
        data = bytes(reader.pending)
        reader.pending.clear()
        font = reader.state.font if reader.state.font >= 0 else reader.default_font
        code = "ascii" if data.isascii() else reader.fonts.get(font) or reader.code_page
        _put(reader, data.decode(code, "replace"))


def _letter(reader: _Reader, unit: int) -> None:
    """A UTF-16 unit; two make a letter beyond the first plane."""
    if 0xD800 <= unit < 0xDC00:
        reader.unit = unit
    elif 0xDC00 <= unit < 0xE000:
        pair = reader.unit.to_bytes(2, "little") + unit.to_bytes(2, "little")
        _put(reader, pair.decode("utf-16-le", "replace"))
        reader.unit = 0
    else:
        # Fonts of symbols put theirs in the private area: those of bullets are no letters.
        _put(reader, "•" if 0xF000 <= unit < 0xF100 else chr(unit))


def _put(reader: _Reader, text: str) -> None:
    state = reader.state
    if state.into in _ON_PAGE and state.hidden:
        reader.sheet.hidden |= bool(text.strip())
    elif state.into in _ON_PAGE and state.struck:
        reader.sheet.struck |= bool(text.strip())
    elif state.into in _ON_PAGE and state.deleted:
        reader.sheet.deleted |= bool(text.strip())
    elif state.into:
        reader.sheet.put(state.into, text, state.shift)


def _word(reader: _Reader, token: Token) -> None:
    word, number = token.word, token.number
    state = reader.state
    if word in _SYMBOLS:
        _put(reader, _SYMBOLS[word])
    elif word == "*":
        reader.state = state._replace(starred=True)
    elif state.into != "stylesheet" and (change := _CHANGES.get(word)):
        reader.state = change(state, 1 if number is None else number)
    elif word in _OF_FILE:
        _OF_FILE[word](reader, number)
    elif word in ("yr", "mo", "dy") and state.into == "creatim":
        reader.sheet.created += f"{'-' * (word != 'yr')}{number or 0:02}"
    elif (into := _destination(word, state)) is not None:
        _begin(reader, word, into)
    elif word in _ENDS and state.into in _ON_PAGE:
        reader.sheet.end(word, state.place, state.into)
    elif word in ("trowd", "clvmrg", "trhdr", "cellx"):
        reader.sheet.cell_definition(word)
    else:
        reader.sheet.defined(state.into, word, number)


def _begin(reader: _Reader, word: str, into: str) -> None:
    """A group's letters go elsewhere from here to its end."""
    state = reader.state
    if into and word in _EQUATION:
        begin, end = _EQUATION[word]
        _put(reader, begin)
        reader.state = state._replace(starred=False, closing=end)
        return
    reader.state = state._replace(into=into, shift="", starred=False, hidden=state.hidden)
    if into != state.into:
        reader.sheet.begun(into, state.into)


@cache
def _destinations() -> frozenset[str]:
    """The words that begin a group whose letters are none of the text around it."""
    from striprtf.striprtf import destinations

    return frozenset(destinations) | _HEADS | {"nonshppict"}


def _destination(word: str, state: _State) -> str | None:
    """Where the letters of a group that begins with this word go; None if it begins none."""
    if not (state.starred or word in _destinations()):
        return None
    if not state.into or (state.into == "upr" and word != "ud"):
        return ""
    if word in _SAME or word in _EQUATION:
        return "text" if state.into == "upr" else state.into
    if word in _HEADS:
        return "header"
    if word in ("shptxt", "dptxbxtext"):
        return "box"
    return word if word in _KEPT else ""


def _font(reader: _Reader, number: int | None) -> None:
    if reader.state.into == "fonttbl":
        reader.defined_font = -1 if number is None else number
    else:
        reader.state = reader.state._replace(font=-1 if number is None else number)


def _charset(reader: _Reader, number: int | None) -> None:
    from striprtf.striprtf import charset_map

    if reader.state.into == "fonttbl" and number:
        code = charset_map.get(number, "")
        reader.fonts[reader.defined_font] = code if _is_known(code) else ""


def _code_page(reader: _Reader, number: int | None) -> None:
    code = f"cp{number}"
    reader.code_page = code if _is_known(code) else "cp1252"


def _is_known(code: str) -> bool:
    import codecs

    try:
        codecs.lookup(code)
    except LookupError:
        return False
    return True


def _set_default_font(reader: _Reader, number: int | None) -> None:
    reader.default_font = -1 if number is None else number


_OF_FILE: dict[str, Callable[[_Reader, int | None], None]] = {
    "f": _font,
    "fcharset": _charset,
    "ansicpg": _code_page,
    "deff": _set_default_font,
    **{
        name: lambda reader, _, code=code: setattr(reader, "code_page", code)  # type: ignore[misc]
        for name, code in _CODE_PAGES.items()
    },
}
_CHANGES: dict[str, Callable[[_State, int], _State]] = {
    "pard": lambda state, _: state._replace(place=Place()),
    "s": lambda state, number: state._replace(place=state.place._replace(style=number)),
    "outlinelevel": lambda state, number: state._replace(
        place=state.place._replace(outline=number)
    ),
    "intbl": lambda state, number: state._replace(place=state.place._replace(table=bool(number))),
    "v": lambda state, number: state._replace(hidden=bool(number)),
    "strike": lambda state, number: state._replace(struck=bool(number)),
    "striked": lambda state, number: state._replace(struck=bool(number)),
    "deleted": lambda state, number: state._replace(deleted=bool(number)),
    "super": lambda state, number: state._replace(shift="super" if number else ""),
    "up": lambda state, number: state._replace(shift="super" if number else ""),
    "sub": lambda state, number: state._replace(shift="sub" if number else ""),
    "dn": lambda state, number: state._replace(shift="sub" if number else ""),
    "nosupersub": lambda state, _: state._replace(shift=""),
    "plain": lambda state, _: state._replace(
        shift="", hidden=False, struck=False, deleted=False, font=-1
    ),
    "uc": lambda state, number: state._replace(skip=max(0, min(number, 10))),
}
