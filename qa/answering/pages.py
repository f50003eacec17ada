"""Pages: which page, slide or sheet each proof of an answer stands on, and its web address."""

from collections.abc import Callable
from dataclasses import replace

from index.passage import Page
from qa.answer import Answer, Citation


def with_pages(
    answer: Answer, page: Callable[[str, int], Page | None], address: Callable[[str], str]
) -> Answer:
    """The answer, with the page of each citation of a file that has any, and the web address.

    Args:
        answer: as it grows: one citation comes again with each word.
        page: the page of an article at a code point.
        address: the web address of an article.
    """

    def placed(cited: Citation) -> Citation:
        at = page(cited.article, cited.start) if cited.quote else None
        return replace(cited, page=at, address=address(cited.article))

    return replace(answer, citations=tuple(map(placed, answer.citations)))
