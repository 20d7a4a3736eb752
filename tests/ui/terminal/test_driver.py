"""What the driver reads after job control."""

import os
import pty
import tty

from pan123_tui.ui.terminal import driver


def test_a_read_does_not_wait_for_what_another_program_has_read_already() -> None:
    master, terminal = pty.openpty()
    try:
        with driver._open_input(terminal) as opened:
            assert driver._read(opened) is None
            os.write(master, b"half a line, in the mode of the shell")
            assert driver._read(opened) is None
            tty.setraw(terminal)
            os.write(master, b"q")
            assert driver._read(opened)
            assert os.get_blocking(terminal)
            os.close(master)
            assert driver._read(opened) == b""
    finally:
        os.close(terminal)
