"""Options: those that several commands share; each can also be set by an ARTICLE_QA_ variable."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from index.scope import Scope
from qa.cli import sizes
from qa.llm.computing import Computing

F = TypeVar("F", bound=Callable[..., Any])


def option(name: str, *names: str, variable: str = "", **settings: Any) -> Callable[[F], F]:
    """An option that can also be set by its ARTICLE_QA_ variable."""
    variable = "ARTICLE_QA_" + (variable or name.strip("-").upper().replace("-", "_"))
    return click.option(name, *names, envvar=variable, show_envvar=True, **settings)


class Size(click.ParamType[int]):
    """The type of an option: a size such as `2GB`, in bytes."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse a size; fail with a message that shows what one looks like."""
        try:
            return sizes.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


index_option = option(
    "--index",
    type=click.Path(path_type=Path),
    default=Path(".article-qa"),
    show_default=True,
    help="Folder of the index.",
)
embedder_option = option(
    "--embedder", help="Embedder: a sentence-transformers folder or a known name."
)
llm_option = option(
    "--llm",
    help="Language model: a GGUF file, a known name or a server, as http://host:port/v1#model.",
)
json_option = option("--json", is_flag=True, help="Print one JSON object, for scripts.")


def computing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what a model computes on; the command gets them as `computing`."""

    @functools.wraps(command)
    def computed(
        *arguments: Any, threads: int | None, gpu_layers: int | None, **others: Any
    ) -> Any:
        computing = Computing(threads, gpu_layers)
        return command(*arguments, computing=computing, **others)

    for one in reversed(_COMPUTING):
        computed = one(computed)
    return computed


_COMPUTING = (
    option(
        "--threads",
        type=click.IntRange(min=1),
        help="Processor cores for the model; default: all that others leave free (eval: all).",
    ),
    option(
        "--gpu-layers",
        type=click.IntRange(min=0),
        metavar="N",
        help="Layers of the model for the GPU; default: as many as `models tune` found, else all.",
    ),
)
cache_option = option(
    "--cache-size",
    type=Size(),
    help="Disk space for the cache of passages that the model has read, such as 500MB; 0 turns it "
    "off.  [default: a tenth of the free space, 4GB at most]",
)


def scope_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which articles are searched; the command gets their `scope`.

    A path that exists here means the articles at or below it, however it is written.
    """

    @functools.wraps(command)
    def scoped(
        *arguments: Any,
        only: Sequence[str],
        language_of_articles: str | None,
        since: str | None,
        until: str | None,
        **others: Any,
    ) -> Any:
        paths = (str(Path(name).resolve()) for name in only if name and Path(name).exists())
        named = tuple(dict.fromkeys((*only, *paths)))
        scope = Scope(named, language_of_articles or "", since or "", until or "")
        return command(*arguments, scope=scope, **others)

    for one in reversed(_SCOPE):
        scoped = one(scoped)
    return scoped


_SCOPE = (
    option(
        "--only",
        multiple=True,
        metavar="PATTERN",
        help="Search these articles alone: path, folder, glob or part of a title; repeatable.",
    ),
    option(
        "--language-of-articles",
        metavar="CODE",
        help="Search articles of this language alone, such as hi (ISO 639).",
    ),
    option("--since", metavar="DATE", help="Search articles of this year, month or day or later."),
    option("--until", metavar="DATE", help="Search articles of this year, month or day or before."),
)
