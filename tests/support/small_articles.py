"""Small articles: the two short texts, English and Hindi, that most tests index."""

from pathlib import Path

BAKERY = """Bread of the north

The bakery sold 400 loaves in May. Nobody expected that, said Dr. Rao.

The ovens

The new oven was built by Kumar Steel in 2019. It burns wood.
"""
HARBOUR = """बंदरगाह में 12 जहाज आए। सभी जहाज चीन से थे।

The harbour was closed for two days in June. Fishermen waited on the quay.
"""


def write_articles(folder: Path) -> None:
    """Write both into a folder that exists."""
    (folder / "bakery.txt").write_text(BAKERY, encoding="utf-8")
    (folder / "harbour.txt").write_text(HARBOUR, encoding="utf-8")
