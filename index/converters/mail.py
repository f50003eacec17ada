"""E-mail -> Markdown: its heads, its text, what it carries, and messages within it.

Reads RFC 5322 and MIME (RFC 2045-2049). Attachments are named, and not read.
"""

import email
import email.errors
import email.header
import email.policy
import email.utils
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from index.converters import metadata
from index.converters.calendar_events import events
from index.converters.converted import Converted
from index.converters.html import markdown
from index.converters.mail_text import paragraphs
from index.errors import NotText
from index.text.normalise import decode

_MOST_HEADER = 10_000  # code points; parameters of more take time squared
_MOST_NAMED = 10  # attachments
_MOST_PEOPLE = 30
_DEEPEST = 20  # messages within messages
_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_ENCRYPTED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
# Parts that people never see.
_SILENT = ("application/pgp-signature", "application/pkcs7-signature", "text/rfc822-headers")


class _Bounded(email.policy.Compat32):
    """Reads headers as they are, the long ones in part."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_MOST_HEADER]


@dataclass(slots=True)
class _Found:
    """What was met on the way: texts in order, names of attachments, notices."""

    texts: list[str] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)
    notices: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as Markdown; `heads` is its line of heads, `attached` names what it carries."""

    subject: str
    sender: str
    date: str
    heads: str
    text: str
    attached: tuple[str, ...]
    notices: tuple[str, ...]


def read(data: bytes) -> Converted:
    """Read one message.

    Raises:
        NotText: it is no message, is encrypted, or holds no text.
    """
    mail = parsed(data)
    text = "\n\n".join(filter(None, (mail.heads, mail.text)))
    notices = (*attachments_notice(mail.attached), *mail.notices)
    return Converted(
        text, metadata.title(mail.subject), "", mail.date, mail.sender, notices=notices
    )


def parsed(data: bytes) -> Mail:
    """Parse the bytes of one message.

    Raises:
        NotText: it is no message, is encrypted, or holds nothing at all.
    """
    message = email.message_from_bytes(data.lstrip(b"\r\n"), policy=_Bounded())
    if not any(name in message for name in (*_SHOWN, "Received", "Message-ID", "MIME-Version")):
        raise NotText("is not an e-mail message")
    return _mail(message)


def attachments_notice(names: tuple[str, ...]) -> Iterator[str]:
    """The line that says which attachments were left out, if any were."""
    if names:
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        count = "1 attachment was" if len(names) == 1 else f"{len(names)} attachments were"
        yield f"{count} not read: {', '.join(names[:_MOST_NAMED])}{more}"


def _mail(message: Message) -> Mail:
    found = _Found()
    _read(message, found, 0)
    sender = metadata.author([name or address for name, address in _people(message, "From")])
    return Mail(
        header(message, "Subject"),
        sender,
        metadata.day(header(message, "Date")),
        heads(message),
        "\n\n".join(filter(None, found.texts)),
        tuple(found.attached),
        tuple(found.notices),
    )


def header(message: Message, name: str) -> str:
    """A header in one line, its encoded words (RFC 2047) as letters."""
    value = message.get(name)
    return "" if value is None else " ".join(_letters(str(value)).split())


def heads(message: Message) -> str:
    """From whom, to whom, when and about what, as one line of a list."""
    told = []
    for name in _SHOWN:
        people = name in ("From", "To", "Cc")
        value = _named(message, name) if people else header(message, name)
        told += [f"{name}: {value}"] if value else []
    return f"- {'; '.join(told)}" if told else ""


def _named(message: Message, name: str) -> str:
    people = _people(message, name)
    shown = [f"{who} <{address}>" if who else address for who, address in people[:_MOST_PEOPLE]]
    left = len(people) - _MOST_PEOPLE
    return ", ".join([*shown, *([f"and {left} more"] if left > 0 else [])])


