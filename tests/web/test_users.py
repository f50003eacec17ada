"""The file of users, as people and Apache's htpasswd write it."""

import os
import stat
from pathlib import Path

import bcrypt
import pytest

from index.errors import UserError
from qa.errors import BadUsers
from qa.web.security.users import Users

# Of Apache's own documentation, "Password Formats": htpasswd -nbB myName myPassword
APACHE = "$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC"


def hashed(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def written(folder: Path, *lines: str) -> Users:
    path = folder / "users"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return Users(path)


def complaint(users: Users) -> str:
    with pytest.raises(BadUsers) as caught:
        users.names()
    return str(caught.value)


def test_file_of_htpasswd_is_read_with_comments_and_empty_lines(tmp_path: Path) -> None:
    users = written(tmp_path, "# ours", "", f"myName:{APACHE}", f"ana:{hashed('sesame')}")

    assert users.names() == ["myName", "ana"]
    assert users.check("myName", "myPassword")
    assert users.check("ana", "sesame")


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("ana", "Sesame", id="other case"),
        pytest.param("ana", "", id="nothing"),
        pytest.param("Ana", "sesame", id="other user"),
        pytest.param("", "sesame", id="nobody"),
        pytest.param("ana", "sesame" * 20, id="longer than bcrypt reads"),
        pytest.param("ana", "sesame\0", id="NUL"),
        pytest.param("ana", "\ud800", id="half a sign"),
        pytest.param("# ana", "sesame", id="comment"),
    ],
)
def test_wrong_name_or_password_is_wrong(tmp_path: Path, name: str, password: str) -> None:
    users = written(tmp_path, f"ana:{hashed('sesame')}", f"# ana:{hashed('sesame')}")

    assert not users.check(name, password)


def test_password_of_72_bytes_does_not_open_with_more(tmp_path: Path) -> None:
    users = written(tmp_path, f"ana:{hashed('a' * 72)}")

    assert [users.check("ana", "a" * length) for length in (71, 72, 73)] == [False, True, False]


def test_unknown_name_costs_as_much_as_the_dearest_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []
    users = written(tmp_path, f"myName:{APACHE}", f"ana:{hashed('sesame')}")

    def check(password: bytes, known: bytes) -> bool:
        checked.append((password, known[:7]))
        return True

    monkeypatch.setattr("bcrypt.checkpw", check)

    assert not users.check("bob", "sesame")
    assert checked == [(b"sesame", b"$2b$05$")]


def test_accent_is_one_however_it_is_typed(tmp_path: Path) -> None:
    users = Users(tmp_path / "users")
    users.set("ana", "cafe\u0301")

    assert users.check("ana", "caf\u00e9")


def test_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    users = Users(tmp_path / "users")

    assert users.set("ana", "sesame") is False
    assert stat.S_IMODE(users.path.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["users"]
    assert users.path.read_text().startswith("ana:$2b$12$")


def test_other_password_leaves_the_other_lines_as_they_were(tmp_path: Path) -> None:
    other = f"myName:{APACHE}"
    users = written(tmp_path, "# ours", f"ana:{hashed('sesame')}", "", other)

    assert users.set("ana", "barley") is True
    first, changed, *rest = users.path.read_text().splitlines()

    assert (first, changed[:11], rest) == ("# ours", "ana:$2b$12$", ["", other])
    assert (users.check("ana", "sesame"), users.check("ana", "barley")) == (False, True)


def test_user_who_is_removed_is_out_at_once(tmp_path: Path) -> None:
    users = written(tmp_path, "# ours", f"ana:{hashed('sesame')}", f"myName:{APACHE}")
    assert users.check("ana", "sesame")

    Users(users.path).remove("ana")

    assert not users.check("ana", "sesame")
    assert users.fingerprint("ana") is None
    assert users.path.read_text() == f"# ours\nmyName:{APACHE}\n"


def test_removing_nobody_tells_who_there_is(tmp_path: Path) -> None:
    users = written(tmp_path, f"ana:{APACHE}", f"bob:{APACHE}")

    with pytest.raises(UserError) as caught:
        users.remove("eve")

    assert str(caught.value) == f"{users.path} has no user of that name. Known: ana, bob."


def test_fingerprint_changes_with_the_password_alone(tmp_path: Path) -> None:
    users = written(tmp_path, f"ana:{APACHE}")
    before = users.fingerprint("ana")

    users.set("bob", "sesame")
    assert users.fingerprint("ana") == before
    users.set("ana", "myPassword")
    assert users.fingerprint("ana") not in (None, before, users.fingerprint("bob"))


def test_change_is_seen_that_keeps_size_and_time(tmp_path: Path) -> None:
    users = written(tmp_path, f"ana:{APACHE}")
    assert users.names() == ["ana"]
    was = users.path.stat()

    users.path.write_text(f"eve:{APACHE}\n")
    os.utime(users.path, ns=(was.st_atime_ns, was.st_mtime_ns))

    assert users.names() == ["eve"]


def test_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    written(tmp_path, f"ana:{APACHE}")
    link = tmp_path / "link"
    link.symlink_to("users")

    Users(link).remove("ana")

    assert (link.is_symlink(), (tmp_path / "users").read_text()) == (True, "")


@pytest.mark.parametrize("name", ["", "a" * 65, "a b", "a:b", "ana\n", "#ana", "अना", "a/b"])
def test_name_that_cannot_be_one_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="A-Z a-z 0-9"):
        Users(tmp_path / "users").set(name, "sesame")


