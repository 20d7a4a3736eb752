"""The client with scripted responses: what it sends, returns and raises."""

import asyncio
import gzip
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from pathlib import Path

import httpx
import pytest

from pan123_tui import __version__
from pan123_tui.api.client import Pan123Client
from pan123_tui.api.connection import ServiceConnection
from pan123_tui.domain.credentials import AccessToken, ClientPair, Credentials, RefreshToken
from pan123_tui.domain.errors import (
    AccountMissing,
    InvalidResponse,
    LoginUnsaved,
    Pan123Error,
    RateLimited,
    RequestNotSent,
    RequestRejected,
    RequestTrouble,
    ResponseLost,
    TokenRefused,
)
from pan123_tui.domain.events import Account
from pan123_tui.domain.folders import FileEntry, Folder, FolderPage
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.service_facts import Endpoint
from pan123_tui.domain.task import DownloadRequest
from tests.api_stage import (
    BASE_URL,
    TOKEN,
    UNHURRIED,
    Answer,
    Network,
    answer,
    client_of,
    in_no_time,
    shown_locals,
)

DOWNLOAD = DownloadRequest(
    "https://host.example/a.bin?sign=s3cr3t", callback_url="https://cb.example/of/s3cr3t"
)
GRANTED = answer({"accessToken": "a", "expiredAt": "2099-01-01T00:00:00"})
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
        await client.create_task(DownloadRequest("http://host.example/a"))
    request, bare = network.requests
    sent = {"Authorization": f"Bearer {TOKEN}", "Platform": "open_platform"}
    sent |= {"Content-Type": "application/json", "User-Agent": f"pan123-tui/{__version__}"}
    assert {name: request.headers[name] for name in sent} == sent
    assert json.loads(request.content) == {
        "url": "https://host.example/é?x=1",
        "fileName": "名字.mkv",
        "dirID": 10023,
        "callBackUrl": "http://cb.example/",
    }
    assert json.loads(bare.content) == {"url": "http://host.example/a"}
    # The service looks at the link first, whose host may be slow.
    assert request.extensions["timeout"]["read"] == 120


ENTRY = {"filename": "影视", "size": 10, "createAt": "1970-01-01 08:00:10", "updateAt": "never"}
DETAIL = ENTRY | {"status": 0, "parentFileID": 3, "trashed": 1}
FILES = [
    ENTRY
    | {"fileId": number, "parentFileId": 3, "type": kind, "trashed": trashed, "status": status}
    for number, kind, trashed, status in (
        (1, 1, 0, 0),
        (4, 0, 1, 0),
        (2, 0, 0, 100),
        (5, 0, 0, 101),
    )
]
PAGE = FolderPage(
    (Folder(1, "影视", 3),),
    tuple(FileEntry(n, "影视", 3, 10, 10.0, is_blocked=n == 5) for n in (2, 5)),
    next_id=4,
)
INFO = {
    "uid": 9,
    "nickname": "鱼",
    "spaceUsed": 5,
    "spacePermanent": 100,
    "spaceTemp": 20,
    "passport": "13800000000",
    "mail": "a@example.com",
    "developerInfo": {"startTime": "", "endTime": "1970-01-02 08:00:00"},
}
FILE_URL = "https://cdn.example/a?auth_key=1"


async def test_each_call_sends_the_exact_names_and_returns_what_matters() -> None:
    network = Network(
        answer({"process": 85.5, "status": 0}),
        answer(INFO),
        answer({"fileList": FILES, "lastFileId": 4}),
        answer(DETAIL | {"type": 1}),
        answer(DETAIL | {"type": 0}),
        answer({"dirID": 55}),
        answer({"downloadUrl": FILE_URL}),
    )
    account = Account(9, "鱼", space_used=5, space_total=120, package_until=86_400)
    async with client_of(network) as client:
        assert await client.get_progress(100001) == Progress(85.5, 0)
        assert await client.user_info() == account
        assert await client.list_folder(3) == PAGE
        assert await client.file_detail(8) == Folder(8, "影视", 3, is_trashed=True)
        assert await client.file_detail(9) == FileEntry(9, "影视", 3, 10, created_at=10.0)
        assert await client.create_folder("电影", 3) == 55
        assert await client.download_url(8) == FILE_URL
    sent = [(it.url.path, it.url.query.decode() or it.content.decode()) for it in network.requests]
    assert sent == [
        ("/api/v1/offline/download/process", "taskID=100001"),
        ("/api/v1/user/info", ""),
        ("/api/v2/file/list", "parentFileId=3&limit=100"),
        ("/api/v1/file/detail", "fileID=8"),
        ("/api/v1/file/detail", "fileID=9"),
        ("/upload/v1/file/mkdir", '{"name":"电影","parentID":3}'),
        ("/api/v1/file/download_info", "fileId=8"),
    ]
    assert {it.extensions["timeout"]["read"] for it in network.requests} == {30}


