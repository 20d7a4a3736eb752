"""Starts the engine's process: through its systemd unit if that is enabled, otherwise detached."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from pan123_tui.config.credentials import load_credentials
from pan123_tui.config.paths import CONFIG_VARIABLE, DATA_VARIABLE, PROFILE_VARIABLE, AppPaths

UNIT = "pan123-tui"
REPORT_NAME = "engine.err"
TOOL_TIMEOUT_S = 5.0
_OWN = re.compile(rf"(?!(PAN123_LANG|{PROFILE_VARIABLE})\Z)PAN123_|XDG_(CONFIG|DATA|STATE)_HOME\Z")
"""Variables that the unit does not see."""


def report_file(paths: AppPaths) -> Path:
    """Return the file with what the engine has printed since it was last started."""
    return paths.state_dir / REPORT_NAME


def spawn_engine(
    paths: AppPaths, environ: Mapping[str, str], *options: str
) -> "subprocess.Popen[bytes] | str":
    """Start the engine; return its process, or the name of the unit that systemd runs.

    Without an account the unit would end at once, so it is not used then. Raises `OSError`.
    """
    has_account = load_credentials(environ, paths.config_dir) is not None
    unit = f"{UNIT}@{paths.profile}" if paths.profile else UNIT
    if has_account and not options and _start_unit(unit, environ):
        return unit
    # -P: a folder of the package's name in the working directory must not be imported.
    command = [sys.executable, "-P", "-m", "pan123_tui", "engine", *options]
    named = ((name, environ.get(name)) for name in (CONFIG_VARIABLE, DATA_VARIABLE))
    folders = {name: str(Path(value).expanduser().absolute()) for name, value in named if value}
    # Appending: what one of two that start writes must not lie over what the other one does.
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    report = os.open(report_file(paths), flags, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.DEVNULL,
            stdout=report,
            stderr=report,
            env={**environ, **folders},
            cwd="/",  # that of the starter could not be unmounted
            start_new_session=True,  # the end of this terminal does not reach it
        )
    finally:
        os.close(report)


def _start_unit(unit: str, environ: Mapping[str, str]) -> bool:
    """Start our systemd unit if it is enabled and works on the same data and account."""
    # The unit knows nothing of the variables of this shell, except by its name.
    if any(environ[name] for name in environ if _OWN.match(name)):
        return False
    is_enabled = tool_output("systemctl", "--user", "is-enabled", unit) == "enabled"
    return is_enabled and tool_output("systemctl", "--user", "start", unit) is not None


def has_failed(unit: str) -> bool:
    """Return whether systemd has given up on our unit."""
    return tool_output("systemctl", "--user", "is-failed", unit) == "failed"


def tool_output(*command: str) -> str | None:
    """Return what a tool of the system prints; None if it is missing, fails or hangs."""
    try:
        done = subprocess.run(  # noqa: S603 - constant words
            command,
            capture_output=True,
            text=True,
            timeout=TOOL_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
