"""This machine's clipboard: read and written by the commands of its mechanism."""

from collections.abc import Mapping

from pan123_tui.engine.command import Ending, Ran, run
from pan123_tui.ui.clipboard.mechanism import Mechanism, find_mechanism, of_person
from pan123_tui.ui.clipboard.reading import Fault, Reading

TIMEOUT_S = 2.0
SECRET_TYPES = (b"x-kde-passwordManagerHint", b"CLIPBOARD_STATE")
"""What password managers add to the types of a clipboard that nobody should keep."""
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_UNREACHABLE = ("open display", "wayland", "connect to")


class LocalClipboard:
    """Finds the mechanism when it is first needed, and again when the display is another."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._mechanism: Mechanism | None = None
        self._found_for: tuple[str, ...] = ()

    async def read(self, environ: Mapping[str, str]) -> Reading:
        """Give the text in the clipboard, or why there is none; never hangs."""
        mechanism, environ = await self._find(environ), of_person(environ)
        if isinstance(mechanism, Fault):
            return Reading(fault=mechanism)
        if mechanism.list_types:
            types = await self._run(mechanism.list_types, environ)
            if types.ending is Ending.HUNG:
                return Reading(fault=Fault.FROZEN)
            if any(secret in types.output for secret in SECRET_TYPES):
                return Reading(fault=Fault.SECRET)
        return _reading_of(await self._run(mechanism.read, environ))

    async def write(self, text: str, environ: Mapping[str, str]) -> bool:
        """Put `text` into the clipboard; tell whether the command said that it did."""
        mechanism = await self._find(environ)
        if isinstance(mechanism, Fault):
            return False
        ran = await run(
            mechanism.write,
            environ=of_person(environ),
            timeout_s=self._timeout_s,
            stdin=text.encode("utf-8", "replace"),
            is_output_wanted=False,
        )
        return ran.is_success

    async def _find(self, environ: Mapping[str, str]) -> Mechanism | Fault:
        displays = tuple(of_person(environ).get(name, "") for name in _DISPLAYS)
        if self._mechanism is not None and displays == self._found_for:
            return self._mechanism
        found = await find_mechanism(environ)
        if isinstance(found, Mechanism):
            self._mechanism, self._found_for = found, displays
        return found

    async def _run(self, command: tuple[str, ...], environ: Mapping[str, str]) -> Ran:
        return await run(command, environ=environ, timeout_s=self._timeout_s)


def _reading_of(ran: Ran) -> Reading:
    if ran.ending is Ending.HUNG:
        return Reading(fault=Fault.FROZEN)
    if ran.ending is Ending.MISSING:
        return Reading(fault=Fault.NO_TOOL)
    if ran.code != 0:
        complaint = ran.complaint.lower()
        is_unreachable = any(word in complaint for word in _UNREACHABLE)
        return Reading(fault=Fault.BROKEN if is_unreachable else Fault.EMPTY)
    return reading_of_bytes(ran.output, is_cut=ran.is_cut)


def reading_of_bytes(data: bytes, *, is_cut: bool = False) -> Reading:
    """Give the text that `data` is, up to the last whole line if it was cut; binary is none."""
    if b"\x00" in data:
        return Reading(fault=Fault.EMPTY)
    text = data.decode("utf-8", "replace")
    if is_cut:
        text = text.rpartition("\n")[0]
    return Reading(text) if text.strip() else Reading(fault=Fault.EMPTY)
