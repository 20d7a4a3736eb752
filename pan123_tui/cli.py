"""The command line: commands and exit codes."""

import os
import sys
from typing import TYPE_CHECKING

import click

from pan123_tui import __version__, i18n
from pan123_tui.commands.catalogue import Catalogue, Spoken, language_option
from pan123_tui.commands.exit_code import ExitCode
from pan123_tui.domain.errors import (
    AccountMissing,
    Pan123Error,
    SettingsInvalid,
    StoreLocked,
    StoreNewer,
    StoreUnwritable,
    TokenRefused,
)
from pan123_tui.first_language import first_language
from pan123_tui.i18n import N_, _

if TYPE_CHECKING:
    from pan123_tui.ui.app import Pan123App


@click.group(
    cls=Catalogue,
    help=N_(
        "A terminal dashboard for 123pan's offline downloads.\n\n"
        "Without a command it opens the dashboard."
    ),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(
    __version__, prog_name="pan123-tui", cls=Spoken, help=N_("Show the version and exit.")
)
@click.option(
    "--demo",
    cls=Spoken,
    is_flag=True,
    help=N_("Show the dashboard on a simulated service; no account."),
)
@click.option(
    "--ascii", "is_ascii", cls=Spoken, is_flag=True, help=N_("Draw with ASCII signs only.")
)
@click.option(
    "--low-bandwidth", cls=Spoken, is_flag=True, help=N_("Paint seldom, for a slow line.")
)
@click.pass_context
def program(context: click.Context, *, demo: bool, is_ascii: bool, low_bandwidth: bool) -> None:
    """Open the dashboard, unless a command follows."""
    if context.invoked_subcommand is None:
        context.exit(_open_dashboard(demo=demo, is_ascii=is_ascii, low_bandwidth=low_bandwidth))


program.params.append(language_option())


def main() -> None:
    """Run the program."""
    i18n.use(first_language(os.environ))
    i18n.lend()
    try:
        program.main(standalone_mode=True)
    except SettingsInvalid as error:
        _give_up(str(error), ExitCode.USAGE)
    except StoreLocked as error:
        text = _(
            "Another pan123-tui (pid {pid}) is using this data folder. Use that one, or add links "
            "from here with “pan123-tui add”."
        )
        _give_up(text.format(pid=error.pid or "?"), ExitCode.LOCKED)
    except StoreNewer as error:
        text = _("The tasks were stored by a newer pan123-tui: update this one. ({message})")
        _give_up(text.format(message=error), ExitCode.USAGE)
    except StoreUnwritable as error:
        text = _(
            "The data folder cannot be used, so nothing was done: {message}. Mend its permissions, "
            "make room, or choose another one with PAN123_DATA_DIR."
        )
        _give_up(text.format(message=error), ExitCode.SOME_FAILED)
    except (AccountMissing, TokenRefused) as error:
        _give_up(_explained(error), ExitCode.ACCOUNT)
    except Pan123Error as error:
        _give_up(_explained(error), ExitCode.SOME_FAILED)
    except OSError as error:
        _give_up(f"{error.filename or ''}: {error.strerror or error}", ExitCode.SOME_FAILED)


def _check_terminal() -> None:
    """Leave with a word on what to do where no screen can be drawn."""
    from pan123_tui.ui.terminal_kind import why_not_here

    if reason := why_not_here(os.environ, sys.stdin.isatty(), sys.stderr.isatty()):
        _give_up(reason, ExitCode.USAGE)


def _open_dashboard(*, demo: bool, is_ascii: bool, low_bandwidth: bool) -> int:
    from pan123_tui.wiring import (
        dashboard,
        engine_opener,
        lock,
        open_log,
        prepare,
        settle,
        with_look,
    )

    _check_terminal()
    looks = {"ascii": is_ascii, "low_bandwidth": low_bandwidth}
    changes = {name: True for name, wanted in looks.items() if wanted}
    if demo:
        from pan123_tui.demo import demo as running_demo

        with running_demo(os.environ) as (household, open_engine):
            return _run(dashboard(with_look(household, **changes), open_engine, is_demo=True))
    household = with_look(settle(), **changes)
    for wrong in prepare(household):
        click.echo(f"pan123-tui: {wrong}", err=True)
    held = lock(household, program="dashboard")
    open_log(household)
    try:
        app = dashboard(household, engine_opener(household, warning=held.warning))
        exit_code = _run(app)
    finally:
        held.release()
    if app.wants_demo:
        return _open_dashboard(demo=True, is_ascii=is_ascii, low_bandwidth=low_bandwidth)
    return exit_code


def _explained(error: Pan123Error) -> str:
    from pan123_tui.domain.explanation import explain

    return explain(error.problem).text


def _give_up(text: str, code: ExitCode) -> None:
    click.echo(f"pan123-tui: {text}", err=True)
    sys.exit(code)


def _run(app: "Pan123App") -> int:
    try:
        result = app.run()
    finally:
        app.departure.is_over()
    if app.failure is not None:
        raise app.failure
    return app.departure.exit_code or app.return_code or result or ExitCode.DONE
