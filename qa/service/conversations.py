"""Conversations: the stored questions and answers of each visitor; only their owner reads them."""

import builtins
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.errors import UserError
from index.passage import Span
from index.scope import EVERYTHING, Scope
from index.text.characters import cut, without_controls
from index.text.normal_forms import nfc, nfd
from index.text.normalise import clean
from qa.answer import Answer
from qa.answering.turns import Turn
from qa.errors import ConversationsFull, NoConversation
from qa.service import stored_scope
from qa.service.conversation_db import ConversationFile
from qa.service.exchange import COLUMNS, Exchange, ExchangeState, as_json, from_row

# A page shows all exchanges of a conversation, and a list finds in all conversations of an owner.
MOST_EXCHANGES = 500
MOST_CONVERSATIONS = 2000

_TITLE = 80  # code points
_LONGEST_SEARCH = 200  # code points that are looked for
_LAST_WORD = 20  # code points by which a title may be shortened, so that it ends with a word

_NEXT_PLACE = "(SELECT coalesce(max(place), 0) + 1 FROM conversation WHERE owner = :owner)"
_BEGIN = f"""INSERT INTO conversation (id, owner, title, folded, created, updated, place)
    VALUES (:id, :owner, :title, :folded, :now, :now, {_NEXT_PLACE})"""
_TAKE_NUMBER = f"""UPDATE conversation SET next = next + 1, updated = :now, place = {_NEXT_PLACE}
    WHERE number = :conversation RETURNING next - 1"""
_FOUND = """SELECT id, title, created, updated, fields
    FROM conversation LEFT JOIN scope ON scope.conversation = number"""
_LIST = f"""{_FOUND}
    WHERE owner = :owner AND (instr(folded, :search) OR EXISTS (
        SELECT 1 FROM exchange WHERE exchange.conversation = conversation.number
        AND instr(exchange.folded, :search)))
    ORDER BY place DESC LIMIT :limit"""
_EXCHANGES = f"""SELECT {COLUMNS} FROM exchange
    WHERE conversation = :conversation AND number < :before ORDER BY number"""
_LAST_FIRST = f"""SELECT {COLUMNS} FROM exchange WHERE conversation = :conversation
    AND (:number IS NULL OR number = :number) ORDER BY number DESC LIMIT 1"""
