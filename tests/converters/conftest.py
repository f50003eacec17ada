"""What is said of scans is the same whether OCR is installed or not, but where OCR is tested."""

import pytest

from index.converters import ocr_packs


@pytest.fixture(autouse=True)
def no_ocr(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.node.path.name.startswith("test_ocr"):
        monkeypatch.setattr(ocr_packs, "installed", lambda: False)
