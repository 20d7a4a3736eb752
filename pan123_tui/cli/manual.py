"""`manual`: show a page of the manual."""

import os
import sys

import click

from pan123_tui.cli.commands import command
from pan123_tui.i18n import _
from pan123_tui.manual import PAGES, page_text, page_title


@command(
    "manual",
    _("Read the manual, or one page of it; in a pipe, print it."),
    "pan123-tui manual search",
    "pan123-tui manual keys | less",
)
@click.argument("page", type=click.Choice(PAGES), metavar="[PAGE]", required=False)
def manual(page: str | None) -> None:
    """Show `page`, or print it; without one the first, or the list of all."""
    from pan123_tui.programs.dashboard import unsupported_reason
    from pan123_tui.terminal.capabilities import detect_capabilities

    if sys.stdout.isatty() and not unsupported_reason(
        os.environ, sys.stdin.isatty(), sys.stderr.isatty()
    ):
        # Textual reads it when it is imported, and has no other way to set it.
        os.environ["TEXTUAL_COLOR_SYSTEM"] = detect_capabilities(os.environ).color_system
        from pan123_tui.terminal.textual_private import break_chinese_lines
        from pan123_tui.ui.dialogs.manual import ManualApp

        break_chinese_lines()
        ManualApp(page or PAGES[0]).run()
    elif page:
        click.echo(page_text(page).rstrip())
    else:
        for name in PAGES:
            click.echo(f"{name:<16}{page_title(name)}")
