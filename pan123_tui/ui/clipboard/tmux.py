"""tmux: the clipboard of the terminal outside, which only tmux can ask, and its own buffers.

`refresh-client -l` asks the terminal with OSC 52 and makes the answer a new buffer (tmux 3.2 and
later, with its default settings); nothing but that buffer says that an answer came.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from pan123_tui.engine.command import Ran, run
from pan123_tui.ui.clipboard.local import reading_of_bytes
from pan123_tui.ui.clipboard.reading import Fault, Reading

COMMAND_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 3.0
"""How long the terminal outside may take, over a slow line too."""
LOOK_AGAIN_S = 0.1
_PLACES = ("SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY")
"""What tmux keeps up to date whenever somebody attaches, if so configured."""
_OUTDATED = frozenset({"SSH_TTY", "SSH_CLIENT"})


class Tmux:
    """The tmux server in which the program runs."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._environ = environ
        self._sleep = sleep

    async def read(self) -> Reading:
        """Ask the terminal outside for its clipboard."""
        before = await self._buffers()
        if before is None or not (await self._run("refresh-client", "-l")).is_success:
            return Reading(fault=Fault.BROKEN)
        for _ in range(round(ANSWER_TIMEOUT_S / LOOK_AGAIN_S)):
            for name in await self._buffers() or ():
                if name not in before:
                    saved = await self._run("save-buffer", "-b", name, "-")
                    return reading_of_bytes(saved.output, is_cut=saved.is_cut)
            await self._sleep(LOOK_AGAIN_S)
        return Reading(fault=Fault.NO_ANSWER)

    async def write(self, text: str) -> bool:
        """Put `text` into a buffer, and have it sent on to the terminal outside."""
        data = text.encode("utf-8", "replace")
        sent = await self._run("load-buffer", "-w", "-", stdin=data)
        return sent.is_success or (await self._run("load-buffer", "-", stdin=data)).is_success

    async def environ_now(self) -> Mapping[str, str]:
        """Give the environment as it is for whoever is attached now.

        The session may have been started at the machine itself and be looked at over SSH.
        """
        shown = await self._run("show-environment")
        if not shown.is_success:
            return self._environ
        now = {k: v for k, v in self._environ.items() if k not in _OUTDATED}
        for line in shown.output.decode("utf-8", "replace").splitlines():
            name, is_set, value = line.partition("=")
            if is_set and name in _PLACES:
                now[name] = value
            elif name.removeprefix("-") in _PLACES:
                now.pop(name.removeprefix("-"), None)
        return now

    async def _buffers(self) -> frozenset[str] | None:
        listed = await self._run("list-buffers", "-F", "#{buffer_name}")
        return frozenset(listed.output.decode().splitlines()) if listed.is_success else None

    async def _run(self, *arguments: str, stdin: bytes | None = None) -> Ran:
        return await run(
            ("tmux", *arguments),
            environ=self._environ,
            timeout_s=COMMAND_TIMEOUT_S,
            stdin=stdin,
        )
