"""Browser extensions and pages, as they send their requests, and a JavaScript client."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.conftest import SECRET, Entrance
from tests.service.server import SimulatorServer

LINK = "https://example.com/good/film.mkv"
HERE = Path(__file__).parent


def run_node(*given: str) -> subprocess.CompletedProcess[str]:
    command = ["node", *given]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def has_package() -> bool:
    if shutil.which("node") is None:
        return False
    return not run_node("-e", "require.resolve('aria2')").returncode


@pytest.mark.parametrize("name", ["aria2_explorer", "aria2_integration", "aria_ng"])
def test_an_extension_or_page_pings_and_sends_a_link_which_goes_without_its_cookies(
    entrance: Entrance, service: SimulatorServer, name: str
) -> None:
    text = (HERE / "requests" / f"{name}.json").read_text("utf-8")
    seen = json.loads(text.replace("SECRET", SECRET))
    gid = ""
    for call in seen["calls"]:
        call["params"] = [gid if it == "GID" else it for it in call["params"]]
        status, answer = entrance.post(call, seen["path"], **seen["headers"])
        assert (status, answer["id"]) == (200, call["id"]), answer
        gid = answer["result"] if call["method"] == "aria2.addUri" else gid
    assert "film.mkv" in json.dumps(answer)
    entrance.shell.wait_until(lambda: service.world.stats.creates[LINK])
    (task,) = service.world.tasks()
    assert (task.request.file_name, task.request.dir_id) == ("film.mkv", 0)
    shown = entrance.shell.call("list", "--json").out
    assert "kept-here" not in shown + entrance.written()


@pytest.mark.skipif(
    not has_package(), reason="no node, or the npm package aria2 is not in NODE_PATH"
)
def test_a_javascript_client_sends_a_link_and_sees_it(entrance: Entrance) -> None:
    assert entrance.shell.call("pause").code == 0
    given = (str(HERE / "client.cjs"), str(entrance.port), SECRET, LINK)
    ran = run_node(*given)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert (told["isSame"], told["waiting"]) == (True, "1")
    assert told["path"].endswith("/from-node.iso")
    assert "in the list" in told["refusal"]
