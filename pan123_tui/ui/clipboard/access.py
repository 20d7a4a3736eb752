"""All the roads to the person's clipboard, tried in the order in which they may work."""

import asyncio
from collections.abc import Callable, Mapping

from msgspec import Struct

from pan123_tui.ui.clipboard import remote
from pan123_tui.ui.clipboard.local import LocalClipboard, why_none
from pan123_tui.ui.clipboard.remote import TerminalQueries, Tmux
from pan123_tui.ui.clipboard.result import ClipboardFailure, ClipboardResult

NAME_TIMEOUT_S = 1.0
ANSWER_TIMEOUT_S = 2.0
"""After this long without an answer the person hears what else to do."""
PERMISSION_TIMEOUT_S = 30.0
"""How long an answer is still welcome: most terminals ask their user first."""


class CopyResult(Struct, frozen=True):
    """Which ways a copied text was sent; whether it arrived nobody can know."""

    to_terminal: bool = False
    to_tmux: bool = False
    to_machine: bool = False

    def __bool__(self) -> bool:
        return self.to_terminal or self.to_tmux or self.to_machine


class ClipboardAccess:
    """Reads from where the person is, and writes to everywhere that might be."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        questions: TerminalQueries | None,
        copy_to_terminal: Callable[[str], bool],
    ) -> None:
        """Take `questions` to the terminal; None: it must not be asked for its clipboard."""
        self._environ = environ
        self._questions = questions
        self._copy_to_terminal = copy_to_terminal
        self._tmux = Tmux(environ) if environ.get("TMUX") else None
        self._local = LocalClipboard()
        self._is_known_to_answer = remote.is_known_to_answer(environ)

    async def read(self, *, on_wait: Callable[[], None]) -> ClipboardResult:
        """Give the person's clipboard; `on_wait` is called when an answer is long in coming."""
        reading = await self.read_machine()
        if not reading.is_failure:
            return reading
        if self._tmux is not None:
            return await self._tmux.read()
        if self._questions is None:
            return reading
        if not await self._may_ask(self._questions):
            remote = reading.failure is ClipboardFailure.REMOTE
            return ClipboardResult(failure=ClipboardFailure.CANNOT_ASK) if remote else reading
        return await self._ask(self._questions, on_wait)

    async def read_machine(self) -> ClipboardResult:
        """Give the clipboard of this machine, if it is the one in front of the person."""
        environ = await self._environ_now()
        if fault := why_none(environ):
            return ClipboardResult(failure=fault)
        return await self._local.read(environ)

    async def write(self, text: str) -> CopyResult:
        """Send `text` to every clipboard that may be the person's."""
        return CopyResult(
            to_terminal=self._copy_to_terminal(text),
            to_tmux=self._tmux is not None and await self._tmux.write(text),
            to_machine=await self._write_machine(text),
        )

    async def _write_machine(self, text: str) -> bool:
        environ = await self._environ_now()
        return why_none(environ) is None and await self._local.write(text, environ)

    async def _environ_now(self) -> Mapping[str, str]:
        return self._environ if self._tmux is None else await self._tmux.environ_now()

    async def _may_ask(self, questions: TerminalQueries) -> bool:
        """Find out once whether the terminal is one that answers."""
        if not self._is_known_to_answer and remote.may_be_asked_its_name(self._environ):
            question = questions.ask(remote.QUERY_NAME, remote.name_in)
            try:
                name = await asyncio.wait_for(question, NAME_TIMEOUT_S)
            except TimeoutError:
                return False
            self._is_known_to_answer = remote.answers(name)
        return self._is_known_to_answer

    async def _ask(
        self, questions: TerminalQueries, on_wait: Callable[[], None]
    ) -> ClipboardResult:
        answer = questions.ask(remote.QUERY_CLIPBOARD, remote.clipboard_in)
        try:
            await asyncio.wait({answer}, timeout=ANSWER_TIMEOUT_S)
            if not answer.done():
                on_wait()
            return await asyncio.wait_for(answer, PERMISSION_TIMEOUT_S)
        except TimeoutError:
            return ClipboardResult(failure=ClipboardFailure.NO_ANSWER)
        finally:
            answer.cancel()
