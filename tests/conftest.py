"""Fixtures for all tests: English, no settings of the developer, repeatable examples."""

import gc
import importlib
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import pytest
from hypothesis import settings

from pan123_tui import i18n
from pan123_tui.domain import sanitize
from tests.leftovers import end_engines
from tests.service.server import SimulatorServer
from tests.service.world import World

# In memory, where there is room and programs can run: files are synced many thousand times.
MEMORY = Path("/dev/shm")
if os.access(MEMORY, os.W_OK):
    found = os.statvfs(MEMORY)
    if found.f_bavail * found.f_frsize > 1e9 and not found.f_flag & os.ST_NOEXEC:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# A shell starts what it puts into the background deaf to ctrl+c, and so its children.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=25)
settings.register_profile("searching", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("repeatable")


LONGEST_SLOW_TEST_S = 4 * 3600.0


@pytest.fixture(autouse=True, scope="session")
def temporary_folder() -> Iterator[None]:
    """A folder for temporary files, in which the tests leave only sockets of killed engines."""
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", gettempdir())  # which pytest cleans itself
    with TemporaryDirectory(prefix="t") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", folder)
        patch.setenv("TMPDIR", folder)  # for the processes that they start
        yield
        left = {path.name for path in Path(folder).iterdir()} - {f"pan123-tui-{os.getuid()}"}
        assert not left, "a test has left these in the temporary folder"


@pytest.fixture
def disk() -> Iterator[Path]:
    """A folder on a disk, where a write takes its time, so that many kills fall into one."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


def pytest_configure(config: pytest.Config) -> None:
    """Import a share of all tests in each worker, so that not everyone rewrites every assert."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and config.args == config.getini("testpaths"):
        modules = sorted(Path(__file__).parent.rglob("test_*.py"))
        number, count = int(worker.removeprefix("gw")), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        for module in modules[number::count]:
            with suppress(Exception):  # which the collection reports
                importlib.import_module(".".join(module.relative_to(config.rootpath).parts)[:-3])


def pytest_collection_finish() -> None:
    """Leave modules and tests out of the garbage collections, a fifth of all processor time."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def pytest_unconfigure() -> None:
    """Collect the garbage once: pytest does it five times, a second and more in each worker."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)  # after `-m` has taken out what does not run
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each worker start with long tests, give slow ones time, and skip what lacks a tool.

    With `TEST_TOOLS=required` a missing tool is an error. A slow test has four hours.
    """
    items[:] = deal(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LONGEST_SLOW_TEST_S))
        tools = [tool for mark in item.iter_markers("needs") for tool in mark.args]
        if missing := [tool for tool in tools if shutil.which(tool) is None]:
            reason = f"not installed: {', '.join(missing)}"
            if os.environ.get("TEST_TOOLS") == "required":
                raise pytest.UsageError(f"{item.nodeid}: {reason}")
            item.add_marker(pytest.mark.skip(reason=reason))


def deal(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Return `items` with the long tests first in the part of every second of the `workers`.

    The long ones wait most of their time, while the other workers use the processor. Each gets
    the next of equal parts. Who has finished takes over from the end of another's part.
    """
    long = [item for item in items if item.get_closest_marker("long")]
    others = iter([item for item in items if not item.get_closest_marker("long")])
    half = (workers + 1) // 2
    parts = [long[worker // 2 :: half] if worker % 2 == 0 else [] for worker in range(workers)]
    dealt = 0
    for worker, part in enumerate(parts):
        size = (len(items) - dealt) // (workers - worker)
        part.extend(islice(others, max(0, size - len(part))))
        dealt += size
    return [item for part in parts for item in part]


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Iterator[SimulatorServer]:
    """A service without limits, whose tasks move at the `SERVICE_SPEED` of the test's module."""
    world = World(speed=getattr(request.module, "SERVICE_SPEED", 100.0))
    with SimulatorServer(world) as server:
        yield server


@pytest.fixture(autouse=True)
def _no_engine_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    """End the engines that a test has started, in this process or in one of their own."""
    names = {"tmp_path", "disk"} & set(request.fixturenames)
    values = [request.getfixturevalue(name) for name in names]
    folders = [value for value in values if isinstance(value, Path)]
    yield
    if (threads := sys.modules.get("tests.engine_thread")) is not None:
        threads.end_engines()
    for folder in folders:
        end_engines(folder)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget the developer's variables and language, and known secrets, around a test."""
    for name in os.environ:
        if name.startswith("PAN123_") or name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setattr(sanitize, "_NEW_SECRETS", [])
    i18n.set_language("en")
    i18n.use_options("")
    i18n.use_keys({})
    yield
    i18n.set_language("en")
    i18n.use_options("")
    i18n.use_keys({})
