"""A task as the curl command that would create it, to try it by hand or to report a fault."""

import json
import shlex

from pan123_tui.domain.task import Draft

TOKEN_VARIABLE = "PAN123_ACCESS_TOKEN"  # noqa: S105 - the name of a variable


def curl_command(draft: Draft, base_url: str) -> str:
    """Give a command for a POSIX shell; the token stays in the variable `PAN123_ACCESS_TOKEN`.

    The call is the one of section one of the specification; fields that are not set are left
    out. Nothing in `draft` can end the quotes that it stands in.
    """
    body: dict[str, object] = {"url": draft.url}
    if draft.name:
        body["fileName"] = draft.name
    if draft.folder_id is not None:
        body["dirID"] = draft.folder_id
    if draft.callback_url:
        body["callBackUrl"] = draft.callback_url
    address = f"{base_url.rstrip('/')}/api/v1/offline/download"
    parts = (
        f"curl -sS -X POST {shlex.quote(address)}",
        f'-H "Authorization: Bearer ${TOKEN_VARIABLE}"',
        "-H 'Platform: open_platform'",
        "-H 'Content-Type: application/json'",
        f"--data-raw {shlex.quote(json.dumps(body, ensure_ascii=False))}",
    )
    return " \\\n  ".join(parts)
