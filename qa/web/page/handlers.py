"""Handlers: functions that Gradio calls, made of functions that know nothing of Gradio.

Such a function takes a visitor, the data of a click and the values of some parts, and returns
`Changes`, or yields them one after the other.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from index.errors import UserError
from qa.web.gradio.private_names import clicked_data
from qa.web.page import views
from qa.web.page.settings import visitor

# Without Gradio's own display of progress, and with no address by which programs could call it.
INTERNAL: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
Changes = dict[str, Any]
"""New content by name of a part of the page: text, or `Part`."""


@dataclass(frozen=True, slots=True)
class Part:
    """Whether a part of the page is to be seen; its value stays."""

    visible: bool


class Handlers:
    """Connects the parts of a page with functions; a handler may change any part.

    Args:
        parts: Gradio's components by name.
    """

    def __init__(self, parts: Mapping[str, Any]) -> None:
        self._parts = parts

    def on(
        self,
        triggers: Sequence[Any],
        function: Callable[..., Any],
        inputs: Sequence[Any] = (),
        *,
        preprocess: bool = True,
    ) -> Any:
        """Call a function on each of some events, with the values of `inputs`."""
        import gradio as gr

        handler, outputs = self._handler(function), self._outputs()
        return gr.on(triggers, handler, list(inputs), outputs, preprocess=preprocess, **INTERNAL)

    def then(self, event: Any, function: Callable[..., Any], inputs: Sequence[Any]) -> Any:
        """Call a function once the handler of an event has ended."""
        return event.then(self._handler(function), list(inputs), self._outputs(), **INTERNAL)

    def _outputs(self) -> list[Any]:
        return list(self._parts.values())

    def _handler(self, function: Callable[..., Any]) -> Callable[..., AsyncIterator[Any]]:
        import gradio as gr

        async def handle(
            request: gr.Request, event: gr.EventData, *values: Any
        ) -> AsyncIterator[Any]:
            who = visitor(request)
            data = {**request.query_params, **clicked_data(event)}
            try:
                made = await asyncio.to_thread(function, who, data, *values)
                if not isinstance(made, AsyncGenerator):
                    yield self._updates(made)
                    return
                async with aclosing(made):
                    async for changes in made:
                        yield self._updates(changes)
            except UserError as error:
                yield self._updates({"notice": views.problem(error, who.page)})

        return handle

    def _updates(self, changes: Changes) -> dict[Any, Any]:
        """Changes as Gradio reads them, without parts that this page lacks."""
        import gradio as gr

        parts = self._parts
        known = {parts[name]: _update(change) for name, change in changes.items() if name in parts}
        return known or {parts["shown"]: gr.skip()}  # Gradio takes {} for a value


def _update(change: Any) -> Any:
    import gradio as gr

    return gr.update(visible=change.visible) if isinstance(change, Part) else change