@pytest.mark.parametrize(
    "info", [None, "", [], {}, {"endTime": None}, {"endTime": "0001-01-01T00:00:00Z"}], ids=str
)
async def test_an_account_without_a_developer_package_has_no_end_of_it(info: object) -> None:
    async with client_of(Network(answer({"uid": 9, "developerInfo": info}))) as client:
        assert (await client.user_info()).package_until is None


@pytest.mark.parametrize(
    ("files", "last_id", "next_id"),
    [
        (FILES[1:2], 8, 8),
        (FILES, -1, None),
        (FILES, 0, None),
        (FILES, 5, None),
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
    is_late = isinstance(failure, httpx.TimeoutException) and meaning is ResponseLost
    said = RequestTrouble.CUT_OFF if is_late else str(failure) or type(failure).__name__
    assert error.problem.message == said


def caused(*causes: Exception) -> httpx.ConnectError:
    """Return the error that httpx raises where the addresses of a host fail as in `causes`."""
    error = httpx.ConnectError("All connection attempts failed")
    error.__context__ = OSError("httpcore")
    group = ExceptionGroup("several addresses", causes)
    error.__context__.__cause__ = group if causes[1:] else causes[0]
    return error


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (caused(socket.gaierror(-2, "Name or service not known")), RequestTrouble.NO_SUCH_HOST),
        (caused(ssl.SSLCertVerificationError("expired")), RequestTrouble.BAD_CERTIFICATE),
        (caused(ConnectionRefusedError(111, "Connect call failed")), RequestTrouble.REFUSED),
        (caused(ConnectionRefusedError(), TimeoutError()), RequestTrouble.REFUSED),
        (caused(TimeoutError(110, "Connect call failed")), RequestTrouble.TIMED_OUT),
        (httpx.ConnectTimeout(""), RequestTrouble.TIMED_OUT),
        (caused(ssl.SSLError("wrong version")), "All connection attempts failed"),
    ],
)
async def test_why_no_connection_came_about_is_said_in_words(
    failure: Exception, reason: str
) -> None:
    error = await raised(failure)
    assert (type(error), error.problem.message) == (RequestNotSent, reason)


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


def test_rate_refusals_pause_their_endpoint_until_an_answer_that_is_none() -> None:
    limited, fine, long = (answer(code=429), answer({"taskID": 1}), answer(code=429))
    long.headers["Retry-After"] = "20"

    async def pauses() -> list[float]:
        found = []
        async with client_of(Network(limited, limited, fine, limited, fine, long)) as client:
            for _ in range(6):
                with suppress(RateLimited):
                    await client.create_task(DOWNLOAD)
                found.append(client.pause_s(Endpoint.CREATE))
            assert client.pause_s(Endpoint.PROCESS) == 0
        return found

    assert in_no_time(pauses()) == pytest.approx([1, 2, 0, 1, 0, 20])


@pytest.mark.parametrize(
    "reply",
    [
        answer(code=401, message=f"bad token {TOKEN}"),
        answer(code=1, message=f"no: {DOWNLOAD.url} with {TOKEN}"),
        answer(code=1, message=f"no: {DOWNLOAD.callback_url}"),
        answer({"taskID": DOWNLOAD.url}),
        httpx.Response(502, content=f"<p>{DOWNLOAD.url} {TOKEN}".encode()),
        httpx.ReadError(f"while asking {DOWNLOAD.url}"),
    ],
    ids=["401", "refused", "callback", "wrong type", "page", "network"],
)
async def test_no_error_contains_the_token_or_secrets_in_link_and_callback(reply: Answer) -> None:
    error = await raised(reply)
    for shown in (str(error), repr(error), repr(error.problem)):
        assert TOKEN not in shown
        assert "s3cr3t" not in shown
    assert error.__context__ is None or error.__suppress_context__
    assert TOKEN not in shown_locals(error)


async def test_no_error_contains_the_secret_of_a_pair() -> None:
    network = Network(GRANTED, answer(code=1, message="no: s3cr3t"))
    async with client_of(network, credentials=ClientPair("id", "s3cr3t")) as client:
        with pytest.raises(RequestRejected, match="no: ") as caught:
            await client.user_info()
    assert "s3cr3t" not in str(caught.value)


def timed(
    times: list[float], replies: Callable[[], httpx.Response], credentials: Credentials
) -> aclosing[Pan123Client]:
    """Return a client that may send a create every ten seconds, and notes when it sends."""

    def reply(_request: httpx.Request) -> httpx.Response:
        times.append(asyncio.get_running_loop().time())
        return replies()

    connection = ServiceConnection(
        BASE_URL,
        rates={Endpoint.CREATE: 0.1},
        transport=httpx.MockTransport(reply),
        clock=lambda: 1e6 + 100.0 * len(times),
    )
    return aclosing(Pan123Client(connection, credentials))


