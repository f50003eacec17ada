"""Outcome: what came of asking for an address: bytes, the same as before, or why it was not read.

UserError (index/errors.py)
  ├─ BadAddress       an address that is none, or is never asked for
  └─ NotFetched       a newly named address that could not be read
NotRead               an address that was not read; no UserError: a run goes on with the next
  ├─ Refused          it will not be read as long as it is as it is
  ├─ Down             its server may answer another time
  └─ Gone             there is no such page any more
"""

from dataclasses import dataclass

from index.errors import UserError


class BadAddress(UserError):
    """An address that is none, or of a kind that is never asked for."""


class NotFetched(UserError):
    """A newly named address that could not be read."""


class NotRead(Exception):
    """Why an address was not read; the message is the reason alone."""


class Refused(NotRead):
    """It is not read as it is: robots.txt, a private address, a limit, a kind of file."""


class Down(NotRead):
    """Its server does not answer, or says that it cannot now."""


class Gone(NotRead):
    """There is no such page any more (404, 410)."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave.

    `final` is the address after redirects, `type` the media type in small letters, `charset` as
    the server said, `data` the bytes, unpacked; `etag` and `modified` are for the next time.
    `same` is true where the server says that nothing changed (304), and there are no bytes.
    """

    address: str
    final: str
    type: str = ""
    charset: str = ""
    data: bytes = b""
    etag: str = ""
    modified: str = ""
    same: bool = False
