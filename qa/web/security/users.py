"""Users: names and password hashes, in a file that Apache's htpasswd -B also writes and reads."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from index.atomic_file import PRIVATE, write_atomically
from index.errors import UserError
from index.text.normal_forms import nfc
from qa.errors import BadUsers

_NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
# $2y$ is Apache's name for $2b$; $2x$ marks hashes of a PHP that had a bug. The last character of
# the salt holds only two bits.
_BCRYPT = re.compile(r"\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
# Other hashes of htpasswd and crypt: MD5, SHA-1, SHA-2, scrypt, Argon2 and the like.
_HASH = re.compile(r"\$[A-Za-z0-9-]+\$.+|\{[A-Z0-9]+\}.+")
_PASSWORD_BYTES = 72  # bcrypt reads no more; its library refuses longer ones
_COST = 12  # OWASP asks for 10 or more; 12 is 0.2 s on a core of 2021

_Stamp = tuple[int, ...]
_NOBODY: Mapping[str, str] = MappingProxyType({})


class Users:
    """The users of one file. A change of the file counts from the next call on.

    Every call raises BadUsers while the file cannot be used, so that nobody is let in.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._cached: tuple[_Stamp, Mapping[str, str]] = ((), _NOBODY)

    def names(self) -> list[str]:
        """The names, in the order of the file."""
        return list(self._hashes())

    def check(self, name: str, password: str) -> bool:
        """Whether this is the user's password; takes as long when there is no such user.

        Takes about 0.2 s of a processor, so it belongs in a thread.
        """
        import bcrypt

        hashes = self._hashes()
        secret = _bytes(password)
        known = hashes.get(name, _nobody(hashes)).encode()
        is_right = bcrypt.checkpw(secret[:_PASSWORD_BYTES], known)
        return is_right and name in hashes and len(secret) <= _PASSWORD_BYTES

    def fingerprint(self, name: str) -> str | None:
        """A text that changes when the user's password does; None when there is no such user."""
        found = self._hashes().get(name)
        return hashlib.sha256(found.encode()).hexdigest() if found else None

    def set(self, name: str, password: str) -> bool:
        """Add a user, or change the password; makes the file when there is none.

        Returns:
            Whether the user was there before.

        Raises:
            UserError: the name or password cannot be used, or BadUsers.
        """
        import bcrypt

        check_name(name)
        secret = _bytes(password)
        if not 0 < len(secret) <= _PASSWORD_BYTES:
            raise UserError(
                "A password has 1 to 72 bytes; other letters than English ones take 2 to 4 bytes. "
                "Choose another."
            )
        exists = self.path.exists() and name in self._hashes()
        lines = _lines(self.path) if self.path.exists() else []
        line = f"{name}:{bcrypt.hashpw(secret, bcrypt.gensalt(_COST)).decode()}"
        changed = [line if _name(old) == name else old for old in lines]
        _write(self.path, changed if exists else [*changed, line])
        return exists

    def remove(self, name: str) -> None:
        """Remove a user.

        Raises:
            UserError: there is no such user, or BadUsers.
        """
        if name not in self._hashes():
            known = ", ".join(self._hashes()) or "none"
            raise UserError(f"{self.path} has no user of that name. Known: {known}.")
        _write(self.path, [line for line in _lines(self.path) if _name(line) != name])

    def _hashes(self) -> Mapping[str, str]:
        stamp = _stamp(self.path)
        if stamp != self._cached[0]:
            self._cached = (stamp, dict(_users(self.path)))
        return self._cached[1]


def check_name(name: str) -> None:
    """Raise UserError for a text that cannot be a user's name."""
    if not _NAME.fullmatch(name):
        raise UserError(
            "A user's name has 1 to 64 of the signs A-Z a-z 0-9 . _ @ -. Choose another."
        )


def _bytes(password: str) -> bytes:
    """A password's bytes, the same however a keyboard puts an accent on a letter.

    At most four characters become one, so what is cut off here was too long before.
    """
    return nfc(password[: 5 * _PASSWORD_BYTES]).encode("utf-8", "surrogatepass")


def _nobody(hashes: Mapping[str, str]) -> str:
    """A hash that no password has, as costly to check as the costliest of the file."""
    costs = (int(found.split("$")[2]) for found in hashes.values())
    return f"$2b${max(costs, default=_COST):02}${'.' * 53}"


def _stamp(path: Path) -> _Stamp:
    """Numbers that change whenever the file does."""
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _users(path: Path) -> Iterator[tuple[str, str]]:
    """Each user's name and hash."""
    seen: set[str] = set()
    for number, line in enumerate(_lines(path), 1):
        if not (name := _name(line)):
            continue
        where = f"Line {number} of {path}"
        found = line.strip().partition(":")[2]
        if not (_NAME.fullmatch(name) and found):
            raise BadUsers(f"{where} is not NAME:HASH. {_advice('NAME', path)}")
        if not _BCRYPT.fullmatch(found):
            kind = "a hash of another kind than bcrypt" if _HASH.fullmatch(found) else "no hash"
            what = f"{where} holds {kind}" + (", but perhaps a password" * (kind == "no hash"))
            raise BadUsers(f"{what}. {_advice(name, path)}")
        if name in seen:
            raise BadUsers(f"{where} has the user {name} once more. Remove one of the lines.")
        seen.add(name)
        yield name, found


def _advice(name: str, path: Path) -> str:
    return f"Remove it, then give: article-qa users add {name} --auth {path}"


def _name(line: str) -> str:
    """The text before the colon; empty in a comment or an empty line."""
    return "" if line.startswith("#") else line.strip().partition(":")[0]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise BadUsers(f"{path} is not text in UTF-8. Give --auth a file of users.") from error


def _unreadable(path: Path, error: OSError) -> BadUsers:
    if isinstance(error, FileNotFoundError):
        return BadUsers(
            f"No file of users at {path}. Make it with: article-qa users add NAME --auth {path}"
        )
    return BadUsers(
        f"The file of users {path} cannot be read ({error.strerror}). "
        "See that it is a file and that you may read it."
    )


def _write(path: Path, lines: list[str]) -> None:
    """Write the file whole or not at all, for its owner's eyes alone; a link is followed."""
    write_atomically(path.resolve(), *(f"{line}\n" for line in lines), mode=PRIVATE)
