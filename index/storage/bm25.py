"""BM25: lexical search over tokens of any script, in SQLite's FTS5 inside the catalog.

It beats vectors at names, numbers and rare words. Tokens are NFKC and case-folded, with
digits of every script as ASCII; runs of Chinese, Japanese, Thai and the like become bigrams.
FTS5 proposes the texts that hold the question's rarer words; they are scored here.
"""

import itertools
import json
import math
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import regex

from index import sqlite_guard
from index.text.normal_forms import nfkc
from index.text.scripts import UNSPACED

# Triggers keep the tokens in step with the texts: one transaction adds or removes both.
# Tokens are stored as `tokens` cuts them, one space between two. FTS5's `ascii` tokenizer takes
# every byte of other scripts as a letter, so it neither folds nor splits them; in ASCII our tokens
# hold small letters, digits and the separators of numbers. Positions (detail=full, the default) let
# bm25() count without cutting each text again: 20 ms against 150 over 20,000 texts, for 14 % more
# room.
SCHEMA = """
CREATE TABLE passage (
    number INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, length INTEGER NOT NULL,
    words TEXT NOT NULL
);
CREATE TABLE total (passages INTEGER NOT NULL, words INTEGER NOT NULL);
INSERT INTO total VALUES (0, 0);
CREATE VIRTUAL TABLE word USING fts5 (
    words, content='passage', content_rowid='number', tokenize="ascii tokenchars '.,'"
);
CREATE VIRTUAL TABLE holders USING fts5vocab (word, 'row');
CREATE TRIGGER passage_added AFTER INSERT ON passage BEGIN
    INSERT INTO word (rowid, words) VALUES (new.number, new.words);
    UPDATE total SET passages = passages + 1, words = words + new.length;
END;
CREATE TRIGGER passage_removed AFTER DELETE ON passage BEGIN
    INSERT INTO word (word, rowid, words) VALUES ('delete', old.number, old.words);
    UPDATE total SET passages = passages - 1, words = words - old.length;
END;
"""

# Robertson's BM25 as Lucene scores it; k1 and b are the usual ones of bm25s, whose results the
# tables of tests/benchmarks/RETRIEVAL.md were first measured with.
_K1, _B = 1.5, 0.75

# Words that more than a third of the texts hold (weight below 1.1, where a word that one text in
# a thousand holds has 6.9) propose no text: they would have FTS5 score nearly every one. Over
# 100,000 texts, questions of 12 words took 245 ms at the median with them and 109 ms without.
_COMMON = 1 / 3
_MANY = 1000  # texts; in fewer, scoring every one takes no time
_PROPOSING = 64  # words, the rarest, of a very long question

Query = Callable[..., list[tuple[str, ...]]]
"""Runs SQL with values and gives all rows."""

# A number keeps its separators (`2,8`, `1.000`); a word its marks (Devanagari vowels) and joiners.
_TOKEN = regex.compile(r"\d+(?:[.,٫٬]\d+)*|[\p{L}\p{M}\p{N}\u200c\u200d]+")
_FOREIGN_DIGIT = regex.compile(r"(?![0-9])\p{Nd}")
# Each run of a script without spaces is cut into overlapping pairs.
_UNSPACED = regex.compile(rf"[{UNSPACED}]\p{{M}}*")
_UNSPACED_RUN = regex.compile(rf"((?:[{UNSPACED}]\p{{M}}*)+)")


def tokens(text: str) -> list[str]:
    """Cut a text into words as BM25 compares them, in any script."""
    folded = _FOREIGN_DIGIT.sub(_ascii_digit, nfkc(text).casefold())
    words = _TOKEN.findall(folded.replace("\u200c", "").replace("\u200d", ""))
    if not _UNSPACED.search(folded):
        return list(words)
    return [token for word in words for token in _split_scripts(word)]


def _ascii_digit(digit: "regex.Match[str]") -> str:
    return str(unicodedata.decimal(digit[0]))


def _split_scripts(word: str) -> list[str]:
    found = []
    for run in filter(None, _UNSPACED_RUN.split(word)):
        letters = _UNSPACED.findall(run)
        if len(letters) < 2:
            found.append(run)
        else:
            found += [a + b for a, b in itertools.pairwise(letters)]
    return found


