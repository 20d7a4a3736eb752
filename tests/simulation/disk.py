"""A folder whose process can die in any system call, and that can lose what was not synced.

The files are real; what a power cut would leave of them is kept beside: the names as of the last
sync of the folder, each with its content as of the file's own last sync.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from enum import Enum
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from tests.simulation.virtual_loop import Killed
from tests.store.store_samples import spoil


class Damage(Enum):
    """What becomes of a file that a disk does not keep."""

    CUT = "cut"
    ZEROED = "zeroed"
    EMPTIED = "emptied"
    ONE_BIT = "one_bit"
    DELETED = "deleted"


class _File:
    """What a name stands for."""

    synced: bytes | None = None


class Disk:
    """Watches the system calls that change `folder`."""

    def __init__(self, folder: Path, random: Random) -> None:
        self.folder = folder
        self.kill_in: int | None = None
        """System calls until the process dies, counted from the first one …"""
        self.kill_from = ""
        """… on a file with this in its name."""
        self.is_full = False
        self.on_kill: Callable[[], None] = lambda: None
        self._random = random
        self._is_dead = False
        self._prefix = str(folder)
        self._open: dict[int, str] = {}
        self._names: dict[str, _File] = {}
        self._durable: dict[str, _File] = {}
        self._unsynced: list[dict[str, _File | None]] = []

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Intercept the system calls of the program."""
        calls: dict[str, Callable[..., Any]] = {
            "open": self._call_open,
            "write": self._call_write,
            "fsync": self._call_fsync,
            "link": partial(self._call_for_two, is_move=False),
            "replace": partial(self._call_for_two, is_move=True),
            "rename": partial(self._call_for_two, is_move=True),
            "unlink": self._call_unlink,
        }
        with ExitStack() as patched:
            for name, call in calls.items():
                system = getattr(os, name)
                patched.enter_context(patch.object(os, name, partial(call, system)))
            yield

    def restart(self) -> None:
        """Let the next process use the folder."""
        self._is_dead = False
        self.kill_in = None
        self.kill_from = ""
        self._open.clear()

    def die(self) -> None:
        """Stop the remains of the process from changing the folder."""
        self._is_dead = True

    def lose_power(self) -> None:
        """Keep only a first part of the changes that were not synced, as a journal does."""
        self.restart()
        for change in self._unsynced[: self._random.randint(0, len(self._unsynced))]:
            _apply(change, self._durable)
        left = {name: self._left_of(name, file) for name, file in self._durable.items()}
        for path in self.folder.rglob("*"):
            if path.is_file():
                path.unlink()
        self._names, self._unsynced = self._durable.copy(), []
        for name, content in left.items():
            Path(name).write_bytes(content)
            self._names[name].synced = content

    def damage(self, name: str, how: Damage) -> None:
        """Spoil what a dead process has left of the file `name`, but not its backup."""
        self.restart()
        self._sync_names()
        path = self.folder / name
        if not path.exists() or not path.stat().st_size:
            return
        content = self._spoilt(path.read_bytes(), how)
        if content is None:
            path.unlink()
        else:
            spoil(path, content)
            file = _File()
            file.synced = content
            self._change({str(path): file})
        self._sync_names()

    def _spoilt(self, content: bytes, how: Damage) -> bytes | None:
        match how:
            case Damage.CUT:
                return content[: self._random.randrange(len(content))]
            case Damage.ZEROED:
                return bytes(len(content))
            case Damage.EMPTIED:
                return b""
            case Damage.ONE_BIT:
                bit = self._random.randrange(8 * len(content))
                flipped = bytearray(content)
                flipped[bit // 8] ^= 1 << bit % 8
                return bytes(flipped)
            case Damage.DELETED:
                return None

    def durable(self, name: str) -> bytes:
        """Return the content of the file `name` that survives any power cut."""
        file = self._durable.get(str(self.folder / name))
        return file.synced or b"" if file else b""

    def _left_of(self, name: str, file: _File) -> bytes:
        if file.synced is not None:
            return file.synced
        current = next((n for n, other in self._names.items() if other is file), None)
        content = Path(current).read_bytes() if current else b""
        return content[: self._random.randint(0, len(content))]

    def _is_ours(self, path: Any) -> bool:
        return os.fspath(path).startswith(self._prefix) if not isinstance(path, int) else False

    def _may_die(self, name: str) -> None:
        if self._is_dead:
            raise Killed
        if self.kill_in is None or self.kill_from not in name:
            return
        self.kill_from = ""
        self.kill_in -= 1
        if self.kill_in <= 0:
            self._is_dead = True
            self.on_kill()
            raise Killed

    def _may_be_full(self) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _call_open(
        self, system: Callable[..., int], path: Any, flags: int, *args: Any, **options: Any
    ) -> int:
        if not self._is_ours(path) or not flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
            descriptor = system(path, flags, *args, **options)
            self._open.pop(descriptor, None)
            if self._is_ours(path):
                self._open[descriptor] = os.fspath(path)
            return descriptor
        self._may_die(os.fspath(path))
        self._may_be_full()
        descriptor = system(path, flags, *args, **options)
        name = self._open[descriptor] = os.fspath(path)
        if name not in self._names:
            self._change({name: _File()})
        elif flags & os.O_TRUNC:
            self._names[name].synced = None
        return descriptor

    def _call_write(self, system: Callable[..., int], descriptor: int, data: Any) -> int:
        if descriptor not in self._open:
            return system(descriptor, data)
        if self._is_dead:
            raise Killed
        part = self._random.randint(0, len(data))
        try:
            self._may_die(self._open[descriptor])
            self._may_be_full()
        except (Killed, OSError):
            system(descriptor, data[:part])
            raise
        self._names[self._open[descriptor]].synced = None
        return system(descriptor, data)

    def _call_fsync(self, system: Callable[[int], None], descriptor: int) -> None:
        name = self._open.get(descriptor)
        if name is None:
            system(descriptor)
            return
        self._may_die(name)
        if name not in self._names:  # a folder: the journal is written up to here
            self._sync_names()
        else:
            self._names[name].synced = Path(name).read_bytes()

    def _call_for_two(
        self,
        system: Callable[..., None],
        source: Any,
        target: Any,
        *,
        is_move: bool,
        **options: Any,
    ) -> None:
        if not self._is_ours(target):
            system(source, target, **options)
            return
        self._may_die(os.fspath(target))
        self._may_be_full()
        system(source, target, **options)
        file = self._names[os.fspath(source)]
        self._change({os.fspath(target): file} | ({os.fspath(source): None} if is_move else {}))

    def _call_unlink(self, system: Callable[..., None], path: Any, **options: Any) -> None:
        if self._is_ours(path):
            self._may_die(os.fspath(path))
        system(path, **options)
        if self._is_ours(path):
            self._change({os.fspath(path): None})

    def _sync_names(self) -> None:
        for change in self._unsynced:
            _apply(change, self._durable)
        self._unsynced.clear()

    def _change(self, change: dict[str, _File | None]) -> None:
        _apply(change, self._names)
        self._unsynced.append(change)


def _apply(change: dict[str, _File | None], names: dict[str, _File]) -> None:
    for name, file in change.items():
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file
