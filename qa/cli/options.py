"""Options: those that several commands share; each can also be set by an ARTICLE_QA_ variable."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from qa.cli import sizes

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
llm_option = option("--llm", help="Language model: a GGUF file or a known name.")
json_option = option("--json", is_flag=True, help="Print one JSON object, for scripts.")
threads_option = option(
    "--threads",
    type=click.IntRange(min=1),
    help="Processor cores for the model; default: all.",
)
cache_option = option(
    "--cache-size",
    type=Size(),
    help="Disk space for the cache of passages that the model has read, such as 500MB; 0 turns it "
    "off.  [default: a tenth of the free space, 4GB at most]",
)
