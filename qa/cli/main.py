"""Commands: the group of all commands and the only home of exit codes.

0 done (a refusal to answer is done), 1 a gate of `eval` failed, or `models verify` or
`status --check` found damage, 2 bad input or use, 130 stopped by Ctrl-C.
"""

import os
import sys
import traceback
from typing import Any

import click

from index.errors import UserError
from qa.cli.ask import ask, search
from qa.cli.calibration import calibrate
from qa.cli.chat import chat
from qa.cli.evaluate import evaluation
from qa.cli.index import index_command
from qa.cli.models import models
from qa.cli.read import read
from qa.cli.status import status
from qa.cli.users import users
from qa.environment import quiet

_PRINTING = {__name__, "click.utils", "qa.cli.output"}  # modules that write results


class Commands(click.Group):
    """A group that turns every `UserError` into one plain message and exit code 2."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command and exit."""
        quiet()
        try:
            sys.exit(super().main(*args, **{**kwargs, "standalone_mode": False}) or 0)
        except click.ClickException as error:
            error.show()
            sys.exit(2)
        except UserError as error:
            _complain(str(error))
            sys.exit(2)
        except (click.Abort, KeyboardInterrupt):
            click.echo("Stopped.", err=True)  # click has already ended the line
            sys.exit(130)
        except OSError as error:
            _complain(": ".join(filter(None, [error.strerror or str(error), _where(error)])))
            if _is_printing(error):
                _print_no_more()
            sys.exit(2)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a closed pipe, as after `| head`, ends it without an error."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
            return code
        except BrokenPipeError:
            _print_no_more()
            return 0


def _complain(message: str) -> None:
    """Print why a command ends; names and reasons in it may come from anywhere."""
    from qa.service.answer_format import safe

    click.echo(f"article-qa: {safe(message)}", err=True)


def _where(error: OSError) -> str:
    """What an error of the system is about, where it is known."""
    if error.filename is not None:
        return os.fsdecode(error.filename)
    return "standard output" if _is_printing(error) else ""


def _is_printing(error: OSError) -> bool:
    """Whether it was met where results are printed."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return frame.f_globals.get("__name__") in _PRINTING


def _print_no_more() -> None:
    """Python would report the error again when it closes standard output at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="article-qa", prog_name="article-qa")
def main() -> None:
    """Ask a folder of articles anything, and get the exact words that prove the answer."""


main.add_command(index_command, "index")
main.add_command(status)
main.add_command(search)
main.add_command(ask)
main.add_command(read)
main.add_command(evaluation, "eval")
main.add_command(chat)
main.add_command(users)
main.add_command(models)
models.add_command(calibrate)
