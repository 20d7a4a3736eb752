"""The tree of folders that were seen."""

import pytest

from pan123_tui.domain.folders import (
    MAX_FOLDERS,
    MAX_RECENT,
    ROOT_ID,
    Folder,
    FolderFault,
    FolderTree,
    parse_folder,
)

FILMS = Folder(7, "影视", ROOT_ID)
YEAR = Folder(8, "2024", 7)


def test_a_path_is_known_only_from_the_root_down() -> None:
    assert FolderTree().with_seen([FILMS, YEAR]).path(8) == ("影视", "2024")
    assert FolderTree().with_seen([YEAR]).path(8) == ()
    assert FolderTree().path(8) == ()


def test_a_path_in_a_circle_comes_to_an_end() -> None:
    tree = FolderTree().with_seen([Folder(1, "a", 2), Folder(2, "b", 1), FILMS, YEAR])
    assert tree.path(1) == ()
    assert list(tree.existing(tree.folders).values()) == ["影视", "影视/2024"]


def test_another_accounts_folders_are_none_of_this_one() -> None:
    tree = FolderTree().with_seen([FILMS, YEAR]).with_recent(7).for_account(1)
    assert tree.for_account(1) == tree
    assert tree.for_account(2) == FolderTree(uid=2)
    assert (tree.children(7), tree.names) == ([YEAR], {7: "影视", 8: "影视/2024"})


def test_the_latest_used_comes_first_and_only_once() -> None:
    tree = FolderTree().with_recent(1).with_recent(2).with_recent(1)
    assert tree.recent == (1, 2)
    for folder_id in range(50):
        tree = tree.with_recent(folder_id)
    assert len(tree.recent) == MAX_RECENT
    assert tree.recent[0] == 49


def test_what_is_gone_keeps_its_name_but_is_no_path_and_not_recent() -> None:
    tree = FolderTree().with_seen([FILMS, YEAR]).with_recent(8).with_recent(7)
    gone = tree.with_gone(7, is_gone=True)
    assert gone.path(8) == ("影视", "2024")
    assert gone.recent == (8,)
    assert gone.is_gone(8), "the folder above it is gone"
    assert not gone.existing(gone.folders)
    assert gone.with_gone(7, is_gone=False).existing({8}) == {8: "影视/2024"}


def test_the_longest_unseen_are_forgotten_first_but_not_the_used_ones() -> None:
    tree = FolderTree().with_seen([FILMS, YEAR]).with_recent(7)
    assert tree.with_seen([FILMS]) is tree, "nothing is new"
    tree = tree.with_seen(
        Folder(100 + number, str(number), ROOT_ID) for number in range(MAX_FOLDERS)
    )
    assert 7 in tree.folders
    assert 8 not in tree.folders
    assert len(tree.folders) <= MAX_FOLDERS + 1


def test_a_folder_is_typed_as_its_path_if_that_leads_to_it_and_otherwise_as_its_id() -> None:
    again, odd = Folder(9, "2024", 7), Folder(10, "a／b ", ROOT_ID)
    tree = FolderTree().with_seen([FILMS, YEAR, odd, Folder(11, "2024", ROOT_ID)])
    assert [tree.typed(i) for i in (8, 10, 11, 12)] == ["影视/2024", "10", "/2024", "12"]
    assert (tree.at(["影视", "2024"]), tree.at(["影视", "2025"]), tree.at([])) == (8, None, 0)
    tree = tree.with_seen([again])
    assert (tree.at(["影视", "2024"]), tree.typed(8)) == (9, "8"), "the one seen last exists"
    gone = tree.with_gone(9, is_gone=True)
    assert (gone.at(["影视", "2024"]), gone.typed(9)) == (8, "影视/2024"), "it can be made again"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("", None),
        ("  ", None),
        (" 10023 ", 10023),
        ("影视", ("影视",)),
        ("/影视//动画/", ("影视", "动画")),
        ("影视／动画", ("影视", "动画")),
        ("/2024", ("2024",)),
        ("影视/ 2024 ", ("影视", "2024")),
        ("12a", ("12a",)),
        ("来自:离线下载", ("来自:离线下载",)),
        ("0", FolderFault.ROOT),
        ("１２", FolderFault.NOT_A_NUMBER),
        ("/", FolderFault.ROOT),
        ("1" * 19, FolderFault.NOT_A_NUMBER),
        ("../x", FolderFault.NAME),
        ("x/" + "y" * 256, FolderFault.NAME),
    ],
)
def test_digits_are_an_id_and_all_else_is_a_path(text: str, target: object) -> None:
    assert parse_folder(text) == target
