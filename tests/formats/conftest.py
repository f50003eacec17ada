"""Golden texts are the same whether OCR is installed or not."""

import os
from collections.abc import Iterator

import pytest

from index.converters.sandbox import converter
from tests.formats.golden_text import without_ocr


@pytest.fixture(autouse=True, scope="module")
def no_ocr() -> Iterator[None]:
    before = os.environ.get("TESSDATA_PREFIX")
    without_ocr()
    yield
    os.environ.pop("TESSDATA_PREFIX")
    if before:
        os.environ["TESSDATA_PREFIX"] = before
    converter().close()
