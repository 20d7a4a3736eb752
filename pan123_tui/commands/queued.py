"""What is said about links that were queued: who sends them."""

from pan123_tui.commands.handing_over import Handed
from pan123_tui.commands.output import say
from pan123_tui.i18n import _, ngettext
from pan123_tui.wording import count_links


def tell_who_sends(handed: Handed, count: int, *, is_followed: bool = False) -> None:
    """Say who sends the `count` links; `is_followed`: this process, at once."""
    if handed.program and handed.is_taken:
        text = ngettext(
            "{links} queued, {runner} will send it.",
            "{links} queued, {runner} will send them.",
            count,
        )
    elif handed.program:
        text = _("{links} in the inbox, {runner} has not looked there yet.")
    elif is_followed:
        text = _("{links} queued.")
    else:
        text = ngettext(
            "{links} queued: it waits until a dashboard or “pan123-tui watch” runs.",
            "{links} queued: they wait until a dashboard or “pan123-tui watch” runs.",
            count,
        )
    say(text.format(links=count_links(count), runner=handed.runner))
