"""`manual`: show a page of the manual."""

import sys
from typing import Any

import click

from pan123_tui.cli.commands import command
from pan123_tui.i18n import _
from pan123_tui.manual import PAGES, page_text, page_title


class _Page(click.Choice[str]):
    """The name of a page, or a word of its title in the current language."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name of the page; raises `click.BadParameter`."""
        titled = (name for name in PAGES if value in page_title(name))
        return super().convert(value if value in PAGES else next(titled, value), param, ctx)


@command(
    "manual",
    _("Read the manual, or one page of it; in a pipe, print it."),
    "pan123-tui manual search",
    "pan123-tui manual keys | less",
)
@click.argument("page", type=_Page(PAGES), metavar="[PAGE]", required=False)
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
