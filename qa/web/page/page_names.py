"""Page names: which page, slide or sheet words stand on, in the language of the page. Pure."""

from index.passage import Page
from qa.web.page.translations import strings


def page_words(page: Page | None, language: str) -> str:
    """`p. 3`, `slide 3`, `sheet Catch`, and how sure OCR was; empty where there is no page."""
    if page is None:
        return ""
    say = strings(language)
    where = {"page": "at_page", "slide": "at_slide", "sheet": "at_sheet"}[page.kind]
    words = say[where].format(name=page.name)
    return words if page.ocr is None else f"{words}, {ocr_words(page.ocr, language)}"


def ocr_words(sure: float, language: str) -> str:
    """That words were read from a picture, and how surely."""
    return strings(language)["by_ocr"].format(sure=f"{sure:.0%}")
