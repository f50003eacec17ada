"""Boilerplate: recognises labels, notices and bylines of the page around an article. Pure.

Labels and notices are left out of the index, bylines are marked. The tables hold words that news
pages use everywhere, never words of one article.
"""

import regex

# A line that is one of these and nothing more. Compared case-folded, without punctuation.
_LABELS = frozenset(
    {
        # English
        "published on", "published", "updated", "last updated", "view original", "read more",
        "read also", "related articles", "related posts", "share", "share this", "share article",
        "print", "advertisement", "ad", "sponsored", "subscribe", "sign up", "log in", "menu",
        "home", "search", "comments", "leave a comment", "previous", "next", "back to top",
        "table of contents", "author", "authors", "name", "avatar", "twitter", "x", "facebook",
        "instagram", "linkedin", "telegram", "whatsapp", "youtube", "email", "copy link", "tags",
        # Indonesian
        "lihat asli", "lihat sumber asli", "baca juga", "baca selengkapnya", "selengkapnya",
        "artikel terkait", "bagikan", "iklan", "penulis", "pengarang", "sumber", "nama",
        "dipublikasikan pada", "diterbitkan pada", "komentar", "beranda", "daftar isi",
        # Hindi
        "लेखक", "नाम", "प्रकाशित", "प्रकाशित तिथि", "और पढ़ें", "यह भी पढ़ें", "साझा करें",
        "शेयर करें", "विज्ञापन", "टिप्पणियां", "मूल देखें", "विषय सूची",
        # Chinese
        "作者", "来源", "姓名", "发布于", "查看原文", "阅读原文", "原文链接", "分享", "广告",
        "相关阅读", "相关文章", "评论", "上一篇", "下一篇", "目录",
        # Spanish
        "publicado el", "leer más", "ver original", "compartir", "publicidad", "autor", "nombre",
        "fuente", "comentarios",
    }
)  # fmt: skip

_BYLINE = regex.compile(
    r"\s*(?:written by|by|author|source|editor|penulis|pengarang|sumber|editor|लेखक|स्रोत|संपादक"
    r"|作者|来源|來源|编辑|撰文|文|autor|fuente)\s*[|｜:：/]\s*\S.{0,80}",
    regex.IGNORECASE,
)

# Two hints in a block, or one phrase that no article uses of its subject, mark a notice.
_HINT = regex.compile(
    r"third[- ]party content|for information(?:al)? purposes only|as an endorsement"
    r"|(?:financial|investment|legal) (?:or professional )?advice|terms of (?:use|service)"
    r"|privacy policy|accept (?:all )?cookies|uses cookies",
    regex.IGNORECASE,
)
_NOTICE = regex.compile(
    r"see disclaimer|all rights reserved|subscribe to our newsletter|hak cipta dilindungi|"
    r"bukan (?:merupakan )?(?:nasihat|saran) (?:keuangan|investasi)|सर्वाधिकार सुरक्षित|"
    r"版权所有|不构成(?:任何)?投资建议|todos los derechos reservados",
    regex.IGNORECASE,
)
_NOTICE_LENGTH = 600  # code points: a notice is short; an article may quote one

_EDGES = regex.compile(r"^[\s\p{P}\p{S}]+|[\s\p{P}\p{S}]+$")
_LABEL_LINE_LENGTH = 40


def is_boilerplate(text: str) -> bool:
    """Whether a block is only labels or a notice, and says nothing of the article's subject."""
    if len(text) <= _NOTICE_LENGTH and (
        _NOTICE.search(text) or len({hint.casefold() for hint in _HINT.findall(text)}) > 1
    ):
        return True
    return all(_is_label(line) for line in _lines(text))


def is_byline(text: str) -> bool:
    """Whether a block only names who wrote or published the article.

    Either every line is `Author: NAME`, or short lines of which half are labels (`avatar`,
    `Name`, `Twitter`), as author boxes are copied.
    """
    lines = _lines(text)
    if all(_BYLINE.fullmatch(line) for line in lines):
        return True
    labels = sum(map(_is_label, lines))
    short = all(len(line) <= _LABEL_LINE_LENGTH for line in lines)
    return len(lines) > 1 and short and labels * 2 >= len(lines)


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _is_label(line: str) -> bool:
    # A long line is no label; stripping its edges would take quadratic time.
    return len(line) <= 2 * _LABEL_LINE_LENGTH and _EDGES.sub("", line).casefold() in _LABELS
