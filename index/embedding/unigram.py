"""Unigram tokenizer: XLM-R's, made of its pieces, their scores and its map of characters.

Knows the tokenizers library and the trie that its Precompiled normaliser reads; does not know
which file the vocabulary came from.
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MASK = "<mask>"
# The Precompiled normaliser looks at whole grapheme clusters shorter than six bytes and replaces
# them by what their first character becomes, so that an accent after "Ａ" would be lost. A control
# character ends a cluster, and the map itself then removes it: put one where that could happen.
BREAK = "\x01"
SPLIT_CLUSTERS = (
    r"(?<=[\x{80}-\x{7ff}])(?=[\p{M}\x{e33}\x{eb3}\x{200c}\x{200d}\x{ff9e}\x{ff9f}])"
    r"|(?!\A)(?=[\x{300}-\x{7ff}&&\p{M}])"
)

# The map is NFKC but for 45 characters, and still not `normalizers.NFKC`, which also composes and
# reorders across characters: 85 of 5,000 random words of 20 characters come out otherwise.

# Marks of a Darts double array on its units.
LEAF = 1 << 31
HAS_VALUE = 1 << 8
OFFSET_SHIFT = 10

# A node of the trie while it grows: bytes to nodes, and under END the value.
END = 0
Node = dict[int, "Node | int"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The Unigram pieces with their scores in the order of ids, and the map of characters."""

    pieces: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unk: int
    characters: dict[str, str]


def tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """Build the XLM-R tokenizer: map characters, join spaces, mark words with ▁, find pieces."""
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    names = [piece for piece, _ in vocabulary.pieces]
    bos, eos, pad, unk = (
        names[i] for i in (vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk)
    )
    result = Tokenizer(
        models.Unigram(vocabulary.pieces, unk_id=vocabulary.unk, byte_fallback=False)
    )
    characters = {**vocabulary.characters, BREAK: ""}
    # Precompiled cannot remove the first characters of a text, so they are removed before.
    removed = "".join(f"\\x{{{ord(key):x}}}" for key, text in characters.items() if not text)
    result.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(rf"\A[{removed}]+"), ""),
            normalizers.Replace(Regex(SPLIT_CLUSTERS), BREAK),
            normalizers.Precompiled(charsmap(characters)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    result.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    result.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    result.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)],
    )
    marks = (bos, pad, eos, unk, MASK)
    result.add_special_tokens([AddedToken(name, normalized=False) for name in marks])
    return result


def charsmap(characters: dict[str, str]) -> bytes:
    """The map in SentencePiece's binary format; every key is one character other than NUL.

    The format is the size of a trie, the trie, then the replacements as NUL-ended strings. The trie
    is a Darts double array: the node at `i` has its children at `base ^ byte`, its value at `base`,
    and stores `i ^ base`.
    """
    offsets: dict[str, int] = {}
    texts = bytearray()
    for text in characters.values():
        if text not in offsets:
            offsets[text] = len(texts)
            texts += text.encode() + b"\0"
    units = _double_array(_trie({key.encode(): offsets[characters[key]] for key in characters}))
    return struct.pack("<I", 4 * len(units)) + struct.pack(f"<{len(units)}I", *units) + texts


def _trie(values: dict[bytes, int]) -> Node:
    root: Node = {}
    for key, value in values.items():
        node = root
        for byte in key:
            child = node.setdefault(byte, {})
            assert isinstance(child, dict)
            node = child
        node[END] = value
    return root


def _double_array(root: Node) -> array[int]:
    units = array("L", [0])
    taken, bases = {0}, {0}
    first_free = 1
    waiting = [(0, root)]
    while waiting:
        index, node = waiting.pop()
        while first_free in taken:
            first_free += 1
        # Older gaps are not worth the search: the last few blocks have room enough.
        base = max(first_free, len(units) - 512)
        while base in bases or any(base ^ byte in taken for byte in node):
            base += 1
        bases.add(base)
        taken.update(base ^ byte for byte in node)
        units.extend([0] * (max(base ^ byte for byte in node) + 1 - len(units)))
        units[index] |= (index ^ base) << OFFSET_SHIFT | (HAS_VALUE if END in node else 0)
        for byte, child in node.items():
            if isinstance(child, int):
                units[base] = child | LEAF
            else:
                units[base ^ byte] = byte
                waiting.append((base ^ byte, child))
    # A reader may look anywhere in the block of a base before it sees that nothing is there.
    units.extend([0] * (-len(units) % 256))
    return units
