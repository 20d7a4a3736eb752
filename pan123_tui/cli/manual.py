"""`manual`: show a page of the manual."""

import sys

import click

from pan123_tui.cli.program import command
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
    from pan123_tui.programs.dashboard import prepare_screen

    if sys.stdout.isatty() and prepare_screen() is None:
        from pan123_tui.ui.dialogs.manual import ManualApp

        app = ManualApp(page or PAGES[0])
        app.run()
        sys.exit(app.return_code)
    elif page:
        click.echo(page_text(page).rstrip())
    else:
        for name in PAGES:
            click.echo(f"{name:<16}{page_title(name)}")
