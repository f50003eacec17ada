"""Numpy embedder: a sentence-transformers folder with a BERT encoder, run without torch.

Torch and sentence-transformers take ten seconds to import; here a question is embedded in some
hundredths of one. Knows the files of such a folder, and refuses one with any setting that could
give other vectors.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.embedding.bert import Bert, read
from index.embedding.bert_tensors import Shape
from index.embedding.embedder import Vectors, fingerprint
from index.embedding.tokenizer import PartialTokenizer

# The files of a folder and their settings: those that must have this value if they are there, and
# in `_ANY_VALUE` those that change no vector or are read below.
_KINDS = ("Transformer", "Pooling", "Normalize")
_REQUIRED: dict[str, dict[str, Any]] = {
    "config.json": {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "hidden_act": "gelu",
        "dtype": "float32",
        "is_decoder": False,
        "add_cross_attention": False,
    },
    "1_Pooling/config.json": {"pooling_mode": "mean", "include_prompt": True},
    "2_Normalize/config.json": {
        "module_input_name": "sentence_embedding",
        "module_output_name": "sentence_embedding",
    },
    "config_sentence_transformers.json": {
        "model_type": "SentenceTransformer",
        "default_prompt_name": None,
    },
    "sentence_bert_config.json": {
        "do_lower_case": False,
        "transformer_task": "feature-extraction",
        "modality_config": {
            "text": {"method": "forward", "method_output_name": "last_hidden_state"}
        },
        "module_output_name": "token_embeddings",
    },
    "tokenizer_config.json": {"backend": "tokenizers"},
}
_ANY_VALUE = {
    "config.json": (
        *("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"),
        *("vocab_size", "max_position_embeddings", "type_vocab_size", "layer_norm_eps"),
        *("bos_token_id", "eos_token_id", "pad_token_id", "tie_word_embeddings", "use_cache"),
        *("attention_probs_dropout_prob", "hidden_dropout_prob", "classifier_dropout"),
        *("initializer_range", "transformers_version"),
    ),
    "1_Pooling/config.json": ("embedding_dimension",),
    "config_sentence_transformers.json": ("prompts", "similarity_fn_name", "__version__"),
    "sentence_bert_config.json": ("max_seq_length",),
    "tokenizer_config.json": (
        *("tokenizer_class", "model_max_length", "model_input_names"),
        *("bos_token", "cls_token", "eos_token", "sep_token", "pad_token"),
        *("unk_token", "mask_token", "is_local", "local_files_only"),
    ),
}
_OTHER_FILES = {"modules.json", "model.safetensors", "tokenizer.json", "source.json", "README.md"}
# Classes that use tokenizer.json unchanged; others build parts of it themselves.
_PLAIN_TOKENIZERS = ("PreTrainedTokenizerFast", "TokenizersBackend")


class NotSupported(Exception):
    """A folder of another kind, or an incomplete one; the message says how."""


class NumpyEmbedder:
    """A BERT encoder with a Unigram tokenizer; a text's vector is the mean of its tokens' vectors.

    In float32, with the vectors of `SentenceTransformerEmbedder` but for the last digits. Threads
    may share it.
    """

    def __init__(self, folder: str) -> None:
        """Open the model; the weights are mapped, and only those that texts need are read, later.

        Args:
            folder: a sentence-transformers folder.

        Raises:
            NotSupported: it is of another kind.
        """
        path = Path(folder)
        try:
            settings = dict(_settings(path))
            shape = _shape(settings["config.json"])
            self._prompts = _prompts(settings["config_sentence_transformers.json"])
            self.limit = min(shape.positions, _limit(settings))
            self.tokenizer = _tokenizer(path, settings["tokenizer_config.json"], shape)
            self._bert: Bert = read(path / "model.safetensors", shape)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotSupported(f"{folder}: {type(error).__name__} {error}") from error
        self._path, self._shape = path, shape
        # Search and reader ask for the same question's.
        self._last: tuple[str | None, Vectors] = None, np.zeros(0, np.float32)
        self.name, self.dimension = path.name, shape.hidden
        self.fingerprint = fingerprint(folder, self._prompts)

    def tuned(self, differences: Mapping[str, Vectors]) -> Bert:
        """The encoder with something added to its tensors, by their names; see `bert.read`."""
        return read(self._path / "model.safetensors", self._shape, differences)

    def documents(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`."""
        return self._vectors([self._prompts["document"] + text for text in texts])

    def query(self, text: str) -> Vectors:
        """See `Embedder`."""
        last, vector = self._last
        if last != text:
            vector = self._vectors([self._prompts["query"] + text])[0]
            vector.setflags(write=False)  # it is given to several
            self._last = text, vector
        return vector

    def queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors of many questions, as `query` gives them, of shape (n, dimension)."""
        return self._vectors([self._prompts["query"] + text for text in texts])

    def query_rows(self, texts: Sequence[str]) -> list[tuple[list[tuple[int, int]], Vectors]]:
        """For each question the places of its tokens, and their last rows (tokens, dimension).

        Places are half-open ranges of code points of the question.
        """
        prompt = self._prompts["query"]
        tokens = self.tokenizer.encode([prompt + text for text in texts])
        every = self._bert.rows([self._truncate(each.ids) for each in tokens])
        found = []
        for each, rows in zip(tokens, every, strict=True):
            at = [i for i, (_, end) in enumerate(each.offsets[: len(rows)]) if end > len(prompt)]
            places = [(max(0, s - len(prompt)), e - len(prompt)) for s, e in each.offsets]
            found.append(([places[i] for i in at], rows[at]))
        return found

    def count(self, texts: Sequence[str]) -> list[int]:
        """See `Embedder`."""
        return [len(ids) for ids in self.tokenizer.ids(texts, special=False)]

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        means = self._bert.means([self._truncate(ids) for ids in self.tokenizer.ids(texts)])
        unit: Vectors = means / np.linalg.norm(means, axis=1, keepdims=True)
        return unit

    def _truncate(self, ids: list[int]) -> list[int]:
        """Truncate too long a text, keeping the token that closes it."""
        return ids if len(ids) <= self.limit else [*ids[: self.limit - 1], ids[-1]]


def _settings(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each file's name and settings, once every setting was checked."""
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    if strange := files - {*_REQUIRED, *_OTHER_FILES}:
        raise ValueError(f"{', '.join(sorted(strange))} is not known here")
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    kinds = [(module["path"], module["type"].rpartition(".")[2]) for module in modules]
    if kinds != [("" if i == 0 else f"{i}_{kind}", kind) for i, kind in enumerate(_KINDS)]:
        raise ValueError(f"its modules are {kinds}")
    for name, required in _REQUIRED.items():
        found = json.loads((folder / name).read_text(encoding="utf-8"))
        for key, value in found.items():
            if key not in _ANY_VALUE.get(name, ()) and (
                key not in required or value != required[key]
            ):
                raise ValueError(f"{name} says {key}: {value!r}")
        yield name, found


