"""Command `read`: what the reader finds in one passage or file."""

import sys
from pathlib import Path

import click

from index.errors import UserError
from index.text.normal_forms import nfc
from qa.cli import opening
from qa.cli.options import json_option, option


@click.command()
@click.argument("question")
@click.argument("passage", metavar="PASSAGE-OR-FILE")
@option("--answer", help="Also judge whether this answer is right by the passage.")
@json_option
def read(question: str, passage: str, answer: str | None, json: bool) -> None:
    """Show the words of a passage that answer QUESTION, without a language model.

    PASSAGE-OR-FILE is the text itself, a file of any kind that `index` takes, or `-` for standard
    input. The reader always points somewhere: the probability says whether the passage answers.
    """
    from qa.answering.validation import check_text
    from qa.service.answer_format import reading_json, reading_text

    question = check_text(question)
    said = _answer(answer) if answer is not None else None
    text = _text(passage)
    reader = opening.reader()
    (found,) = reader.read(question, [text])
    right = reader.judge(question, [said], [text])[0] if said is not None else None
    shown = reading_json if json else reading_text
    click.echo(shown(question, text, found, said, right))


def _answer(answer: str) -> str:
    answer = nfc(answer).strip()
    if not answer:
        raise UserError("The answer is empty. Give the words to judge, or leave out --answer.")
    return answer


def _text(passage: str) -> str:
    """The passage's text, from its file or from standard input.

    Raises:
        UserError: there is none, or it cannot be read.
    """
    from index.errors import NotText
    from index.text.normalise import decode, normalise

    try:
        if passage == "-":
            return normalise(decode(sys.stdin.buffer.read()))
        if _is_file(passage):
            return _file_text(Path(passage))
        return normalise(passage)
    except NotText as error:
        raise UserError(
            f"The passage {error}. Give a text, a file, or `-` for standard input."
        ) from error


def _is_file(passage: str) -> bool:
    try:
        return Path(passage).is_file()
    except (OSError, ValueError):  # too long for a name, or with a zero byte: it is a text
        return False


def _file_text(path: Path) -> str:
    from index.articles.article import read as read_article
    from index.articles.files import Skipped, find

    (found,) = find(path)
    if isinstance(found, Skipped):
        raise UserError(f"{path}: {found.reason}.")
    return read_article(found).text
