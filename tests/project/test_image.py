"""What the image relies on, in a real process: a user without a name, a root that is read-only."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
mount --bind "$KEEP" "$KEEP" && mount -o remount,bind,ro / || exit 77
exec unshare -U --map-user=4321 --map-group=4321 env -i PATH="$PATH" PYTHONPATH="$PYTHONPATH" \
    LANG=C.UTF-8 PAN123_CONFIG_DIR="$KEEP/config" PAN123_DATA_DIR="$KEEP/data" \
    PAN123_BASE_URL=http://127.0.0.1:9 PYTHONDONTWRITEBYTECODE=1 sh -c '
pan123() { "$0" -m pan123_tui "$@"; }
pan123 status >/dev/null; echo "without an engine $?"
"$0" -m pan123_tui watch --wait-for-login --quiet >/dev/null & watch=$!
for _try in $(seq 240); do pan123 status >/dev/null && break; sleep 0.25; done
pan123 add https://example.com/a.iso
pan123 status >/dev/null; echo "waiting for a log-in $?"
kill -TERM $watch; wait $watch; echo "ended $?"
pan123 list --links
' "$PYTHON"
"""


@pytest.mark.needs("unshare")
def test_without_home_name_terminal_and_root_it_is_healthy_and_ends_with_all_kept(
    disk: Path,
) -> None:
    given = {"KEEP": str(disk), "PYTHON": sys.executable, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", SCRIPT],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=os.environ | given,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("no namespaces here")
    assert done.stdout.splitlines() == [
        "without an engine 1",
        "1",
        "waiting for a log-in 0",
        "ended 0",
        "https://example.com/a.iso",
    ], done.stderr
