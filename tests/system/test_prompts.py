"""Prompts are files; a missing or unused value is named."""

import string
from pathlib import Path

import pytest

import prompts
from index.text.languages import ENGLISH_NAMES
from prompts import Prompt

GREETING = Prompt("greeting", {}, string.Template("Hello $name, $$5 for $what."))
FILES = sorted(path.stem for path in Path(prompts.__file__).parent.glob("*.md"))


def test_prompt_is_filled() -> None:
    assert GREETING.fill(name="Asha", what="tea") == "Hello Asha, $5 for tea."


def test_values_are_put_in_as_they_are() -> None:
    assert GREETING.fill(name="$what", what="$$ {}") == "Hello $what, $5 for $$ {}."


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param({}, r"prompts/greeting\.md needs a value for name, what", id="missing"),
        pytest.param(
            {"name": "a", "what": "b", "zeal": "c"}, r"has no place for zeal", id="unused"
        ),
        pytest.param({"nam": "a", "what": "b"}, r"needs a value for name", id="misspelt"),
    ],
)
def test_wrong_values_are_named(values: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GREETING.fill(**values)


@pytest.mark.parametrize("name", FILES)
def test_every_prompt_loads(name: str) -> None:
    prompt = prompts.load(name)

    assert prompt.template.is_valid()
    assert prompt.template.template == prompt.template.template.strip() != ""
    assert "+++" not in prompt.template.template


def test_every_language_has_a_refusal_and_a_name() -> None:
    assert prompts.refusals().keys() == ENGLISH_NAMES.keys()


def test_refusals_differ_and_end_as_sentences_do() -> None:
    said = prompts.refusals()

    assert len(set(said.values())) == len(said)
    assert {code for code, text in said.items() if text[-1] not in ".।。۔"} == {"th"}


def test_every_language_says_what_an_article_says() -> None:
    leads = [prompts.says(code) for code in ENGLISH_NAMES]

    assert len(set(leads)) > 0.9 * len(leads)
    assert {lead[-1] for lead in leads} == {":", "："}
    assert prompts.says("xx") == prompts.says("en")
