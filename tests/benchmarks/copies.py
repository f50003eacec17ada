"""How surely a copy is told from another article on the same subject, by kind of edit.

    python -m tests.benchmarks.copies [--copies 40] [--seed 7]

Copies are made of real articles: those that ship, and public ones beside the project. Prints the
tables of COPIES.md. Counts only, no times: the same numbers on every machine.
"""

import argparse
import itertools
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import regex

from index import collapsing
from index.articles.article import read
from index.articles.files import Found, find
from index.storage import near_duplicates
from index.storage.bm25 import tokens
from index.storage.near_duplicates import BANDS, PERMUTATIONS, ROWS, bands, shingles, signature
from index.text.sentences import sentence_spans
from tests.support.paths import ROOT

BENCH = ROOT.parent / "shared" / "bench"
THRESHOLDS = (0.2, 0.3, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8)
SHORTEST = 400  # code points: an article of one line is no article
BOILERPLATE = (
    "Read the full story on our site and follow us for the latest updates every day. "
    "This article first appeared in the morning edition. Copyright 2025 The Example Times. "
    "Reporting by our staff in Delhi and Jakarta; editing by the night desk."
)

Edit = Callable[[list[str], random.Random], list[str]]
Pair = tuple[str, str]


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def words_changed(share: float) -> Edit:
    """So many words of a hundred give way to another of the article."""

    def edit(said: list[str], chance: random.Random) -> list[str]:
        words = regex.split(r"(\s+|(?<=\p{Han})(?=\p{Han}))", "".join(said))
        pool = [word for word in words if word and not word.isspace()]
        return [
            chance.choice(pool) if word in pool and chance.random() < share else word
            for word in words
            if word
        ]

    return edit


def sentences_dropped(share: float) -> Edit:
    def edit(said: list[str], chance: random.Random) -> list[str]:
        gone = set(chance.sample(range(len(said)), round(share * len(said))))
        return [sentence for i, sentence in enumerate(said) if i not in gone]

    return edit


def numbers_changed(said: list[str], chance: random.Random) -> list[str]:
    return [regex.sub(r"\d", lambda _: str(chance.randrange(10)), sentence) for sentence in said]


def shuffled(said: list[str], chance: random.Random) -> list[str]:
    return chance.sample(said, len(said))


