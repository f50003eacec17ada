"""Hidden parts of a page, and those that are not the article: banners, comments, links elsewhere.

Knows the HTML attributes that hide (Living Standard 6.1), WAI-ARIA roles, and how publishing
systems name the parts around an article. Whatever holds most of a page's words is never left out.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

from index.converters.html_marks import drop, sweep, words

_NO_CONTENT = ("script", "style", "template", "button", "datalist", "map", "link", "meta")
_INVISIBLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?![.\d])"
    r"|(?:left|top|text-indent)\s*:\s*-\d{4}",
    re.IGNORECASE,
)
_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]{0,5000})\}")
_SELECTOR = re.compile(r"\s*([.#])([\w-]+)\s*")
_CONDITION = re.compile(r"@(?:media|supports|container)")
_NAME = re.compile(r"[^\s]+")
_COMMENTS = re.compile(
    r"(?:user|reader|post|article|blog|fb)?[-_]*comments?(?:[-_]+(?:list|area|section|wrap\w*|"
    r"container|thread|block|form))?|commentlist|disqus\w*|respond|livefyre|utterances|giscus",
    re.IGNORECASE,
)
_COMMENTS_HEADING = re.compile(
    r"\W*\d*\W*(?:(?:reader|user|latest)s?\W+)?(?:comments?|kommentare?|commentaires?|comentarios|"
    r"comentários|commenti|komentar|комментарии|评论|評論|コメント|टिप्पणियाँ|टिप्पणियां)\W*\d*\W*",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"(?:[\w-]{0,40}[-_])?(?:cookies?|consent|gdpr|cmp|onetrust|didomi|usercentrics)(?:[-_][\w-]{0,40})?",
    re.IGNORECASE,
)
_CHROME = re.compile(
    r"(?:post|entry|article|content|site|page|widget)?[-_]*(?:shar(?:e|ing)|social|related|"
    r"recommend(?:ed|ations)|newsletter|subscri(?:be|ption)|promo|advert(?:isement|s)?|ads?|"
    r"sponsored|breadcrumbs?|pagination|pager|menu|nav(?:bar|igation)?|most-?read|trending|"
    r"read-?(?:more|next|also)|skip(?:-link)?|mw-editsection|headerlink|heading-?anchor|anchor-?link|"
    r"back-to-top|toolbar|paywall|cookies?)"
    r"(?:[-_](?:buttons?|links?|bar|box|posts?|articles?|stories|list|icons?|block|widget|signup|"
    r"banner|form|slot|unit|container|wrapper|section|content|news|nav|notice))*",
    re.IGNORECASE,
)
_ROLES = {"navigation", "search", "menu", "menubar", "toolbar", "dialog", "alertdialog", "tooltip"}
# The buttons of banners that ask to store data, in the languages of the Union's cookie walls.
_ACCEPT = re.compile(
    r"accept|agree|allow|reject|refuse|got it|i understand|manage (?:options|preferences)|\bok\b|"
    r"akzept|zustimm|ablehn|einverstanden|accepter|refuser|j.accepte|tout accepter|aceptar|"
    r"rechazar|aceitar|accett|rifiut|accepteren|akceptuj|zgadzam|setuju|terima|同意|接受|スキップ|"
    r"同意する|принять|согласен|स्वीकार|सहमत",
    re.IGNORECASE,
)
_PRIVACY = re.compile(
    r"cookies?|privacy|consent|personal data|gdpr|datenschutz|vie privée|privacidad|données|"
    r"privasi|隐私|隱私|プライバシー|クッキー|конфиденциальност|файлы cookie|गोपनीयता|कुकी",
    re.IGNORECASE,
)
_MOST_BUTTONS = 50  # that are looked at: each costs as much as the page is long
_ASKS_FOR_SCRIPT = re.compile(r"java ?script|\bJS\b|browser", re.IGNORECASE)
_NAVIGATION = {"toc", "page-list", "landmarks", "loi", "lot", "pagebreak", "index-locator"}
_NAVIGATION |= {"doc-toc", "doc-pagelist", "doc-pagebreak"}
_ASKING = {"search", "password", "email", "tel"}
_LONG_FORM = 1_000  # code points: a whole page may stand in a form, as old ones of ASP.NET do
_BANNER = 3_000  # code points, of the longest banners
_MOST = 0.5  # of a page's words, which no part around an article has
_LINKS = 0.6  # of a part's words: it is a list of links, not prose


def strip(tree: Any) -> list[str]:
    """Take out what a reader of the page does not see as the article; a notice of each kind."""
    rules = hiding_rules(tree)
    for each in tree.iter(*_NO_CONTENT):
        if not _asked(each):
            drop(each)
    sweep(tree)
    hidden = _drop_all(tree, _hidden(tree, rules))
    _drop_all(tree, _banners(tree))
    _drop_all(tree, (each for each in _named(tree, _CONSENT, 0) if _is_banner(each)))
    _drop_all(tree, filter(_only_asks, tree.iter("form")))
    total = len(words(tree))
    comments = _drop_all(tree, itertools.chain(_named(tree, _COMMENTS, total), _headed(tree)))
    _drop_all(tree, (each for each in _named(tree, _CHROME, total) if _is_around(each)))
    notices = ["text that the page hides was left out"] if hidden else []
    return notices + (["comments of readers were left out"] if comments else [])


def drop_navigation(tree: Any) -> None:
    """Drop a book's tables of contents and the marks of its printed pages (EPUB 3, `epub:type`)."""
    for each in tree.iter():
        kinds = f"{each.get('epub:type', '')} {each.get('role', '')}".split()
        if not _NAVIGATION.isdisjoint(kinds):
            drop(each)
    sweep(tree)


