"""A signal that comes while another one is handled."""

import signal
import subprocess
import sys

from tests.shell import PATIENCE_S

PROGRAM = """
import signal, sys
from pan123_tui.ui.terminal.shutdown import ShutdownWatchdog

ShutdownWatchdog(leave=lambda: None).watch()
sys.setprofile(lambda *_: signal.raise_signal(signal.SIGHUP))  # at each call in the handler
signal.raise_signal(signal.SIGTERM)
sys.setprofile(None)
signal.pause()
"""


def test_a_signal_in_the_handler_of_another_one_still_ends_the_program() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], timeout=PATIENCE_S, check=False)
    assert ran.returncode in {128 + signal.SIGTERM, 128 + signal.SIGHUP}
