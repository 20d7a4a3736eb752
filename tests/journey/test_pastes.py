"""Pastes into a real terminal, bracketed and not."""

import os

from tests.journey.terminal import Terminal

LINKS = [f"https://a.example/files/part-{n}.zip" for n in (1, 2, 3)]


def send(terminal: Terminal, data: bytes) -> None:
    """Send raw bytes while reading the output, so that neither side blocks."""
    for at in range(0, len(data), 1024):
        os.write(terminal.process.child_fd, data[at : at + 1024])
        terminal.read_output(0.001)


def discard(terminal: Terminal) -> None:
    terminal.press("ctrl+x", "escape")
    terminal.sees("No downloads yet")


def test_a_paste_arrives_whole_and_fires_no_key(environ: dict[str, str]) -> None:
    with Terminal(environ=environ) as terminal:
        terminal.sees("No downloads yet")
        lines = "\r".join(f"https://a.example/files/{n}.zip" for n in range(5_000))
        send(terminal, f"\x1b[200~{lines}\x1b[201~".encode())
        terminal.sees("5,000 links to queue")
        discard(terminal)

        data = "\r".join(LINKS).encode()
        for part in (data[:60], data[60:]):  # few writes: a busy machine holds up any of them
            os.write(terminal.process.child_fd, part)
        terminal.sees("3 links to queue")
        for link in LINKS:
            terminal.sees("new", link.rpartition("/")[2])
        terminal.misses("q leave")
        discard(terminal)

        os.write(terminal.process.child_fd, LINKS[0].encode())
        terminal.sees("1 link to queue")
        terminal.press("escape")  # a key again
        terminal.sees("Kept as a draft: a opens it.")
        terminal.press("a")
        terminal.sees("1 link to queue")
