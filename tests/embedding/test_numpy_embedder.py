"""The embedder without torch: its vectors are those of sentence-transformers, or it declines."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index.embedding.embedder import fingerprint
from index.embedding.numpy_embedder import NotSupported, NumpyEmbedder
from index.embedding.sentence_transformer import SentenceTransformerEmbedder
from qa.evaluation.case_file import load
from qa.weights.paths import embedder_path
from tests.support import tiny_embedder
from tests.support.embedder_texts import TEXTS
from tests.support.paths import SEED_ARTICLES, SEED_QUESTIONS
from tests.support.tiny_embedder import change


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_embedder.write(tmp_path / "tiny")


def test_it_says_of_itself_what_the_folder_says(folder: Path) -> None:
    light = NumpyEmbedder(str(folder))
    prompts = {"query": "query: ", "document": "passage: "}

    assert (light.name, light.dimension) == ("tiny", 32)
    assert light.fingerprint == fingerprint(str(folder), prompts)
    assert light.count(["", "a", "abab x"]) == [0, 1, 5]


def test_vectors_have_length_one_and_hold_the_prompt(folder: Path) -> None:
    light = NumpyEmbedder(str(folder))
    passages = light.documents(["", "ab", "ab ba a"])

    assert (passages.shape, str(passages.dtype)) == ((3, 32), "float32")
    assert np.linalg.norm(passages, axis=1) == pytest.approx(1, abs=1e-6)
    assert float(light.query("ab") @ passages[1]) < 0.999
    assert light.documents([]).shape == (0, 32)


def test_a_vector_does_not_depend_on_its_neighbours(folder: Path) -> None:
    light = NumpyEmbedder(str(folder))
    texts = ["a", "ab ba a x", "", "क" * 9]

    alone = np.concatenate([light.documents([text]) for text in texts])

    assert light.documents(texts) == pytest.approx(alone, abs=1e-6)


def test_of_a_long_text_only_the_beginning_is_read(folder: Path) -> None:
    light = NumpyEmbedder(str(folder))
    fits = "a" + " a" * 12  # of 16 tokens two are marks and one is the prompt

    shorter, whole, longer = light.documents([fits[:-2], fits, fits + " b b"])

    assert longer == pytest.approx(whole, abs=1e-6)
    assert float(shorter @ whole) < 0.9999


def lose(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def add(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text("{}")


def add_module(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    more = {"idx": 3, "name": "3", "path": "3_Dense", "type": "sentence_transformers.models.Dense"}
    (folder / "modules.json").write_text(json.dumps([*modules, more]))


def cut(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-100])


@pytest.mark.parametrize(
    ("differ", "said"),
    [
        (change("config.json", model_type="roberta"), "config.json says model_type: 'roberta'"),
        (change("config.json", hidden_act="gelu_new"), "config.json says hidden_act: 'gelu_new'"),
        (change("config.json", dtype="float16"), "config.json says dtype: 'float16'"),
        (change("config.json", position_embedding_type="relative_key"), "position_embedding_type"),
        (change("config.json", num_attention_heads=5), "5 heads for 32 numbers"),
        (change("config.json", intermediate_size=64), "intermediate.dense.weight has shape"),
        (change("config.json", num_hidden_layers=3), "encoder.layer.2"),
        (change("config.json", vocab_size=17), "word_embeddings.weight has shape"),
        (change("1_Pooling/config.json", pooling_mode="cls"), "says pooling_mode: 'cls'"),
        (change("1_Pooling/config.json", include_prompt=False), "says include_prompt: False"),
        (change("sentence_bert_config.json", do_lower_case=True), "says do_lower_case: True"),
        (change("sentence_bert_config.json", model_args={"x": 1}), "says model_args"),
        (change("tokenizer_config.json", tokenizer_class="BertTokenizer"), "is a BertTokenizer"),
        (change("tokenizer_config.json", truncation_side="left"), "says truncation_side: 'left'"),
        (
            change("config_sentence_transformers.json", default_prompt_name="query"),
            "says default_prompt_name: 'query'",
        ),
        (change("tokenizer.json", post_processor=None), "not opened and closed by one mark each"),
        (add_module, "its modules are"),
        (add("special_tokens_map.json"), "special_tokens_map.json is not known here"),
        (add("adapter_config.json"), "adapter_config.json is not known here"),
        (lose("modules.json"), "No such file"),
        (lose("tokenizer.json"), "No such file"),
        (cut("model.safetensors"), "ValueError"),
        (cut("tokenizer.json"), "JSONDecodeError"),
        (shutil.rmtree, "No such file"),
    ],
)
def test_a_folder_of_another_kind_is_declined(
    differ: Callable[[Path], object], said: str, folder: Path
) -> None:
    differ(folder)

    with pytest.raises(NotSupported, match=re.escape(said)):
        NumpyEmbedder(str(folder))


# With the real weights


@pytest.fixture(scope="module")
def light() -> NumpyEmbedder:
    return NumpyEmbedder(embedder_path())


@pytest.fixture(scope="module")
def heavy() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(embedder_path(), bfloat16=False)


@pytest.mark.weights
def test_passages_have_the_vectors_of_sentence_transformers(
    light: NumpyEmbedder, heavy: SentenceTransformerEmbedder
) -> None:
    stretches = [
        a.read_text()[i : i + 400] for a in SEED_ARTICLES.iterdir() for i in (0, 4000, 9000)
    ]
    texts = [*TEXTS.values(), *stretches, "word " * 2000, "क" * 3000, "字" * 3000, "ब 中 x 😀"]

    assert (light.name, light.fingerprint) == (heavy.name, heavy.fingerprint)
    assert light.dimension == heavy.dimension
    assert light.count(texts) == heavy.count(texts)
    assert np.sum(light.documents(texts) * heavy.documents(texts), axis=1).min() >= 0.99999


@pytest.mark.weights
def test_questions_have_the_vectors_of_sentence_transformers(
    light: NumpyEmbedder, heavy: SentenceTransformerEmbedder
) -> None:
    questions = [case.question for case in load(SEED_QUESTIONS)[::6]]

    for question in questions:
        assert float(light.query(question) @ heavy.query(question)) >= 0.99999


@pytest.mark.weights
def test_a_folder_that_sentence_transformers_saved_is_of_the_known_kind(
    light: NumpyEmbedder, heavy: SentenceTransformerEmbedder, tmp_path: Path
) -> None:
    heavy._model.save(str(tmp_path / "saved"))

    saved = NumpyEmbedder(str(tmp_path / "saved"))

    assert saved.query("Why?").tolist() == light.query("Why?").tolist()
