"""Calendar (iCalendar, RFC 5545) -> a list of its events. Pure."""

import re
from collections.abc import Iterator

_MOST_EVENTS = 5_000
_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPE = re.compile(r"\\([\\;,nN])")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(?:\d\d)?(Z?))?")
_ZONE = re.compile(r"TZID=\"?([^\";:]{1,60})", re.IGNORECASE)
_SHOWN = {
    "SUMMARY": "Event",
    "DTSTART": "Start",
    "DTEND": "End",
    "DUE": "Due",
    "LOCATION": "Place",
    "ORGANIZER": "Organizer",
    "ATTENDEE": "Attendee",
    "STATUS": "Status",
    "RRULE": "Repeats",
    "DESCRIPTION": "Description",
}
_LISTED = ("BEGIN:VEVENT", "BEGIN:VTODO", "BEGIN:VJOURNAL")
_NAME = re.compile(r'CN="?([^";:]{1,200})', re.IGNORECASE)


def events(text: str) -> str:
    """Each event as a line: `- Event: Crane test; Start: 2024-05-06 09:00 (Europe/Oslo)`."""
    return "\n".join(f"- {'; '.join(told)}" for told in _events(text) if told)


def _events(text: str) -> Iterator[list[str]]:
    told: list[str] | None = None
    count = alarms = 0
    for line in _FOLD.sub("", text).splitlines():
        mark = line.strip().upper()
        if mark in _LISTED and count < _MOST_EVENTS:
            told, count = [], count + 1
        elif mark.startswith(("BEGIN:VALARM", "END:VALARM")):
            alarms += 1 if mark.startswith("BEGIN") else -1
        elif told is not None and mark.startswith("END:V") and alarms <= 0:
            yield told
            told = None
        elif told is not None and alarms <= 0:
            told += _property(line)


def _property(line: str) -> Iterator[str]:
    head, _, value = line.partition(":")
    name, _, parameters = head.partition(";")
    if label := _SHOWN.get(name.strip().upper()):
        shown = _moment(value, parameters) if name.upper() in ("DTSTART", "DTEND", "DUE") else ""
        person = _NAME.search(parameters) if label in ("Organizer", "Attendee") else None
        shown = shown or (person[1] if person else _unescaped(value))
        if shown:
            yield f"{label}: {shown}"


def _moment(value: str, parameters: str) -> str:
    """`2024-05-06 09:00 (Europe/Oslo)`; "" if it is none."""
    found = _MOMENT.fullmatch(value.strip())
    if not found:
        return ""
    year, month, day, hour, minute, utc = found.groups()
    zone = _ZONE.search(parameters)
    where = " UTC" if utc else f" ({zone[1]})" if zone else ""
    return f"{year}-{month}-{day}" + (f" {hour}:{minute}{where}" if hour else "")


def _unescaped(value: str) -> str:
    text = _ESCAPE.sub(lambda found: " " if found[1] in "nN" else found[1], value)
    return " ".join(text.removeprefix("mailto:").removeprefix("MAILTO:").split())
