import json
from pathlib import Path

import pytest

from tradeassist_desktop.cli import main
from tradeassist_desktop.engine.language.reference import reference
from tradeassist_desktop.engine.rulefiles.rulefile import parse_rules
from tradeassist_desktop.engine.templates import TEMPLATES


@pytest.fixture
def file(tmp_path: Path):
    """Return what writes rules into a file."""

    def write(*rules: dict[str, object], name: str = "rules.json") -> str:
        path = tmp_path / name
        path.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": rules}))
        return str(path)

    return write


def test_a_good_file_is_counted(file, capsys) -> None:
    one = file({"name": "a", "symbol": "/ES", "when": "last > 1"})
    none = file(name="none.json")

    status = main(["rules", "check", one, none])

    assert status == 0
    assert capsys.readouterr().out.splitlines() == [f"{one}: 1 rule, no fault", f"{none}: 0 rules, no fault"]


def test_every_fault_of_every_file_is_a_line_and_the_status_is_2(file, capsys, tmp_path: Path) -> None:
    bad = file({"name": "a", "symbol": "/ES", "when": "last > "}, {"name": "b", "symbol": "/ES"})
    missing = str(tmp_path / "missing.json")

    status = main(["rules", "check", bad, missing])

    lines = capsys.readouterr().err.splitlines()
    assert status == 2
    assert [line.split(": expected")[0] for line in lines] == [
        f"tradeassist: {bad}: rules[0].when: column 7",
        f"tradeassist: {bad}: rules[1].when: is missing",
        f"tradeassist: {missing}: No such file or directory",
    ]


def test_a_formatted_file_holds_the_same_rules_in_canonical_words(file, capsys) -> None:
    path = file({"when": "LAST>5.0 AND((bid>1))", "name": "a", "symbol": ["/ES"], "cooldown": "120s"})

    status = main(["rules", "format", path])

    assert status == 0
    assert json.loads(capsys.readouterr().out)["rules"] == [
        {"name": "a", "symbol": "/ES", "when": "last > 5 and bid > 1", "cooldown": "2m"}
    ]


def test_words_lists_every_word_with_its_unit_and_help(capsys) -> None:
    status = main(["rules", "words"])

    text = capsys.readouterr().out
    assert status == 0
    assert all(word.signature in text and word.doc in text for word in reference())


def test_words_are_found_by_a_part_of_them_and_told_in_full(capsys) -> None:
    status = main(["rules", "words", "LOWEST of"])

    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert status == 0
    assert lines[0] == "Indicators"
    assert lines[1].startswith("lowest(source, bars)")
    assert any(line.startswith("example: ") for line in lines)
    assert any(line.startswith("bars: ") for line in lines)


def test_templates_lists_every_template_with_its_parameters(capsys) -> None:
    status = main(["rules", "templates"])

    text = capsys.readouterr().out
    assert status == 0
    for template in TEMPLATES.values():
        assert f"{template.name}: " in text and template.story in text
        assert all(field.name in text and field.limits in text for field in template.parameters)


def test_a_made_rule_file_reads_back(capsys) -> None:
    chosen = ["--set", "bars=7", "--set", "timeframe=5m"]
    symbols = ["--symbol", "/ES", "--symbol", "AAPL"]

    status = main(["rules", "make", "rsi-extreme", *symbols, "--name", "mine", *chosen])

    (rule,) = parse_rules(capsys.readouterr().out.encode())
    assert status == 0
    assert (rule.name, rule.symbols, rule.when) == ("mine", ("/ES", "AAPL"), "rsi(7)[5m] outside 30..70")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["make", "rsi", "--symbol", "/ES"], "no template 'rsi'; there are", id="no template"),
        pytest.param(["make", "rsi-extreme"], "symbol: expected at least one symbol", id="no symbol"),
        pytest.param(
            ["make", "rsi-extreme", "--symbol", "/ES", "--set", "bars=1"],
            "bars: expected 2 to 500 bars, found '1'",
            id="out of range",
        ),
        pytest.param(
            ["make", "rsi-extreme", "--symbol", "/ES", "--set", "bars"],
            "--set bars: expected NAME=VALUE",
            id="no value",
        ),
        pytest.param(["words", "flute"], "no word has 'flute' in it", id="no word"),
        pytest.param(["templates", "flute"], "no template 'flute'", id="template asked for"),
        pytest.param([], "the following arguments are required: TASK", id="no task"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(arguments: list[str], message: str, capsys) -> None:
    status = main(["rules", *arguments])

    (line,) = capsys.readouterr().err.splitlines()
    assert status == 2
    assert line.startswith("tradeassist: ") and message in line
