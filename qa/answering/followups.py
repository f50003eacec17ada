"""Follow-up detection: questions that need the turns before them, and what they ask in full. Pure.

Rules over the words of `prompts/followups.toml`. A question with a topic of its own is left alone.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex

import prompts
from index.text.languages import detect
from index.text.scripts import UNSPACED
from index.text.sentences import sentences
from qa.answering.drafts import visible
from qa.answering.question_words import (
    HAN,
    LISTED,
    Kind,
    Word,
    listed,
    matches,
    month,
    month_name,
    parse,
    spoken_in,
)
from qa.answering.turns import Turn as Turn
from qa.text.numbers import numbers

# Turns that are looked at, and code points of each and of a question; and of an answer's first
# sentence, to be said.
_TURNS, _TURN_CHARS = 6, 2000
_SENTENCE_CHARS = 240
# A fragment such as "and the price of it" has few words; more of them say something themselves.
_FEW_WORDS, _FEW_HAN = 4, 8
# A pronoun further in, or in a longer question, may stand for something the question names itself.
_WORDS_BEFORE, _SHORT = 6, 8
# In fewer words, or signs of scripts that part none, a language is not told ("May 2024?").
_MIN_WORDS, _MIN_SIGNS = 2, 6
_UNSPACED = regex.compile(rf"[{UNSPACED}]")
# An answer that has so much of its question's words says again what was asked.
_REPEATED_SHARE = 0.6

_TIMES: tuple[Kind, ...] = ("month", "year", "number")
_UNTOLD: tuple[Kind, ...] = (*_TIMES, "name")
_TIES: tuple[Kind, ...] = ("opens", "elliptic", "asks", "links")
_ENDED = regex.compile(r"\p{P}\Z")
# Every sentence of such a script begins with a capital: "Summarise the …" begins with no name.
_BEGINS = regex.compile(r"\A\W*\p{Lu}\p{Ll}*\s+[\p{Lu}\p{Ll}]")
_SUBORDINATE = regex.compile(r"\w \W*(?:when|if|because|that|who)\b|,")


@dataclass(frozen=True, slots=True)
class Followup:
    """A question that leans on earlier turns, in full.

    `topic` is what the next follow-up leans on. `sure` is False where the rules see that something
    is missing but not what it is: the earlier question and this one stand side by side then.
    """

    question: str
    topic: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """Where a conversation stands: the last question in full, and its answer's first sentence."""

    topic: str = ""
    answer: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with its words; `lower` has every letter where `text` has it."""

    text: str
    lower: str
    words: tuple[Word, ...]

    def has(self, *kinds: Kind) -> bool:
        return any(word.kind in kinds for word in self.words)

    @property
    def content(self) -> tuple[Word, ...]:
        """What is left without the words that only tie it to something."""
        return tuple(word for word in self.words if word.kind not in _TIES)

    @property
    def opened(self) -> bool:
        return self.words[0].kind == "opens"


def standalone(question: str, history: Sequence[Turn]) -> str | None:
    """The question as it can be understood alone; None when it can be already."""
    found = followup(question, situation(history))
    return found.question if found else None


def situation(history: Sequence[Turn]) -> Said:
    """Where these turns lead; a question among them may itself be a follow-up."""
    said = Said()
    for turn in latest(history):
        said = after(said, turn, followup(turn.content, said) if turn.role == "user" else None)
    return said


def latest(history: Sequence[Turn]) -> list[Turn]:
    """The turns that are looked at, cut to what is looked at of each."""
    return [replace(turn, content=turn.content[:_TURN_CHARS].strip()) for turn in history[-_TURNS:]]


def after(said: Said, turn: Turn, found: Followup | None) -> Said:
    """Where one more turn leads; `found` is what it asks, where it leans on those before."""
    if turn.role == "assistant":
        return replace(said, answer=_first_sentence(turn.content))
    topic = found.topic if found else turn.content
    return Said(topic, language=language(turn.content, said, found))


def language(question: str, said: Said, found: Followup | None) -> str:
    """The language of a question; one too short to tell ("2024?") has that of the last question.

    `found` is what `followup` gives for the question.
    """
    if found is None:
        return detect(question, said.language)
    words = [word for word in parse(question) if word.kind in (*LISTED, "other")]
    spoken = Counter(code for word in words for code in spoken_in(word.folded))
    most = max(spoken.values(), default=0)
    best = [code for code, times in spoken.items() if times == most]
    if said.language in best:
        return said.language
    told = detect(" ".join(word.folded for word in words), said.language)
    return told if told in best or not best else best[0]


def followup(question: str, said: Said) -> Followup | None:
    """What a question asks where a conversation stands; None when it can be understood alone.

    A question of several pages says itself what it is about.
    """
    asked = _asked(question, said)
    if asked is None:
        return None
    if all(word.kind == "light" for word in asked.content):  # "Why?", "How much in total?"
        return _pointing_back(asked, said)
    if _is_fragment(asked):
        return _put_in(said.topic, asked) or _beside(asked, said)
    if matches(asked.lower, "refers"):  # "Who said that?"
        return _pointing_back(asked, said)
    if _lacks_topic(asked):  # "How many employees?", "And what is expected for 2025?"
        return replace(_beside(asked, said), sure=True)
    if pronoun := _pronoun(asked):
        return _named(asked, said, pronoun) or _beside(asked, _before(said))
    return None


def in_place(question: str, said: Said) -> Followup | None:
    """The last question with a name or a time of this one in the place of its own, if any."""
    asked = _asked(question, said)
    return _put_in(said.topic, asked) if asked and _is_fragment(asked) else None


def names_something(question: str) -> bool:
    """Whether a question only names something: more than a time, and it asks nothing else of it."""
    kinds = {word.kind for word in _words(question)}
    return bool(kinds & {"name", "other"}) and not kinds & {"personal", "asks"}


def side_by_side(*parts: str) -> str:
    """Sentences one after the other, each with an end."""
    *before, last = [part.strip() for part in parts if part.strip()]
    return " ".join([*(p if _ENDED.search(p) else f"{p}?" for p in before), last])


def _asked(question: str, said: Said) -> _Asked | None:
    """A question with its words, where it may lean on what was said."""
    if not (said.topic or said.answer) or len(question) > _TURN_CHARS:
        return None
    lower = question.lower()
    asked = _Asked(question, lower if len(lower) == len(question) else question, _words(question))
    return asked if asked.words and not _is_foreign(asked) else None


def _is_foreign(asked: _Asked) -> bool:
    """Whether it is a whole question in a language without tables: those of others mislead."""
    # The first word is written large whatever it is; further names tell no language.
    said = [word for i, word in enumerate(asked.words) if not i or word.kind not in _UNTOLD]
    signs = len(_UNSPACED.findall(asked.text))
    long = signs > _MIN_SIGNS if signs else len(said) > _MIN_WORDS
    return long and detect(asked.text) not in prompts.table("followups")


def _words(text: str) -> tuple[Word, ...]:
    return tuple(parse(text))


def _first_sentence(answer: str) -> str:
    """Without marks; nothing when the articles did not tell."""
    plain = visible(answer)
    if not plain or plain in prompts.refusals().values():
        return ""
    first = sentences(plain)[0].strip()
    return first if len(first) <= _SENTENCE_CHARS else ""


def _is_fragment(asked: _Asked) -> bool:
    """Whether it is a mere time or name ("and in May?"), which takes the place of another one."""
    if asked.has("light", "personal"):
        return False
    kinds = {word.kind for word in asked.content}
    if kinds <= set(_TIMES):
        return True
    if kinds <= {*_TIMES, "name"}:
        return asked.has("elliptic") or not asked.has("asks")
    opened = asked.opened or asked.has("elliptic")
    return opened and not asked.has("asks") and _few(asked.content)


def _few(words: Sequence[Word]) -> bool:
    han = any(HAN.match(word.text) for word in words)
    return len(words) <= (_FEW_HAN if han else _FEW_WORDS)


def _lacks_topic(asked: _Asked) -> bool:
    goes_on = asked.opened and asked.has("asks", "elliptic")
    awaits = listed("awaits")
    rest = [w for w in asked.content if w.kind != "light" and w.folded not in awaits]
    if goes_on and rest and all(word.kind in _TIMES for word in rest):
        return True
    if asked.has("name", "year", "number"):
        return False
    others = [word for word in asked.words if word.kind == "other"]
    return (goes_on and asked.has("asks") and _few(others)) or matches(asked.lower, "bare")


def _pronoun(asked: _Asked) -> Word | None:
    """The pronoun for which nothing in the question itself can stand."""
    at = next((i for i, word in enumerate(asked.words) if word.kind == "personal"), None)
    if at is None or matches(asked.lower, "expletive"):
        return None
    pronoun, before = asked.words[at], asked.words[:at]
    start = asked.lower[: pronoun.start]
    if len(asked.words) > _SHORT and asked.has("name"):
        return None
    if _is_last(asked, pronoun) and len(asked.words) <= _SHORT and not _SUBORDINATE.search(start):
        return pronoun  # "Why did Meituan buy it?": an object is not its own subject
    # English and Spanish nouns come with an article; elsewhere any word may be one.
    articles = pronoun.folded in listed("personal", "en", "es")
    nouns = ("name", "number") if articles else ("name", "number", "other")
    own = any(word.kind in nouns for word in before) or matches(start, "antecedent")
    return None if own or len(before) > _WORDS_BEFORE else pronoun


def _is_last(asked: _Asked, word: Word) -> bool:
    return not any(other.start > word.start for other in asked.words)


def _named(asked: _Asked, said: Said, pronoun: Word) -> Followup | None:
    """The question with the one name that its pronoun can stand for."""
    begins = parse(said.topic)[0].end if _BEGINS.match(said.topic) else 0
    asked_about, told = _names(said.topic[begins:]), _names(said.answer)
    # "Who founded it?" "Wang Xing did." "When was he born?"
    person = pronoun.folded in listed("person") and matches(said.topic.lower(), "who")
    able = (told - asked_about if person else told | asked_about) - _names(asked.text)
    # "Large models are slow": a word that is also written small is no name.
    small = {word.text for text in (said.topic, said.answer) for word in parse(text)}
    able = {name for name in able if name.lower() not in small}
    plain = pronoun.folded in listed("replaced")
    if len(able) != 1 or not (plain or pronoun.folded in listed("possessive")):
        return None
    name = able.pop() + ("" if plain else "'s")
    whole = asked.text[: pronoun.start] + name + asked.text[pronoun.end :]
    return Followup(whole, whole)


def _names(text: str) -> set[str]:
    return {word.text for word in parse(text) if word.kind == "name"}


def _put_in(topic: str, asked: _Asked) -> Followup | None:
    """The topic with each part of the fragment in the place of the one of its kind."""
    known = topic.casefold()
    parts = [w for w in asked.content if w.kind != "other" or w.folded not in known]
    words = parse(topic)
    words = words[1:] if _BEGINS.match(topic) else words
    places = {part: slot for part in parts if (slot := _slot(part, asked, topic, words))}
    slots = set(places.values())
    if len(slots) == len(parts) > 0:
        texts = {slot: _as_in(topic, slot, part) for part, slot in places.items()}
    elif len(slots) == 1 and {part.kind for part in parts} == {"month", "year"}:
        # "May 2024" in the place of "March", where the topic names no year.
        (slot,) = slots
        texts = {slot: " ".join(_as_in(topic, slot, part) for part in parts)}
    else:
        return None
    whole = topic
    for slot in sorted(texts, key=lambda slot: -slot.start):
        whole = whole[: slot.start] + texts[slot] + whole[slot.end :]
    return Followup(whole, whole) if whole != topic else None


def _slot(part: Word, asked: _Asked, topic: str, words: Sequence[Word]) -> Word | None:
    """The one of the topic's words whose place a part of the fragment takes."""
    same = [word for word in words if word.kind == part.kind != "other"]
    if len(same) > 1:  # "Who bought Light Years Beyond in China?" "And in India?"
        ties = [w.folded for w in asked.words if w.kind == "links" and w.end <= part.start]
        ends = tuple(f" {tie}" for tie in ties[-1:])
        same = [s for s in same if ends and topic[: s.start].casefold().rstrip().endswith(ends)]
    return same[0] if len(same) == 1 else None


