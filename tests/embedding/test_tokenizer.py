"""A tokenizer made of few pieces gives what the whole one gives."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from index.embedding import tokenizer as pieces
from index.embedding.tokenizer import PartialTokenizer
from index.embedding.unigram import tokenizer
from qa.weights.paths import embedder_path
from tests.support.embedder_texts import TEXTS
from tests.support.paths import SEED_ARTICLES
from tests.support.tiny_embedder import VOCABULARY

TINY = [
    *("", " ", "a", "ab ba", "abab", "x", "axb xx", "a</s>b", "<mask>", "क😀क", "Ａb", "\0a"),
    *("＜s＞a", "a＜unk＞b", "＜unk＞", "<unk>", "a\nb", "aab" * 50, "query: ab", "▁a▁▁b"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    tokenizer(VOCABULARY).save(str(tmp_path / "tokenizer.json"))
    return tmp_path / "tokenizer.json"


def whole(path: Path, texts: Sequence[str], *, marks: bool) -> list[list[int]]:
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(str(path))
    return [made.encode(text, add_special_tokens=marks).ids for text in texts]


@pytest.mark.parametrize("marks", [True, False])
@pytest.mark.parametrize("few", [0, 10**9])
def test_tokens_are_those_of_the_whole_tokenizer(
    few: int, marks: bool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "_PARTIAL_BELOW", few)
    expected = whole(path, TINY, marks=marks)

    assert PartialTokenizer(path).ids(TINY, special=marks) == expected
    assert [PartialTokenizer(path).ids([text], special=marks)[0] for text in TINY] == expected


def test_the_whole_tokenizer_is_made_for_much_text_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "_PARTIAL_BELOW", 100)
    found = PartialTokenizer(path)

    found.ids(["ab" * 40])
    assert "_whole" not in vars(found)
    found.ids(["ab" * 40])
    assert "_whole" in vars(found)


def test_a_file_that_cuts_longer_texts_off_or_pads_is_read_as_if_it_did_not(path: Path) -> None:
    expected = PartialTokenizer(path).ids(TINY)
    made = json.loads(path.read_text())
    made["truncation"] = {
        "direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0
    }  # fmt: skip
    path.write_text(json.dumps(made))

    assert PartialTokenizer(path).ids(TINY) == expected


@pytest.mark.parametrize("kind", ["BPE", "WordPiece"])
def test_a_tokenizer_of_another_kind_is_refused(kind: str, path: Path) -> None:
    made = json.loads(path.read_text())
    path.write_text(json.dumps(made | {"model": made["model"] | {"type": kind}}))

    with pytest.raises(ValueError, match=f"not Unigram but {kind}"):
        PartialTokenizer(path)


@pytest.mark.weights
def test_tokens_are_those_of_the_real_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_PARTIAL_BELOW", 10**9)
    path = Path(embedder_path()) / "tokenizer.json"
    chance = random.Random(7)
    signs = [*map(chr, range(0x20, 0x3000)), *"  \u200d\u0301ﾞ＜＞s/" * 300, "美", "团"]
    texts = [
        *TEXTS.values(),
        *(
            a.read_text()[i : i + 200]
            for a in SEED_ARTICLES.iterdir()
            for i in range(0, 20_000, 500)
        ),
        *("".join(chance.choices(signs, k=30)) for _ in range(500)),
    ]

    for marks in (True, False):
        assert PartialTokenizer(path).ids(texts, special=marks) == whole(path, texts, marks=marks)
