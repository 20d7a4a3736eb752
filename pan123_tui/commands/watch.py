"""`watch`: the engine without a screen, for services, cron jobs and logs."""

from collections.abc import Mapping

import click

from pan123_tui.commands.catalogue import example, language_option
from pan123_tui.commands.exit_code import ExitCode
from pan123_tui.commands.headless import Headless
from pan123_tui.commands.output import say
from pan123_tui.commands.reporter import Reporter
from pan123_tui.credentials_file import load_credentials
from pan123_tui.domain.task import ACTIVE_STATES, Task, TaskState
from pan123_tui.i18n import _
from pan123_tui.wiring import settle

BUSY_STATES = ACTIVE_STATES | {TaskState.QUEUED, TaskState.SUBMITTING}


@click.command(
    "watch",
    help=_("Send and poll without a screen, one line for each change."),
    epilog=example("pan123-tui watch --until-done --quiet"),
)
@click.option(
    "--until-done", is_flag=True, help=_("End when nothing is queued or running any more.")
)
@click.option("--quiet", "-q", is_flag=True, help=_("Tell only what went wrong."))
@language_option
def watch(*, until_done: bool, quiet: bool) -> None:
    """Run until a signal comes, or until all is done."""
    household = settle()
    if load_credentials(household.environ, household.places.config_dir) is None:
        say(_("No account is configured: run “pan123-tui login”."))
        raise click.exceptions.Exit(ExitCode.ACCOUNT)
    reporter = Reporter(is_quiet=quiet)
    runner = Headless(
        household, reporter.hear, program="watch", is_done=is_done if until_done else None
    )
    code = runner.run()
    if code is ExitCode.DONE and until_done and reporter.failed:
        code = ExitCode.SOME_FAILED
    raise click.exceptions.Exit(code)


def is_done(tasks: Mapping[int, Task]) -> bool:
    """Tell whether nothing moves any more."""
    return not any(task.state in BUSY_STATES for task in tasks.values())
