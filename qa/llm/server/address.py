"""Address: `http://host:port/v1#model` as --llm gives it, checked; and the key beside it.

The address is the operator's own: it comes from the command line or its variable, never from a
page or a request.
"""

import hashlib
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from qa.llm.server.errors import ServerError

KEY_VARIABLE = "ARTICLE_QA_LLM_KEY"
_SCHEMES = ("http://", "https://")
_EXAMPLE = "Give it as http://localhost:8080/v1#model"


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a model server is, and its model.

    `base` is the address of its API, as `http://localhost:8080/v1`; `root` the same without `/v1`,
    where servers keep what OpenAI does not have; `host` is for people; `model` is "" when the
    server has to be asked. `key` is never part of a text.
    """

    base: str
    model: str = ""
    key: str = field(default="", repr=False)

    @property
    def root(self) -> str:
        """The address without `/v1`."""
        return self.base.removesuffix("/v1")

    @property
    def host(self) -> str:
        """Host and port, as messages name the server."""
        return urlsplit(self.base).netloc

    @property
    def is_local(self) -> bool:
        """Whether the server runs on this machine, so that no proxy stands between."""
        name = urlsplit(self.base).hostname or ""
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return name == "localhost" or name.endswith(".localhost")


def is_server(option: str | None) -> bool:
    """Whether --llm names a server and no file."""
    return option is not None and option.strip().lower().startswith(_SCHEMES)


def parse(option: str, environment: Mapping[str, str] = os.environ) -> ServerAddress:
    """The address that --llm gives, with the key of `ARTICLE_QA_LLM_KEY` if there is one.

    Raises:
        ServerError: it cannot be an address, or holds what should not be in one.
    """
    address, _, model = option.strip().partition("#")
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise ServerError(f"--llm is no address of a server: {error}. {_EXAMPLE}") from error
    if parts.username is not None or parts.password is not None or parts.query:
        raise ServerError(
            "--llm holds a user name, a password or a query, which would be shown in messages. "
            f"Set the key as the variable {KEY_VARIABLE}."
        )
    if not host or any(ord(sign) <= ord(" ") for sign in option.strip()):
        raise ServerError(f"--llm is no address of a server. {_EXAMPLE}")
    shown = f"[{host}]" if ":" in host else host
    where = shown if port is None else f"{shown}:{port}"
    base = f"{parts.scheme}://{where}{parts.path.rstrip('/') or '/v1'}"
    return ServerAddress(base, model, _key(environment))


def identity(address: ServerAddress, model: str, *, has_probabilities: bool) -> str:
    """A stable id of a server's model, of the form of a SHA-256 (64 hexadecimal digits).

    It stands for the weights' own hash, which no server tells: it is made of address and name. A
    server that gives no probabilities has another one, as what was measured with them says nothing
    without. Who serves other weights under the same name must calibrate anew.
    """
    said = "with" if has_probabilities else "without"
    text = f"{address.base}#{model}\n{said} probabilities"
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _key(environment: Mapping[str, str]) -> str:
    key = environment.get(KEY_VARIABLE, "").strip()
    if not all("!" <= sign <= "~" for sign in key):
        raise ServerError(
            f"{KEY_VARIABLE} holds spaces or letters that no key has. Set it to the key alone."
        )
    return key
