"""Mbox -> Markdown: each message of a mailbox under a heading with its sender and day.

RFC 4155: messages begin at lines that begin with `From `. `mailbox` of Python reads such files from
disk alone; each message is read as one of its own.
"""

import re
from collections.abc import Iterator

from index.converters.converted import Converted
from index.converters.mail import Mail, attachments_notice, parsed
from index.errors import NotText
from index.text.normalise import MAX_CODE_POINTS, too_long

_MOST_MESSAGES = 20_000
# `From ana@example.org Mon May  6 09:30:00 2024`, at the beginning or after an empty line.
_BEGIN = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]{0,500}\r?\n")
_HEADING = re.compile(r"^(#{1,4}(?= ))", re.MULTILINE)
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


def read(data: bytes) -> Converted:
    """Read a mailbox.

    Raises:
        NotText: it is none, holds too many messages, or no text.
    """
    if not data.lstrip().startswith(b"From "):
        raise NotText("is not a mailbox: its first line does not begin with “From ”")
    mails: list[Mail] = []
    refused: list[str] = []
    total = 0
    for content in _messages(data.lstrip()):
        try:
            mails.append(parsed(content))
        except NotText as reason:
            refused.append(str(reason))
        total += len(mails[-1].text) if mails else 0
        if total > MAX_CODE_POINTS:
            raise too_long()
    return _joined(mails, refused)


def _messages(data: bytes) -> Iterator[bytes]:
    begins = [found.span() for found in _BEGIN.finditer(data)]
    if len(begins) > _MOST_MESSAGES:
        raise NotText(f"holds more than {_MOST_MESSAGES} messages; split it")
    ends = [start for start, _ in begins[1:]] + [len(data)]
    for (_, begin), end in zip(begins, ends, strict=True):
        yield _ESCAPED.sub(rb"\1", data[begin:end])


def _joined(mails: list[Mail], refused: list[str]) -> Converted:
    if not mails:
        raise NotText(refused[0] if refused else "holds no text")
    attached = tuple(name for mail in mails for name in mail.attached)
    notices = dict.fromkeys(notice for mail in mails for notice in mail.notices)
    if refused:
        notices[f"{len(refused)} of {len(mails) + len(refused)} messages were not read: "
                f"{refused[0]}"] = None  # fmt: skip
    senders = {mail.sender for mail in mails}
    return Converted(
        "\n\n".join(map(_section, mails)),
        _title(mails),
        author=senders.pop() if len(senders) == 1 else "",
        notices=(*attachments_notice(attached), *notices),
    )


def _section(mail: Mail) -> str:
    told = ", ".join(filter(None, (mail.sender, mail.date)))
    heading = f"## {mail.subject or 'no subject'}{f' ({told})' if told else ''}"
    return "\n\n".join(filter(None, (heading, mail.heads, _HEADING.sub(r"##\1", mail.text))))


def _title(mails: list[Mail]) -> str:
    days = sorted(mail.date for mail in mails if mail.date)
    count = "1 message" if len(mails) == 1 else f"{len(mails)} messages"
    when = f", {days[0]} to {days[-1]}" if days and days[0] != days[-1] else ""
    return f"Mailbox of {count}{when or (f', {days[0]}' if days else '')}"
