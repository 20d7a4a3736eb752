"""The curl command can be pasted into a shell whatever the link and the name are."""

import json
import subprocess
from pathlib import Path

import pytest

from pan123_tui.domain.links.shell_commands import curl_command
from pan123_tui.domain.task import DownloadRequest

BASE = "https://open-api.example"
FAKE_CURL = '#!/bin/sh\nfor argument; do printf "%s\\0" "$argument"; done\n'


@pytest.fixture
def arguments_of(tmp_path: Path) -> object:
    """Run a command in a real shell with a curl that only prints its arguments."""
    curl = tmp_path / "curl"
    curl.write_text(FAKE_CURL)
    curl.chmod(0o755)

    def run(command: str) -> list[str]:
        environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PAN123_ACCESS_TOKEN": "the token"}
        ran = subprocess.run(["sh", "-c", command], env=environ, capture_output=True, check=True)
        return ran.stdout.decode().split("\0")[:-1]

    return run


@pytest.mark.parametrize(
    "text",
    ["plain", "it's", '"$(reboot)"', "`id`", "a\\b", "电影 [1]", "$HOME", "!x", "a\nb", "@f"],
)
def test_no_text_gets_out_of_its_quotes(arguments_of, text: str) -> None:  # type: ignore[no-untyped-def]
    request = DownloadRequest(
        f"https://a.example/{text}", name=text, folder_id=7, callback_url="https://b/"
    )
    arguments = arguments_of(curl_command(request, BASE))
    body = json.loads(arguments[arguments.index("--data-raw") + 1])
    assert body == {"url": request.url, "fileName": text, "dirID": 7, "callBackUrl": "https://b/"}
    assert "Authorization: Bearer the token" in arguments
    assert f"{BASE}/api/v1/offline/download" in arguments


def test_what_is_not_set_is_left_out() -> None:
    command = curl_command(DownloadRequest("https://a.example/x"), BASE + "/")
    assert """--data-raw '{"url": "https://a.example/x"}'""" in command
    assert f"{BASE}/api/v1" in command


def test_the_token_is_named_and_never_shown() -> None:
    assert '"Authorization: Bearer $PAN123_ACCESS_TOKEN"' in curl_command(
        DownloadRequest("https://a/"), BASE
    )
