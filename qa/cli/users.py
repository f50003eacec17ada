"""Commands of `users`: add, remove and list the users of the page."""

import sys
from pathlib import Path

import click

from qa.cli.options import option

auth_option = option(
    "--auth",
    type=click.Path(path_type=Path),
    required=True,
    help="File of the users, in the format of Apache's htpasswd -B.",
)


@click.group()
def users() -> None:
    """Manage who may use the page: the users in the file of `chat --auth`.

    The file has no passwords, only a hash of each. A change takes effect at once: users who are
    removed are logged out, also from a page that is running.
    """


@users.command("add")
@click.argument("name")
@auth_option
def add_command(name: str, auth: Path) -> None:
    """Add the user NAME, or change their password. It is prompted for twice.

    If standard input is not a terminal, its first line is the password.
    """
    from qa.web.security.users import Users, check_name

    check_name(name)
    was_there = Users(auth).set(name, _password())
    click.echo(f"The password of {name} is changed." if was_there else f"{name} is added.")


@users.command("remove")
@click.argument("name")
@auth_option
def remove_command(name: str, auth: Path) -> None:
    """Remove the user NAME and end their sessions."""
    from qa.web.security.users import Users

    Users(auth).remove(name)
    click.echo(f"{name} is removed.")


@users.command("list")
@auth_option
def list_command(auth: Path) -> None:
    """Print the users' names, one a line."""
    from qa.web.security.users import Users

    for name in Users(auth).names():
        click.echo(name)


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    word: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return word
