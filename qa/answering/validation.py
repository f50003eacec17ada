"""Validation: what may be asked, of any index; and in which languages answers are given."""

from typing import TYPE_CHECKING, TypeGuard

from index.text.characters import is_unicode
from index.text.languages import ENGLISH_NAMES
from index.text.normal_forms import nfc
from qa.errors import BadQuestion

if TYPE_CHECKING:
    from qa.llm.model import LanguageModel

MOST_PASSAGES = 100
"""How many passages may be asked for, at a question or a search."""

_QUESTION_TOKENS = 512
_MOST_LETTERS = 20 * _QUESTION_TOKENS
_TOO_LONG = (
    f"The question is longer than {_QUESTION_TOKENS} tokens of the model. "
    "Ask it in a few sentences; put long texts into the articles' folder instead."
)


def is_count(value: object) -> TypeGuard[int]:
    """Whether a value of JSON is a whole number; `true`, which is 1 to Python, is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def check_text(question: str) -> str:
    """The question in NFC, without white space around it.

    Raises:
        BadQuestion: it is empty, or far too long for any model.
    """
    # A token is seldom more than some ten letters; a book is refused before anything is done to it.
    if len(question) > _MOST_LETTERS:
        raise BadQuestion(_TOO_LONG)
    # Articles are NFC; the embedder's own normalisation does not compose letters and accents.
    question = nfc(question).strip()
    if not is_unicode(question):
        raise BadQuestion(
            "The question is not UTF-8 text. Type it again, or give it as a file to `-`."
        )
    if not question:
        raise BadQuestion("The question is empty. Write what you want to know.")
    return question


def check(question: str, model: "LanguageModel") -> str:
    """As `check_text`, and no longer than `model` can be given.

    Raises:
        BadQuestion: it is empty or too long.
    """
    question = check_text(question)
    # No token is less than a byte, so most questions need not be counted, which a server may take
    # long for.
    is_short = len(question.encode()) <= _QUESTION_TOKENS
    if not is_short and model.count(question) > _QUESTION_TOKENS:
        raise BadQuestion(_TOO_LONG)
    return question


def check_language(code: str | None) -> None:
    """See that an answer can be asked for in this language.

    Raises:
        BadQuestion: the code is not known.
    """
    if code is not None and code not in ENGLISH_NAMES:
        known = ", ".join(sorted(ENGLISH_NAMES))
        raise BadQuestion(f"The language {code!r} is not known. Use one of: {known}")
