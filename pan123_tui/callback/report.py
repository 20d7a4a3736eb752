"""What the service POSTs about a task's end (specification, section one, (二) 3)."""

from typing import Annotated, Any

import msgspec

MAX_REASON_CHARS = 1000


class Report(msgspec.Struct, frozen=True):
    """The body of a callback; unknown fields are ignored.

    `status` is 0 for success and 1 for failure, the other way round than *process* has it.
    """

    status: Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]
    url: str = ""
    failReason: str | None = None  # noqa: N815 - the service's name
    fileReason: str | None = None  # noqa: N815 - how its page spells it once
    fileID: Annotated[int, msgspec.Meta(le=2**63 - 1)] | None = None  # noqa: N815

    @property
    def facts(self) -> dict[str, Any]:
        """What it adds to a task: never its state, which only *process* tells."""
        reason = (self.failReason or self.fileReason or "")[:MAX_REASON_CHARS]
        facts: dict[str, Any] = {}
        if self.status != 0 and reason:
            facts["fail_reason"] = reason
        if self.status == 0 and self.fileID is not None and self.fileID > 0:
            facts["file_id"] = self.fileID
        return facts


read_report = msgspec.json.Decoder(Report).decode
"""Understand the body of a callback; raises `msgspec.DecodeError` where that cannot be done."""
