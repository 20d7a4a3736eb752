"""Access to the user's clipboard by all means, in the order in which they may work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct

from pan123_tui.ui.clipboard import remote
from pan123_tui.ui.clipboard.local import LocalClipboard, unavailable_reason
from pan123_tui.ui.clipboard.remote import TerminalQueries, Tmux
from pan123_tui.ui.clipboard.result import ClipboardFailure, ClipboardResult

NAME_TIMEOUT_S = 1.0
HINT_DELAY_S = 2.0
"""After this long without a reply the user is told what else to do."""
PERMISSION_TIMEOUT_S = 30.0
"""Longest wait for a reply, because most terminals ask their user first."""


class CopyResult(Struct, frozen=True):
    """Where a copied text was sent; not every destination confirms that it arrived."""

    to_terminal: bool = False
    to_tmux: bool = False
    to_machine: bool = False

    def __bool__(self) -> bool:
        return self.to_terminal or self.to_tmux or self.to_machine


class ClipboardAccess:
    """Reads the user's clipboard, and writes to every clipboard that may be the user's."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        queries: TerminalQueries | None,
        copy_to_terminal: Callable[[str], bool],
    ) -> None:
        """Without `queries` the terminal is not asked for its clipboard."""
        self._environ = environ
        self._queries = queries
        self._copy_to_terminal = copy_to_terminal
        self._tmux = Tmux(environ) if environ.get("TMUX") else None
        self._local = LocalClipboard()
        self._is_known_to_reply = remote.is_known_to_reply(environ)

    async def read(self, *, on_wait: Callable[[], None]) -> ClipboardResult:
        """Return the user's clipboard; `on_wait` is called when a reply takes long."""
        result = await self.read_machine()
        if not result.is_failure:
            return result
        if self._tmux is not None:
            return await _reply(self._tmux.read(), on_wait)
        if self._queries is None:
            return result
        if await self._can_query(self._queries):
            query = self._queries.send(remote.QUERY_CLIPBOARD, remote.parse_clipboard)
            return await _reply(query, on_wait)
        if result.failure is ClipboardFailure.REMOTE:
            return ClipboardResult(failure=ClipboardFailure.CANNOT_ASK)
        return result

    async def read_machine(self, *, is_watch: bool = False) -> ClipboardResult:
        """Return this machine's clipboard, if the user sits at it; for a watch what has changed."""
        environ = await self._current_environ()
        if failure := unavailable_reason(environ):
            return ClipboardResult(failure=failure)
        return await self._local.read(environ, is_watch=is_watch)

    async def read_change(self) -> ClipboardResult:
        """Return this machine's clipboard for a watch."""
        return await self.read_machine(is_watch=True)

    async def write(self, text: str) -> CopyResult:
        """Send `text` to every clipboard that may be the user's."""
        return CopyResult(
            to_terminal=self._copy_to_terminal(text),
            to_tmux=self._tmux is not None and await self._tmux.write(text),
            to_machine=await self._write_machine(text),
        )

    async def _write_machine(self, text: str) -> bool:
        environ = await self._current_environ()
        return unavailable_reason(environ) is None and await self._local.write(text, environ)

    async def _current_environ(self) -> Mapping[str, str]:
        return self._environ if self._tmux is None else await self._tmux.current_environ()

    async def _can_query(self, queries: TerminalQueries) -> bool:
        """Return whether the terminal replies; query its name if the environment is silent."""
        if not self._is_known_to_reply and remote.supports_name_query(self._environ):
            query = queries.send(remote.QUERY_NAME, remote.parse_name)
            try:
                name = await asyncio.wait_for(query, NAME_TIMEOUT_S)
            except TimeoutError:
                return False
            self._is_known_to_reply = remote.is_replying_name(name)
        return self._is_known_to_reply


async def _reply(reply: Awaitable[ClipboardResult], on_wait: Callable[[], None]) -> ClipboardResult:
    """Return what a terminal replies, which may ask its user first; `on_wait` hints at that."""
    answer = asyncio.ensure_future(reply)
    try:
        await asyncio.wait({answer}, timeout=HINT_DELAY_S)
        if not answer.done():
            on_wait()
        return await asyncio.wait_for(answer, PERMISSION_TIMEOUT_S)
    except TimeoutError:
        return ClipboardResult(failure=ClipboardFailure.NO_ANSWER)
    finally:
        answer.cancel()
