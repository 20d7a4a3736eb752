"""The command line as click knows it: without a command it opens the dashboard."""

import click

from pan123_tui import __version__
from pan123_tui.commands.catalogue import LazyGroup, language_option
from pan123_tui.commands.dashboard import open_dashboard
from pan123_tui.i18n import _


@click.group(
    cls=LazyGroup,
    help=_(
        "A terminal dashboard for 123pan's offline downloads.\n\n"
        "Without a command it opens the dashboard."
    ),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="pan123-tui", help=_("Show the version and exit."))
@click.option(
    "--demo", is_flag=True, help=_("Show the dashboard on a simulated service; no account.")
)
@click.option("--ascii", "is_ascii", is_flag=True, help=_("Draw with ASCII signs only."))
@click.option("--low-bandwidth", is_flag=True, help=_("Paint seldom, for a slow line."))
@language_option
@click.pass_context
def program(context: click.Context, *, demo: bool, is_ascii: bool, low_bandwidth: bool) -> None:
    """Open the dashboard, unless a command follows."""
    if context.invoked_subcommand is None:
        context.exit(open_dashboard(demo=demo, is_ascii=is_ascii, low_bandwidth=low_bandwidth))