EDITS: Mapping[str, Edit] = {
    "another outlet's lines": lambda said, _: ["By The Desk\n\n", *said, "\n\n", BOILERPLATE],
    "every number changed": numbers_changed,
    "sentences in another order": shuffled,
    "held twice": lambda said, _: [*said, "\n\n", *said],
    "1 word of 20 changed": words_changed(0.05),
    "1 word of 10 changed": words_changed(0.1),
    "1 sentence of 10 dropped": sentences_dropped(0.1),
    "3 sentences of 10 dropped": sentences_dropped(0.3),
    "cut to two thirds": lambda said, _: said[: -(-len(said) * 2 // 3)],
    "cut to half": lambda said, _: said[: -(-len(said) // 2)],
}


def corpora() -> dict[str, list[str]]:
    """The texts of each folder of articles, by the name of the folder."""
    folders = {"seeds": ROOT / "seeds" / "articles"}
    folders |= {name: BENCH / name / "articles" for name in ("xquad_hi", "tydi_id")}
    return {
        name: [read(found).text for found in find(folder) if isinstance(found, Found)]
        for name, folder in folders.items()
    }


def pieces(text: str, length: int = 4000) -> list[str]:
    """What of an article is as long as news: a long one is cut at paragraphs."""
    found, held = [], ""
    for paragraph in text.split("\n"):
        held += paragraph + "\n"
        if len(held) >= length:
            found.append(held)
            held = ""
    return [piece for piece in [*found, held] if len(piece) >= SHORTEST]


def made(texts: Sequence[str], edit: Edit, chance: random.Random) -> list[Pair]:
    return [(text, "".join(edit(sentences(text), chance))) for text in texts]


def unlike(texts: Sequence[Sequence[str]], more: str = "") -> Iterator[tuple[float, bool]]:
    """Every pair of pieces of different articles, `more` added to each.

    Yields the estimated similarity, and whether a band is shared.
    """
    signed = [(i, signature(piece + more)) for i, some in enumerate(texts) for piece in some]
    known = [(i, np.frombuffer(v, "<u4"), set(bands(v))) for i, v in signed if len(v) > 32]
    for one, other in itertools.combinations(known, 2):
        if one[0] != other[0]:
            yield float(np.mean(one[1] == other[1])), bool(one[2] & other[2])


def line(*cells: object) -> None:
    sys.stdout.write("| " + " | ".join(map(str, cells)) + " |\n")


def articles_table(texts: Mapping[str, Sequence[Sequence[str]]], seed: int, each: int) -> None:
    """Share of copies found, by edit and threshold; then how many unlike pairs pass for one."""
    line("articles", "n", *(f"≥ {t}" for t in THRESHOLDS), "share a band", "lowest")
    line(*["---"] * (len(THRESHOLDS) + 4))
    chance = random.Random(seed)
    chosen = sample(texts, each, chance)
    for name, edit in EDITS.items():
        pairs = [(signature(a), signature(b)) for a, b in made(chosen, edit, chance)]
        near = [near_duplicates.similarity(one, other) for one, other in pairs]
        shared = [bool(set(bands(one)) & set(bands(other))) for one, other in pairs]
        summary(name, near, shared)
    for name, more in (("unlike", ""), ("unlike, of one outlet", "\n\n" + BOILERPLATE)):
        others = [pair for some in texts.values() for pair in unlike(some, more)]
        taken = [sum(near >= t for near, _ in others) for t in THRESHOLDS]
        highest = f"highest {max(near for near, _ in others):.2f}"
        line(f"**{name}**: pairs", len(others), *taken, sum(s for _, s in others), highest)


def sample(
    texts: Mapping[str, Sequence[Sequence[str]]], each: int, chance: random.Random
) -> list[str]:
    """So many pieces of each folder."""
    flat = [list(itertools.chain.from_iterable(some)) for some in texts.values()]
    return [piece for some in flat for piece in chance.sample(some, min(each, len(some)))]


def summary(name: str, near: Sequence[float], shared: Sequence[bool]) -> None:
    shares = [f"{np.mean([value >= t for value in near]):.2f}" for t in THRESHOLDS]
    line(name, len(near), *shares, f"{np.mean(shared):.2f}", f"{min(near):.2f}")


def passages(texts: Sequence[str]) -> list[str]:
    """Paragraphs of the length of a passage."""
    return [p for text in texts for p in text.split("\n") if 250 <= len(p) <= 900]


def one_number(said: list[str], chance: random.Random) -> list[str]:
    spots = list(regex.finditer(r"\d+", "".join(said)))
    if not spots:
        return words_of_all(said, chance, 1)
    spot = chance.choice(spots)
    text = "".join(said)
    return [text[: spot.start()], str(int(spot.group()) + 1), text[spot.end() :]]


def words_of_all(said: list[str], chance: random.Random, count: int) -> list[str]:
    words: list[str] = regex.split(r"(\s+)", "".join(said))
    for i in chance.sample(range(0, len(words), 2), min(count, len(words) // 2)):
        words[i] = "quizzaciously"
    return words


def one_replaced(said: list[str], other: str, chance: random.Random) -> list[str]:
    spot = chance.randrange(len(said))
    return [*said[:spot], chance.choice(sentences(other)) + " ", *said[spot + 1 :]]


def one_added(said: list[str], other: str, chance: random.Random) -> list[str]:
    spot = chance.randrange(len(said) + 1)
    return [*said[:spot], chance.choice(sentences(other)) + " ", *said[spot:]]


PASSAGE_RULES = (
    (0.9, 999),
    (0.8, 999),
    (0.7, 999),
    (0.6, 4),
    (0.7, 3),
    (0.7, 4),
    (0.7, 6),
    (0.8, 4),
)


def passages_table(texts: Mapping[str, Sequence[str]], copies_each: int, seed: int) -> None:
    """Share of passages that are folded, by what became of them in the copy and by rule."""
    rules = (f"≥ {s}" + (f", ≤ {new} new" if new < 999 else "") for s, new in PASSAGE_RULES)
    line("passages", "n", *rules)
    line(*["---"] * (len(PASSAGE_RULES) + 2))
    chance = random.Random(seed)
    chosen: list[Pair] = []
    for some in texts.values():
        held_by = passages(some)
        few = chance.sample(held_by, min(copies_each, len(held_by)))
        chosen += [(text, chance.choice(held_by)) for text in few]
    for name, change in changes(chance).items():
        made = [(one, "".join(change(one, other))) for one, other in chosen if one != other]
        shares = (np.mean([folded(*pair, *rule) for pair in made]) for rule in PASSAGE_RULES)
        line(name, len(made), *(f"{share:.2f}" for share in shares))


def changes(chance: random.Random) -> dict[str, Callable[[str, str], list[str]]]:
    """What becomes of a passage in a copy; a second one of the same folder lends its sentences."""
    edit = words_changed(0.05)
    return {
        "one number changed": lambda text, _: one_number(sentences(text), chance),
        "two words changed": lambda text, _: words_of_all(sentences(text), chance, 2),
        "1 word of 20 changed": lambda text, _: edit(sentences(text), chance),
        "a sentence added": lambda text, other: one_added(sentences(text), other, chance),
        "a sentence replaced": lambda text, other: one_replaced(sentences(text), other, chance),
        "another passage": lambda _, other: [other],
    }


def folded(shown: str, passage: str, share: float, new: int) -> bool:
    collapsing.SAME_PASSAGE, collapsing.NEW_IN_A_ROW = share, new
    pairs = [list(shingles(tokens(text), 2)) for text in (passage, shown)]
    return collapsing.says_nothing_new(*pairs)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--copies", type=int, default=40, help="articles of each folder to copy")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    if not BENCH.is_dir():
        sys.stderr.write(f"copies: skipped, there are no public articles at {BENCH}\n")
        return
    texts = corpora()
    shape = f"{PERMUTATIONS} permutations, {BANDS} x {ROWS}"
    sys.stdout.write(f"\n{near_duplicates.SHINGLE}-word shingles, {shape}\n\n")
    articles_table(
        {name: [pieces(text) for text in some] for name, some in texts.items()},
        options.seed,
        options.copies,
    )
    sys.stdout.write("\n")
    passages_table(texts, options.copies, options.seed)


if __name__ == "__main__":
    main()
