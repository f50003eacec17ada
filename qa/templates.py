"""Templates: rendered to pages and reports, HTML escaped; only home of jinja2."""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


class Templates:
    """The templates of a folder, loaded at their first use."""

    def __init__(self, folder: Path, **filters: Callable[..., Any]) -> None:
        self._folder, self._filters = folder, filters

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """Render a template; a name in it without a value is an error, never an empty string."""
        return self._environment.get_template(name).render(values)

    @cached_property
    def _environment(self) -> "Environment":
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        environment = Environment(
            loader=FileSystemLoader(self._folder),
            autoescape=lambda name: name is None or ".html" in name,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters.update(self._filters)
        return environment
