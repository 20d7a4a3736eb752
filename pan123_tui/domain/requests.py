"""The ids of requests, and the check of what they ask for."""

import os
import time

from pan123_tui.domain.links.url import check_url
from pan123_tui.domain.task import DownloadRequest


def new_request_id() -> str:
    """Return a unique id that sorts by time."""
    return f"{time.time_ns():020d}-{os.urandom(6).hex()}"


def check_download(download: DownloadRequest) -> None:
    """Raise `ValueError` with the reason if `download` cannot be queued."""
    if reason := check_url(download.url):
        raise ValueError(f"a link that cannot be queued: {reason}")
    if download.callback_url and (reason := check_url(download.callback_url)):
        raise ValueError(f"a callback URL that cannot be used: {reason}")
    if download.folder_id is not None and download.folder_id < 1:
        raise ValueError("a folder id is a positive whole number")
