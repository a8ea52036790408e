import pytest

from tradeassist_desktop.domain.one_line import one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("plain words", "plain words", id="plain"),
        pytest.param("Zürich – 110'165 ▲ ☎", "Zürich – 110'165 ▲ ☎", id="letters of others"),
        pytest.param("a\r\nb\tc", r"a\r\nb\tc", id="line ends and tabs"),
        pytest.param("\x1b[2J\x00\x85", r"\x1b[2J\x00\x85", id="terminal commands"),
        pytest.param("12\u202e34\u2066", r"12\u202e34\u2066", id="bidirectional controls"),
        pytest.param("a\u2028b\u2029", r"a\u2028b\u2029", id="line and paragraph separators"),
        pytest.param("pass\u200bword", r"pass\u200bword", id="zero width"),
        pytest.param("\ud800", r"\ud800", id="half a character"),
        pytest.param("\U000e0041", r"\U000e0041", id="tags"),
        pytest.param("x" * 21, "x" * 19 + "…", id="too long"),
        pytest.param("x" * 20, "x" * 20, id="just long enough"),
        pytest.param("\n" * 20, r"\n" * 9 + "\\…", id="too long once written out"),
    ],
)
def test_e110_what_is_not_seen_is_written_out(text: str, line: str) -> None:
    assert one_line(text, 20) == line
