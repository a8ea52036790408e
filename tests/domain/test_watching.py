from tradeassist_desktop.domain.watching import (
    WatchGroup,
    added,
    arranged,
    moved,
    moved_group,
    removed,
    renamed_group,
    symbols_of,
    with_group,
    without_group,
)

GROUPS = (WatchGroup("", ("A", "B")), WatchGroup("Futures", ("/ES", "/NQ", "/CL")), WatchGroup("Empty"))


def test_each_symbol_is_watched_once_whatever_the_groups_say() -> None:
    groups = arranged(["A", "B", "C"], [WatchGroup("G", ("B", "B", "gone")), WatchGroup("H", ("B", "C"))])

    assert groups == (WatchGroup("", ("A",)), WatchGroup("G", ("B",)), WatchGroup("H", ("C",)))


def test_what_is_watched_already_stays_where_it_is() -> None:
    assert added(GROUPS, ["/NQ", "C", "C"], "Empty")[2] == WatchGroup("Empty", ("C",))


def test_symbols_go_before_what_stood_there_wherever_they_come_from() -> None:
    into_another = moved(GROUPS, ["/CL", "A"], "Futures", 1)
    down = moved(GROUPS, ["/ES"], "Futures", 3)
    up = moved(GROUPS, ["/CL"], "Futures", 0)

    assert symbols_of(into_another) == ("B", "/ES", "/CL", "A", "/NQ")
    assert down[1].symbols == ("/NQ", "/CL", "/ES")
    assert up[1].symbols == ("/CL", "/ES", "/NQ")


def test_a_group_may_be_left_empty_renamed_joined_moved_and_removed() -> None:
    emptied = removed(GROUPS, ["/ES", "/NQ", "/CL"])
    joined = renamed_group(GROUPS, "Futures", "Empty")

    assert [group.name for group in emptied] == ["", "Futures", "Empty"]
    assert joined == (WatchGroup("", ("A", "B")), WatchGroup("Empty", ("/ES", "/NQ", "/CL")))
    assert [group.name for group in moved_group(GROUPS, "Empty", 0)] == ["", "Empty", "Futures"]
    assert [group.name for group in moved_group(GROUPS, "Futures", 3)] == ["", "Empty", "Futures"]
    assert without_group(GROUPS, "Futures")[0].symbols == ("A", "B", "/ES", "/NQ", "/CL")
    assert with_group(GROUPS, "Empty") == GROUPS
