"""Starts the engine's process: through its systemd unit if that is enabled, else detached."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from pan123_tui.config.credentials import load_credentials
from pan123_tui.config.paths import AppPaths
from pan123_tui.config.profiles import PROFILE_VARIABLE

UNIT = "pan123-tui"
REPORT_NAME = "engine.err"
TOOL_TIMEOUT_S = 5.0
_KNOWN_TO_UNIT = ("PAN123_LANG", PROFILE_VARIABLE)


def report_file(paths: AppPaths) -> Path:
    """Return the file of what the engine has printed since it was started last."""
    return paths.state_dir / REPORT_NAME


def spawn_engine(
    paths: AppPaths, environ: Mapping[str, str], *options: str
) -> "subprocess.Popen[bytes] | None":
    """Start the engine; return its process, None where systemd runs it. Raises `OSError`.

    Without an account the unit would end at once.
    """
    has_account = load_credentials(environ, paths.config_dir) is not None
    if has_account and not options and _start_unit(paths.profile, environ):
        return None
    # -P: a folder of the package's name in the working directory must not be imported.
    command = [sys.executable, "-P", "-m", "pan123_tui", "engine", *options]
    report = os.open(report_file(paths), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.DEVNULL,
            stdout=report,
            stderr=report,
            env=dict(environ),
            start_new_session=True,  # the end of this terminal does not reach it
        )
    finally:
        os.close(report)


def _start_unit(profile: str, environ: Mapping[str, str]) -> bool:
    """Start our systemd unit if it is enabled and works on the same data and account."""
    # The unit knows nothing of the variables of this shell, except by its name.
    own = (name for name in environ if name.startswith("PAN123_") and name not in _KNOWN_TO_UNIT)
    if any(environ[name] for name in own):
        return False
    unit = f"{UNIT}@{profile}" if profile else UNIT
    is_enabled = tool_output("systemctl", "--user", "is-enabled", unit) == "enabled"
    return is_enabled and tool_output("systemctl", "--user", "start", unit) is not None


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
