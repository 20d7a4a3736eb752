"""The filter expression."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.filter import (
    FIELDS,
    FLAGS,
    Filter,
    FilterContext,
    FilterError,
    FilterErrorReason,
    Term,
    parse,
)
from pan123_tui.domain.filter_words import FIELD_WORDS, FLAG_WORDS, complete
from pan123_tui.domain.query import View, predicate_for
from pan123_tui.domain.state_words import STATE_WORDS
from pan123_tui.domain.task import Sample, Task, TaskState, TimelineEntry

NOW = 1_700_000_000.0
HOUR, DAY = 3600.0, 86_400.0
CONTEXT = FilterContext(NOW, {9: "Films 2024"})

TASK = Task(
    id=1,
    url="https://Cdn.Example.com/isos/debian-12.ISO?x=1",
    created_at=NOW - 3 * HOUR,
    name="Debian 12.iso",
    folder_id=9,
    state=TaskState.FAILED,
    percent=62.5,
    task_id=4711,
    sent_at=NOW - 2 * HOUR,
    finished_at=NOW - HOUR,
    checked_at=NOW - HOUR,
    problem=Problem(ProblemKind.REQUEST_REJECTED, "Disk is full"),
    fail_reason="磁盘已满",
    retries=2,
)


def matches(expression: str, task: Task = TASK) -> bool:
    parsed = parse(expression)
    assert parsed.errors == ()
    return parsed.predicate(CONTEXT)(task)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "   ",
        "state:failed",
        "STATE:Failed",
        "state:running,failed",
        "state:finished",
        "-state:active",
        "host:example.com",
        "host:cdn.example.com",
        "host~ampl",
        "name~iso",
        "name:debian",
        'name="debian 12.iso"',
        "url~isos/",
        "folder:9",
        "folder:films",
        'folder:"films 2024"',
        "message:full",
        "message~磁盘",
        "percent>50",
        "percent>=62.5",
        "percent<=62.5%",
        "percent:62.5",
        "percent<63",
        "进度＞50",
        "进度＞＝62.5",
        "进度>＝62.5",
        "进度≥62.5",
        "进度≤62.5",
        "进度＜63",
        "进度》50",
        "添加于《１天",
        "名称～iso",
        "重试＝2",
        "进度＝６２.５％",
        "添加＜２ｄ",
        "“磁盘已满”",
        "－“磁盘 未满”",
        "-“磁盘 未满”",
        "iso －“磁盘 未满”",
        "－状态：成功",
        "消息：“磁盘已满”",
        "状态：“失败”，“进行中”　名称：“iso”",
        "State：进行中，“失败”",
        "进度》＝50",
        "retries=2",
        "retries>1",
        "id:1",
        "taskid:4711",
        "taskID=4711",
        "state:stalled,failed",
        "状态:失败",
        "状态：失败，进行中",
        "state:失败",
        "状态:failed",
        "主机:example.com 名称~iso 是:已重试",
        "添加于<1天 完成于<90分钟 编号=1 任务ID:4711",
        "age<1d",
        "age>2h",
        "age>=3h",
        "age<1w",
        "added<1w",
        "添加时间<1w",
        "finished<90m",
        "checked>30m",
        "is:named",
        "is:retried",
        "debian",
        '"disk is full"',
        "-ubuntu",
        '-"disk is empty"',
        "https://cdn.example.com/isos",
        '"磁盘已满" -磁盘：已满 -第1集：红',
        "state:failed host:example.com age<2d name~iso folder:9 percent>50 -word",
    ],
)
def test_what_matches_the_task(expression: str) -> None:
    assert matches(expression)


@pytest.mark.parametrize(
    "name",
    [
        "第“7”季",
        "“三体”第一集",
        "你好，“世界”",
        "季 “三体”",
        "“三体”，“黑暗森林”",
        "访谈：“三体”",
        "x～“三体”",
        "名称《1984》",
        "名称《1984",
        "编号《3》",
        "ARIA～The",
        "A＝B",
        "x≥y",
        "三体～完结",
        "名称《三体》",
        "A － B",
    ],
)
def test_signs_of_an_input_method_within_a_name_are_text(name: str) -> None:
    expression = f'"{name}"' if name.startswith("季") else name
    assert matches(expression, replace(TASK, name=name))
    assert not matches(expression)


def test_a_chinese_quote_without_its_end_is_named_as_a_plain_one_is() -> None:
    assert parse("名称：“磁盘 已").errors == parse('名称："磁盘 已').errors != ()
    assert parse("“" + 300 * "三").errors == ()  # each is looked ahead for a bounded time only


@pytest.mark.parametrize(
    "expression",
    [
        "state:rejected",
        "状态:进行中",
        "停滞",
        "id:4711",
        "-state:failed",
        "host:example.org",
        "host:ample.com",
        "name=debian",
        "name~ubuntu",
        "folder:8",
        "folder:songs",
        "message:empty",
        "percent>62.5",
        "进度＞62.5",
        "percent<50",
        "retries>2",
        "age<1h",
        "age>1d",
        "finished<30m",
        "left<1h",
        "-left<1h state:running",
        "stalled",
        "is:full",
        "is:backwards",
        "-debian",
        "debian ubuntu",
        "http://other",
    ],
)
def test_what_does_not_match_the_task(expression: str) -> None:
    assert not matches(expression)


def test_what_is_unknown_is_neither_more_nor_less() -> None:
    fresh = Task(id=2, url="https://a.example/b", created_at=NOW)
    for expression in ("finished<1w", "finished>1s", "checked<1w", "taskid>0", "folder:x"):
        assert not matches(expression, fresh)


def test_a_quoted_state_is_a_word() -> None:
    assert matches('"failed"', Task(id=2, url="https://a.example/failed.zip", created_at=NOW))
    assert not matches(
        '"failed"', Task(id=2, url="https://a.example/b", created_at=NOW, state=TaskState.FAILED)
    )


@pytest.mark.parametrize("word", ["failed", "Failed", "失败"])
def test_a_state_alone_finds_its_tasks_and_the_text(word: str) -> None:
    assert matches(
        word, Task(id=2, url="https://a.example/b", created_at=NOW, state=TaskState.FAILED)
    )
    assert matches(word, Task(id=2, url=f"https://a.example/{word}.zip", created_at=NOW))
    assert not matches(word, Task(id=2, url="https://a.example/b", created_at=NOW))


@pytest.mark.parametrize(
    "word", ['"no folder"', '"◊ no folder"', 'state:"◊ no folder"', "缺文件夹"]
)
def test_the_words_of_the_state_column_find_it_also_where_they_are_two(word: str) -> None:
    waiting = Task(id=2, url="https://a.example/b", created_at=NOW)
    assert matches(word, replace(waiting, problem=Problem(ProblemKind.FOLDER_MISSING)))
    assert not matches(word, waiting)


def test_stalled_finds_what_has_stood_still() -> None:
    task = Task(
        id=3,
        url="https://a.example/b",
        created_at=NOW,
        sent_at=NOW - DAY,
        state=TaskState.RUNNING,
        percent=5,
        samples=(Sample(NOW - DAY + 60, 2), Sample(NOW - DAY + 120, 5)),
        checked_at=NOW,
    )
    assert matches("stalled", task)
    assert matches("is:stalled", task)
    assert not matches("-Stalled", task)


@pytest.mark.parametrize(
    ("expression", "reason", "underlined"),
    [
        ("colour:red", FilterErrorReason.UNKNOWN_FIELD, "colour:red"),
        ("颜色>5", FilterErrorReason.UNKNOWN_FIELD, "颜色>5"),
        ("a -colour:red b", FilterErrorReason.UNKNOWN_FIELD, "-colour:red"),
        ("state:done", FilterErrorReason.UNKNOWN_STATE, "state:done"),
        ("state:failed,", FilterErrorReason.UNKNOWN_STATE, "state:failed,"),
        ("is:nice", FilterErrorReason.UNKNOWN_FLAG, "is:nice"),
        ("name: x", FilterErrorReason.VALUE_MISSING, "name:"),
        ('name:""', FilterErrorReason.VALUE_MISSING, 'name:""'),
        ('""', FilterErrorReason.VALUE_MISSING, '""'),
        ("percent>much", FilterErrorReason.NOT_A_NUMBER, "percent>much"),
        ("percent>-1", FilterErrorReason.NOT_A_NUMBER, "percent>-1"),
        ("age<2", FilterErrorReason.NOT_A_DURATION, "age<2"),
        ("age<2y", FilterErrorReason.NOT_A_DURATION, "age<2y"),
        ("state>failed", FilterErrorReason.OPERATOR_MISMATCH, "state>failed"),
        ("name<x", FilterErrorReason.OPERATOR_MISMATCH, "name<x"),
        ("percent~5", FilterErrorReason.OPERATOR_MISMATCH, "percent~5"),
        ('name:"half open', FilterErrorReason.UNCLOSED_QUOTE, 'name:"half open'),
        ("x -", FilterErrorReason.NOTHING_NEGATED, "-"),
    ],
)
def test_an_error_has_its_position_and_reason(
    expression: str, reason: FilterErrorReason, underlined: str
) -> None:
    (error,) = parse(expression).errors
    assert error.reason is reason
    assert expression[error.start : error.end] == underlined


def test_the_valid_parts_of_an_invalid_expression_still_apply() -> None:
    parsed = parse("state:failed colour:red age<x debian")
    assert len(parsed.terms) == 2
    assert len(parsed.errors) == 2
    assert parsed.predicate(CONTEXT)(TASK)


@pytest.mark.parametrize("state", list(TaskState))
def test_the_title_of_a_tab_finds_what_the_tab_shows(state: TaskState) -> None:
    task = Task(id=4, url="https://a.example/b", created_at=NOW, state=state)
    for view in (View.ACTIVE, View.FAILED, View.WAITING, View.SUCCEEDED, View.STALLED):
        is_shown = predicate_for(view)(task)
        assert matches(f"state:{view}", task) is is_shown
        assert matches(f"状态:{STATE_WORDS[view]}", task) is is_shown


def test_every_word_has_its_like_in_chinese() -> None:
    assert tuple(FIELD_WORDS) == FIELDS
    assert tuple(FLAG_WORDS) == FLAGS


@pytest.mark.parametrize(
    ("text", "language", "completed", "candidates"),
    [
        ("sta", "en", "state:", ["state:"]),
        ("a.iso -ta", "en", "a.iso -taskid:", ["taskid:"]),
        ("f", "en", "f", ["folder:", "finished:"]),
        ("状", "en", "状态:", ["状态:"]),
        ("state:fa", "en", "state:failed", ["failed"]),
        ("state:failed,unc", "en", "state:failed,unconfirmed", ["unconfirmed"]),
        ("state：失", "en", "state：失败", ["失败"]),
        ("－状态：失", "zh", "－状态：失败", ["失败"]),
        ("状态：“失", "zh", "状态：失败", ["失败"]),
        ("状态＝失", "zh", "状态＝失败", ["失败"]),
        ("消息：“磁盘", "zh", "消息：“磁盘", []),
        ("state:re", "en", "state:re", ["retrying", "rejected"]),
        ('state:"ne', "en", 'state:"next try"', ['"next try"']),
        ('state:"next tr', "en", 'state:"next try"', ['"next try"']),
        ('-state:"next try","no f', "en", '-state:"next try","no folder"', ['"no folder"']),
        ('state:"n', "en", 'state:"n', ['"next try"', '"no folder"', '"not found"']),
        ('state:"fa', "en", "state:failed", ["failed"]),
        ('name:"a b" state:"next', "en", 'name:"a b" state:"next try"', ['"next try"']),
        ("状态:待", "zh_CN", "状态:待", ["待处理", "待重试", "待确认"]),
        ("状态:网", "zh_CN", "状态:网页", ["网页"]),
        ("is:", "zh_CN", "is:", list(FLAG_WORDS.values())),
        ("host:exa", "en", "host:exa", []),
        ("percent>5", "en", "percent>5", []),
    ],
)
def test_the_last_word_is_completed(
    text: str, language: str, completed: str, candidates: list[str]
) -> None:
    assert complete(text, language) == (completed, candidates)


def test_without_a_letter_the_fields_are_named_in_the_language_of_the_screen() -> None:
    assert complete("", "en").candidates[0] == "state:"
    assert complete("x ", "zh_CN").candidates[0] == "状态:"


def test_every_field_and_flag_can_be_asked_for() -> None:
    values = {"state": "failed", "is": "full", "age": "1d", "checked": "1d", "finished": "1d"}
    values |= {"left": "1d", "percent": "1", "retries": "1", "id": "1", "taskid": "1"}
    for field in FIELDS:
        assert parse(f"{field}:{values.get(field, 'x')}").errors == ()
    for flag in FLAGS:
        assert parse(f"is:{flag}").errors == ()


_PARTS = st.sampled_from([*FIELDS, "-", ":", "~", "<", ">=", '"', " ", "1d", "5%", "failed", "，"])


@given(st.one_of(st.text(), st.lists(_PARTS, max_size=12).map("".join)))
@example("percent>" + "9" * 5000)
@example("age<" + "9" * 5000 + "d")
@example("percent>٣")
@example("folder:²")
def test_any_text_is_an_expression(text: str) -> None:
    parsed = parse(text)
    assert isinstance(parsed, Filter)
    parts: list[Term | FilterError] = [*parsed.terms, *parsed.errors]
    places = sorted((part.start, part.end) for part in parts)
    end = 0
    for start, stop in places:
        assert end <= start < stop <= len(text)
        assert not text[end:start].strip()
        end = stop
    assert not text[end:].strip()
    parsed.predicate(CONTEXT)(TASK)


def test_what_the_user_has_queued_again_counts_as_retried() -> None:
    states = [TaskState.QUEUED, TaskState.SUBMITTING, TaskState.QUEUED, TaskState.SUBMITTING]
    states += [TaskState.FAILED, TaskState.QUEUED]
    steps = tuple(TimelineEntry(float(at), state) for at, state in enumerate(states))
    task = Task(id=1, url="https://a.example/b", created_at=0.0, timeline=steps)
    context = FilterContext(1.0, {})
    assert parse("is:retried retries=1").predicate(context)(task)
    assert not parse("is:retried").predicate(context)(replace(task, timeline=steps[:4]))