def _shape(config: dict[str, Any]) -> Shape:
    return Shape(
        hidden=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        ffn=config["intermediate_size"],
        vocab=config["vocab_size"],
        positions=config["max_position_embeddings"],
        types=config["type_vocab_size"],
        eps=config["layer_norm_eps"],
    )


def _prompts(config: dict[str, Any]) -> dict[str, str]:
    """The prompts as the library reads them: both are always there, if only empty."""
    found = {"query": "", "document": ""} | config.get("prompts", {})
    return {name: prompt or "" for name, prompt in found.items()}


def _limit(settings: dict[str, dict[str, Any]]) -> int:
    """The most tokens of a text that are read."""
    own = settings["sentence_bert_config.json"].get("max_seq_length")
    return int(own or settings["tokenizer_config.json"]["model_max_length"])


def _tokenizer(folder: Path, config: dict[str, Any], shape: Shape) -> PartialTokenizer:
    if (kind := config["tokenizer_class"]) not in _PLAIN_TOKENIZERS:
        raise ValueError(f"its tokenizer is a {kind}")
    tokenizer = PartialTokenizer(folder / "tokenizer.json")
    if len(tokenizer.ids([""])[0]) != 2:
        raise ValueError("its texts are not opened and closed by one mark each")
    if tokenizer.size > shape.vocab:
        raise ValueError(f"it has {tokenizer.size} pieces, but {shape.vocab} vectors for them")
    return tokenizer
