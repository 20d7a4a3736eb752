"""What an HTTP response means."""

import httpx
import msgspec
import pytest

from pan123_tui.api.schemas import (
    CreateFolderResponse,
    CreateTaskResponse,
    DownloadInfo,
    FileDetail,
    FileList,
    TaskProgress,
    UserInfo,
    parse_response,
    retry_after_s,
)
from pan123_tui.domain.errors import (
    AddressBlocked,
    InvalidResponse,
    RateLimited,
    RequestRejected,
    ServiceError,
    ServiceUnavailable,
    TokenRefused,
    TooManyTasks,
)


def response(
    body: object, *, http: int = 200, headers: dict[str, str] | None = None
) -> httpx.Response:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return httpx.Response(http, content=content, headers=headers)


def no(code: int, message: str = "", *, http: int = 200) -> httpx.Response:
    return response({"code": code, "message": message, "x-traceID": "t-9", "data": None}, http=http)


@pytest.mark.parametrize(
    ("refusal", "meaning"),
    [
        (no(42902), RateLimited),
        (no(1, "internal", http=502), ServiceUnavailable),
        (no(1, "forbidden", http=403), ServiceUnavailable),
        (response(b"<html>", http=403), ServiceUnavailable),
        (response({"message": "no Route matched"}, http=403), ServiceUnavailable),
        (response(b"<p>123pan-global-slb: Forbidden client IP</p>", http=403), AddressBlocked),
        (response({"message": "forbidden client ip"}, http=403), AddressBlocked),
        (no(1, "whatever", http=429), RateLimited),
        (no(0, "ok", http=429), RateLimited),
        (response(b"<html>slow down</html>", http=429), RateLimited),
        (response({"message": "API rate limit exceeded"}, http=429), RateLimited),
        (no(429, "任务数超出最大限制,请稍后重试"), TooManyTasks),
        (no(1, "limit最大不能超过100"), RequestRejected),
        (no(401, "请稍后登录"), TokenRefused),
        (no(0, http=401), TokenRefused),
        (response(b"", http=401), TokenRefused),
        (response({"message": "Unauthorized"}, http=401), TokenRefused),
        (no(-1, "odd"), RequestRejected),
    ],
)
def test_a_refusal_is_classified_by_its_status_its_code_and_its_words(
    refusal: httpx.Response, meaning: type[ServiceError]
) -> None:
    with pytest.raises(ServiceError) as caught:
        parse_response(refusal, CreateTaskResponse)
    assert type(caught.value) is meaning


@pytest.mark.parametrize(
    ("message", "read"),
    [
        (b"0", "0"),
        (b"null", ""),
        (b'{"zh": "\xe6\xb5\x81\xe9\x87\x8f"}', '{"zh": "流量"}'),
        ('"操作频繁"'.encode("gbk"), "操作频繁"),
    ],
)
def test_what_only_decorates_a_refusal_is_read_as_it_comes(message: bytes, read: str) -> None:
    body = b'\xef\xbb\xbf{"code": 5113, "message": %b, "x-traceID": 17}' % message
    with pytest.raises(ServiceError) as caught:
        parse_response(response(body), CreateTaskResponse)
    problem = caught.value.problem
    assert (problem.code, problem.message, problem.trace_id) == (5113, read, "17")


@pytest.mark.parametrize("code", [b"null", b"true", b"[0]", b'"ok"', b"0.5"])
def test_what_decides_is_read_strictly(code: bytes) -> None:
    with pytest.raises(InvalidResponse):
        parse_response(response(b'{"code": %b, "data": {"taskID": 7}}' % code), CreateTaskResponse)


@pytest.mark.parametrize("http", [200, 201, 404, 502])
def test_the_body_decides_whatever_the_http_status_is(http: int) -> None:
    good = response({"code": 0, "message": "ok", "data": {"taskID": 7}, "new": [1]}, http=http)
    assert parse_response(good, CreateTaskResponse).taskID == 7


@pytest.mark.parametrize(
    ("http", "may_have_taken_effect"),
    [(200, True), (204, True), (500, True), (502, True), (302, False), (404, False), (413, False)],
)
def test_a_response_that_is_not_the_apis_shows_whether_it_may_have_taken_effect(
    http: int, may_have_taken_effect: bool
) -> None:
    with pytest.raises(InvalidResponse) as caught:
        parse_response(response(b"<html>", http=http), CreateTaskResponse)
    assert caught.value.may_have_taken_effect is may_have_taken_effect
    assert caught.value.problem.code == http


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"code": 0',
        b'{"message": "no code"}',
        b'{"code": 0}',
        b'{"code": 0, "data": null}',
        b'{"code": 0, "data": {}}',
        b'{"code": 0, "data": {"taskID": 0}}',
        b'{"code": 0, "data": {"taskID": -4}}',
        b'{"code": 0, "data": {"taskID": true}}',
        b'{"code": 0, "data": {"taskID": "soon"}}',
        b"\xff\xfe",
        b'{"x": ' + b"[" * 200_000,
    ],
)
def test_a_success_without_a_task_id_may_be_a_task(body: bytes) -> None:
    with pytest.raises(InvalidResponse) as caught:
        parse_response(response(body), CreateTaskResponse)
    assert caught.value.may_have_taken_effect


