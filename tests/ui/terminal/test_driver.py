"""The driver hands keys, pastes and replies on in the order of their arrival."""

from time import monotonic, sleep

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from pan123_tui.ui.terminal.driver import KeyReader, TerminalDriver, TerminalReplied, driver_for
from pan123_tui.ui.terminal.input_parser import KeyInput, PasteInput, ReplyKind, TerminalReply

PATIENCE_S = 20
REPLY = TerminalReply(ReplyKind.OSC, "52;c;QQ==")


def told(*items: KeyInput | PasteInput | TerminalReply) -> list[str]:
    """Read `items` to their end and say what came of each."""
    heard: list[Message] = []
    reader = KeyReader(heard.append)
    for item in items:
        reader.take([item])
    deadline = monotonic() + PATIENCE_S
    while reader.is_waiting and monotonic() < deadline:
        reader.tick()
        sleep(0.005)
    reader.close()
    return [said(message) for message in heard]


def said(message: Message) -> str:
    if isinstance(message, events.Key):
        return message.key
    if isinstance(message, events.Paste):
        return f"pasted {message.text}"
    assert isinstance(message, TerminalReplied)
    return f"replied {message.reply.body}"


def test_a_paste_waits_for_the_escape_before_it() -> None:
    items = (KeyInput("\x1b"), PasteInput("x"), KeyInput("j"))
    assert told(*items) == ["escape", "pasted x", "j"]


def test_a_sequence_in_two_pieces_is_one_key() -> None:
    assert told(KeyInput("\x1b"), KeyInput("[A"), PasteInput("x")) == ["up", "pasted x"]


def test_replies_are_told_and_are_no_keys() -> None:
    assert told(KeyInput("j"), REPLY, KeyInput("k")) == ["j", "replied 52;c;QQ==", "k"]


def test_only_the_stock_terminal_driver_is_replaced() -> None:
    class Other(LinuxDriver):
        """A driver that somebody has chosen."""

    assert driver_for(LinuxDriver) is TerminalDriver
    assert driver_for(Other) is Other
