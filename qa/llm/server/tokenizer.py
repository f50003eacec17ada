"""Tokenizer: how many tokens a text has, by the server where it tells, else by an estimate."""

import math
from typing import Any, Literal

import regex

from qa.cancellation import StopFlag
from qa.errors import Cancelled
from qa.llm.model import spellings
from qa.llm.server.connection import Connection

Kind = Literal["tokenize", "extras", ""]
"""`/tokenize` (llama-server, vLLM), `/extras/tokenize` (llama_cpp.server), or none."""

_SECONDS = 5.0  # a page waits for it where a question is checked
_MOST = 20_000  # texts whose counts are kept: some MB
# Words of Latin letters cost a token for four of them, digits and marks one each, other scripts one
# for 2.5 bytes, and all a tenth more: of 83 passages of the shipped articles, Indonesian and Hindi,
# that is 1.02 to 1.37 times what the default model's tokenizer counts.
_WORD = regex.compile(r"[A-Za-z]+")
_SPACE = regex.compile(r"\s+")
_MARK = regex.compile(r"[!-~]")
_BYTES, _MORE = 2.5, 1.1
_LEAST = 8  # code points of a token on the average of a text, at most; 4.5 are the most of the same


class ServerTokenizer:
    """Counts tokens. Any thread may use it."""

    def __init__(self, connection: Connection, model: str, kind: Kind) -> None:
        self._connection, self._model, self._kind = connection, model, kind
        self._counts: dict[str, int] = {}
        self._begins: dict[str, frozenset[str]] = {}

    def count(self, text: str, flag: StopFlag) -> int:
        """The tokens of a text; an estimate that is mostly too high where the server is silent."""
        number = self.exact(text, flag)
        return estimate(text) if number is None else number

    def exact(self, text: str, flag: StopFlag) -> int | None:
        """The tokens of a text by the server; None where it does not tell, or the flag is set."""
        if not self._kind or not text:
            return None
        if text not in self._counts:
            number = self._asked(text, flag)
            if number is None:
                return None
            if len(self._counts) >= _MOST:
                self._counts.clear()
            self._counts[text] = number
        return self._counts[text]

    def begins(self, word: str, flag: StopFlag) -> frozenset[str]:
        """The first tokens of a word's usual spellings, as text.

        Whole words where the server does not tell: a tokenizer that splits them is then not seen.
        """
        if word not in self._begins:
            first = [self._first(spelling, flag) for spelling in spellings(word)]
            if not all(first):
                return frozenset(spellings(word))
            self._begins[word] = frozenset(first)
        return self._begins[word]

    def _asked(self, text: str, flag: StopFlag) -> int | None:
        if self._kind == "extras":
            said = self._told("/extras/tokenize/count", {"input": text}, flag)
            number = said.get("count") if isinstance(said, dict) else None
        else:
            found = _tokens(self._tokenized(text, flag))
            number = None if found is None else len(found)
        return number if isinstance(number, int) and number > 0 else None

    def _first(self, text: str, flag: StopFlag) -> str:
        """The text of a text's first token; "" where the server does not tell."""
        if self._kind == "extras":
            # What a text of nothing has is put before every text.
            before = len(_tokens(self._told("/extras/tokenize", {"input": ""}, flag)) or [])
            tokens = _tokens(self._told("/extras/tokenize", {"input": text}, flag)) or []
            one = tokens[before : before + 1]
            said = self._told("/extras/detokenize", {"tokens": one}, flag) if one else None
            first = said.get("text") if isinstance(said, dict) else None
        elif self._kind:
            first = _piece(self._tokenized(text, flag))
        else:
            return ""
        return first if isinstance(first, str) else ""

    def _tokenized(self, text: str, flag: StopFlag) -> Any:
        """What `/tokenize` tells; llama.cpp reads `content`, vLLM `prompt`."""
        asked = {
            "content": text,
            "with_pieces": True,
            "prompt": text,
            "add_special_tokens": False,
            "return_token_strs": True,
        }
        return self._told("/tokenize", asked, flag)

    def _told(self, path: str, body: dict[str, Any], flag: StopFlag) -> Any:
        url = f"{self._connection.address.root}{path}"
        try:
            return self._connection.told(url, {"model": self._model, **body}, flag, _SECONDS)
        except Cancelled:  # counting never fails; what is done next is given up
            return None


def estimate(text: str) -> int:
    """About how many tokens a text has, rather too many than too few."""
    words = sum(-(-len(word) // 4) for word in _WORD.findall(text))
    rest = _SPACE.sub("", _WORD.sub("", text))
    others = _MARK.sub("", rest)
    marks, size = len(rest) - len(others), len(others.encode(errors="replace"))
    return math.ceil(_MORE * (words + marks + size / _BYTES))


def least(text: str) -> int:
    """How many tokens a text has at least: no tokenizer joins so many letters on the average."""
    return len(text) // _LEAST


def _tokens(said: Any) -> list[Any] | None:
    tokens = said.get("tokens") if isinstance(said, dict) else None
    return tokens if isinstance(tokens, list) else None


def _piece(said: Any) -> Any:
    """The first token's text: llama.cpp's `piece`, or vLLM's `token_strs`."""
    strings = said.get("token_strs") if isinstance(said, dict) else None
    if isinstance(strings, list) and strings and isinstance(strings[0], str):
        return strings[0].replace("Ġ", " ").replace("▁", " ")  # how vocabularies write spaces
    tokens = _tokens(said) or [None]
    return tokens[0].get("piece") if isinstance(tokens[0], dict) else None