@pytest.mark.parametrize(
    ("process", "percent"),
    [("85.5", 85.5), ("0", 0), ("150", 100), ("-3", 0), ("1e300", 100), ("100", 100)],
)
def test_a_percentage_is_held_within_0_and_100(process: str, percent: float) -> None:
    body = f'{{"code": 0, "data": {{"process": {process}, "status": 13}}}}'.encode()
    progress = parse_response(response(body), TaskProgress).progress()
    assert (progress.percent, progress.status) == (percent, 13)


@pytest.mark.parametrize(
    ("data_type", "data", "numbers"),
    [
        (CreateTaskResponse, {"taskID": "7"}, {"taskID": 7}),
        (CreateTaskResponse, {"taskID": 7.0}, {"taskID": 7}),
        (TaskProgress, {"process": "85.5", "status": "0"}, {"process": 85.5, "status": 0}),
        (TaskProgress, {"process": 5, "status": 2.0}, {"status": 2}),
        (UserInfo, {"uid": "9", "spaceUsed": "5"}, {"uid": 9, "spaceUsed": 5}),
        (FileList, {"fileList": [], "lastFileId": "-1"}, {"lastFileId": -1}),
        (FileDetail, {"filename": "f", "type": "1", "size": "3"}, {"type": 1, "size": 3}),
        (CreateFolderResponse, {"dirID": "8"}, {"dirID": 8}),
    ],
)
def test_numbers_may_come_as_text(
    data_type: type[msgspec.Struct], data: object, numbers: dict[str, float]
) -> None:
    answer = parse_response(response({"code": "0", "data": data}), data_type)
    assert {name: getattr(answer, name) for name in numbers} == numbers


@pytest.mark.parametrize("number", [2**63, str(10**30)])
@pytest.mark.parametrize(
    ("data_type", "code", "data"),
    [
        (CreateTaskResponse, 0, {"taskID": ...}),
        (CreateTaskResponse, ..., {"taskID": 7}),
        (TaskProgress, 0, {"process": 5, "status": ...}),
        (UserInfo, 0, {"uid": 1, "spaceUsed": ...}),
        (FileList, 0, {"fileList": [{"filename": "a", "type": 0, "fileId": 1, "size": ...}]}),
        (FileList, 0, {"fileList": [], "lastFileId": ...}),
        (FileDetail, 0, {"filename": "a", "type": 0, "size": ...}),
        (CreateFolderResponse, 0, {"dirID": ...}),
    ],
)
def test_a_number_over_64_bits_is_an_invalid_response_that_may_have_taken_effect(
    data_type: type[msgspec.Struct], code: object, data: object, number: int | str
) -> None:
    body = msgspec.json.encode({"code": code, "data": data}, enc_hook=lambda _gap: number)
    with pytest.raises(InvalidResponse) as caught:
        parse_response(response(body), data_type)
    assert caught.value.may_have_taken_effect


@pytest.mark.parametrize(
    ("data_type", "data"),
    [
        *(
            (TaskProgress, f'{{"process": {it}, "status": 0}}')
            for it in ("NaN", "Infinity", '"nan"', '"inf"', '"half"', "null", "[1]", "1e999")
        ),
        *(
            (DownloadInfo, msgspec.json.encode({"downloadUrl": it}).decode())
            for it in ("", "ftp://a/b", "https://a/\n  out=x", "https://a/ b", "-o")
        ),
    ],
)
def test_a_percentage_that_is_no_number_or_a_link_that_is_more_is_an_invalid_response(
    data_type: type[msgspec.Struct], data: str
) -> None:
    with pytest.raises(InvalidResponse):
        parse_response(response(f'{{"code": 0, "data": {data}}}'.encode()), data_type)


@pytest.mark.parametrize(
    "refusal",
    [no(1, "长" * 100_000), response({"message": "长" * 100_000}, http=403)],
    ids=["service", "gateway"],
)
def test_a_long_message_is_cut(refusal: httpx.Response) -> None:
    with pytest.raises(ServiceError) as caught:
        parse_response(refusal, CreateTaskResponse)
    assert len(str(caught.value)) == 1000


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("30", 30), ("Thu, 01 Jan 1970 00:00:40 GMT", None), ("soon", None), ("", None), ("-5", None)],
)
def test_retry_after_is_read_in_seconds(value: str, seconds: float | None) -> None:
    limited = response(b"", http=429, headers={"Retry-After": value})
    assert retry_after_s(limited) == seconds
