"""The image's steps, run in a bare folder tree, and what its engine meets in a container."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
WITH_READ_ONLY_ROOT = """
mount --bind "$KEEP" "$KEEP" && mount -o remount,bind,ro / || exit 77
as_nobody() { unshare -U --map-user=4321 --map-group=4321 "$@"; }
healthy() { as_nobody env -i $ENVIRON $HEALTHCHECK >/dev/null; echo "$1 $?"; }
healthy "no engine"
unshare -U --map-user=4321 --map-group=4321 --pid --fork \
    env -i $ENVIRON $CMD --quiet >/dev/null 2>"$KEEP/said" & container=$!
for _try in $(seq 240); do
    as_nobody env -i $ENVIRON $HEALTHCHECK >/dev/null && break; sleep 0.25
done
engine=$(echo $(cat /proc/$container/task/$container/children))
grep ^NSpid /proc/$engine/status | awk '{print "process", $NF}'
as_nobody env -i $ENVIRON pan123-tui add https://example.com/a.iso 2>/dev/null
healthy "waiting queue"
kill -STOP $engine; healthy "hung engine"; kill -CONT $engine
began=$(date +%s); kill -TERM $engine; wait $container; echo "ended $?"
[ $(($(date +%s) - began)) -le 5 ] || echo "too late"
healthy "ended engine"
as_nobody env -i $ENVIRON pan123-tui list --links
"""


def in_dockerfile(instruction: str) -> str:
    """Return the words after the first `instruction`."""
    found = re.search(rf"(?:^|\s){instruction} (.*)", DOCKERFILE)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is installed from the files that the image copies, and nothing else."""
    tree = tmp_path_factory.mktemp("image")
    for line in re.findall(r"^COPY (?!--)(.*)", DOCKERFILE, re.MULTILINE):
        *names, target = line.split()
        place = tree / "src" / target
        place.mkdir(parents=True, exist_ok=True)
        for name in names:
            if (ROOT / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.mo")
                shutil.copytree(ROOT / name, place, ignore=ignored, dirs_exist_ok=True)
            else:
                shutil.copy(ROOT / name, place)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", str(tree / "src")]
    subprocess.run(build, check=True, capture_output=True)
    with zipfile.ZipFile(next(tree.glob("src/dist/*.whl"))) as wheel:
        wheel.extractall(tree / "app")
    program = tree / "bin/pan123-tui"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m pan123_tui "$@"\n')
    program.chmod(0o755)
    return tree


@pytest.mark.needs("unshare")
@pytest.mark.long
def test_as_process_1_without_name_home_terminal_and_root_its_health_is_true_and_all_is_kept(
    installed: Path, disk: Path
) -> None:
    libraries = f"{installed}/app:{sysconfig.get_path('purelib')}"
    shown = in_dockerfile("ENV") + " " + re.findall(r"^ENV (.*)", DOCKERFILE, re.MULTILINE)[1]
    environ = dict(word.split("=", 1) for word in shown.replace("/keep", str(disk)).split())
    environ |= {"PATH": f"{installed}/bin:/usr/bin:/bin", "PYTHONPATH": libraries, "HOME": ""}
    environ |= {"PAN123_BASE_URL": "http://127.0.0.1:9"}
    given = {
        "KEEP": str(disk),
        "ENVIRON": " ".join(f"{name}={value}" for name, value in environ.items() if value),
        "CMD": " ".join(json.loads(DOCKERFILE.rstrip().rpartition("\nCMD ")[2])),
        "HEALTHCHECK": " ".join(json.loads(in_dockerfile("HEALTHCHECK.* CMD"))),
    }
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", WITH_READ_ONLY_ROOT],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=os.environ | given,
        text=True,
        timeout=240,
        check=False,
    )
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("no namespaces here")
    assert done.stdout.splitlines() == [
        "no engine 1",
        "process 1",
        "1",
        "waiting queue 0",
        "hung engine 4",
        "ended 0",
        "ended engine 1",
        "https://example.com/a.iso",
    ], done.stderr + (disk / "said").read_text()
