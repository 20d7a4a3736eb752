"""The cache of folders that were seen."""

import pytest

from pan123_tui.domain.folders import (
    MAX_CACHED_FOLDERS,
    MAX_RECENT_FOLDERS,
    ROOT_ID,
    Folder,
    FolderCache,
    FolderProblem,
    parse_folder,
)

FILMS = Folder(7, "影视", ROOT_ID)
YEAR = Folder(8, "2024", 7)


def test_a_path_is_known_only_from_the_root_down() -> None:
    assert FolderCache().with_seen([FILMS, YEAR]).full_path(8) == ("影视", "2024")
    assert FolderCache().with_seen([YEAR]).full_path(8) == ()
    assert FolderCache().full_path(8) == ()


def test_a_path_in_a_circle_comes_to_an_end() -> None:
    cache = FolderCache().with_seen([Folder(1, "a", 2), Folder(2, "b", 1), FILMS, YEAR])
    assert cache.full_path(1) == ()
    assert cache.full_path(8) == ("影视", "2024")


def test_another_accounts_folders_are_none_of_this_one() -> None:
    cache = FolderCache().with_seen([FILMS, YEAR]).with_recent(7).for_account(1)
    assert cache.for_account(1) == cache
    assert cache.for_account(2) == FolderCache(uid=2)
    assert (cache.in_folder(7), cache.names) == ({8}, {7: "影视", 8: "影视/2024"})


def test_the_latest_used_comes_first_and_only_once() -> None:
    cache = FolderCache().with_recent(1).with_recent(2).with_recent(1)
    assert cache.recent == (1, 2)
    for folder_id in range(50):
        cache = cache.with_recent(folder_id)
    assert len(cache.recent) == MAX_RECENT_FOLDERS
    assert cache.recent[0] == 49


def test_what_is_gone_keeps_its_name_but_is_no_path_and_not_recent() -> None:
    cache = FolderCache().with_seen([FILMS, YEAR]).with_recent(8).with_recent(7)
    gone = cache.with_gone({7})
    assert gone.full_path(8) == ("影视", "2024")
    assert gone.recent == (8,)
    assert gone.is_gone(8), "the folder above it is gone"
    assert not gone.with_gone(set(), found={7}).is_gone(8)


def test_the_longest_unseen_are_forgotten_first_but_not_the_used_ones() -> None:
    cache = FolderCache().with_seen([FILMS, YEAR]).with_recent(7)
    assert cache.with_seen([FILMS]) is cache, "nothing is new"
    cache = cache.with_seen(
        Folder(100 + number, str(number), ROOT_ID) for number in range(MAX_CACHED_FOLDERS)
    )
    assert 7 in cache.folders
    assert 8 not in cache.folders
    assert len(cache.folders) <= MAX_CACHED_FOLDERS + 1


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("", None),
        ("  ", None),
        (" 10023 ", 10023),
        ("影视", ("影视",)),
        ("/影视//动画/", ("影视", "动画")),
        ("/2024", ("2024",)),
        ("影视/ 2024 ", ("影视", "2024")),
        ("12a", ("12a",)),
        ("来自:离线下载", ("来自:离线下载",)),
        ("0", FolderProblem.ROOT),
        ("１２", FolderProblem.NOT_A_NUMBER),
        ("/", FolderProblem.ROOT),
        ("1" * 19, FolderProblem.NOT_A_NUMBER),
        ("../x", FolderProblem.NAME),
        ("x/" + "y" * 256, FolderProblem.NAME),
    ],
)
def test_digits_are_an_id_and_all_else_is_a_path(text: str, target: object) -> None:
    assert parse_folder(text) == target
