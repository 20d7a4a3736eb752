"""Access to the user's clipboard by all means, in the order in which they may work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from pan123_tui.ui.clipboard import remote
from pan123_tui.ui.clipboard.local import read_local, write_local
from pan123_tui.ui.clipboard.remote import TerminalQueries, Tmux
from pan123_tui.ui.clipboard.result import ClipboardFailure, ClipboardResult

NAME_TIMEOUT_S = 1.0
HINT_DELAY_S = 2.0
"""After this long without a reply the user is told what else to do."""
PERMISSION_TIMEOUT_S = 30.0
"""Longest wait for a reply, because most terminals ask their user first."""


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
        is_remote = result.failure is ClipboardFailure.REMOTE
        return ClipboardResult(failure=ClipboardFailure.CANNOT_ASK) if is_remote else result

    async def read_machine(self, *, is_watch: bool = False) -> ClipboardResult:
        """Return this machine's clipboard, if the user sits at it."""
        return await read_local(await self._current_environ(), is_watch=is_watch)

    async def write(self, text: str) -> bool:
        """Send `text` to every clipboard that may be the user's; return whether there was one.

        Not every one confirms that it arrived.
        """
        in_terminal = self._copy_to_terminal(text)
        in_tmux = self._tmux is not None and await self._tmux.write(text)
        return await write_local(text, await self._current_environ()) or in_tmux or in_terminal

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
