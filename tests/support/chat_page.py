"""Chat page: the page in a browser, answered by a model that knows a few things by heart."""

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect

from index.text.sentences import sentences
from qa.llm.model import Message
from tests.support.fakes import ScriptedDraft, ScriptedModel, ScriptedReader
from tests.support.served import Served

LOAVES = "How many loaves did the bakery sell in May?"
OVEN = "Which company built the new oven in 2019?"
SHIPS = "बंदरगाह में कितने जहाज आए?"
BUILT = "The new oven was built by Kumar Steel in 2019."
SAYS = {
    "loaves": "The bakery sold 400 loaves in May. Nobody expected that, said Dr. Rao.",
    "oven": "The new oven was built by Kumar Steel in 2019. It burns wood.",
    "जहाज": "बंदरगाह में 12 जहाज आए।",
    "parrot": "The <b>parrot</b> costs 90 rupees.",
    "lantern": "The lantern has 7 colours.",
}


class Knowing(ScriptedModel):
    """Answers what it knows something about, by a word of the question."""

    def __init__(self, pause: float = 0.0) -> None:
        super().__init__("", pause=pause)

    def write(self, messages: Sequence[Message], max_tokens: int) -> ScriptedDraft:
        self._texts = (_says(messages[-1].content.partition("Question: ")[2]),)
        return super().write(messages, max_tokens)


def _says(question: str) -> str:
    return next((text for word, text in SAYS.items() if word in question), "")


def knowing() -> ScriptedReader:
    """Finds what is said in the passage that says it."""

    def told(question: str, passage: str) -> float:
        said = _says(question)
        return float(bool(said) and sentences(said)[0] in passage)

    return ScriptedReader(told)


def arrive(context: BrowserContext, server: Served, address: str = "/") -> Page:
    page = context.new_page()
    page.goto(f"{server.url}{address}")
    page.wait_for_selector("#turns .turns")
    return page


def ask(page: Page, question: str) -> Locator:
    """Ask and wait for the answer; the last exchange."""
    kept = page.locator("#turns .exchange")
    before = kept.count()
    page.fill("#box textarea", question)
    page.keyboard.press("Enter")
    expect(kept).to_have_count(before + 1)
    return kept.last


def proof_of(page: Page, question: str) -> Locator:
    """Ask, and open the proof of the first citation; the page's picture when it is there."""
    ask(page, question).locator("a.cite").first.click()
    picture = page.locator("#proof .paper img")
    expect(picture).to_be_visible()
    page.wait_for_function(
        "() => { const it = document.querySelector('#proof .paper img');"
        " return it?.complete && it.naturalWidth }"
    )
    return picture


def faults(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
    options = {"runOnly": {"type": "tag", "values": tags}}
    violations = Axe().run(page, options=options).response["violations"]
    return [f"{v['id']}: {node['html'][:200]}" for v in violations for node in v["nodes"]]