_COUNT = "SELECT count(*) FROM exchange WHERE conversation = ?"
_ALL = 2**63 - 1  # SQLite's greatest integer: every number is lower


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation without its exchanges; times are UTC in ISO 8601, to the second.

    `updated` is when its last exchange was stored; without an exchange it equals `created`.
    `scope` are the articles that its next question is kept to.
    """

    id: str
    title: str
    created: str
    updated: str
    scope: Scope = EVERYTHING


class Conversations:
    """The conversations of all owners, for any number of threads.

    Every method raises BadConversations when the file cannot be read or written; its content is
    then as before. Methods that take an id raise NoConversation when the owner has none of that id.
    """

    def __init__(self, path: Path) -> None:
        """Open a file, or create it.

        Raises:
            BadConversations: the file cannot be read or written, or is of another or newer program.
        """
        self._file = ConversationFile(path)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def begin(self, owner: str, question: str, scope: Scope = EVERYTHING) -> Conversation:
        """Create a conversation with the question as its title, and no exchange yet.

        Raises:
            ConversationsFull: the owner has MOST_CONVERSATIONS.
        """
        title, now = titled(question) or "…", _now()
        made = Conversation(secrets.token_urlsafe(16), title, now, now, scope)
        values = {"id": made.id, "owner": owner, "title": title, "folded": _folded(title)}
        with self._file.change() as file:
            sql = "SELECT count(*) FROM conversation WHERE owner = ?"
            if file.execute(sql, (owner,)).fetchone()[0] >= MOST_CONVERSATIONS:
                raise ConversationsFull(
                    f"You have {MOST_CONVERSATIONS:,} conversations, as many as can be kept. "
                    "Delete some that you no longer need, and begin again."
                )
            file.execute(_BEGIN, {**values, "now": now})
            _keep_scope(file, _number(file, owner, made.id), scope)
        return made

    def list(self, owner: str, search: str = "", limit: int = 200) -> list[Conversation]:
        """The owner's conversations, newest first.

        `search` is matched literally, ignoring case, in titles, questions and answers; an empty one
        matches everything.
        """
        limit = max(0, min(limit, MOST_CONVERSATIONS))
        values = {"owner": owner, "search": _folded(search[:_LONGEST_SEARCH]), "limit": limit}
        with self._file.look() as file:
            return [_conversation(*row) for row in file.execute(_LIST, values)]

    def get(self, owner: str, id: str) -> Conversation:
        """A conversation by its id."""
        with self._file.look() as file:
            sql = f"{_FOUND} WHERE number = ?"
            return _conversation(*file.execute(sql, (_number(file, owner, id),)).fetchone())

    def exchanges(self, owner: str, id: str, before: int | None = None) -> builtins.list[Exchange]:
        """The exchanges of a conversation, oldest first; an unreadable one is failed, and says so.

        With `before`, only those with a lower number; None or 0 for all.
        """
        with self._file.look() as file:
            values = {"conversation": _number(file, owner, id), "before": before or _ALL}
            rows = file.execute(_EXCHANGES, values).fetchall()
        return [from_row(*row) for row in rows]

    def exchange(self, owner: str, id: str, number: int | None = None) -> Exchange:
        """One exchange, the last one when `number` is None.

        Raises:
            NoConversation: there is no such exchange.
        """
        with self._file.look() as file:
            values = {"conversation": _number(file, owner, id), "number": number}
            row = file.execute(_LAST_FIRST, values).fetchone()
        if row is None:
            raise NoConversation
        return from_row(*row)

    def refuse_full(self, owner: str, id: str) -> None:
        """See that there is place for one more exchange.

        Raises:
            ConversationsFull: the conversation has MOST_EXCHANGES.
        """
        with self._file.look() as file:
            _refuse_full(file, _number(file, owner, id))

    def add(
        self,
        owner: str,
        id: str,
        question: str,
        answer: Answer | None,
        state: ExchangeState,
        error: str = "",
    ) -> Exchange:
        """Store an exchange, without the attempts of its answer; gives it as stored.

        Raises:
            ConversationsFull: the conversation has MOST_EXCHANGES.
        """
        question, error, now = clean(question), clean(error), _now()
        stored = as_json(answer) if answer else None
        folded = f"{_folded(question)}\n{_folded(answer.text) if answer else ''}"
        with self._file.change() as file:
            conversation = _number(file, owner, id)
            _refuse_full(file, conversation)
            values = {"conversation": conversation, "owner": owner, "now": now}
            (number,) = file.execute(_TAKE_NUMBER, values).fetchone()
            row = (number, question, stored, state, error, now)
            sql = "INSERT INTO exchange VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            file.execute(sql, (conversation, *row, folded))
        return from_row(*row)

    def cut(self, owner: str, id: str, number: int) -> None:
        """Delete an exchange and all later ones, so that its question can be asked anew.

        Raises:
            NoConversation: that exchange is not there any more; nothing is deleted.
        """
        self._delete(owner, id, number, later=True)

    def remove(self, owner: str, id: str, number: int) -> None:
        """Delete one exchange.

        Raises:
            NoConversation: it is not there any more.
        """
        self._delete(owner, id, number, later=False)

    def rename(self, owner: str, id: str, title: str) -> None:
        """Give a conversation another title, cut to 80 code points; its place in the list stays.

        Raises:
            UserError: the title has no visible character.
        """
        title = titled(title)
        if not title:
            raise UserError("A conversation needs a title. Type a few words.")
        with self._file.change() as file:
            values = (title, _folded(title), _number(file, owner, id))
            file.execute("UPDATE conversation SET title = ?, folded = ? WHERE number = ?", values)

    def keep_to(self, owner: str, id: str, scope: Scope) -> None:
        """Keep the next questions of a conversation to a scope; its place in the list stays."""
        with self._file.change() as file:
            _keep_scope(file, _number(file, owner, id), scope)

    def delete(self, owner: str, id: str) -> None:
        """Delete a conversation and its exchanges."""
        with self._file.change() as file:
            number = _number(file, owner, id)
            file.execute("DELETE FROM conversation WHERE number = ?", (number,))

    def history(self, owner: str, id: str, before: int | None = None) -> tuple[Turn, ...]:
        """The turns of the exchanges that have an answer's text, oldest first.

        With `before`, only those of exchanges with a lower number; None or 0 for all.
        """
        return tuple(
            turn
            for exchange in self.exchanges(owner, id, before)
            if exchange.state != "failed" and exchange.answer and exchange.answer.text
            for turn in (Turn("user", exchange.question), _turn(exchange.answer))
        )

    def _delete(self, owner: str, id: str, number: int, later: bool) -> None:
        with self._file.change() as file:
            at = (_number(file, owner, id), number)
            sql = "SELECT 1 FROM exchange WHERE conversation = ? AND number = ?"
            if not file.execute(sql, at).fetchone():
                raise NoConversation("This question is no longer there. Open the page again.")
            which = ">=" if later else "="
            file.execute(f"DELETE FROM exchange WHERE conversation = ? AND number {which} ?", at)


def _turn(answer: Answer) -> Turn:
    """An answer as a turn, with the places that it cites."""
    cited = tuple(Span(c.article, c.start, c.end) for c in answer.citations)
    return Turn("assistant", answer.text, cited)


def titled(text: str) -> str:
    """A text as a title: one line of at most 80 code points; empty without a visible character."""
    flat = without_controls(" ".join(clean(text).split())).strip()
    if len(flat) <= _TITLE:
        return flat
    short = cut(flat, _TITLE - 1) or flat[: _TITLE - 1]
    word = flat.rfind(" ", 0, len(short) + 1)
    return (short[:word] if word >= _TITLE - _LAST_WORD else short).rstrip() + "…"


def _number(file: sqlite3.Connection, owner: str, id: str) -> int:
    """The number of an owner's conversation within the file."""
    sql = "SELECT number FROM conversation WHERE id = ? AND owner = ?"
    row = file.execute(sql, (id, owner)).fetchone()
    if row is None:
        raise NoConversation
    return int(row[0])


def _conversation(
    id: str, title: str, created: str, updated: str, fields: str | None
) -> Conversation:
    return Conversation(id, title, created, updated, stored_scope.from_row(fields))


def _keep_scope(file: sqlite3.Connection, conversation: int, scope: Scope) -> None:
    file.execute("DELETE FROM scope WHERE conversation = ?", (conversation,))
    if not scope.is_all:
        row = conversation, stored_scope.as_row(scope)
        file.execute("INSERT INTO scope VALUES (?, ?)", row)


def _refuse_full(file: sqlite3.Connection, conversation: int) -> None:
    if file.execute(_COUNT, (conversation,)).fetchone()[0] >= MOST_EXCHANGES:
        raise ConversationsFull(
            f"This conversation has {MOST_EXCHANGES} questions, as many as one may have. "
            "Begin a new one; this one stays as it is."
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _folded(text: str) -> str:
    """The form of a text that a search compares: on one line, case-folded, NFC."""
    flat = " ".join(clean(text).split())
    return nfc(nfd(flat).casefold())