def _as_in(topic: str, slot: Word, part: Word) -> str:
    """A month is named as in the topic's language; all else as it was typed."""
    there, here = month(slot.text), month(part.text)
    if not there or not here:
        return part.text
    spoken = detect(topic)
    return month_name(spoken if spoken in there else min(there), min(here.values()), part.text)


def _pointing_back(asked: _Asked, said: Said) -> Followup:
    before = _before(said)
    return Followup(side_by_side(before.topic, before.answer, asked.text), said.topic)


def _beside(asked: _Asked, said: Said) -> Followup:
    whole = side_by_side(said.topic or said.answer, asked.text)
    return Followup(whole, said.topic or whole, sure=False)


def _before(said: Said) -> Said:
    """What to say before a question that points back: the answer, too, unless it adds numbers.

    A number of the answer would pass for one that the question gives. An answer that repeats the
    topic stands for it, or a small model would answer the topic once more.
    """
    asked = numbers(said.topic)
    fresh = [n for n in numbers(said.answer) if not any(n.same(other) for other in asked)]
    if said.topic and fresh:
        return replace(said, answer="")
    about = {word.folded for word in parse(said.topic) if word.kind in ("name", "other")}
    told = sum(word in said.answer.casefold() for word in about)
    return replace(said, topic="") if about and told >= _REPEATED_SHARE * len(about) else said
