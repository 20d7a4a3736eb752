"""The client with scripted responses: what it sends, returns and raises."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from pan123_tui import __version__
from pan123_tui.api.client import Pan123Client
from pan123_tui.api.connection import ServiceConnection
from pan123_tui.domain.credentials import AccessToken, ClientPair, RefreshToken
from pan123_tui.domain.errors import (
    AccountMissing,
    InvalidResponse,
    LoginUnsaved,
    Pan123Error,
    RateLimited,
    RequestNotSent,
    RequestRejected,
    ResponseLost,
    TokenRefused,
)
from pan123_tui.domain.events import Account
from pan123_tui.domain.folders import FileEntry, Folder, FolderPage
from pan123_tui.domain.rates import Endpoint
from pan123_tui.domain.task import DownloadRequest, Progress
from tests.api_stage import (
    BASE_URL,
    TOKEN,
    Answer,
    Network,
    answer,
    client_of,
    in_no_time,
    shown_locals,
)

DOWNLOAD = DownloadRequest("https://host.example/a.bin?sign=s3cr3t")
EXPIRED = answer(code=401, message="token is expired")


async def raised(reply: Answer) -> Pan123Error:
    """Return the error of a create to which the network responds with `reply`."""
    async with client_of(Network(reply)) as client:
        with pytest.raises(Pan123Error) as caught:
            await client.create_task(DOWNLOAD)
    return caught.value


async def test_a_create_sends_the_documented_request_without_fields_that_are_unset() -> None:
    network = Network(answer({"taskID": 394756}))
    download = DownloadRequest(
        "https://host.example/é?x=1", "名字.mkv", folder_id=10023, callback_url="http://cb.example/"
    )
    async with client_of(network) as client:
        assert await client.create_task(download) == 394756
    request = network.requests[0]
    assert (request.method, request.url.path) == ("POST", "/api/v1/offline/download")
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Platform"] == "open_platform"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["User-Agent"] == f"pan123-tui/{__version__}"
    assert json.loads(request.content) == {
        "url": "https://host.example/é?x=1",
        "fileName": "名字.mkv",
        "dirID": 10023,
        "callBackUrl": "http://cb.example/",
    }
    async with client_of(network) as client:
        await client.create_task(DownloadRequest("http://host.example/a"))
    assert json.loads(network.requests[1].content) == {"url": "http://host.example/a"}


async def test_a_create_is_waited_for_longer_since_the_host_of_its_link_may_be_slow() -> None:
    network = Network(answer({"taskID": 1, "dirID": 5}))
    async with client_of(network) as client:
        await client.create_task(DOWNLOAD)
        await client.create_folder("new", 0)
    assert [it.extensions["timeout"]["read"] for it in network.requests] == [120, 30]


async def test_progress_is_asked_for_by_the_exact_name() -> None:
    network = Network(answer({"process": 85.5, "status": 0}))
    async with client_of(network) as client:
        assert await client.get_progress(100001) == Progress(85.5, 0)
    assert network.requests[0].url.query == b"taskID=100001"


async def test_an_account_comes_without_its_private_fields() -> None:
    info = {
        "uid": 9,
        "nickname": "鱼",
        "spaceUsed": 5,
        "spacePermanent": 100,
        "spaceTemp": 20,
        "passport": "13800000000",
        "mail": "a@example.com",
        "developerInfo": {"startTime": "", "endTime": "1970-01-02 08:00:00"},
    }
    async with client_of(Network(answer(info))) as client:
        account = await client.user_info()
    assert account == Account(9, "鱼", space_used=5, space_total=120, package_until=86_400)


@pytest.mark.parametrize(
    "info", [None, "", [], {}, {"endTime": None}, {"endTime": "0001-01-01T00:00:00Z"}], ids=str
)
async def test_an_account_without_a_developer_package_has_no_end_of_it(info: object) -> None:
    async with client_of(Network(answer({"uid": 9, "developerInfo": info}))) as client:
        assert (await client.user_info()).package_until is None


def listed(file_id: int, name: str, *, kind: int = 0, trashed: int = 0) -> dict[str, object]:
    return {
        "fileId": file_id,
        "filename": name,
        "parentFileId": 3,
        "type": kind,
        "size": 10,
        "trashed": trashed,
        "createAt": "1970-01-01 08:00:10",
        "updateAt": "never",
    }


async def test_a_folder_page_has_folders_and_files_but_no_trash() -> None:
    reviewed = [listed(2, "f") | {"status": 100}, listed(5, "f") | {"status": 101}]
    files = [listed(1, "d", kind=1), listed(4, "gone", trashed=1), *reviewed]
    network = Network(answer({"fileList": files, "lastFileId": 4}))
    async with client_of(network) as client:
        page = await client.list_folder(3)
    passed, blocked = (FileEntry(n, "f", 3, 10, 10.0, is_blocked=n == 5) for n in (2, 5))
    assert page == FolderPage((Folder(1, "d", 3),), (passed, blocked), next_id=4)
    assert dict(network.requests[0].url.params) == {"parentFileId": "3", "limit": "100"}


@pytest.mark.parametrize(
    ("files", "last_id", "next_id"),
    [
        ([listed(8, "a", trashed=1)], 8, 8),
        ([listed(8, "a")], -1, None),
        ([listed(8, "a")], 0, None),
        ([listed(8, "a")], 5, None),
        ([], 8, None),
        (None, 8, None),
    ],
    ids=["only trash", "-1", "0", "a repeated id", "nothing", "null"],
)
async def test_the_last_page_is_known_by_any_of_its_signs(
    files: object, last_id: int, next_id: int | None
) -> None:
    network = Network(answer({"fileList": files, "lastFileId": last_id}))
    async with client_of(network) as client:
        assert (await client.list_folder(3, last_id=5)).next_id == next_id
    assert network.requests[0].url.params["lastFileId"] == "5"


@pytest.mark.parametrize(
    ("kind", "entry"),
    [(1, Folder(8, "影视", 3, is_trashed=True)), (0, FileEntry(8, "影视", 3, 10, created_at=10.0))],
    ids=["folder", "file"],
)
async def test_one_entry_is_a_folder_or_a_file(kind: int, entry: Folder | FileEntry) -> None:
    detail = {
        "fileID": 8,
        "filename": "影视",
        "type": kind,
        "size": 10,
        "etag": "",
        "status": 0,
        "parentFileID": 3,
        "createAt": "1970-01-01 08:00:10",
        "trashed": 1,
    }
    network = Network(answer(detail))
    async with client_of(network) as client:
        assert await client.file_detail(8) == entry
    assert network.paths == ["/api/v1/file/detail"]
    assert dict(network.requests[0].url.params) == {"fileID": "8"}


async def test_creating_a_folder_returns_its_id() -> None:
    network = Network(answer({"dirID": 55}))
    async with client_of(network) as client:
        assert await client.create_folder("电影", 3) == 55
    assert network.paths == ["/upload/v1/file/mkdir"]
    assert json.loads(network.requests[0].content) == {"name": "电影", "parentID": 3}


async def test_without_an_account_nothing_is_sent() -> None:
    network = Network(answer({}))
    async with client_of(network, credentials=None) as client:
        with pytest.raises(AccountMissing):
            await client.create_task(DOWNLOAD)
    assert network.requests == []


@pytest.mark.parametrize(
    ("failure", "meaning"),
    [
        (httpx.ConnectError("[Errno -2] Name or service not known"), RequestNotSent),
        (httpx.ConnectTimeout(""), RequestNotSent),
        (httpx.PoolTimeout(""), RequestNotSent),
        (httpx.ProxyError("407 Proxy Authentication Required"), RequestNotSent),
        (httpx.ReadTimeout(""), ResponseLost),
        (httpx.WriteTimeout(""), ResponseLost),
        (httpx.ReadError("cut"), ResponseLost),
        (httpx.WriteError(""), ResponseLost),
        (httpx.CloseError(""), ResponseLost),
        (httpx.RemoteProtocolError(""), ResponseLost),
        (httpx.LocalProtocolError(""), ResponseLost),
    ],
    ids=repr,
)
async def test_only_a_failure_to_connect_means_that_nothing_was_sent(
    failure: Exception, meaning: type[Pan123Error]
) -> None:
    error = await raised(failure)
    assert type(error) is meaning
    assert error.problem.message == str(failure)


@pytest.mark.parametrize("http", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(http: int) -> None:
    there = httpx.Response(http, headers={"Location": "https://elsewhere.example/"})
    network = Network(there)
    async with client_of(network) as client:
        with pytest.raises(InvalidResponse) as caught:
            await client.create_task(DOWNLOAD)
    assert not caught.value.may_have_taken_effect
    assert len(network.requests) == 1


async def test_an_endless_body_is_an_invalid_response() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536

    error = await raised(httpx.Response(200, content=endless()))
    assert isinstance(error, InvalidResponse)


async def test_an_answer_that_is_zipped_unasked_is_not_unpacked() -> None:
    headers = {"Content-Encoding": "gzip"}
    bomb = httpx.ByteStream(gzip.compress(b'{"code": 0, "data": {"taskID": 3}}'))
    error = await raised(httpx.Response(200, headers=headers, stream=bomb))
    assert isinstance(error, InvalidResponse)


async def test_a_response_that_never_ends_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    async def drip() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    monkeypatch.setattr("pan123_tui.api.connection.PIECES_S", 0.01)
    monkeypatch.setattr("pan123_tui.api.client.CREATE_READ_S", 0.01)
    assert type(await raised(httpx.Response(200, content=drip()))) is ResponseLost


async def test_a_link_that_no_json_can_hold_is_refused_before_it_is_sent() -> None:
    network = Network(answer({"taskID": 1}))
    async with client_of(network) as client:
        with pytest.raises(RequestRejected):
            await client.create_task(DownloadRequest("http://host.example/\ud800"))
    assert network.requests == []


async def test_too_many_requests_pause_that_endpoint_alone() -> None:
    limited = answer(code=429, message="请求太频繁")
    limited.headers["Retry-After"] = "20"  # type: ignore[union-attr]
    async with client_of(Network(limited)) as client:
        with pytest.raises(RateLimited):
            await client.create_task(DOWNLOAD)
        assert client.pause_s(Endpoint.CREATE) == pytest.approx(20, abs=1)
        assert client.pause_s(Endpoint.PROCESS) == 0


def test_an_answer_that_is_no_rate_refusal_makes_the_next_pause_a_first_one_again() -> None:
    limited, fine = answer(code=429, message="请求太频繁"), answer({"taskID": 1})

    async def pauses() -> list[float]:
        found = []
        async with client_of(Network(limited, limited, fine, limited)) as client:
            for _ in range(4):
                with suppress(RateLimited):
                    await client.create_task(DOWNLOAD)
                found.append(client.pause_s(Endpoint.CREATE))
        return found

    assert in_no_time(pauses()) == pytest.approx([1, 2, 0, 1])


async def test_a_refused_ready_token_is_not_tried_again() -> None:
    network = Network(EXPIRED)
    async with client_of(network) as client:
        with pytest.raises(TokenRefused) as caught:
            await client.create_task(DOWNLOAD)
    assert caught.value.problem.code == 401
    assert len(network.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        answer(code=401, message=f"bad token {TOKEN}"),
        answer(code=1, message=f"no: {DOWNLOAD.url} with {TOKEN}"),
        answer({"taskID": DOWNLOAD.url}),
        httpx.Response(502, content=f"<p>{DOWNLOAD.url} {TOKEN}".encode()),
        httpx.ReadError(f"while asking {DOWNLOAD.url}"),
    ],
    ids=["401", "refused", "wrong type", "page", "network"],
)
async def test_no_error_contains_the_token_or_the_signature_of_the_link(reply: Answer) -> None:
    error = await raised(reply)
    for shown in (str(error), repr(error), repr(error.problem)):
        assert TOKEN not in shown
        assert "s3cr3t" not in shown
    assert error.__context__ is None or error.__suppress_context__
    assert TOKEN not in shown_locals(error)


def test_a_create_that_is_repeated_with_another_token_waits_its_turn() -> None:
    tokens = [answer({"accessToken": it, "expiredAt": "2099-01-01T00:00:00"}) for it in "ab"]
    network = Network(tokens[0], EXPIRED, tokens[1], answer({"taskID": 1}))

    async def main() -> list[float]:
        times: list[float] = []

        def reply(request: httpx.Request) -> httpx.Response:
            times.append(asyncio.get_running_loop().time())
            return network.transport.handle_request(request)

        connection = ServiceConnection(
            BASE_URL,
            rates={Endpoint.CREATE: 0.1},
            transport=httpx.MockTransport(reply),
            clock=lambda: 1e6 + 100.0 * len(times),
        )
        async with Pan123Client(connection, ClientPair("id", "secret")) as client:
            assert await client.create_task(DOWNLOAD) == 1
        return times

    _token, first, _other, second = in_no_time(main())
    assert second - first >= 10


async def test_a_login_whose_file_cannot_be_used_is_not_renewed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    network, login = Network(answer({})), RefreshToken("entered", client_id="app")
    cache = tmp_path / "file" / "login.json"
    async with client_of(network, credentials=login, token_cache=cache) as client:
        with pytest.raises(LoginUnsaved):
            await client.user_info()
    assert network.requests == []


def test_a_slot_is_for_one_create_and_a_closed_client_sends_nothing() -> None:
    async def main() -> list[float]:
        times: list[float] = []

        def reply(_request: httpx.Request) -> httpx.Response:
            times.append(asyncio.get_running_loop().time())
            return httpx.Response(200, json={"code": 0, "data": {"taskID": 1}})

        connection = ServiceConnection(
            BASE_URL, rates={Endpoint.CREATE: 0.1}, transport=httpx.MockTransport(reply)
        )
        async with Pan123Client(connection, AccessToken(TOKEN)) as client:
            for _ in range(2):
                await client.wait_for_create_slot()  # which is kept until it is used
            await asyncio.sleep(50)  # as saving the intent may take
            for _ in range(3):
                await client.create_task(DOWNLOAD)
            await client.wait_for_create_slot()
            times.append(asyncio.get_running_loop().time())
        with pytest.raises(RequestNotSent):
            await client.create_task(DOWNLOAD)
        return times

    assert in_no_time(main()) == pytest.approx([50, 60.2, 70.4, 80.6])
