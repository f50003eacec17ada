"""Subtitles (SubRip, WebVTT) -> paragraphs of speech, each with the time at which it begins.

Read here and not by pysubs2, which takes a number in the last line of a cue for the next one's,
comments for speech, and leaves out who speaks and what stands in braces.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.converters.converted import Converted
from index.converters.literal import literal
from index.errors import NotText
from index.text.normalise import decode

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMING = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}.*")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]{1,200})>")
_RUBY = re.compile(r"<rt(?:\.[^>]{0,99})?>([^<]{0,200})(?:</rt>)?")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>|<\d[\d:.]{0,20}>|\{\\[^{}]{0,99}\}")
_VOICE_WITHIN = 2_000  # code points of a line
_SILENT = ("NOTE", "STYLE", "REGION")
_SPEAKER = re.compile(r"(?:-|–|>>)[ \t]*(?=\S)")
_ENDS = re.compile(r"[.!?…。！？।॥؟♪\])\"”»」]\Z")
_PAUSE_S = 4.0  # of silence: what follows is another paragraph
_LONG = 400  # code points, after which a sentence's end ends the paragraph
_LONGEST = 2_000  # of speech without any full stop, as machines write it
_HEADER = re.compile(r"\ufeff?WEBVTT(?:[ \t]+-?[ \t]*(.*))?")


@dataclass(frozen=True, slots=True)
class _Cue:
    """Words that are shown at once; times in seconds."""

    start: float
    end: float
    speaker: str
    text: str
    changes: bool  # whether someone else speaks, by a dash before the words


def read_srt(data: bytes) -> Converted:
    """Read SubRip.

    Raises:
        NotText: it is none.
    """
    return _read(decode(data), "SubRip subtitles")


def read_vtt(data: bytes) -> Converted:
    """Read WebVTT.

    Raises:
        NotText: it is none.
    """
    text = decode(data)
    header = _HEADER.match(text.lstrip())
    if header is None:
        raise NotText("is not WebVTT: its first line does not begin with WEBVTT")
    return _read(text, "WebVTT subtitles", (header[1] or "").strip())


def _read(text: str, format: str, title: str = "") -> Converted:
    cues = list(_without_repeats(_cues(text)))
    if not cues:
        raise NotText(f"holds no {format}")
    return Converted("\n\n".join(map(literal, _paragraphs(cues))), title)


def _cues(text: str) -> Iterator[_Cue]:
    """The cues in order; comments, styles and names of cues are none of their words."""
    times: re.Match[str] | None = None
    lines: list[str] = []
    silent = False
    for line in [*text.splitlines(), ""]:
        timing = _TIMING.fullmatch(line)
        if timing or not line.strip():
            if times:
                # Without an empty line between cues the last line is the next one's number.
                named = bool(timing) and bool(lines) and lines[-1].strip().isdecimal()
                yield from _spoken(times, lines[:-1] if named else lines)
            times, lines, silent = timing, [], False
        elif times is None and line.startswith(_SILENT):
            silent = True
        elif times is not None and not silent:
            lines.append(line)


def _spoken(times: re.Match[str], lines: list[str]) -> Iterator[_Cue]:
    """A cue's words by speaker: a voice's mark or a dash begins another's."""
    found = times.groups()
    start, end = _seconds(*found[:4]), _seconds(*found[4:])
    speaker, words, changes = "", list[str](), False
    for line in lines:
        voice = _VOICE.search(line, 0, _VOICE_WITHIN)
        shown = _shown(line)
        dash = _SPEAKER.match(shown)
        if (voice or dash) and words:
            yield _Cue(start, end, speaker, " ".join(words), changes)
            words = []
        speaker = html.unescape(voice[1]).strip() if voice else speaker
        changes = bool(dash) or (changes and bool(words))
        words += filter(None, [shown[dash.end() :] if dash else shown])
    if words:
        yield _Cue(start, end, speaker, " ".join(words), changes)


def _shown(line: str) -> str:
    line = _TAG.sub("", _RUBY.sub(r" (\1)", line))
    return " ".join(html.unescape(line).replace("\\N", " ").replace("\\h", " ").split())


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + float(f"0.{fraction}")


def _without_repeats(cues: Iterator[_Cue]) -> Iterator[_Cue]:
    """Live captions show a line again while the next one comes: each is kept once."""
    before = ""
    for cue in cues:
        text = cue.text
        if before and text.startswith(before) and len(before.split()) > 2:
            text = text[len(before) :].strip()
        before = cue.text if text else before
        if text:
            yield _Cue(cue.start, cue.end, cue.speaker, text, cue.changes)


def _paragraphs(cues: list[_Cue]) -> Iterator[str]:
    """Speech by speaker, in paragraphs that end with a sentence: `[01:05] Ana: The ferry …`."""
    words: list[str] = []
    begun, length = cues[0], 0
    before = cues[0]
    for cue in cues:
        if words and _is_new(before, cue, begun, length):
            yield _paragraph(begun, words)
            words, length = [], 0
        begun = cue if not words else begun
        words.append(cue.text)
        length += len(cue.text) + 1
        before = cue
    yield _paragraph(begun, words)


def _is_new(before: _Cue, cue: _Cue, begun: _Cue, length: int) -> bool:
    other = cue.changes or (cue.speaker or begun.speaker) != begun.speaker
    ended = bool(_ENDS.search(before.text))
    paused = cue.start - before.end > _PAUSE_S
    return other or length > _LONGEST or (ended and (paused or length > _LONG))


def _paragraph(begun: _Cue, words: list[str]) -> str:
    minutes, seconds = divmod(int(begun.start), 60)
    hours, minutes = divmod(minutes, 60)
    time = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
    return f"[{time}] {f'{begun.speaker}: ' if begun.speaker else ''}{' '.join(words)}"
