"""`python -m tests.service`: the service alone, to point the program at it."""

import signal
import sys
from argparse import ArgumentParser
from shlex import quote
from tempfile import TemporaryDirectory

from tests.service.accounts import (
    ACCESS_TOKEN,
    APP_ID,
    APP_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    REFRESH_TOKEN,
    Rules,
)
from tests.service.server import SimulatorServer
from tests.service.world import World

HELP = f"""\
Type this line in another shell, then any pan123-tui command. Its tasks and settings are in a
temporary folder, which is deleted when this service ends: end its engine before (pan123-tui stop).
Words in a link decide what happens to it: tests/service/README.md.

To try the logins there, type "unset PAN123_ACCESS_TOKEN" first, then:
  pan123-tui login
    client ID {CLIENT_ID}, client secret {CLIENT_SECRET}
  pan123-tui login --token
    access token {ACCESS_TOKEN}
  pan123-tui login --refresh-token
    refresh token {REFRESH_TOKEN}, client ID {APP_ID}, client secret {APP_SECRET}
"""


def main() -> None:
    """Serve until ctrl+c or SIGTERM, and print how to reach it."""
    options = ArgumentParser(prog="python -m tests.service", description=__doc__)
    options.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0: any free one")
    options.add_argument("--speed", type=float, default=1.0, help="how fast its tasks move")
    chosen = options.parse_args()
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # also in the thread that serves
    with (
        TemporaryDirectory(prefix="pan123-service-", ignore_cleanup_errors=True) as folder,
        SimulatorServer(
            World(Rules(max_running=10), speed=chosen.speed), port=chosen.port
        ) as server,
    ):
        variables = {
            "PAN123_BASE_URL": server.base_url,
            "PAN123_ACCESS_TOKEN": ACCESS_TOKEN,
            "PAN123_DATA_DIR": f"{folder}/data",
            "PAN123_CONFIG_DIR": f"{folder}/config",
        }
        words = (f"{name}={quote(value)}" for name, value in variables.items())
        print("export", *words, flush=True)
        print(HELP, file=sys.stderr, flush=True)
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
