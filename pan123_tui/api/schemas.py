"""What goes over the wire, in the service's own spelling: the only place that knows its names."""

from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

import msgspec

from pan123_tui.domain.events import Account
from pan123_tui.domain.folders import FileEntry, Folder, FolderPage
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.task import DownloadRequest


class SecretStruct(msgspec.Struct, frozen=True):
    """A struct that may hold a secret: a crash report shows its name and nothing else."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


SERVICE_ZONE = timezone(timedelta(hours=8))
"""The service's times without a zone are China's."""
_FOLDER_TYPE = 1
_NO_MORE_PAGES = (-1, 0)


class Envelope(SecretStruct, frozen=True):
    """What every answer comes in."""

    code: int
    message: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")
    trace_id: str | None = msgspec.field(name="x-traceID", default=None)


class TokenRequest(SecretStruct, frozen=True):
    """The body of `access_token`."""

    clientID: str  # noqa: N815 - the service's spelling
    clientSecret: str  # noqa: N815


class TokenResponse(SecretStruct, frozen=True):
    """The data of `access_token`."""

    accessToken: str  # noqa: N815
    expiredAt: str  # noqa: N815


class CreateTaskRequest(SecretStruct, frozen=True, omit_defaults=True):
    """The body of *create* (specification, section one, (二)); what is unset is left out."""

    url: str
    fileName: str = ""  # noqa: N815
    dirID: int = 0  # noqa: N815
    callBackUrl: str = ""  # noqa: N815

    @classmethod
    def of(cls, draft: DownloadRequest) -> "CreateTaskRequest":
        """Say what `draft` asks for."""
        return cls(draft.url, draft.name, draft.folder_id or 0, draft.callback_url)


class CreateTaskResponse(msgspec.Struct, frozen=True):
    """The data of *create* (specification, section one, (三))."""

    taskID: Annotated[int, msgspec.Meta(gt=0)]  # noqa: N815


class TaskProgress(msgspec.Struct, frozen=True):
    """The data of *process* (specification, section two, (三))."""

    process: float
    status: int

    def progress(self) -> Progress:
        """Give it as a value, the percentage held within 0–100."""
        return Progress(min(100.0, max(0.0, self.process)), self.status)


class UserInfo(msgspec.Struct, frozen=True):
    """The data of `user/info`, without its private fields."""

    uid: int
    nickname: str = ""
    spaceUsed: int = 0  # noqa: N815
    spacePermanent: int = 0  # noqa: N815
    spaceTemp: int = 0  # noqa: N815

    def account(self) -> Account:
        """Give it as a value."""
        total = self.spacePermanent + self.spaceTemp
        return Account(self.uid, self.nickname, self.spaceUsed, total)


class ListedFile(msgspec.Struct, frozen=True):
    """A file or folder in an answer of `file/list`."""

    fileId: int  # noqa: N815
    filename: str
    type: int
    parentFileId: int = 0  # noqa: N815
    size: int = 0
    trashed: int = 0
    createAt: str = ""  # noqa: N815
    updateAt: str = ""  # noqa: N815

    def folder(self) -> Folder:
        """Give it as a folder."""
        return Folder(self.fileId, self.filename, self.parentFileId)

    def file(self) -> FileEntry:
        """Give it as a file."""
        return FileEntry(
            self.fileId,
            self.filename,
            self.parentFileId,
            self.size,
            created_at=parse_time(self.createAt),
            updated_at=parse_time(self.updateAt),
        )


class FileList(msgspec.Struct, frozen=True):
    """The data of `file/list`; a list of nothing may come as null."""

    fileList: list[ListedFile] | None  # noqa: N815
    lastFileId: int = -1  # noqa: N815

    def page(self, *, asked_after: int) -> FolderPage:
        """Give it as a page, without the trash; `asked_after` is the id that was asked with."""
        listed = self.fileList or []
        kept = [entry for entry in listed if entry.trashed == 0]
        is_last = not listed or self.lastFileId in (*_NO_MORE_PAGES, asked_after)
        return FolderPage(
            folders=tuple(entry.folder() for entry in kept if entry.type == _FOLDER_TYPE),
            files=tuple(entry.file() for entry in kept if entry.type != _FOLDER_TYPE),
            next_id=None if is_last else self.lastFileId,
        )


class FileDetail(msgspec.Struct, frozen=True):
    """The data of `file/detail`; its id is the one that was asked with."""

    filename: str
    type: int
    parentFileID: int = 0  # noqa: N815
    size: int = 0
    createAt: str = ""  # noqa: N815

    def entry(self, file_id: int) -> Folder | FileEntry:
        """Return it as the folder or file `file_id`."""
        if self.type == _FOLDER_TYPE:
            return Folder(file_id, self.filename, self.parentFileID)
        created_at = parse_time(self.createAt)
        return FileEntry(file_id, self.filename, self.parentFileID, self.size, created_at)


class CreateFolderRequest(msgspec.Struct, frozen=True):
    """The body of `mkdir`."""

    name: str
    parentID: int  # noqa: N815


class CreateFolderResponse(msgspec.Struct, frozen=True):
    """The data of `mkdir`."""

    dirID: Annotated[int, msgspec.Meta(gt=0)]  # noqa: N815


def parse_time(text: str) -> float | None:
    """Read a time of the service as Unix seconds; None: it is none."""
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=SERVICE_ZONE)).timestamp()
    except (ValueError, OverflowError):
        return None
