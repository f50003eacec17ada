"""Options that several commands share; each can also be set by its ARTICLE_QA_ variable."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from qa.cli import sizes

F = TypeVar("F", bound=Callable[..., Any])


def option(name: str, *names: str, variable: str = "", **settings: Any) -> Callable[[F], F]:
    """A command's option that can also be set by its ARTICLE_QA_ variable."""
    variable = "ARTICLE_QA_" + (variable or name.strip("-").upper().replace("-", "_"))
    return click.option(name, *names, envvar=variable, show_envvar=True, **settings)


class Size(click.ParamType[int]):
    """A size such as `2GB`, as bytes."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The bytes, or a message that says what a size looks like."""
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
embedder_option = option("--embedder", help="A sentence-transformers folder, or a known name.")
llm_option = option("--llm", help="A GGUF file, or a known name.")
json_option = option("--json", is_flag=True, help="Print one JSON object, for scripts.")
threads_option = option(
    "--threads", type=click.IntRange(min=1), help="Processor cores the model uses; default all."
)
cache_option = option(
    "--cache-size",
    type=Size(),
    help="Disk space for passages that were read, such as 500MB; 0 keeps none.  [default: a tenth "
    "of what is free, 4GB at most]",
)