@pytest.mark.parametrize("password", ["", "a" * 73, "प" * 25])
def test_password_of_no_or_too_many_bytes_is_refused(tmp_path: Path, password: str) -> None:
    with pytest.raises(UserError, match="1 to 72 bytes"):
        Users(tmp_path / "users").set("ana", password)


def test_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    path = tmp_path / "users"

    assert complaint(Users(path)) == (
        f"No file of users at {path}. Make it with: article-qa users add NAME --auth {path}"
    )


def test_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    assert complaint(Users(tmp_path)) == (
        f"The file of users {tmp_path} cannot be read (Is a directory). "
        "See that it is a file and that you may read it."
    )


def test_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "users"
    path.write_bytes(b"\xff\xfe\xff")

    assert complaint(Users(path)) == f"{path} is not text in UTF-8. Give --auth a file of users."


@pytest.mark.parametrize(
    ("line", "what"),
    [
        pytest.param("sesame", "is not NAME:HASH.", id="no colon"),
        pytest.param("ana:", "is not NAME:HASH.", id="nothing after it"),
        pytest.param(f"a b:{APACHE}", "is not NAME:HASH.", id="no name"),
        pytest.param("ana:sesame", "holds no hash, but perhaps a password.", id="plain text"),
        pytest.param(
            "ana:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/",
            "holds a hash of another kind than bcrypt.",
            id="MD5",
        ),
        pytest.param(
            "ana:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=",
            "holds a hash of another kind than bcrypt.",
            id="SHA-1",
        ),
        pytest.param(
            f"ana:{APACHE.replace('$2y', '$2x')}",
            "holds a hash of another kind than bcrypt.",
            id="PHP's fault",
        ),
        pytest.param(f"ana:{APACHE[:-1]}", "holds a hash of another kind than bcrypt.", id="short"),
    ],
)
def test_bad_line_is_named_by_its_number_and_not_shown(
    tmp_path: Path, line: str, what: str
) -> None:
    users = written(tmp_path, f"bob:{APACHE}", line)
    told = complaint(users)

    assert told.startswith(f"Line 2 of {users.path} {what} Remove it, then give: article-qa users")
    assert "sesame" not in told
    assert APACHE[8:20] not in told


def test_user_named_twice_is_refused(tmp_path: Path) -> None:
    users = written(tmp_path, f"ana:{APACHE}", f"ana:{hashed('sesame')}")

    assert complaint(users) == (
        f"Line 2 of {users.path} has the user ana once more. Remove one of the lines."
    )


def test_nobody_gets_in_while_the_file_is_bad(tmp_path: Path) -> None:
    users = written(tmp_path, f"ana:{APACHE}")
    assert users.check("ana", "myPassword")

    users.path.write_text(f"ana:{APACHE}\nhalf a line")

    with pytest.raises(BadUsers, match="Line 2"):
        users.check("ana", "myPassword")
    with pytest.raises(BadUsers, match="Line 2"):
        users.set("ana", "sesame")
