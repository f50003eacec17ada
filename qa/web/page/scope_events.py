"""Scope events: what choosing the articles that a conversation is kept to changes on the page."""

from collections.abc import Sequence

from index.errors import UserError
from index.scope import EVERYTHING, Scope, kept_to
from qa.service.chat import MOST_PLACES, Chat, Visitor
from qa.web.page import views
from qa.web.page.handlers import Changes
from qa.web.page.presenter import Presenter
from qa.web.page.translations import strings


class ScopeEvents:
    """What a visitor does with the articles and folders that are asked.

    A conversation keeps them. Those chosen before its first question are the page's, in its part
    `chosen`, and come to these methods as `chosen`.
    """

    def __init__(self, chat: Chat, presenter: Presenter) -> None:
        self._chat, self._presenter = chat, presenter

    def show(self, who: Visitor, conversation: str) -> Changes:
        """What a conversation is kept to; nothing where it is a new one."""
        return self._shown(who, conversation, self.scope(who, conversation, EVERYTHING))

    def scope(self, who: Visitor, conversation: str, chosen: Scope) -> Scope:
        """The articles that the next question is asked of."""
        return self._chat.scope(who, conversation) if conversation else chosen

    def choose(
        self, who: Visitor, conversation: str, chosen: Scope, places: Sequence[str]
    ) -> Changes:
        """Keep to these articles and folders too."""
        before = after = self.scope(who, conversation, chosen)
        try:
            for place in places[: MOST_PLACES + 1]:
                after = self._chat.with_place(after, place)
        except UserError as error:
            told = {"notice": views.problem(error, who.page)}
            return {**self._shown(who, conversation, before), **told}
        return self._keep(who, conversation, after)

    def only(self, who: Visitor, conversation: str, place: str) -> Changes:
        """Keep to one article or folder and no other."""
        return self._keep(who, conversation, self._chat.with_place(EVERYTHING, place))

    def drop(self, who: Visitor, conversation: str, chosen: Scope, place: str) -> Changes:
        """Do not keep to an article or folder any more."""
        scope = self.scope(who, conversation, chosen)
        left = kept_to(path for path in scope.places if path != place)
        return self._keep(who, conversation, left)

    def clear(self, who: Visitor, conversation: str) -> Changes:
        """Ask all articles again."""
        return self._keep(who, conversation, EVERYTHING)

    def _keep(self, who: Visitor, conversation: str, scope: Scope) -> Changes:
        if conversation:
            self._chat.conversations.keep_to(who.id, conversation, scope)
        names = ", ".join(chip.name for chip in self._presenter.chips(scope))
        say = strings(who.page)
        words = say["kept_to"].format(names=names) if names else say["kept_to_all"]
        return {**self._shown(who, conversation, scope), "said": views.said(words), "notice": ""}

    def _shown(self, who: Visitor, conversation: str, scope: Scope) -> Changes:
        chips = views.chips(self._presenter.chips(scope), who.page)
        return {"chips": chips, "chosen": EVERYTHING if conversation else scope}