def open_noscript(tree: Any) -> None:
    """Keep what a page says to readers without scripts, unless it only asks them to have one."""
    for each in tree.iter("noscript"):
        if _ASKS_FOR_SCRIPT.search(words(each)) or not words(each):
            drop(each)
        else:
            each.tag = "div"
            for inner in each.iter("img", "iframe"):  # which the script would show
                drop(inner)
    sweep(tree)


def is_links(element: Any) -> bool:
    """Whether most of an element's words are links."""
    inside = len(words(element))
    linked = sum(len(words(link)) for link in element.iter("a"))
    return linked > _LINKS * inside


def hiding_rules(tree: Any) -> set[str]:
    """The `.class` and `#id` that the page's own style sheets hide."""
    found: set[str] = set()
    for style in tree.iter("style"):
        text = (style.text or "")[:200_000]
        if style.get("media", "all") not in ("all", "screen", ""):
            continue
        for selectors, rules in _RULE.findall(_unconditional(text)):
            if _INVISIBLE.search(rules):
                matches = map(_SELECTOR.fullmatch, selectors.split(","))
                found |= {match[1] + match[2] for match in matches if match}
    return found


def _unconditional(text: str) -> str:
    """A style sheet without the rules for print, small screens and the like."""
    kept, depth, skipped = list[str](), 0, 0
    for piece in re.split(r"(@[\w-]+[^{};]{0,500}\{|\{|\})", text):
        opens = piece.endswith("{")
        if opens and _CONDITION.match(piece) and not skipped:
            skipped = depth + 1
        depth += opens
        if not skipped:
            kept.append(piece)
        if piece == "}":
            skipped = 0 if depth <= skipped else skipped
            depth = max(0, depth - 1)
    return "".join(kept)


def _asked(button: Any) -> bool:
    """Whether a button is needed yet, to know a banner by."""
    return button.tag == "button" and bool(_ACCEPT.search(words(button)))


def _hidden(tree: Any, rules: set[str]) -> Iterator[Any]:
    for each in tree.iter():
        if isinstance(each.tag, str) and _is_hidden(each, rules):
            yield each


def _is_hidden(element: Any, rules: set[str]) -> bool:
    if element.tag in ("body", "html"):
        return False
    hidden = element.get("hidden")
    if hidden is not None and hidden.lower() != "until-found":
        return True
    if element.tag == "dialog":
        return True
    # A caption that says what `alt` says is hidden from programs that read aloud, and seen by all.
    if element.get("aria-hidden") == "true" and element.tag != "figcaption":
        return True
    if _INVISIBLE.search(element.get("style", "")):
        return True
    named = [f".{each}" for each in element.get("class", "").split()]
    return bool(rules) and not rules.isdisjoint([*named, f"#{element.get('id', '')}"])


def _banners(tree: Any) -> Iterator[Any]:
    """Questions whether data may be stored: short parts that speak of privacy, with a button."""
    left = _MOST_BUTTONS
    for each in tree.iter("button", "a", "input"):
        text = words(each) or each.get("value", "")
        pressed = each.tag != "a" or each.get("role") == "button" or "btn" in each.get("class", "")
        if left and pressed and len(text) <= 40 and _ACCEPT.search(text):
            left -= 1
            banner = _banner_around(each)
            if banner is not None:
                yield banner
        if each.tag == "button":
            yield each


def _only_asks(form: Any) -> bool:
    """Whether a form is there to search, log in or subscribe; a filled one is text."""
    kinds = {field.get("type", "text").lower() for field in form.iter("input")}
    kinds |= {"text" for _ in form.iter("textarea", "select")}
    asks = kinds & _ASKING or not kinds - {"submit", "hidden", "button"}
    return bool(asks) and len(words(form)) < _LONG_FORM


def _banner_around(button: Any) -> Any:
    """The largest part around a button that is nothing but a banner."""
    found = None
    for above in button.iterancestors():
        if above.tag in ("body", "main", "article", "html"):
            break
        text = words(above)
        if len(text) > _BANNER or next(above.iter("h1", "article", "main"), None) is not None:
            break
        if _PRIVACY.search(text):
            if found is not None and len(words(found)) * 2 < len(text) > 600:
                break
            found = above
    return found


def _named(tree: Any, pattern: re.Pattern[str], total: int) -> Iterator[Any]:
    for each in tree.iter(
        "div", "section", "aside", "ul", "ol", "nav", "footer", "form", "p", "span", "a"
    ):
        names = [each.get("id", ""), *each.get("class", "").split()]
        if any(pattern.fullmatch(one) for one in names if one) or (
            pattern is _CHROME and each.get("role") in _ROLES
        ):
            is_main = next(each.iter("h1", "main"), None) is not None
            if not is_main and (not total or len(words(each)) <= _MOST * total):
                yield each


def _is_banner(element: Any) -> bool:
    text = words(element)
    return len(text) <= _BANNER and bool(_PRIVACY.search(text))


def _headed(tree: Any) -> Iterator[Any]:
    """The parts that a heading names as comments."""
    for heading in tree.iter("h2", "h3", "h4", "h5"):
        part = heading.getparent()
        first = part.tag in ("section", "div", "aside") and part[0] is heading
        alone = first and next(part.iter("h1", "article", "main"), None) is None
        if alone and _COMMENTS_HEADING.fullmatch(words(heading)):
            yield part


def _is_around(element: Any) -> bool:
    """Whether a part that is named as chrome has no prose of its own."""
    text = words(element)
    return len(text) < 400 or is_links(element)


def _drop_all(tree: Any, elements: Iterator[Any]) -> bool:
    """Drop elements; gives whether any of them held a word."""
    found = list(elements)
    said = any(any(map(str.isalnum, words(each))) for each in found if each.tag != "button")
    for each in found:
        drop(each)
    sweep(tree)
    return said
