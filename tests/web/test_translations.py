"""The page's words: the same in every language, all of them used, and which language is shown."""

import re
import time
import tomllib
from pathlib import Path
from string import Formatter
from typing import get_args, get_type_hints

import pytest

import index.errors
import index.scope
import qa.errors
from index.errors import UserError
from index.text.languages import ENGLISH_NAMES
from qa.answer import Citation
from qa.text.language_names import language_name
from qa.web.page.layout import LOOKS
from qa.web.page.translations import FOLDER, LANGUAGES, own_name, pick, strings

# Names that code makes up: of errors, of how well words support a sentence, of looks.
ERRORS = {
    f"error_{name}"
    for module in (qa.errors, index.errors, index.scope)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, UserError)
}
QA = FOLDER.parents[2]
SUPPORTS = get_args(get_type_hints(Citation)["support"])
MADE_UP = {
    *ERRORS,
    *SUPPORTS,
    *(f"{support}_means" for support in SUPPORTS),
    *(f"look_{look}" for look in LOOKS),
}


def written(*endings: str) -> str:
    """What stands in the page's templates and scripts."""
    paths = sorted(path for path in QA.rglob("*") if path.name.endswith(endings))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def code() -> str:
    """The modules that know the page's words; the login page is handed them."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(QA.rglob("*.py"))]
    knowing = [text for text in texts if re.search(r"page\.translations import .*strings", text)]
    return "\n".join([*knowing, (QA / "web/security/login.py").read_text(encoding="utf-8")])


def said_in_pages() -> set[str]:
    """Names that templates and scripts say."""
    names = re.findall(r"(?<![.\w])(?:say|words)\.([a-z]\w*)", written(".jinja"))
    return {*names, *re.findall(r'\bsay\("(\w+)"\)', written(".js"))} - {"lang", "dir"}


def holes(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_with_the_same_holes(language: str) -> None:
    english = {name: holes(text) for name, text in strings("en").items()}

    assert {name: holes(text) for name, text in strings(language).items()} == english
    assert list(strings(language)) == list(strings("en"))
    assert [name for name, text in strings(language).items() if not text.strip()] == []


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_words_are_translated(language: str) -> None:
    same = {name for name, text in strings(language).items() if text == strings("en")[name]}

    assert same <= {"model"}


def test_every_word_is_used() -> None:
    quoted = set(re.findall(r'"(\w+)"', code()))

    assert set(strings("en")) - quoted - said_in_pages() - MADE_UP == set()


def test_every_word_that_is_said_is_there() -> None:
    assert said_in_pages() - set(strings("en")) == set()
    assert MADE_UP - ERRORS - set(strings("en")) == set()


def test_every_error_that_has_words_is_one() -> None:
    assert {name for name in strings("en") if name.startswith("error_")} - ERRORS == set()


def test_there_is_a_file_for_each_language_and_no_other() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(LANGUAGES)
    for path in FOLDER.glob("*.toml"):
        assert {type(value) for value in tomllib.loads(path.read_text("utf-8")).values()} == {str}


def test_words_of_another_language_are_english() -> None:
    assert strings("de") == strings("") == strings("../en") == strings("en")


# RFC 9110, 12.5.4 has the first two.
@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        pytest.param(None, "da, en-gb;q=0.8, en;q=0.7", "en", id="RFC 9110"),
        pytest.param(None, "da, hi-in;q=0.8, en;q=0.7", "hi", id="RFC 9110 in Hindi"),
        pytest.param(None, "zh-CN,zh;q=0.9,en;q=0.8", "zh", id="Chrome"),
        pytest.param(None, "id,en-US;q=0.7,en;q=0.3", "id", id="Firefox"),
        pytest.param(None, "zh-Hans-CN", "zh", id="script"),
        pytest.param(None, "EN;q=0.1, ID;Q=0.2", "id", id="capitals"),
        pytest.param(None, "en;q=0.2, hi;q=0.9, zh;q=0.5", "hi", id="weights"),
        pytest.param(None, "hi;q=0.5, id;q=0.5", "hi", id="equal weights"),
        pytest.param(None, "hi;q=0, id;q=0.001", "id", id="unwanted"),
        pytest.param(None, "hi;q=0.000", "en", id="none wanted"),
        pytest.param(None, " hi ; q=0.8 \t, \tid", "id", id="spaces"),
        pytest.param(None, "hi;q=1.000, id", "hi", id="three places"),
        pytest.param(None, "hi;q=2, zh;q=1.5, id;q=0.1", "id", id="more than whole"),
        pytest.param(None, "hi;q=0.1234, zh;q=-1, id;q=.5, zh;q=", "en", id="no weights"),
        pytest.param(None, "hi;q=٠.५", "en", id="digits of other scripts"),
        pytest.param(None, "*", "en", id="any"),
        pytest.param(None, "de, *;q=0.5", "en", id="others"),
        pytest.param(None, "", "en", id="empty"),
        pytest.param(None, None, "en", id="none"),
        pytest.param(None, ",,;;q==,<script>,\0,hi;drop", "en", id="junk"),
        pytest.param(None, "hindi, h, zhx", "en", id="no codes"),
        pytest.param("hi", "id", "hi", id="chosen"),
        pytest.param("de", "id", "id", id="chosen another"),
        pytest.param("../../etc/passwd", "zh", "zh", id="chosen junk"),
        pytest.param("", "", "en", id="nothing chosen"),
    ],
)
def test_language_of_the_page(chosen: str | None, accepted: str | None, language: str) -> None:
    assert pick(chosen, accepted) == language


@pytest.mark.parametrize(
    "accepted",
    [
        pytest.param("de," * 100_000 + "hi", id="many"),
        pytest.param("d" * 1_000_000 + ",hi", id="one"),
        pytest.param("de" + " " * 100_000 + "x, hi", id="spaces"),
        pytest.param("de" + "-" * 100_000 + "!, hi", id="dashes"),
        pytest.param("de;q=0." + "0" * 100_000 + ", hi", id="zeros"),
    ],
)
def test_what_is_too_long_is_not_read(accepted: str) -> None:
    begun = time.perf_counter()

    assert pick(None, accepted) == "en"
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    ("language", "page", "name"),
    [
        ("hi", "en", "Hindi"),
        ("en", "hi", "अंग्रेज़ी"),
        ("zh", "id", "Tionghoa"),
        ("id", "zh", "印度尼西亚语"),
        ("xx", "hi", "xx"),
        ("", "en", ""),
        ("<b>", "en", "<b>"),
    ],
)
def test_languages_are_named_in_the_language_of_the_page(
    language: str, page: str, name: str
) -> None:
    assert language_name(language, page) == name


def test_languages_name_themselves() -> None:
    named = {code: own_name(code) for code in ENGLISH_NAMES}

    assert [code for code, name in named.items() if name == code] == []
    assert (named["hi"], named["zh"], named["id"]) == ("हिन्दी", "中文", "Indonesia")
    assert [own_name(code) for code in ("xx", "", "<b>")] == ["xx", "", "<b>"]


def test_every_file_says_what_it_is() -> None:
    first = {path.stem: path.read_text("utf-8").split("\n")[0] for path in FOLDER.glob("*.toml")}

    assert first == {
        code: f"# The page's words in {ENGLISH_NAMES[code]}. "
        "Every language's file has the same names and the same {holes}."
        for code in LANGUAGES
    }
    assert Path(FOLDER, "en.toml").is_file()
