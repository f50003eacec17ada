"""Pages: which page, slide or sheet each proof of an answer stands on, and its web address."""

from dataclasses import replace

from qa.answer import Answer, Citation
from qa.answering.asking import Index


def with_pages(answer: Answer, index: Index) -> Answer:
    """The answer, with the page of each citation of a file that has any, and the web address."""

    def placed(cited: Citation) -> Citation:
        page = index.page(cited.article, cited.start) if cited.quote else None
        return replace(cited, page=page, address=index.address(cited.article))

    return replace(answer, citations=tuple(map(placed, answer.citations)))
