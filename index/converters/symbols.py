"""Symbols of fonts that have no letters: Symbol, Wingdings, Webdings; only home of mammoth.

mammoth knows which character each of their codes shows.
"""

# Such a font's codes stand in this range of private use (ECMA-376, part 1, 17.3.3.30).
_PRIVATE = range(0xF000, 0xF100)
_FONTS = ("Symbol", "Webdings", "Wingdings 2", "Wingdings 3", "Wingdings")
_BOXES = {0x1F5F9: "☑", 0x1F5F7: "☒", 0x1F78E: "☐", 0x1F78F: "☐", 0x1F790: "☐"}  # to be ticked
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def symbol(font: str, code: int) -> str:
    """The character that a code shows; U+FFFD where nobody knows it."""
    from mammoth.docx.dingbats import dingbats

    known = next((name for name in _FONTS if font.startswith(name)), None)
    if known is None:
        return chr(code) if code not in _PRIVATE and 31 < code < 0x110000 else _UNKNOWN
    found = dingbats.get((known, code - _PRIVATE.start if code in _PRIVATE else code))
    return _BOXES.get(found, chr(found)) if found else _UNKNOWN


def shown(text: str, font: str) -> str:
    """A text written in one of these fonts, as it is seen; one in another font stays as it is."""
    if font.startswith(_FONTS):
        return "".join(symbol(font, ord(each)) if ord(each) > 32 else each for each in text)
    if not any(ord(each) in _PRIVATE for each in text):
        return text
    # Many bullets and arrows stand in a run whose font is not written beside it.
    return "".join(symbol("Symbol", ord(each)) if ord(each) in _PRIVATE else each for each in text)