def _people(message: Message, name: str) -> list[tuple[str, str]]:
    # Addresses are parsed first: a name's encoded word may hold a comma.
    pairs = email.utils.getaddresses(
        [str(value) for value in message.get_all(name, [])[:_MOST_PEOPLE]]
    )
    return [(" ".join(_letters(who).split()), address) for who, address in pairs if who or address]


def _letters(value: str) -> str:
    try:
        pieces = email.header.decode_header(value)
    except (email.errors.HeaderParseError, ValueError):
        return value
    return "".join(
        piece if isinstance(piece, str) else _decoded(piece, charset) for piece, charset in pieces
    )


def _decoded(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def _read(part: Message, found: _Found, depth: int) -> None:
    kind = part.get_content_type()
    if depth > _DEEPEST:
        raise NotText("is nested too deeply")
    if kind in _ENCRYPTED and b"signed-data" not in str(part.get("Content-Type")).encode():
        raise NotText("is encrypted; save its words as .txt")
    if kind == "message/rfc822" and part.is_multipart():
        found.texts += [_forwarded(each, found, depth) for each in _parts(part)]
    elif part.is_multipart():
        _read_parts(part, found, depth)
    elif kind not in _SILENT:
        _read_leaf(part, kind, found)


def _parts(part: Message) -> list[Message]:
    payload = part.get_payload()
    return (
        [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []
    )


def _read_parts(part: Message, found: _Found, depth: int) -> None:
    parts = _parts(part)
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        parts = _best(parts)
    for each in parts:
        _read(each, found, depth + 1)


def _best(parts: list[Message]) -> list[Message]:
    """Of ways to say the same, the richest that is read; and a calendar, which says more."""
    rich = [each for each in parts if each.get_content_type() != "text/calendar"]
    html = [each for each in rich if _holds(each, "text/html")]
    plain = [each for each in rich if _holds(each, "text/plain")]
    dates = [each for each in parts if each.get_content_type() == "text/calendar"]
    return (html[-1:] or plain[-1:] or rich[-1:]) + dates[:1]


def _holds(part: Message, kind: str) -> bool:
    return any(
        each.get_content_type() == kind and str(each.get_payload()).strip() for each in part.walk()
    )


def _forwarded(message: Message, found: _Found, depth: int) -> str:
    inner = _Found()
    _read(message, inner, depth + 1)
    found.attached += inner.attached
    found.notices |= inner.notices
    subject = header(message, "Subject") or "no subject"
    return "\n\n".join(
        filter(None, [f"## Forwarded message: {subject}", heads(message), *inner.texts])
    )


def _read_leaf(part: Message, kind: str, found: _Found) -> None:
    name = _file_name(part)
    attached = part.get_content_disposition() == "attachment" or (name and "text/" not in kind)
    if kind == "text/calendar":
        found.texts.append(events(_text(part, found)))
    elif attached or not kind.startswith(("text/", "message/")):
        found.attached.append(name or f"a file without a name ({kind})")
    elif kind == "text/html":
        found.texts.append(markdown(_text(part, found)))
    else:
        flowed = str(part.get_param("format", "")).lower() == "flowed"
        joins = flowed and str(part.get_param("delsp", "")).lower() == "yes"
        found.texts.append(paragraphs(_text(part, found), flowed=flowed, delete_space=joins))


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename()
    except (LookupError, ValueError):
        return ""
    return " ".join(_letters(name).split())[:100] if name else ""


def _text(part: Message, found: _Found) -> str:
    """A part's letters by the encoding it names, or as any text's where that is wrong."""
    data = part.get_payload(decode=True)
    content = data if isinstance(data, bytes) else b""
    charset = str(part.get_param("charset") or "") or None
    try:
        return content.decode(charset) if charset else decode(content)
    except (LookupError, ValueError, NotText):
        pass
    try:
        return decode(content)
    except NotText:
        found.notices["some letters of a message are not in the encoding that it names"] = None
        return _decoded(content, charset)
