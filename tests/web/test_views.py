"""What the page shows: every text as text, whoever wrote it, and each answer with its proofs."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Literal
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import regex
from bs4 import BeautifulSoup, Comment, Tag

from index.errors import NotText
from index.passage import Page
from index.scope import kept_to
from index.storage.places import Place
from qa.answer import Answer, Citation, Nearest, Timings
from qa.service.conversations import Conversation
from qa.service.exchange import Exchange
from qa.service.library import ArticleRow
from qa.verification.evidence import Sentence
from qa.verification.quotation import quoted_words
from qa.web.page import view_models, views
from qa.web.page.answer_runs import AnswerRun, answer_runs
from qa.web.page.excerpt import CitedText, excerpt
from qa.web.page.translations import LANGUAGES, strings
from qa.web.page.view_models import Chip, ExcerptView, ExchangeView, SheetView

HOSTILE = [
    pytest.param("<script>alert(1)</script>", id="script"),
    pytest.param("<img src=x onerror=alert(1)>", id="picture"),
    pytest.param('"><svg onload=alert(1)>', id="out of quotes"),
    pytest.param("' onmouseover='alert(1)' x='", id="out of single quotes"),
    pytest.param('x" autofocus onfocus="alert(1)', id="attribute"),
    pytest.param("[x](javascript:alert(1))", id="link"),
    pytest.param("javascript:alert(1)", id="address"),
    pytest.param("{{7*7}}{% raw %}${7*7}#{7*7}<%= 7*7 %>", id="template"),
    pytest.param("`alert(1)` ${alert(1)} \\u003cb>", id="backticks"),
    pytest.param("</q></a></mark></p></div></section><h1>", id="ends"),
    pytest.param("<!-- --!> <![CDATA[ ]]> <?x ?>", id="comment"),
    pytest.param("&lt;b&gt; &amp;#60; &#x3c;b&#x3e; &nbsp", id="entities"),
    pytest.param("{title} {0.__class__} %s %(x)s {", id="holes"),
    pytest.param("\u202egnp.exe\u202c \u2066x\u2069 \u200fx\u200b\ufeffx", id="directions"),
    pytest.param("a\0b\x01c\x7fd\x9fe\ufffe", id="controls"),
    pytest.param("x/../..?part=1#x//evil.example", id="path"),
]
PLAIN = "qwertz"
TITLES = {"a.txt": ("Bread of the north", "en"), "h.txt": ("बंदरगाह", "hi")}
BURNS = "It burns wood."
HINDI = "सभी जहाज चीन से थे।"

# Nothing else is ever on the page, whatever people, articles and the model say.
ELEMENTS = (
    "html head meta title link script body main div section nav p h1 h2 h3 h4 ul ol li span b bdi "
    "a base button q mark blockquote figure img details summary table thead tbody tr th td progress"
)
ATTRIBUTES = (
    "class id lang dir title role tabindex scope aria-label aria-busy aria-current "
    "aria-hidden aria-pressed "
    "aria-labelledby aria-selected data-name data-place data-serial "
    "href src rel target download type max value name content charset "
    "data-act data-conversation data-copy data-dismiss data-elapsed data-exchange data-id "
    "data-marker data-number data-proof data-question data-rename data-save data-state data-sure "
    "alt decoding draggable hidden style "
    "data-alone data-broken data-sheet data-title data-turn data-view"
)
OURS = regex.compile(
    r"proof/[\w-]+/\d+/(near-)?\d+(/page\?at=\d+)?|export/[\w-]+\.(md|json)"
    r"|(article|original|picture/\d+)/[A-Za-z0-9_.~%/-]+"
    r"|logout|page/(page|sheets)\.(css|js)|/"
)
WHERE = "https://qa.example.org/"
SHEET = SheetView("a.pdf", "Bread", BURNS, "proof/c-1/3/1/page", 2, 4, "marked", first=2, goes_on=3)


def entry(article: str) -> tuple[str, str]:
    return TITLES.get(article, ("", ""))


def citation(
    quote: str = BURNS,
    marker: int = 1,
    article: str = "a.txt",
    support: Literal["supported", "partial"] = "supported",
) -> Citation:
    return Citation(marker, article, 0, len(quote), quote, support, 0.8765)


def answer(text: str = "Wood. [1]", *citations: Citation, **values: Any) -> Answer:
    made = Answer("What?", "en", text, answered=True, citations=citations, done=True, stage="done")
    return replace(made, **values)


def shown(given: Answer, **values: Any) -> ExchangeView:
    made = ExchangeView("c-1", 3, "What burns?", given, "done", "", entry, "en")
    return replace(made, **values)


def live(given: Answer, **values: Any) -> str:
    made = shown(given, state="live", is_live=True, number=0, stage="writing")
    return views.live(replace(made, **values))


def turns(*exchanges: ExchangeView, page: str = "en") -> str:
    return views.turns("c-1", exchanges, page, [], False)


def proven(text: str, quote: str, *others: str, **values: Any) -> ExcerptView:
    """The proof of words in an article, as they first stand there."""
    marked = [
        CitedText(i, text.index(q), text.index(q) + len(q), q) for i, q in enumerate(others, 2)
    ]
    start = max(text.find(quote), 0)
    made = excerpt(text, CitedText(1, start, start + len(quote), quote), marked)
    known = ExcerptView(
        *("a.txt", "Bread", "en", "English", quote, 1, 1, "supported", 0.8765, made),
        *("proof/c-1/3/1", "proof/c-1/3/1", "proof/c-1/3/3"),
    )
    return replace(known, **values)


def shelf(id: str = "a.txt", title: str = "Bread", **values: Any) -> str:
    known = ArticleRow(id, title, "en", "2024-05-01", 12345, "/home/ana/articles", True)
    settings = {
        name: values.pop(name) for name in ("read_only", "search", "folders") if name in values
    }
    return views.articles([replace(known, **values)], 1, "en", **settings)


def soup(html: str, parser: str = "html.parser") -> BeautifulSoup:
    return BeautifulSoup(html, parser)


def one(html: str, selector: str) -> Tag:
    (tag,) = soup(html).select(selector)
    return tag


def texts(html: str, selector: str) -> list[str]:
    return [tag.text for tag in soup(html).select(selector)]


def flat(text: str) -> str:
    return " ".join(text.split())


# Every place in which a text of somebody else stands.
PLACES: dict[str, Callable[[str], str]] = {
    "question": lambda t: turns(shown(answer(), question=t, is_last=True)),
    "question that is answered": lambda t: live(answer("", done=False), question=t),
    "answer": lambda t: turns(shown(answer(f"{t} [1] {t}[7]{t}", citation()))),
    "growing answer": lambda t: live(answer(f"{t} [1]", citation())),
    "draft": lambda t: live(answer(draft=t, done=False)),
    "standing": lambda t: turns(shown(answer(standing=t))),
    "error": lambda t: turns(shown(answer("", answered=False), state="failed", error=t)),
    "quote": lambda t: turns(shown(answer("Wood. [1]", citation(t)))),
    "quotation": lambda t: turns(shown(answer(f"It says: “{t}” [1]", citation(t)))),
    "passage": lambda t: live(answer("", nearest=(Nearest("a.txt", 0, 5, t, 0.9),))),
    "file": lambda t: turns(shown(answer("Wood. [1]", citation(article=t)))),
    "title": lambda t: turns(shown(answer("Wood. [1]", citation()), entry=lambda _: (t, "en"))),
    "language": lambda t: turns(
        shown(answer("Wood. [1]", citation()), entry=lambda _: ("Bread", t))
    ),
    "stopped": lambda t: turns(shown(answer(f"{t} [1]", citation()), state="stopped")),
    "example": lambda t: views.turns("", [], "en", [(t, "en")], False),
    "conversation": lambda t: views.conversations(
        [Conversation("c-1", t, "", "")], "c-1", "en", ""
    ),
    "article's text": lambda t: views.proven(proven(f"{t}\n{BURNS}\n{t}", BURNS), "en"),
    "cited words": lambda t: views.proven(proven(f"The oven. {t} The end.", t), "en"),
    "other words": lambda t: views.proven(proven(f"{BURNS} {t}", BURNS, t), "en"),
    "words that are gone": lambda t: views.proven(proven("Nothing.", t), "en"),
    "words of what is gone": lambda t: views.proven(proven("", t, proof=None), "en"),
    "proof's title": lambda t: views.proven(proven(BURNS, BURNS, title=t), "en"),
    "proof's file": lambda t: views.proven(proven(BURNS, BURNS, article=t), "en"),
    "proof's page": lambda t: views.proven(proven(t, t, title=t), "en", alone=True),
    "proof of a PDF": lambda t: views.proven(
        proven(t, t, title=t, article=t, is_drawn=True, page=Page(0, "sheet", t, 0.9)), "en"
    ),
    "page that is drawn": lambda t: views.sheet(
        replace(SHEET, article=t, title=t, quote=t, boxes=((0.1, 0.2, 0.3, 0.4),)), "en"
    ),
    "why none is drawn": lambda t: views.no_sheet(NotText(t), "en"),
    "sheet's name": lambda t: turns(
        shown(answer("Wood. [1]", replace(citation(), page=Page(0, "sheet", t))))
    ),
    "article": lambda t: views.render(
        "article.html.jinja",
        "en",
        entry=SimpleNamespace(id=t, title=t, language="en", date=t, author=t),
        text=t,
        root="",
    ),
    "row's notice": lambda t: shelf(notices=(t, t)),
    "row's title": lambda t: shelf(title=t),
    "row's file": lambda t: shelf(t, ""),
    "row's other values": lambda t: shelf(language=t, date=t, author=t, copies=(t, "b.txt", t)),
    "chip": lambda t: views.chips([Chip(t, t, "en"), Chip("b.txt", "b.txt")], "en"),
    "chip of what is gone": lambda t: views.chips([Chip(t, t, is_there=False)], "en"),
    "place that is offered": lambda t: views.places([Place(t, t, t)], "en"),
    "folder that is offered": lambda t: views.places([Place(f"{t}/", articles=2)], "en"),
    "folder": lambda t: shelf(folders=[Place(f"{t}/", articles=2)]),
    "article that was asked": lambda t: turns(shown(answer(scope=kept_to([t])))),
    "title that was asked": lambda t: turns(
        shown(answer(scope=kept_to(["a.txt"])), entry=lambda _: (t, "en"))
    ),
    "problem": lambda t: views.articles([], 0, "en", problems=[t]),
    "file not read": lambda t: views.articles([], 0, "en", skipped=[(t, t)]),
    "notice": lambda t: views.notice(t, "en", "bad", [(t, t)]),
    "progress": lambda t: views.progress(1, 2, t, "en"),
    "person": lambda t: views.person(t, "en"),
    "paragraph": lambda t: views.paragraph(t),
}
FLATTENED = ("quote", "quotation", "passage", "page that is drawn")


def shape(page: BeautifulSoup) -> list[tuple[str, list[str]]]:
    """Every element with the names of its attributes, in order."""
    return [(tag.name, sorted(tag.attrs)) for tag in page.find_all(True)]


def said(page: BeautifulSoup, text: str, form: Callable[[str], str] = str) -> int:
    """In how many texts and attributes a text stands."""
    tags = page.find_all(True)
    values = [str(tag[name]) for tag in tags for name in tag.attrs if name not in ("href", "src")]
    found = [str(string) for string in page.find_all(string=True)] + values
    return sum(form(text) in form(one) for one in found)


def links(page: BeautifulSoup) -> list[str]:
    return [str(tag[name]) for name in ("href", "src") for tag in page.select(f"[{name}]")]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_others_is_only_ever_text(text: str, place: str) -> None:
    html, usual = PLACES[place](text), PLACES[place](PLAIN)
    page, plain = soup(html), soup(usual)
    made = shape(page)

    if place == "quotation":  # what is cleaned is no quotation word by word any more
        assert [each for each in made if each[0] != "q"] == [e for e in shape(plain) if e[0] != "q"]
    else:
        assert made == shape(plain)
        assert shape(soup(html, "lxml")) == shape(soup(usual, "lxml"))
    assert {name for name, _ in made} <= set(ELEMENTS.split())
    assert {name for _, names in made for name in names} <= set(ATTRIBUTES.split())
    assert page.find_all(string=lambda string: isinstance(string, Comment)) == []
    assert [tag for tag in page.find_all("script") if tag.text] == []
    assert [link for link in links(page) if not OURS.fullmatch(link)] == []
    assert {urljoin(WHERE, link).startswith(WHERE) for link in links(page)} <= {True}
    form = flat if place in FLATTENED else str
    assert said(page, text, form) >= said(plain, PLAIN) > 0


def test_who_wrote_an_article_stands_beside_its_file() -> None:
    entry = SimpleNamespace(id="a.txt", title="A", language="en", date="2024-05-01", author="Ana")
    page = views.render("article.html.jinja", "en", entry=entry, text="x", root="")

    assert one(page, ".about").text == "a.txt · Ana · 2024-05-01 · Open the original file"
    assert one(shelf(author="Ana"), ".file").text == "a.txt · Ana · uploaded"
    assert one(shelf(), ".file").text == "a.txt · uploaded"


@pytest.mark.parametrize("page", LANGUAGES)
def test_every_place_is_there_in_every_language(page: str) -> None:
    full = shown(answer("Wood. [1]", citation(), standing="What burns wood?"), page=page)
    rows = views.articles([ArticleRow("a.txt", "Bread", "en", "", 1, "/", True)], 2, page)
    htmls = [
        turns(full, replace(full, state="stopped", is_last=True), page=page),
        views.live(replace(full, is_live=True, stage="waiting")),
        views.conversations([Conversation("c-1", "Bread", "", "")], "", page, ""),
        views.chips([Chip("a.txt", "Bread"), Chip("b/", "b/", is_there=False)], page),
        *(views.places(found, page) for found in ([Place("a.txt", "Bread"), Place("b/")], [])),
        *(views.proven(proven(BURNS, BURNS), page, alone=alone) for alone in (True, False)),
        *(
            rows,
            views.notice("x", page),
            views.person("ana", page),
            views.progress(1, 2, "", page),
        ),
    ]

    words = strings(page)
    assert [tag["lang"] for html in htmls for tag in soup(html).select("html")] == [page]
    assert texts(htmls[0], "button[data-act=retry]") == [words["retry"]]
    assert [said(soup(html), "{") for html in htmls] == [0] * len(htmls)


def test_what_utf8_does_not_hold_is_a_question_mark() -> None:
    html = views.articles([], 0, "en", skipped=[("caf\udce9.txt", "its path is not UTF-8")])

    assert texts(html, ".trouble li") == ["caf?.txt: its path is not UTF-8"]


# Answers


def quoting(text: str, language: str, *quotes: str) -> list[AnswerRun]:
    cited = (
        replace(citation(quote, i, quote), said=quoted_words(text, Sentence(quote, 0, 0, quote)))
        for i, quote in enumerate(quotes, 1)
    )
    told = {"The oven is new.": "en", HINDI: "en"}  # the first alone might be Dutch
    return answer_runs(answer(text, *cited, language=language), lambda id: told.get(id, ""))


@pytest.mark.parametrize(
    ("text", "language", "quotes", "expected"),
    [
        pytest.param("", "en", [], [], id="nothing"),
        pytest.param("Wood.", "en", [], [AnswerRun("Wood.")], id="plain"),
        pytest.param(
            "Wood. [1][2] And\n  coal. [1]",
            "en",
            [BURNS, "Coal."],
            [
                *(
                    AnswerRun("Wood. "),
                    AnswerRun("[1]", 1),
                    AnswerRun("[2]", 2),
                    AnswerRun(" And\n  coal. "),
                ),
                AnswerRun("[1]", 1),
            ],
            id="marks",
        ),
        pytest.param(
            "In [2] and [0], [01], [१], [1 ] or [9999]. [1]",
            "en",
            [BURNS],
            [AnswerRun("In [2] and [0], [01], [१], [1 ] or [9999]. "), AnswerRun("[1]", 1)],
            id="marks of nothing",
        ),
        pytest.param(
            f"The article says: “{HINDI}” [1] “{BURNS}” [2]",
            "en",
            [HINDI, BURNS],
            [
                *(
                    AnswerRun("The article says: “"),
                    AnswerRun(HINDI, language="hi"),
                    AnswerRun("” "),
                ),
                *(AnswerRun("[1]", 1), AnswerRun(f" “{BURNS}” "), AnswerRun("[2]", 2)),
            ],
            id="quotation",
        ),
        pytest.param(
            f"“{BURNS}” “The oven is new.” [1][2]",
            "hi",
            ["The oven is new.", BURNS],
            [
                *(AnswerRun("“"), AnswerRun(BURNS, language="en"), AnswerRun("” “")),
                *(AnswerRun("The oven is new.", language="en"), AnswerRun("” ")),
                *(AnswerRun("[1]", 1), AnswerRun("[2]", 2)),
            ],
            id="two in another order",
        ),
        pytest.param(
            "लेख में कहा गया है: “He said ‘it burns’ twice.” [1]",
            "hi",
            ["- He said “it burns” twice."],
            [
                AnswerRun("लेख में कहा गया है: “"),
                AnswerRun("He said ‘it burns’ twice.", language="en"),
                *(AnswerRun("” "), AnswerRun("[1]", 1)),
            ],
            id="as it is quoted",
        ),
        pytest.param(
            f"{BURNS} [1]",
            "hi",
            [BURNS],
            [AnswerRun(f"{BURNS} "), AnswerRun("[1]", 1)],
            id="no quotation marks",
        ),
        pytest.param(
            "यह “” है। [1][2]",
            "hi",
            ["<b>", "[3]"],
            [AnswerRun("यह “” है। "), AnswerRun("[1]", 1), AnswerRun("[2]", 2)],
            id="nothing is left of the words",
        ),
        pytest.param(
            "यह “a+(b|c)*” है। [1]",
            "hi",
            ["a+(b|c)*"],
            [
                *(AnswerRun("यह “"), AnswerRun("a+(b|c)*", language="en"), AnswerRun("” है। ")),
                AnswerRun("[1]", 1),
            ],
            id="signs of patterns",
        ),
    ],
)
def test_answer_is_cut_into_marks_quotations_and_the_rest(
    text: str, language: str, quotes: list[str], expected: list[AnswerRun]
) -> None:
    assert quoting(text, language, *quotes) == expected
    assert "".join(piece.text for piece in expected) == text


@pytest.mark.parametrize(
    ("quote", "words", "marked"),
    [
        pytest.param(HINDI, HINDI, True, id="word by word"),
        pytest.param(f"- {HINDI}", HINDI, False, id="as it was quoted"),
    ],
)
def test_quotation_of_an_answer_kept_earlier_is_found_word_by_word(
    quote: str, words: str, marked: bool
) -> None:
    text = f"The article says: “{words}” [1]"
    runs = answer_runs(answer(text, citation(quote)))

    assert "".join(run.text for run in runs) == text
    assert [run.text for run in runs if run.language] == ([words] if marked else [])


def test_answer_is_shown_word_by_word() -> None:
    text = "Two  spaces,\na line;\t<b>no tag</b> &amp; “" + HINDI + "” [1] and [2].\n\n[2]"
    html = turns(shown(answer(text, citation(HINDI, article="h.txt"))))

    assert texts(html, ".answer p.text") == [text]
    assert [(q["lang"], q.text) for q in soup(html).select(".answer q")] == [("hi", HINDI)]
    assert texts(html, ".answer a") == ["[1]"]
    assert one(html, ".answer")["lang"] == "en"


def test_every_link_of_an_answer_leads_to_its_proof() -> None:
    cited = (citation(), citation(HINDI, 2, "h.txt", "partial"), citation("Gone.", 3, "gone.txt"))
    html = turns(shown(answer("Wood. [1][3] Ships. [2]", *cited)))
    links = soup(html).select("a")

    assert [(a["href"], a["data-proof"], flat(a.text)) for a in links] == [
        (f"proof/c-1/3/{n}", f"proof/c-1/3/{n}", text)
        for n, text in [
            *((1, "[1]"), (3, "[3]"), (2, "[2]"), (1, f"1 Bread of the north supported {BURNS}")),
            (2, f"2 बंदरगाह partly supported {HINDI}"),
            (3, "3 gone.txt supported Gone."),
        ]
    ]
    assert {urlsplit(urljoin(WHERE, str(a["href"]))).path for a in links} == {
        f"/proof/c-1/3/{n}" for n in (1, 2, 3)
    }
    assert [a["aria-label"] for a in soup(html).select("a.cite")] == [
        "Source 1: Bread of the north, supported",
        "Source 3: gone.txt, supported",
        "Source 2: बंदरगाह, partly supported",
    ]
    assert [tag["lang"] for tag in soup(html).select(".title")] == ["en", "hi", ""]
    assert [tag["lang"] for tag in soup(html).select(".words")] == ["en", "hi", "en"]


@pytest.mark.parametrize("page", LANGUAGES)
def test_chips_say_how_well_words_support_the_answer(page: str) -> None:
    cited = (citation(), citation("Coal.", 2, support="partial"))
    html = turns(shown(answer("Wood. [1] Coal. [2]", *cited), page=page), page=page)

    assert [(" ".join(c["class"]), c.text, c["title"]) for c in soup(html).select(".chip")] == [
        (f"chip {support}", strings(page)[support], strings(page)[f"{support}_means"])
        for support in ("supported", "partial")
    ]


def test_long_passage_is_shown_in_part() -> None:
    html = turns(shown(answer("Wood. [1]", citation("wood\n\n  " * 100))))

    assert texts(html, ".words") == [("wood " * 100)[:279] + "…"]


def test_what_is_copied_has_its_sources() -> None:
    text = "Wood &\n“it”. [1][2]"
    html = turns(shown(answer(text, citation("Wood.\nYes."), citation(HINDI, 2, "h.txt"))))

    assert one(html, "[data-copy]")["data-copy"] == (
        f"{text}\n\n[1] a.txt: Wood.\nYes.\n[2] h.txt: {HINDI}"
    )
    assert soup(turns(shown(answer("", answered=False)))).select("[data-copy]") == []


def tools(html: str) -> list[str]:
    return [str(tool["data-act"]) for tool in soup(html).select(".tools [data-act]")]


def test_only_the_last_question_is_asked_again_or_changed() -> None:
    first, last = shown(answer()), shown(answer(), number=4, is_last=True)
    buttons = soup(turns(first, last)).select(".tools [data-act]")

    assert [(str(b["data-act"]), str(b["data-number"])) for b in buttons] == [
        *(("delete", "3"), ("retry", "4"), ("edit", "4"), ("delete", "4")),
    ]
    assert {b["data-sure"] for b in buttons if b["data-act"] == "delete"} == {
        strings("en")["sure_exchange"]
    }


def test_refusal_shows_the_nearest_passages() -> None:
    near = (Nearest("a.txt", 0, 9, BURNS, 0.8), Nearest("h.txt", 0, 9, HINDI, 0.7))
    given = answer("The articles do not tell.", answered=False, nearest=near)
    html = turns(shown(given, answer=replace(given, timings=Timings(total_s=2.345))))

    assert texts(html, ".answer p.refusal") == ["The articles do not tell."]
    assert texts(html, ".places h3") == ["Nearest passages"]
    assert [a["href"] for a in soup(html).select("a")] == [f"proof/c-1/3/near-{n}" for n in (1, 2)]
    assert [flat(text) for text in texts(html, ".place")] == [
        f"Bread of the north {BURNS}",
        f"बंदरगाह {HINDI}",
    ]
    assert texts(html, ".took") == ["Answered in 2.3 s"]
    assert soup(html).select(".chip, .number, p.text") == []


@pytest.mark.parametrize(
    ("state", "given", "expected"),
    [
        pytest.param(
            "stopped",
            answer("Wood. [1]", citation()),
            {"halted": ["Stopped; what was proven so far stays."], "text": ["Wood. [1]"]},
            id="stopped with an answer",
        ),
        pytest.param(
            "stopped", answer("", answered=False), {"halted": ["Stopped."]}, id="stopped before"
        ),
        pytest.param(
            "failed",
            answer("", answered=False, done=False),
            {"trouble": ["This did not work: There is no model."]},
            id="failed",
        ),
        pytest.param("done", answer(), {"text": ["Wood. [1]"]}, id="done"),
    ],
)
def test_exchange_says_how_it_ended(
    state: str, given: Answer, expected: dict[str, list[str]]
) -> None:
    error = "There is no model." if state == "failed" else ""
    html = turns(shown(given, state=state, error=error))
    found = {name: texts(html, f"p.{name}") for name in ("halted", "text", "trouble", "refusal")}

    assert {name: each for name, each in found.items() if each} == expected
    assert one(html, ".exchange")["class"] == ["exchange", state]
    assert tools(html) == ["delete"]


def test_question_in_full_is_shown_where_it_was_understood() -> None:
    html = turns(shown(answer(standing="यह ओवन किसने बनाया?"), question="And who?"))

    assert texts(html, ".standing") == ["Understood as: यह ओवन किसने बनाया?"]
    assert one(html, ".standing span")["lang"] == "hi"
    assert texts(html, "h2.question") == ["You asked: And who?"]


def test_kept_exchange_without_an_answer_is_shown() -> None:
    failed = Exchange(7, HINDI, None, "failed", "No.", "2026-01-01T00:00:00+00:00")
    made = view_models.recorded(failed, "c-1", entry, "en", last=True)

    assert (made.number, made.asked_in, made.language, made.copy) == (7, "hi", "hi", "")
    assert texts(turns(made), ".trouble") == ["This did not work: No."]
    assert tools(turns(made)) == ["retry", "edit", "delete"]


# The answer that is being made

NAMES = ["Searching", "Reading", "Writing", "Checking"]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        pytest.param("waiting", [("In line: 2 before you", "now")], id="waiting"),
        pytest.param("loading", [("Loading the model", "now")], id="loading"),
        *(
            pytest.param(
                name.lower(),
                [
                    (other, "over" if j < i else "now" if j == i else "later")
                    for j, other in enumerate(NAMES)
                ],
                id=name.lower(),
            )
            for i, name in enumerate(NAMES)
        ),
        pytest.param("done", [(name, "over") for name in NAMES], id="done"),
    ],
)
def test_stages_say_what_is_done(stage: str, expected: list[tuple[str, str]]) -> None:
    html = live(answer("", done=False), stage=stage, ahead=2, elapsed=12.345)
    items = soup(html).select(".stages li")

    assert [(item.text, " ".join(item["class"])) for item in items] == expected
    now = [words for words, state in expected if state == "now"]
    assert [item.text for item in items if item.get("aria-current") == "step"] == now
    clock = one(html, ".elapsed")
    assert (clock["data-elapsed"], clock.text) == ("12.3", "12.3 s")


def test_answer_that_grows_shows_what_is_proven_and_what_is_not_yet() -> None:
    given = answer("Wood. [1]", citation(), draft="It costs <much>", done=False)
    html = live(given)

    assert texts(html, ".answer p.text") == ["Wood. [1] It costs <much>"]
    assert (one(html, ".draft").text, one(html, ".draft")["title"]) == (
        *("It costs <much>", "not checked yet"),
    )
    assert one(html, "a.cite")["href"] == "proof/c-1/0/1"
    assert (one(html, ".turns")["aria-busy"], tools(html)) == ("true", [])
    assert soup(html).select("[data-copy], .took, .refusal") == []


def test_what_was_found_is_shown_until_there_is_an_answer() -> None:
    html = live(answer("", answered=False, done=False, nearest=(Nearest("h.txt", 0, 9, HINDI, 1),)))

    assert texts(html, "h3") == ["Passages found"]
    assert one(html, "a")["href"] == "proof/c-1/0/near-1"
    assert soup(html).select(".answer") == []


# Conversations


def test_conversations_are_listed_with_what_can_be_done() -> None:
    found = [Conversation("c-1", "Bread & wood", "", ""), Conversation("c-2", HINDI, "", "")]
    html = views.conversations(found, "c-2", "en", "")
    names = soup(html).select(".name")

    assert [(n["data-id"], n["lang"], n.text, n.get("aria-current")) for n in names] == [
        ("c-1", "en", "Bread & wood", None),
        ("c-2", "hi", HINDI, "true"),
    ]
    assert [a["href"] for a in soup(html).select("a")] == [
        *("export/c-1.md", "export/c-1.json", "export/c-2.md", "export/c-2.json"),
    ]
    assert [(b["data-rename"], b["data-title"]) for b in soup(html).select("[data-rename]")] == [
        ("c-1", "Bread & wood"),
        ("c-2", HINDI),
    ]
    assert texts(views.conversations([], "", "en", ""), "p") == ["What you ask is kept here."]
    assert texts(views.conversations([], "", "en", "x"), "p") == ["Nothing found."]


def test_new_conversation_shows_what_there_is_to_ask() -> None:
    html = views.turns("", [], "en", [("Who?", "en"), (HINDI, "hi")], False)
    buttons = soup(html).select("button")

    assert [(b["data-act"], b["data-question"], b["lang"], b.text) for b in buttons] == [
        ("ask", "Who?", "en", "Who?"),
        ("ask", HINDI, "hi", HINDI),
    ]
    empty = views.turns("", [], "en", [], False)
    assert texts(empty, ".welcome p") == [strings("en")["empty_index"]]
    assert soup(views.turns("c-1", [], "en", [], True)).select(".welcome") == []


# Proofs


@pytest.mark.parametrize(
    ("quote", "language"),
    [
        pytest.param(BURNS, "en", id="English"),
        pytest.param("It burns\n\n  wood,   \t and\nno coal. ", "en", id="white space"),
        pytest.param("\nIt burns wood.\n", "en", id="lines about it"),
        pytest.param(HINDI, "hi", id="Devanagari"),
        pytest.param("20.65亿元人民币，\u3000收购光年之外。", "zh", id="Chinese"),
        pytest.param("It <b>burns</b> &amp; <script>wood()</script>", "en", id="tags"),
        pytest.param("नि\u200dष्\u200cठा 👩🏽‍🚀 é e\u0301", "hi", id="joiners"),
    ],
)
def test_words_are_marked_in_their_article_letter_by_letter(quote: str, language: str) -> None:
    text = f"\n\nThe oven  <i>is</i> new.\n\t{quote}\n  The end.\n\n"
    for alone in (False, True):
        html = views.proven(proven(text, quote), "en", alone=alone)
        assert one(html, "mark.here").text == quote
        assert one(html, ".article .text").text == text
        assert one(html, "mark.here")["lang"] == language
        assert soup(html).select("mark.other, .trouble, blockquote") == []


def test_proof_says_what_it_is_of() -> None:
    text = f"The oven is new. {BURNS} " + "The end. " * 8
    html = views.proven(proven(text, BURNS), "en")

    assert [flat(text) for text in texts(html, ".proof > p, h3")] == [
        "1 supported similarity 0.88 English",
        "The sentence and these words say the same.",
        *("Bread", "a.txt"),
        "Characters 17 to 31 of 104, 16 % into the article · Open on its own page"
        " · Open the original file",
    ]
    assert one(html, "h3")["lang"] == one(html, ".article")["lang"] == "en"
    assert one(html, "mark.here")["tabindex"] == "-1"


@pytest.mark.parametrize("page", ["en", "hi", "id", "zh"])
def test_proof_of_what_is_known_of_an_article_points_at_no_words(page: str) -> None:
    html = views.proven(proven("The oven is new.", "", support="metadata"), page)

    assert soup(html).select("mark, .score, .trouble, blockquote") == []
    assert one(html, ".chip.metadata").text == strings(page)["metadata"]
    assert one(html, ".means").text == strings(page)["metadata_means"]
    assert one(html, ".article .text").text == "The oven is new."
    alone, original = strings(page)["open_alone"], strings(page)["open_original"]
    assert flat(texts(html, ".about")[-1]) == f"{alone} · {original}"


@pytest.mark.parametrize("root", ["", "/qa"])
@pytest.mark.parametrize("page", ["", "?c=c-1", "proof/c-1/3/2"])
def test_links_of_a_proof_lead_to_proofs_from_every_page(page: str, root: str) -> None:
    alone = page.startswith("proof")
    html = soup(views.proven(proven(BURNS, BURNS), "en", alone=alone, root=root))
    page = urljoin(WHERE, f"{root}/{page}")
    if alone:
        page = urljoin(page, str(one(str(html), "base")["href"]))

    assert [
        (urlsplit(urljoin(page, str(a["href"]))).path, a.get("data-proof"))
        for a in html.select("a")
    ] == [
        (f"{root}/proof/c-1/3/1", None),
        (f"{root}/original/a.txt", None),
        (f"{root}/proof/c-1/3/1", "proof/c-1/3/1"),
        (f"{root}/proof/c-1/3/3", "proof/c-1/3/3"),
    ]


def test_only_neighbours_that_there_are_can_be_gone_to() -> None:
    html = views.proven(proven(BURNS, BURNS, before="", after=""), "en")

    assert texts(html, "nav a") == []
    assert one(html, "nav")["aria-label"] == "Sources"


def test_other_words_of_the_same_article_are_marked_too() -> None:
    text = f"{HINDI} {BURNS} The oven is new."
    html = views.proven(proven(text, BURNS, HINDI, "The oven is new."), "en")

    marks = [(m["class"], m["lang"], m.text) for m in soup(html).select("mark")]
    assert marks == [
        (["other"], "hi", HINDI),
        (["here"], "en", BURNS),
        (["other"], "en", "The oven is new."),
    ]
    assert one(html, ".text").text == text


def test_passage_that_was_found_has_no_number_and_no_support() -> None:
    html = views.proven(proven(BURNS, BURNS, marker=0, support=""), "en")

    assert soup(html).select(".number, .chip, .means") == []
    assert one(html, "nav")["aria-label"] == "Nearest passages"
    assert texts(html, "mark.here") == [BURNS]


@pytest.mark.parametrize(
    ("made", "trouble"),
    [
        pytest.param(proven("Nothing of it.", HINDI), "changed", id="changed"),
        pytest.param(proven("", HINDI, proof=None), "gone", id="gone"),
    ],
)
def test_words_that_are_gone_are_told(made: ExcerptView, trouble: str) -> None:
    html = views.proven(made, "en")

    assert texts(html, ".trouble") == [strings("en")[trouble]]
    assert [(b["lang"], b.text) for b in soup(html).select("blockquote")] == [("hi", HINDI)]
    assert soup(html).select("mark") == []
    assert texts(html, ".article .text") == (["Nothing of it."] if trouble == "changed" else [])


def test_words_that_moved_are_told() -> None:
    moved = excerpt(f"New. {BURNS}", CitedText(1, 0, len(BURNS), BURNS))
    html = views.proven(proven(BURNS, BURNS, proof=moved), "en")

    assert texts(html, ".trouble") == [strings("en")["moved"]]
    assert texts(html, "mark.here") == [BURNS]


def test_long_article_says_that_it_goes_on() -> None:
    line = "a" * 99 + "\n"
    html = views.proven(proven(line * 200 + BURNS + "\n" + line * 200, BURNS), "en")

    goes_on = strings("en")["shortened"]
    assert texts(html, ".cut") == [f"… {goes_on}", f"{goes_on} …"]
    assert texts(html, "mark.here") == [BURNS]


# Articles


@pytest.mark.parametrize(
    "id",
    [
        pytest.param("news/may/a b.txt", id="space"),
        pytest.param("समाचार/文章.txt", id="scripts"),
        pytest.param("a?b#c%2F&d=e.txt", id="parts of an address"),
        pytest.param("<b>'\".txt", id="marks"),
        pytest.param("javascript:alert(1)", id="scheme"),
        pytest.param("/evil.example/x", id="host"),
    ],
)
def test_article_is_found_by_its_link(id: str) -> None:
    html = shelf(id, "")
    link = one(html, "tbody a")

    assert unquote(str(link["href"])) == f"article/{id}"
    assert regex.fullmatch(r"article/[A-Za-z0-9_.~%/-]+", str(link["href"]))
    assert urlsplit(urljoin(WHERE, str(link["href"])))[:2] == ("https", "qa.example.org")
    assert (link.text, one(html, "button[data-act=remove]")["data-id"]) == (id, id)


def test_article_is_listed_with_what_is_known_of_it() -> None:
    html = shelf(copies=("b.txt", "c.txt"))

    assert [flat(text) for text in texts(html, "tbody th, tbody td")] == [
        *("Breada.txt · uploaded", "English", "Characters: 12,345", "2024-05-01"),
        *("Nearly the same as: b.txt, c.txt", "Ask only this oneRemove"),
    ]
    remove, only = one(html, "button.danger"), one(html, "button[data-act=only]")
    assert (only["data-place"], only["aria-label"]) == ("a.txt", "Ask only this one: Bread")
    assert (remove["data-act"], remove["data-sure"]) == ("remove", strings("en")["sure_article"])
    assert texts(html, ".health") == ["\nThe index is whole."]


@pytest.mark.parametrize(
    "html", [shelf(read_only=True), shelf(uploaded=False)], ids=["read only", "not uploaded"]
)
def test_article_that_cannot_be_removed_has_no_button(html: str) -> None:
    assert [button["data-act"] for button in soup(html).select("button")] == ["only"]
    assert len(soup(html).select("thead th")) == len(soup(html).select("tbody tr > *"))


def test_folders_can_be_asked() -> None:
    html = shelf(folders=[Place("news/", articles=1234), Place("news/a/")])

    assert [(b["data-place"], b.text) for b in soup(html).select(".folders button")] == [
        *(("news/", "news/ 1,234"), ("news/a/", "news/a/ 1")),
    ]
    assert soup(shelf()).select(".folders") == []


def test_chip_says_what_it_is_and_drops_it() -> None:
    html = views.chips([Chip("a.txt", "Bread", "en"), Chip("b/", "b/", is_there=False)], "en")
    drops = soup(html).select("[data-act=drop]")

    assert texts(html, "li .name, li .state") == ["Bread", "b/", "no longer indexed"]
    assert [(drop["data-place"], drop["aria-label"]) for drop in drops] == [
        ("a.txt", "Remove “Bread” from the articles that are asked"),
        ("b/", "Remove “b/” from the articles that are asked"),
    ]
    assert texts(html, "[data-act=clear]") == ["Ask all articles"]
    assert soup(views.chips([], "en")).select("li, p, button") == []
    assert views.chips([], "en") != views.chips([], "en")  # the browser sees each answer


def test_places_are_the_options_of_a_list() -> None:
    html = views.places([Place("a.txt", "Bread", "en"), Place("n/", articles=3), Place("b")], "en")
    options = soup(html).select("[role=listbox] > [role=option]")

    assert [(o["id"], o["data-place"], o["data-name"], flat(o.text)) for o in options] == [
        *(("place-1", "a.txt", "Bread", "Bread a.txt"), ("place-2", "n/", "n/", "n/ Articles: 3")),
        ("place-3", "b", "b", "b"),
    ]
    assert texts(views.places([], "en"), "p") == ["Nothing found."]


def test_exchange_says_which_articles_alone_were_asked() -> None:
    asked = answer(scope=kept_to(["a.txt", "news/", "gone.txt"]))

    assert texts(turns(shown(asked)), ".kept") == [
        "Asked only: Bread of the north · news/ · gone.txt"
    ]
    assert texts(live(asked), ".kept") == texts(turns(shown(asked)), ".kept")
    assert texts(turns(shown(answer())), ".kept") == []


def test_more_articles_can_be_shown() -> None:
    row = ArticleRow("a.txt", "Bread", "xx", "", 1, "/", False)
    html = views.articles([row], 51, "en", search="bread")

    assert [(b["data-act"], b.text) for b in soup(html).select("button")] == [
        ("only", "Ask only this one"),
        ("more", strings("en")["more"]),
    ]
    assert texts(html, ".about") == ["Articles: 51"]
    assert texts(html, "tbody td")[0] == "xx"


@pytest.mark.parametrize(
    ("search", "word"), [("", "no_articles"), ("bread", "nothing_found")], ids=["none", "search"]
)
def test_no_articles(search: str, word: str) -> None:
    html = views.articles([], 0, "en", search=search)

    assert texts(html, "p") == [strings("en")[word]]


def test_what_is_wrong_with_the_index_is_told() -> None:
    html = views.articles([], 3, "en", problems=["1 lost"], skipped=[("a.png", "a picture")])

    assert texts(html, ".health h2, .health li") == [
        *("Problems", "1 lost", "Not read", "a.png: a picture"),
    ]


def test_notices_are_read_out() -> None:
    good, bad = views.notice("Added 1.", "en"), views.notice("No.", "en", "bad", [("a", "b")])

    assert [(one(html, "div")["role"], texts(html, "p, li")) for html in (good, bad)] == [
        ("status", ["Added 1."]),
        ("alert", ["No.", "a: b"]),
    ]
    assert one(bad, "[data-dismiss]")["aria-label"] == "Close"
    assert views.notice("", "en") == ""


def test_progress_is_told_as_far_as_it_is_known() -> None:
    known, unknown = views.progress(3, 7, "Reading", "en"), views.progress(0, 0, "Wait", "en")

    assert [dict(one(html, "progress").attrs) for html in (known, unknown)] == [
        {"max": "7", "value": "3", "aria-label": "Reading"},
        {"max": "1", "aria-label": "Wait"},
    ]


def test_who_has_signed_in_can_sign_out() -> None:
    html = views.person("ana", "en")

    assert texts(html, "p") == ["Signed in as ana · Sign out"]
    assert one(html, "a")["href"] == "logout"
    assert views.person("", "en").strip() == ""


def test_stage_is_told_to_who_hears_the_page() -> None:
    assert str(soup(views.said("Reading <b>")).p) == (
        '<p class="hidden" role="status">Reading &lt;b&gt;</p>'
    )


def test_the_page_of_a_source_stands_beside_it_in_every_language() -> None:
    pages = (
        *(Page(0, "page", "3"), Page(0, "slide", "4"), Page(0, "sheet", "Catch")),
        Page(0, "page", "5", 0.934),
    )
    cited = [replace(citation(marker=i), page=page) for i, page in enumerate(pages, 1)]
    near = answer("No.", answered=False, nearest=(Nearest("a.txt", 0, 5, "Oak.", 0.9, pages[0]),))
    told = {
        code: texts(turns(shown(answer("W. [1]", *cited), page=code), page=code), ".place .page")
        for code in ("en", "hi", "id", "zh")
    }

    assert told == {
        "en": ["p. 3", "slide 4", "sheet Catch", "p. 5, read by OCR, 93% sure"],
        "hi": ["पृ. 3", "स्लाइड 4", "शीट Catch", "पृ. 5, OCR से पढ़ा गया, 93% निश्चित"],
        "id": ["hlm. 3", "salindia 4", "lembar Catch", "hlm. 5, dibaca dengan OCR, 93% yakin"],
        "zh": ["第 3 页", "幻灯片 4", "工作表 Catch", "第 5 页, 由 OCR 识别，把握 93%"],
    }
    assert texts(turns(shown(near)), ".place .page") == ["p. 3"]
    marked = turns(shown(answer("W. [1]", *cited)))
    assert str(one(marked, "a.cite")["aria-label"]).endswith("supported, p. 3")
    assert "[2] a.txt, slide 4: " in str(one(marked, "[data-copy]")["data-copy"])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param({}, "Page 2 of 4 · The cited words go on on page 3.", id="goes on"),
        pytest.param({"goes_on": 0}, "Page 2 of 4", id="marked"),
        pytest.param(
            {"state": "elsewhere", "first": 3},
            "Page 2 of 4 · The cited words stand on page 3.",
            id="elsewhere",
        ),
        pytest.param(
            {"state": "unfound"},
            "Page 2 of 4 · Where the cited words stand on this page is not certain, so nothing is "
            "marked. They are in the text.",
            id="unfound",
        ),
        pytest.param(
            {"state": "scanned", "ocr": 0.934},
            "Page 2 of 4 · read by OCR, 93% sure · This page is a picture, and the index does not "
            "have where its words stand, so nothing is marked. The text has what was read; "
            "“article-qa index --rebuild” finds the places.",
            id="scanned",
        ),
    ],
)
def test_a_page_says_what_is_marked_on_it(values: dict[str, Any], said: str) -> None:
    html = views.sheet(replace(SHEET, **values), "en")

    assert flat(one(html, ".sheet-said").text) == said
    assert [a["href"] for a in soup(html).select(".turning a")] == [
        "proof/c-1/3/1/page?at=1",
        "proof/c-1/3/1/page?at=3",
    ]


def test_what_was_left_out_of_an_article_stands_beside_it() -> None:
    html = shelf(notices=("5 of 6 pages hold no text (2-6)", "a chart was left out"))

    assert flat(one(html, ".partly").text) == (
        "Partly read: 5 of 6 pages hold no text (2-6); a chart was left out"
    )
    assert soup(shelf()).select(".partly") == []


def test_of_many_files_that_were_not_read_some_are_named_and_the_others_counted() -> None:
    skipped = [(f"{i}.png", "is a picture") for i in range(1060)]
    html = views.articles([], 0, "en", skipped=skipped)

    assert len(soup(html).select(".trouble li")) == 50
    assert flat(texts(html, ".health .about")[0]) == "and 1,010 more"
