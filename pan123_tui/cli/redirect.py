"""`redirect`: queue the links for a folder, such as one that is gone, for another one."""

import asyncio
from contextlib import aclosing

import click

from pan123_tui.bootstrap import AppContext, client_factory, folders_file, load_context
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.dispatch import dispatch
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.listing import current_tasks
from pan123_tui.cli.output import print_data, print_message, print_problem
from pan123_tui.domain.commands import RedirectFolder
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.folders import Folder
from pan123_tui.domain.task import redirected
from pan123_tui.i18n import _
from pan123_tui.wording.formats import count_links

FOLDER_ID = click.IntRange(min=1)


@click.command(
    "redirect",
    help=_(
        "Queue the links for a folder, such as one that is gone, for another one.\n\n"
        "It prints the id of the folder that they go to now."
    ),
    epilog=example("pan123-tui redirect 10023 --to 10047", "pan123-tui redirect 10023 --again"),
)
@click.argument("folder_id", type=FOLDER_ID, metavar="ID")
@click.option("--to", type=FOLDER_ID, metavar="ID", help=_("The other folder's id."))
@click.option("--again", is_flag=True, help=_("Make the folder again by its name."))
@click.option("--default", "use_default", is_flag=True, help=_("The service's own folder."))
@language_option
def redirect(*, folder_id: int, to: int | None, again: bool, use_default: bool) -> None:
    """Move the queued links of a folder."""
    if sum((to is not None, again, use_default)) != 1:
        raise click.UsageError(_("Give one of --to, --again and --default."))
    context = load_context()
    if not redirected(current_tasks(context).values(), folder_id, to=to):
        print_message(_("No link is queued for this folder."))
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
    if again:
        to = _make_again(folder_id)
    result = dispatch(context, RedirectFolder(folder_id, to))
    if to is not None:
        print_data(str(to))
    count = len(result.tasks)
    print_message(_("{links} queued for another folder.").format(links=count_links(count)))
    if not result.is_saved:
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)


def _make_again(folder_id: int) -> int:
    """Create the folder and return its new id, or exit with the reason."""
    try:
        folder = make_folder_again(load_context(), folder_id)
    except Pan123Error as error:
        print_problem(error.problem)
        raise click.exceptions.Exit(ExitCode.SOME_FAILED) from None
    if folder is None:
        print_message(_("The name of this folder is not known: choose another one with --to."))
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
    return folder.id


def make_folder_again(context: AppContext, folder_id: int) -> Folder | None:
    """Create a folder that is gone by its known name, None if that is not known.

    Raises `Pan123Error`.
    """
    from pan123_tui.engine.folders import Folders
    from pan123_tui.engine.ports import Session

    async def make() -> Folder | None:
        session = Session(client_factory(context))
        await session.open()
        async with aclosing(session.service):
            folders = Folders(session, _Unheard(), file=folders_file(context))
            return await folders.make_again(folder_id)

    return asyncio.run(make())


class _Unheard:
    def on_event(self, event: object, /) -> None:
        """Ignore `event`: no screen shows it."""
