"""Actions on files that have, or may have, arrived, with their messages."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic
from typing import Any

from textual.app import App
from textual.notifications import SeverityLevel

from pan123_tui.domain.arrival_check import is_check_pending, was_found
from pan123_tui.domain.commands import (
    LINKS_AT_ONCE,
    DownloadLink,
    GetDownloadLinks,
    LookForFiles,
    file_name,
)
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Task
from pan123_tui.i18n import _, join_sentences, ngettext
from pan123_tui.system.processes import open_in_browser
from pan123_tui.ui.session.engine_link import EngineLink
from pan123_tui.wording.actions import already_removed, no_link_texts, unknown_files_text
from pan123_tui.wording.formats import number
from pan123_tui.wording.notes import look_text

WEB_SITE = "https://www.123pan.com/"
KEEP_LINKS_S = 120.0
"""How long fetched links can be copied again without fetching them anew."""
RESULT_S = 10.0
Copy = Callable[[str, str, str], Awaitable[None]]
"""Copies a text to the clipboard; a message calls it by the second text, and adds the third."""


class FileActions:
    """Has the engine carry out file commands, and shows the results."""

    def __init__(
        self,
        app: App[Any],
        engine: EngineLink,
        environ: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        """`clock` returns Unix seconds."""
        self._engine = engine
        self._app = app
        self._environ = environ
        self._clock = clock
        self._links: tuple[tuple[int, ...], tuple[DownloadLink, ...], float] = ((), (), 0.0)
        """The tasks and links fetched last, and when."""

    async def look(self, tasks: Sequence[Task]) -> None:
        ids = tuple(task.id for task in tasks)
        looked = await self._engine.ask(LookForFiles(ids))
        if len(looked) == len(ids) == 1:
            self._notify(_look_result(looked[0], now=self._clock()))
            return
        rest = len(self._engine.select(set(ids).difference(task.id for task in looked)))
        texts = [_found_text(looked)] if looked else []
        if rest:
            text = ngettext(
                "{count} file could not be looked for: try again later.",
                "{count} files could not be looked for: try again later.",
                rest,
            )
            texts.append(text)
        self._notify(join_sentences(*texts) or already_removed(len(ids)), is_bad=bool(rest))

    async def copy_links(self, tasks: Sequence[Task], copy: Copy) -> None:
        ids = tuple(task.id for task in tasks if task.file_id is not None)
        links = await self._fetch_links(ids)
        urls = [link.url for link in links if link.url]
        texts = no_link_texts(links, by_name=True)
        if skipped := len(tasks) - len(ids):
            texts.append(unknown_files_text(skipped))
        missed = join_sentences(*texts)
        if urls:
            await copy("\n".join(urls), _count(len(urls)), missed)
        elif missed:
            self._notify(missed, is_bad=bool(links))

    async def _fetch_links(self, ids: tuple[int, ...]) -> tuple[DownloadLink, ...]:
        former, links, at = self._links
        if former == ids and monotonic() - at < KEEP_LINKS_S:
            return links
        links = ()
        if len(ids) > LINKS_AT_ONCE:
            self._notify(_("Fetching {links}…").format(links=_count(len(ids))))
        for start in range(0, len(ids), LINKS_AT_ONCE):
            part = ids[start : start + LINKS_AT_ONCE]
            links += await self._engine.ask(GetDownloadLinks(part))
        if all(link.url for link in links):
            self._links = ids, links, monotonic()
        return links

    async def open_web_site(self, copy: Copy) -> None:
        """Open the website's home page, or copy its address where no browser would be seen."""
        if has_browser(self._environ) and await open_in_browser(WEB_SITE):
            return
        text = _("No browser can be opened on this machine: open {address} on another one.")
        await copy(WEB_SITE, _("The website's address"), text.format(address=WEB_SITE))

    def _notify(self, text: str, *, is_bad: bool = False) -> None:
        severity: SeverityLevel = "warning" if is_bad else "information"
        self._app.notify(text, severity=severity, timeout=RESULT_S, markup=False)


def _found_text(looked: Sequence[Task]) -> str:
    found = list(filter(was_found, looked))
    text = _("{found} of {total} files found.")
    if len(found) == 1:
        text = _("{found} of {total} files found: {name}.")
    name = sanitize(file_name(found[0]), 60, truncate_at="middle") if found else ""
    return text.format(found=number(len(found)), total=number(len(looked)), name=name)


def _look_result(task: Task, *, now: float) -> str:
    if task.is_unsure or was_found(task):
        return look_text(task, now=now)
    if is_check_pending(task, now=now):
        return _("The file is not in its folder yet.")
    return _("The file is not in its folder.")


def has_browser(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Return whether the user would see a browser opened on this machine."""
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return False
    return platform == "darwin" or any(map(environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def _count(links: int) -> str:
    return ngettext("{count} download link", "{count} download links", links)
