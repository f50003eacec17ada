"""Opening: what --llm gives -> a model on a server, and what its user has to be told once."""

from collections.abc import Sequence

from qa.llm.server.address import parse
from qa.llm.server.connection import Connection
from qa.llm.server.facts import Facts, find_out
from qa.llm.server.model import ServerModel


def open_server(option: str) -> tuple[ServerModel, Sequence[str]]:
    """The model that an address names, and the notices about it.

    Asks the server what it is and can do: five small requests and an answer of four tokens.

    Raises:
        ServerError: the address is none, or the server cannot be used; the message says why.
    """
    connection = Connection(parse(option))
    facts = find_out(connection)
    return ServerModel(connection, facts), tuple(_notices(connection, facts))


def _notices(connection: Connection, facts: Facts) -> Sequence[str]:
    told = []
    if facts.thinks:
        told.append(
            f"{facts.model} thinks before it answers, whatever it is told: answers come late, and "
            "it is not asked whether they are right."
        )
    elif not facts.has_probabilities:
        told.append(
            f"The model server at {connection.address.host} gives no probabilities, so the model "
            "writes and is not asked whether a passage tells (llama_cpp.server gives them with "
            "--logits_all true)."
        )
    if facts.prompt_room is None:
        told.append(
            f"The model server at {connection.address.host} does not tell its context; see that "
            "it has 4096 tokens or more."
        )
    return told
