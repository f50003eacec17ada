"""Pictures of the page's main states, by the real models: `make screenshots`, or with a folder."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from index.build import sync
from index.embedding.sentence_transformer import SentenceTransformerEmbedder
from index.search import Searcher
from qa.cli import opening
from qa.llm.llama import LlamaModel
from qa.weights.checksums import sha256_of
from qa.weights.paths import embedder_path, llm_path
from tests.support.chromium import CHROMIUM, FLAGS
from tests.support.paths import SEED_ARTICLES, SEEDS
from tests.support.served import served

FOLDER = Path(__file__).parent / "screenshots"
SHOWN = ("proof", "phone")  # in the README
DESKTOP, PHONE = (1280, 800), (390, 844)
ANSWERED = "By how much did visits to ChatGPT grow in May?"
REFUSED = "What is the capital of France?"
HINDI = "ली काई-फू की कंपनी का नाम क्या है?"


def main() -> None:
    """Write a picture of each state."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with page_of_the_shipped_articles() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, (state, size, look) in STATES.items():
            with visit(browser, url, size, look) as page:
                state(page)
                page.wait_for_timeout(400)  # what slides in has come to rest
                page.screenshot(path=folder / f"{name}.png")
            if name in SHOWN:
                shrink(folder / f"{name}.png")
            print(folder / f"{name}.png")  # noqa: T201


@contextmanager
def page_of_the_shipped_articles() -> Iterator[str]:
    """Serve the shipped articles from an index of their own; the address."""
    path = llm_path()
    embedder = SentenceTransformerEmbedder(embedder_path(None))
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        sync([SEED_ARTICLES], index, embedder)
        model = LlamaModel(path, sha256_of(path))
        examples = (SEEDS / "examples.txt").read_text(encoding="utf-8").splitlines()
        with served(
            index, Searcher(index, embedder), opening.reader(), model, examples=examples
        ) as server:
            yield server.url


@contextmanager
def visit(browser: Browser, url: str, size: tuple[int, int], look: str) -> Iterator[Page]:
    """A new visitor, who has asked nothing yet."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if look == "dark" else "light",
        locale="hi-IN" if look == "hi" else "en-GB",
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(".welcome")
    yield page
    context.close()


def ask(page: Page, question: str) -> None:
    """Ask and wait for the answer."""
    page.fill("#box textarea", question)
    page.keyboard.press("Enter")
    page.wait_for_selector("#turns .exchange", timeout=120_000)


def shrink(path: Path) -> None:
    """Make a picture fit for the README: 64 colours, and 900 points wide at most."""
    with Image.open(path) as picture:
        width = min(900, picture.width)
        small = picture.convert("RGB").resize((width, picture.height * width // picture.width))
        small.quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)


def empty(page: Page) -> None:
    """Nothing was asked yet."""


def answering(page: Page) -> None:
    """An answer grows."""
    page.fill("#box textarea", ANSWERED)
    page.keyboard.press("Enter")
    page.wait_for_selector("#live .draft", timeout=120_000)


def proof(page: Page) -> None:
    """The words that prove an answer."""
    ask(page, ANSWERED)
    page.click("#turns a.cite")
    page.wait_for_selector("#proof mark.here")


def refusal(page: Page) -> None:
    """The articles do not tell; the nearest passage is open."""
    ask(page, REFUSED)
    page.click("#turns .place")
    page.wait_for_selector("#proof mark.here")


def articles(page: Page) -> None:
    """What is indexed."""
    page.get_by_role("tab").nth(1).click()
    page.wait_for_selector("table.articles")


def settings(page: Page) -> None:
    """What can be chosen."""
    page.get_by_role("tab").nth(2).click()


def hindi(page: Page) -> None:
    """The page in Hindi, with an answer from the article in Hindi."""
    ask(page, HINDI)
    if page.locator("#turns a.cite").count():
        page.click("#turns a.cite")
        page.wait_for_selector("#proof mark.here")


STATES: dict[str, tuple[Callable[[Page], None], tuple[int, int], str]] = {
    "empty": (empty, DESKTOP, "light"),
    "answering": (answering, DESKTOP, "light"),
    "proof": (proof, DESKTOP, "light"),
    "refusal": (refusal, DESKTOP, "light"),
    "articles": (articles, DESKTOP, "light"),
    "settings": (settings, DESKTOP, "light"),
    "dark": (proof, DESKTOP, "dark"),
    "hindi": (hindi, DESKTOP, "hi"),
    "phone": (proof, PHONE, "light"),
    "phone-empty": (empty, PHONE, "light"),
    "phone-answer": (lambda page: ask(page, ANSWERED), PHONE, "light"),
    "phone-dark-articles": (articles, PHONE, "dark"),
}

if __name__ == "__main__":
    main()