def test_a_create_that_is_repeated_with_another_token_waits_its_turn() -> None:
    other = answer({"accessToken": "b", "expiredAt": "2099-01-01T00:00:00"})
    replies = iter([GRANTED, EXPIRED, other, answer({"taskID": 1})])

    async def main() -> list[float]:
        times: list[float] = []
        async with timed(times, replies.__next__, ClientPair("id", "secret")) as client:
            assert await client.create_task(DOWNLOAD) == 1
        return times

    _token, first, _other, second = in_no_time(main())
    assert second - first >= 10


async def test_a_login_whose_file_cannot_be_used_is_not_renewed(tmp_path: Path) -> None:
    cache = tmp_path / "login.json"
    cache.write_text("{")
    network, login = Network(answer({})), RefreshToken("entered", client_id="app")
    async with client_of(network, credentials=login, token_cache=cache) as client:
        with pytest.raises(LoginUnsaved, match="login"):
            await client.user_info()
    assert network.requests == []


def test_a_slot_is_for_one_create_and_a_closed_client_sends_nothing() -> None:
    async def main() -> list[float]:
        times: list[float] = []
        async with timed(times, lambda: answer({"taskID": 1}), AccessToken(TOKEN)) as client:
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


async def test_closing_waits_for_the_answers_on_their_way() -> None:
    both = asyncio.Event()
    go_on = asyncio.Event(), asyncio.Event()

    async def reply(request: httpx.Request) -> httpx.Response:
        is_second = "taskID=2" in str(request.url)
        if is_second:
            both.set()
        await go_on[is_second].wait()
        return answer({"process": 1, "status": 0})

    transport = httpx.MockTransport(reply)
    connection = ServiceConnection(BASE_URL, rates=UNHURRIED, transport=transport)
    client = Pan123Client(connection, AccessToken(TOKEN))
    asked = [asyncio.create_task(client.get_progress(number)) for number in (1, 2)]
    await both.wait()
    closing = asyncio.create_task(client.aclose())
    go_on[0].set()
    await asked[0]
    for _ in range(20):
        await asyncio.sleep(0)
    assert not closing.done(), "the second answer is still to come"
    go_on[1].set()
    await closing
    assert asked[1].done()


async def test_who_logs_out_leaves_no_token_on_the_disk(tmp_path: Path) -> None:
    cache, pair = tmp_path / "token.json", ClientPair("id", "secret")
    network = Network(GRANTED, answer({"uid": 1}))
    async with client_of(network, credentials=pair, token_cache=cache) as client:
        await client.user_info()
        assert cache.exists()
        client.forget_tokens()
    assert not cache.exists()


@pytest.mark.parametrize(
    ("reply", "meaning", "variable"),
    [
        (answer(code=1, message="clientID错误"), TokenRefused, "PAN123_CLIENT_ID"),
        (answer(code=429), RateLimited, ""),
        (answer({"accessToken": "a b", "expiredAt": "2099-01-01T00:00:00"}), RequestNotSent, ""),
        (answer({"accessToken": "a", "expiredAt": "soon"}), RequestNotSent, ""),
    ],
    ids=["refused", "too often", "no header", "no time"],
)
async def test_a_refused_account_names_the_variable_that_holds_it(
    reply: httpx.Response, meaning: type[Pan123Error], variable: str
) -> None:
    connection = ServiceConnection(
        BASE_URL, rates=UNHURRIED, transport=Network(reply).transport, random=lambda: 0.0
    )
    pair = ClientPair("id", "secret")
    client = Pan123Client(connection, pair, account_variable="PAN123_CLIENT_ID")
    for call in (client.user_info, client.wait_for_create_slot):
        with pytest.raises(Pan123Error) as caught:
            await call()
        assert (type(caught.value), caught.value.problem.variable) == (meaning, variable)


@pytest.mark.parametrize(
    "credentials",
    [ClientPair("id", "secret"), RefreshToken("entered", client_id="app")],
    ids=["pair", "login"],
)
def test_closing_waits_for_a_renewal_as_long_as_it_may(credentials: Credentials) -> None:
    async def main() -> float:
        reached, loop = asyncio.Event(), asyncio.get_running_loop()

        async def hang(_request: httpx.Request) -> httpx.Response:
            reached.set()
            await asyncio.Event().wait()
            raise AssertionError

        connection = ServiceConnection(BASE_URL, transport=httpx.MockTransport(hang))
        client = Pan123Client(connection, credentials)
        asking = asyncio.create_task(client.user_info())
        await reached.wait()
        at = loop.time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                await client.aclose()
        with pytest.raises(RequestNotSent):
            await asking
        return loop.time() - at

    assert in_no_time(main()) == pytest.approx(60, abs=0.01)