class Bm25Index:
    """The tokens of every distinct text of an index."""

    def __init__(self, query: Query) -> None:
        """Use `Catalog.bm25`."""
        self._query = query

    def best(
        self, question: str, limit: int, within: Iterable[int] | None = None
    ) -> dict[str, float]:
        """Keys and scores (see `scores`) of the best matching texts, best first.

        Args:
            question: a text in any script.
            limit: how many texts there are at most.
            within: the numbers of the texts that are looked at, when not all.
        """
        weights = self._weights(question)
        if not (wanted := self._search_terms(weights)):
            return {}
        # Twice as many, as FTS5 weighs words a little otherwise.
        # The plus keeps SQLite from matching the words anew for each number.
        some = "" if within is None else "AND +rowid IN (SELECT value FROM json_each(?))"
        rows = self._query(
            "SELECT key, words FROM passage WHERE number IN"
            f" (SELECT rowid FROM word WHERE word MATCH ? {some} ORDER BY rank LIMIT ?)",
            " OR ".join(f'"{word}"' for word in wanted),
            *(() if within is None else (json.dumps(list(within)),)),
            2 * limit,
        )
        scores = self._scored(weights, rows)
        return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit])

    def scores(self, question: str, keys: Iterable[str]) -> dict[str, float]:
        """The score of each text for a question, 0 to 1; unknown keys are left out.

        The BM25 score over the highest any text could reach, which is the sum of the words'
        weights (Bruch et al. 2023, "An Analysis of Fusion Functions", call it theoretical
        min-max). Words that no text holds count in that sum, so a question in another language,
        of which only a number matches, scores low.
        """
        rows = self._query(
            "SELECT key, words FROM passage WHERE key IN (SELECT value FROM json_each(?))",
            json.dumps(list(keys)),
        )
        return self._scored(self._weights(question), rows)

    def tokens_of(self, keys: Iterable[str]) -> dict[str, str]:
        """The stored tokens of each key's text, one space between two."""
        rows = self._query(
            "SELECT key, words FROM passage WHERE key IN (SELECT value FROM json_each(?))",
            json.dumps(list(keys)),
        )
        return {row[0]: row[1] for row in rows}

    def _weights(self, question: str) -> dict[str, tuple[int, float]]:
        """For each word of the question, its document frequency and its weight (IDF)."""
        size, _ = self._total()
        found = {}
        for word in dict.fromkeys(tokens(question)):
            rows = self._query("SELECT doc FROM holders WHERE term = ?", word)
            held = int(rows[0][0]) if rows else 0
            found[word] = held, math.log(1 + (size - held + 0.5) / (held + 0.5))
        return found

    def _search_terms(self, weights: dict[str, tuple[int, float]]) -> list[str]:
        """The words to search FTS5 for, rarest first; it gets nothing but our tokens."""
        held = sorted((held, word) for word, (held, _) in weights.items() if held)
        size, _ = self._total()
        rare = [word for held, word in held if size <= _MANY or held <= size * _COMMON]
        return (rare or [word for _, word in held])[:_PROPOSING]

    def _scored(
        self, weights: dict[str, tuple[int, float]], rows: list[tuple[str, ...]]
    ) -> dict[str, float]:
        size, length = self._total()
        mean = length / size if size and length else 1.0
        highest = sum(weight for _, weight in weights.values()) or 1.0
        found = {}
        for key, words in rows:
            held = words.split()
            norm = _K1 * (1 - _B + _B * len(held) / mean)
            counts = ((weights[word][1], held.count(word)) for word in weights.keys() & set(held))
            found[key] = math.fsum(w * n / (n + norm) for w, n in counts) / highest
        return found

    def _total(self) -> tuple[int, int]:
        rows = self._query("SELECT passages, words AS length FROM total")
        return (int(rows[0][0]), int(rows[0][1])) if rows else (0, 0)


def inconsistencies(connection: sqlite3.Connection) -> Iterator[str]:
    """Where the tables of tokens contradict each other; inside a transaction or snapshot.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    try:
        _check_words(connection)
    except sqlite3.DatabaseError as error:
        yield f"the words do not fit the passages: {_told(connection, error)}"
    for problem, count in (
        ("passages have no article", "SELECT count(*) FROM passage WHERE key NOT IN"
         " (SELECT key FROM chunk)"),
        ("passages are miscounted", "SELECT abs(passages - (SELECT count(*) FROM passage))"
         " + abs(words - (SELECT coalesce(sum(length), 0) FROM passage)) FROM total"),
        ("passages have no words", "SELECT abs((SELECT count(*) FROM word_docsize)"
         " - (SELECT count(*) FROM passage))"),
    ):  # fmt: skip
        try:
            rows = connection.execute(count).fetchall()
        except sqlite3.DatabaseError as error:  # a sum that no integer holds
            yield f"{problem}: {_told(connection, error)}"
            continue
        if rows != [(0,)]:
            yield f"{rows[0][0] if rows else 'all'} {problem}"


def _told(connection: sqlite3.Connection, error: sqlite3.Error) -> str:
    """What an error tells of the tables."""
    try:
        sqlite_guard.raise_interrupt(connection, error)
    except sqlite_guard.ForeignFile as endless:
        return str(endless)
    return str(error)


def _check_words(connection: sqlite3.Connection) -> None:
    """Have SQLite compare words and passages; it asks for that by a write, of a copy if need be."""
    check = "INSERT INTO word (word, rank) VALUES ('integrity-check', 1)"
    try:
        connection.execute(check)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
            raise
        with (
            TemporaryDirectory() as folder,
            closing(sqlite_guard.connect(Path(folder, "copy.sqlite"), timeout=0)) as copy,
        ):
            connection.backup(copy)
            try:
                copy.execute(check)
            except sqlite3.DatabaseError as interrupted:
                sqlite_guard.raise_interrupt(copy, interrupted)
                raise
