"""The search line."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.filter import (
    FIELD_WORDS,
    FIELDS,
    STATE_WORDS,
    FilterContext,
    FilterErrorReason,
    complete,
    other_syntax,
    parse,
    split_terms,
)
from pan123_tui.domain.query import View, predicate_for
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Shown, Task, TaskState, shown_state

NOW = 1_700_000_000.0
HOUR = 3600.0
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
    arrival=ArrivalCheck(ArrivalStatus.TOO_SMALL, NOW, "d.iso", size=1_572_864),
)
FRESH = Task(id=2, url="https://a.example/b", created_at=NOW)


def matches(expression: str, task: Task = TASK) -> bool:
    parsed = parse(expression)
    assert parsed.errors == ()
    return parsed.predicate(CONTEXT)(task)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "state:trouble state:done,failed 状态：完成、失败 -state:active",
        'host:example.com host=cdn.example.com name~iso name="debian 12.iso"',
        'folder:9 folder:"films 2024" folder~2024 folder="films 2024" -folder:2024 -folder=films',
        "reason:full 原因：“磁盘已满”",
        "percent>50 percent:62 percent>=62% 进度＞50 进度＝６２％",
        "percent<=62 -percent>62 -percent:63 进度：62",
        "“磁盘已满”",
        "－“磁盘 未满”",
        "状态：“失败”　名称：“iso”",
        "id:1 4711",
        "size>=1.5MiB size<=1.5m 大小>1500KB -大小>1g",
        'reason:"disk is',
        "主机:example.com 文件名~iso 名称~iso 源站:example.com",
        "添加于<1天 结束于<90分钟 编号=1 age>2h finished<90m",
        '"disk is full" -"disk is empty"',
        "https://cdn.example.com/isos",
        '"磁盘已满" -磁盘：已满 -第1集：红 -《甲：乙》',
        "state:failed host:example.com age<2d name~iso folder:9 percent>50 -word",
        "host:other,example.com 源站：qq，example id=7,1 folder:films,7 age>1w,2h -name:q、zz",
        'name:"a, b","debian 12" -name:"debian,iso" name:iso,',
    ],
)
def test_what_matches_the_task(expression: str) -> None:
    assert matches(expression)


@pytest.mark.parametrize("field", ["url", "链接"])
def test_a_link_is_found_by_its_words_and_as_it_is_written(field: str) -> None:
    disc = Task(id=3, url="https://a.example/%E5%85%89%E7%9B%98.iso", created_at=NOW)
    assert matches(f"{field}:光盘 {field}:%E5%85%89 {field}={disc.url}", disc)
    assert not matches(f"{field}:光盘", FRESH)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("web page", [2, 4]),
        ("网页", []),
        ("reason:WEB", [2, 4]),
        ('原因="a web page"', [2, 4]),
        ("原因=web", []),
        ("-web", [1, 3]),
    ],
)
def test_what_the_list_says_of_a_task_in_trouble_is_found(
    expression: str, found: list[int]
) -> None:
    tasks = [
        replace(FRESH, id=1, state=TaskState.RUNNING),
        replace(FRESH, id=2, state=TaskState.MISSING),
        replace(FRESH, id=3),
        replace(FRESH, id=4, problem=TASK.problem),
    ]
    fits = parse(expression).predicate(replace(CONTEXT, note=lambda _task: "a web page"))
    assert [task.id for task in tasks if fits(task)] == found


@pytest.mark.parametrize(
    "name",
    [
        *("第“7”季", "“三体”第一集", "季 “三体”", "“三体”，“黑暗森林”", "访谈：“三体”"),
        *("x～“三体”", "三体～完结"),
    ],
)
def test_signs_of_an_input_method_within_a_name_are_text(name: str) -> None:
    expression = f'"{name}"' if name.startswith("季") else name
    assert matches(expression, replace(TASK, name=name))
    assert not matches(expression)


@pytest.mark.parametrize(
    "expression",
    [
        *("state:done", "-state:failed", "state:done,queued", "host=example.com", "name=debian"),
        *("id:4711", "size>=2MB size<9GB", "percent>62.5", "finished<30m", "http://other"),
        *("debian ubuntu", "debian,12", "host:q,zz", "-host:q,example.com", 'name:"debian,x"'),
    ],
)
def test_what_does_not_match_the_task(expression: str) -> None:
    assert not matches(expression)


@pytest.mark.parametrize(
    ("unit", "seconds"),
    [
        *(("s", 1), ("秒", 1), ("m", 60), ("分", 60), ("分钟", 60), ("h", 3600), ("小时", 3600)),
        *(("d", 86_400), ("天", 86_400), ("w", 604_800), ("周", 604_800)),
    ],
)
def test_a_unit_of_time_is_worth_its_seconds(unit: str, seconds: int) -> None:
    task = replace(TASK, created_at=NOW - 2 * seconds)
    assert not matches(f"age<2{unit}", task)
    assert not matches(f"age>2{unit}", task)
    assert matches(f"age<=2{unit} age>=2{unit}", task)


def test_an_empty_file_has_a_size_and_a_missing_one_has_none() -> None:
    empty = replace(FRESH, arrival=ArrivalCheck(ArrivalStatus.TOO_SMALL, NOW, "b"))
    lost = replace(FRESH, arrival=ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW))
    assert [matches("size<1KB", task) for task in (empty, lost, FRESH)] == [True, False, False]


@pytest.mark.parametrize(
    ("unit", "size"), [("b", 1), ("k", 1024), ("MB", 1024**2), ("GiB", 1024**3), ("t", 1024**4)]
)
def test_a_unit_of_size_is_worth_its_bytes(unit: str, size: int) -> None:
    task = replace(TASK, arrival=ArrivalCheck(ArrivalStatus.FOUND, NOW, "d.iso", size=2 * size))
    assert matches(f"size>=2{unit} size<=2{unit}", task)
    assert not matches(f"size>2{unit}", task)
    assert not matches(f"size<2{unit}", task)


def test_what_is_unknown_is_neither_more_nor_less() -> None:
    for expression in ("finished<1w", "finished>1s", "size<1TB", "size>1b", "folder:x"):
        assert not matches(expression, FRESH)


@pytest.mark.parametrize("word", ["failed", "Failed", "失败"])
def test_a_state_alone_finds_its_tasks_and_the_text_and_in_quotes_the_text(word: str) -> None:
    failed = replace(FRESH, state=TaskState.FAILED)
    named = replace(FRESH, url=f"https://a.example/{word}.zip")
    assert [matches(word, it) for it in (failed, named, FRESH)] == [True, True, False]
    assert [matches(f'"{word}"', it) for it in (failed, named, FRESH)] == [False, True, False]


@pytest.mark.parametrize(
    ("expression", "reason", "underlined"),
    [
        ("colour:red", FilterErrorReason.UNKNOWN_FIELD, "colour:red"),
        ("x 颜色:红", FilterErrorReason.UNKNOWN_FIELD, "颜色:红"),
        ("a -colour:red b", FilterErrorReason.UNKNOWN_FIELD, "-colour:red"),
        ("state:held", FilterErrorReason.UNKNOWN_STATE, "state:held"),
        ("state:failed,held", FilterErrorReason.UNKNOWN_STATE, "state:failed,held"),
        ("name: host:example.com", FilterErrorReason.VALUE_MISSING, "name:"),
        ("host:，,、", FilterErrorReason.VALUE_MISSING, "host:，,、"),
        ('""', FilterErrorReason.VALUE_MISSING, '""'),
        ("percent>much", FilterErrorReason.NOT_A_NUMBER, "percent>much"),
        ("age<2", FilterErrorReason.NOT_A_DURATION, "age<2"),
        ("age<2y", FilterErrorReason.NOT_A_DURATION, "age<2y"),
        ("size>2", FilterErrorReason.NOT_A_SIZE, "size>2"),
        ("name<x", FilterErrorReason.NOT_COMPARABLE, "name<x"),
        ("age:2d", FilterErrorReason.NOT_TEXT, "age:2d"),
        ("size=1GB", FilterErrorReason.NOT_TEXT, "size=1GB"),
        ("x -", FilterErrorReason.VALUE_MISSING, "-"),
    ],
)
def test_an_error_has_its_position_and_reason(
    expression: str, reason: FilterErrorReason, underlined: str
) -> None:
    (error,) = parse(expression).errors
    assert error.reason is reason
    assert expression[error.start : error.end] == underlined


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("failed or unsure", "or"),
        ("状态:失败 或 待确认", "或"),
        ("tom AND jerry", "AND"),
        ("host:a|b", "host:a|b"),
        ("iso !debian", "!debian"),
        ("not debian", "not"),
        ('orange "or" note a&b "x|y" name:"!z" wow! -w', ""),
    ],
)
def test_what_joins_or_negates_elsewhere_is_known(line: str, word: str) -> None:
    assert other_syntax(line) == word
    assert parse(line).errors == (), "it is text"


def test_the_valid_parts_of_an_invalid_expression_still_apply() -> None:
    parsed = parse("state:failed colour:red age<x debian")
    assert len(parsed.terms) == 2
    assert len(parsed.errors) == 2
    assert parsed.predicate(CONTEXT)(TASK)


def one_of_each() -> list[Task]:
    """Return a task in each state, and one reported done without its file."""
    tasks = [replace(FRESH, id=i, state=it) for i, it in enumerate(TaskState, 1)]
    lost = ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW)
    return [*tasks, replace(FRESH, id=10, state=TaskState.SUCCEEDED, arrival=lost)]


@pytest.mark.parametrize("shown", Shown)
def test_a_word_of_the_state_column_finds_the_tasks_that_show_it(shown: Shown) -> None:
    for task in one_of_each():
        for word in (shown, STATE_WORDS[shown]):
            assert matches(f"state:{word}", task) is (shown_state(task) is shown)
            assert matches(word, task) is (shown_state(task) is shown)


@pytest.mark.parametrize(
    ("word", "state"),
    [("已完成", TaskState.SUCCEEDED), ("成功", TaskState.SUCCEEDED), ("异常", TaskState.FAILED)],
)
def test_other_words_for_a_state_are_known(word: str, state: TaskState) -> None:
    assert matches(f"状态:{word}", replace(FRESH, state=state))


@pytest.mark.parametrize("view", sorted(set(View) - {View.ALL}))
def test_the_name_of_a_tab_finds_what_it_shows(view: View) -> None:
    is_shown = predicate_for(view)
    tasks = [it for it in one_of_each() if not it.has_suspect_file or view is not View.DONE]
    for word in (view, STATE_WORDS[view]):
        found = [it.id for it in tasks if matches(f"state:{word}", it)]
        assert found == [it.id for it in tasks if is_shown(it)]


@pytest.mark.parametrize(
    ("part", "taken_for"),
    [
        *(("排队", ["queued"]), ("确认", ["unsure"]), ("FAIL", ["failed"])),
        *(("un", ["running", "unsure"]), ("中", ["queued", "sending", "running", "active"])),
    ],
)
def test_a_part_of_a_state_finds_all_that_have_it_and_says_which(
    part: str, taken_for: list[str]
) -> None:
    parsed, expected = parse(f"-state:done 状态：{part}"), parse(f"state:{','.join(taken_for)}")
    assert [it for term in parsed.terms for it in term.guesses] == [(part.lower(), taken_for)]
    tests = [it.predicate(CONTEXT) for it in (parsed, expected)]
    assert {tests[0](it) is tests[1](it) for it in one_of_each()} == {True}
    assert not any(term.guesses for term in expected.terms), "whole words are what they are"


@pytest.mark.parametrize(
    ("text", "language", "completed", "candidates"),
    [
        ("sta", "en", "state:", ["state:"]),
        ("a.iso -re", "en", "a.iso -reason:", ["reason:"]),
        ("f", "en", "f", ["folder:", "finished<"]),
        ("大", "zh", "大小>", ["大小>"]),
        ("siz", "en", "size>", ["size>"]),
        ("perc", "en", "percent>", ["percent>"]),
        ("i", "en", "id:", ["id:"]),
        ("-ag", "en", "-age<", ["age<"]),
        ("state:fa", "en", "state:failed", ["failed"]),
        ("state：失", "en", "state：失败", ["失败"]),
        ("－状态：失", "zh", "－状态：失败", ["失败"]),
        ("状态：“失", "zh", "状态：失败", ["失败"]),
        ('state:"fa', "en", "state:failed", ["failed"]),
        ('name:"a b" state:"uns', "en", 'name:"a b" state:unsure', ["unsure"]),
        ("状态:", "zh_CN", "状态:", list(STATE_WORDS.values())),
        ("percent>5", "en", "percent>5", []),
        ("an", "en", "an", []),
        ("batch:", "en", "batch:", ["last", "anime", '"第 2 季"', '"x, y"']),
        ("batch=an", "en", "batch=anime", ["anime"]),
        ("批次:第", "en", '批次:"第 2 季"', ['"第 2 季"']),
        ('batch:"', "en", 'batch:"', ["last", "anime", '"第 2 季"', '"x, y"']),
        ('batch:"第 2', "en", 'batch:"第 2 季"', ['"第 2 季"']),
        ("batch:最", "en", "batch:最近", ["最近"]),
        ('batch:"x', "en", 'batch:"x, y"', ['"x, y"']),
        ('batch:"x,', "en", 'batch:"x, y"', ['"x, y"']),
        ("state:an", "en", "state:an", []),
    ],
)
def test_the_last_word_is_completed(
    text: str, language: str, completed: str, candidates: list[str]
) -> None:
    assert complete(text, language, ("anime", "第 2 季", "x, y")) == (completed, candidates)


def test_without_a_letter_the_fields_are_named_in_the_language_of_the_screen() -> None:
    assert complete("", "en")[1][0] == "state:"
    assert complete("x ", "zh_CN")[1][0] == "状态:"


_VALUES = {"state": "failed", "size": "1MB", "age": "1d", "finished": "1d"}


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_can_be_asked_for(field: str) -> None:
    for word in (field, FIELD_WORDS[field]):
        completed = complete(word, "en")[1][0]
        assert completed.startswith(word)
        (term,) = parse(f"{completed}{_VALUES.get(field, '1')}").terms
        assert term.field == field


_PARTS = st.sampled_from([*FIELDS, "-", ":", "~", "<", ">=", '"', " ", "1d", "5%", "failed", "，"])


@given(st.one_of(st.text(), st.lists(_PARTS, max_size=12).map("".join)))
@example("percent>٣ folder:² percent>" + "9" * 5000)
@example("age<" + "9" * 5000 + "d")
def test_any_text_is_an_expression(text: str) -> None:
    parsed = parse(text)
    end = 0
    for start, term in split_terms(text):
        assert end <= start < start + len(term) <= len(text)
        assert not text[end:start].strip()
        end = start + len(term)
    assert not text[end:].strip()
    assert len(parsed.terms) + len(parsed.errors) == len(list(split_terms(text)))
    parsed.predicate(CONTEXT)(TASK)
