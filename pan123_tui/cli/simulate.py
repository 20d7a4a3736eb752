"""`simulate`: run the simulated service on its own."""

import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from tempfile import mkdtemp

import click

from pan123_tui.bootstrap import BACKGROUND
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.output import print_data, print_message
from pan123_tui.config import gc_pause
from pan123_tui.config.lock_holder import read_holder
from pan123_tui.config.profiles import PROFILES_FOLDER
from pan123_tui.i18n import _, join_list


@click.command(
    "simulate",
    help=_(
        "Run the simulated service alone, to point a client at it.\n\n"
        "It prints the variables that do so, and what each log-in takes."
    ),
    epilog=example("pan123-tui simulate --speed 10"),
)
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    default=0,
    help=_("The port on 127.0.0.1; 0: any free one."),
)
@click.option(
    "--speed",
    metavar="FACTOR",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help=_("How fast its tasks move."),
)
@language_option
def simulate(*, port: int, speed: float) -> None:
    """Run until ctrl+c."""
    from pan123_tui.simulator.accounts import ACCESS_TOKEN
    from pan123_tui.simulator.server import serve

    gc_pause.resume()
    with _temporary_folder() as folder:

        def print_variables(base_url: str) -> None:
            # The server passes the signal on, which would end the process with the folder left.
            signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
            variables = {
                "PAN123_BASE_URL": base_url,
                "PAN123_ACCESS_TOKEN": ACCESS_TOKEN,
                "PAN123_DATA_DIR": f"{folder}/data",
                "PAN123_CONFIG_DIR": f"{folder}/config",
            }
            words = (f"{name}={quote(value)}" for name, value in variables.items())
            print_data(" ".join(("export", *words)))
            print_message(
                _(
                    "Type this line in another shell, then any pan123-tui command. The tasks and"
                    " settings of that shell are in a temporary folder, which is deleted when this"
                    " service ends, unless a program uses it then."
                )
            )
            print_message(
                _(
                    "Words in a link decide what happens to it, such as “fail”, “reject”, “stall”,"
                    " “slow”, “missing”, “nofile” and, for an unconfirmed link, “dropafter”."
                )
            )
            _print_logins()

        serve(port=port, speed=speed, on_ready=print_variables)


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """Delete the folder after the block, unless a `watch` holds the tasks in it."""
    from pan123_tui.store.lock import end_holder, holder

    folder = Path(mkdtemp(prefix="pan123-simulate-"))
    data = folder / "data"
    try:
        yield folder
    finally:
        used = (data, *data.glob(f"{PROFILES_FOLDER}/*"))
        for each in used:
            pid, program = read_holder(each)
            if pid is not None and program == BACKGROUND:  # which has no service any more
                end_holder(each, pid)
        if all(holder(it) is None for it in used):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print_message(_("A program still uses {folder}: it stays.").format(folder=folder))


def _print_logins() -> None:
    """Print what the service accepts for each kind of log-in."""
    from pan123_tui.simulator.accounts import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET
    from pan123_tui.simulator.oauth import APP_ID, APP_SECRET, REFRESH_TOKEN

    print_message(_("To try the log-ins there, type “unset PAN123_ACCESS_TOKEN” first, then:"))
    client, secret = _("Client id"), _("Client secret")
    for command, parts in (
        ("login", ((client, CLIENT_ID), (secret, CLIENT_SECRET))),
        ("login --token", ((_("Access token"), ACCESS_TOKEN),)),
        (
            "login --refresh-token",
            ((_("Refresh token"), REFRESH_TOKEN), (client, APP_ID), (secret, APP_SECRET)),
        ),
    ):
        values = join_list(f"{label} {value}" for label, value in parts)
        print_message(f"  pan123-tui {command}\n    {values}")
