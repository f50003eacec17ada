"""Pages: which page, slide or sheet each proof of an answer stands on."""

from dataclasses import replace

from qa.answer import Answer, Citation
from qa.answering.asking import Index


def with_pages(answer: Answer, index: Index) -> Answer:
    """The answer, with the page of each citation of a file that has pages."""

    def placed(cited: Citation) -> Citation:
        return replace(cited, page=index.page(cited.article, cited.start)) if cited.quote else cited

    return replace(answer, citations=tuple(map(placed, answer.citations)))
