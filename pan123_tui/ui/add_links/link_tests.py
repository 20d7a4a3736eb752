"""Tests of the links under review."""

from collections.abc import Callable

from textual.screen import Screen

from pan123_tui.domain.commands import ProbeLink
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.links.probes import probe_links
from pan123_tui.domain.links.url import ProbeResult, is_private
from pan123_tui.i18n import _
from pan123_tui.ui.add_links.review import Review
from pan123_tui.ui.dialogs.prompts import confirm
from pan123_tui.ui.session.engine_link import EngineLink
from pan123_tui.wording.formats import count_links

SHOWN_EVERY_S = 0.5
"""What comes within this time is shown in one go, since all rows are judged again."""


async def run_tests(
    screen: Screen[None],
    review: Review,
    engine: EngineLink,
    machine: str,
    show: Callable[[], object],
) -> None:
    """Have the engine on `machine`, "" if it cannot, test the kept links if the user agrees."""
    kept = [row for row in review.rows if row.keep and not is_private(row.text)]
    new = [row for row in kept if row.test is None]
    links = list(dict.fromkeys(row.text for row in new or kept))
    if not (links and machine):
        none = _("There is no link to test.") if machine else _("The demo cannot test links.")
        screen.notify(none, severity="warning", markup=False)
        return
    question = _("Test {links}?").format(links=count_links(len(links)))
    detail = _("Their hosts see the address of {machine}.").format(machine=machine)
    yes, no = _("Test"), _("Do not test")
    if not await confirm(screen.app, question, yes=yes, no=no, detail=detail):
        return

    def take(url: str, result: ProbeResult) -> None:
        review.found[url] = result
        review.untested -= 1

    review.untested = len(links)
    timer = screen.set_interval(SHOWN_EVERY_S, lambda: show() if review.found else None)
    try:
        show()
        await probe_links(links, lambda url: engine.client.call(ProbeLink(url)), take)
    except* Pan123Error as errors:
        if isinstance(error := errors.exceptions[0], Pan123Error):
            engine.show_error(error)
    finally:
        timer.stop()
        review.untested = 0
    show()
