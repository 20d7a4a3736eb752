"""`redirect`: queue the links for a folder, such as one that is gone, for another one."""

import click

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.folders import (
    Target,
    complete_folder,
    find_target,
    parents_option,
    parse_target,
    run_folder_work,
)
from pan123_tui.cli.listing import current_tasks
from pan123_tui.cli.output import print_data, print_message
from pan123_tui.cli.remote import carry_out
from pan123_tui.domain.commands import MakeFolderAgain, RedirectFolder
from pan123_tui.domain.task import redirected
from pan123_tui.i18n import _
from pan123_tui.wording.formats import count_links

FOLDER_ID = click.IntRange(min=1)


@click.command(
    "redirect",
    help=_(
        "Send the queued links for a folder to another one, as when it is gone.\n\n"
        "It prints the id of the folder that they go to now."
    ),
    epilog=example("pan123-tui redirect 10023 --to 10047", "pan123-tui redirect 10023 --again"),
)
@click.argument("folder_id", type=FOLDER_ID, metavar="FOLDER_ID")
@click.option(
    "--to",
    callback=parse_target,
    shell_complete=complete_folder,
    metavar="ID|PATH",
    help=_("The other folder's id or path."),
)
@parents_option
@click.option("--again", is_flag=True, help=_("Make the folder again by its name."))
@click.option("--default", "use_default", is_flag=True, help=_("The service's own folder."))
@language_option
def redirect(*, folder_id: int, to: Target, parents: bool, again: bool, use_default: bool) -> None:
    """Move the queued links of a folder."""
    if sum((to is not None, again, use_default)) != 1:
        raise click.UsageError(_("Give one of --to, --again and --default."))
    context = load_context()
    if not redirected(current_tasks(context).values(), folder_id, to=None):
        print_message(_("No link is queued for this folder."))
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
    if again:
        target: int | None = _make_again(context, folder_id)
    else:
        target = find_target(context, to, parents=parents)
    result = carry_out(context, RedirectFolder(folder_id, target))
    if target is not None:
        print_data(str(target))
    count = len(result.tasks)
    text = _("{links} queued again.") if again else _("{links} queued for another folder.")
    print_message(text.format(links=count_links(count)))
    if not result.is_saved:
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)


def _make_again(context: AppContext, folder_id: int) -> int:
    """Create the folder by its known name and return its new id, or exit with the reason."""
    folder = run_folder_work(context, lambda call: call(MakeFolderAgain(folder_id)))
    if folder is None:
        print_message(_("The name of this folder is not known: choose another one with --to."))
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
    return folder.id
