"""Rows 101 and 102: hostile rule files, settings, recordings and archives are refused, in words."""

import gzip
import json
import os
import pickle
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.engine.rulefiles.rulefile import MOST_BYTES, parse_rules
from tradeassist_desktop.recordings import read
from tradeassist_desktop.services.recordings.folder import RecordingFolder
from tradeassist_desktop.services.settings import Settings

ROOT = Path(__file__).parents[2]
GOOD = {"name": "good", "symbol": "AAPL", "when": "last > 100"}

# Each is decided within a second, far from this; what hangs does not hang for long.
pytestmark = pytest.mark.timeout(60)


def rule_file(*rules: object) -> bytes:
    return json.dumps({"format": "tradeassist-rules", "version": 1, "rules": rules}).encode()


class Touching:
    """What a pickle runs when it is read."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self._file}",)


# --- row 101: rule files


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda run: pickle.dumps(Touching(run)), id="a pickle"),
        pytest.param(
            lambda run: f"!!python/object/apply:os.system ['touch {run}']".encode(), id="YAML's tags"
        ),
        pytest.param(lambda run: b"- &a [*a, *a]\n- !!binary x", id="YAML's anchors"),
        pytest.param(lambda run: f"__import__('os').system('touch {run}')".encode(), id="Python"),
        pytest.param(lambda run: b"\xef\xbb\xbf\xef\xbb\xbf" + rule_file(GOOD), id="two byte order marks"),
        pytest.param(lambda run: rule_file(GOOD).replace(b"good", b"go\x00od"), id="a NUL"),
        pytest.param(
            lambda run: rule_file(GOOD).replace(b'"rules"', b'"rules": [], "rules"'), id="a key twice"
        ),
        pytest.param(lambda run: rule_file(GOOD, GOOD), id="a name twice"),
        pytest.param(lambda run: b"[" * 1_000_000, id="a million brackets"),
        pytest.param(lambda run: b" " * 100_000_000 + rule_file(GOOD), id="100 MB"),
        pytest.param(
            lambda run: rule_file(*[{**GOOD, "name": str(n)} for n in range(10_001)]), id="10,001 rules"
        ),
        pytest.param(
            lambda run: rule_file({**GOOD, "cooldown": "9" * 400 + "s"}), id="a cooldown without end"
        ),
        pytest.param(lambda run: rule_file({**GOOD, "__class__": "os"}), id="a key of Python's"),
        pytest.param(lambda run: rule_file(GOOD).replace(b'"last > 100"', b"NaN"), id="NaN for a condition"),
    ],
)
def test_row_101_a_hostile_rule_file_is_refused_and_runs_nothing(
    make: Callable[[Path], bytes], tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as refused:
        parse_rules(make(tmp_path / "it ran"))

    assert 1 <= len(refused.value.faults) <= 1_001
    assert all("\n" not in str(fault) and len(str(fault)) < 500 for fault in refused.value.faults)
    assert not (tmp_path / "it ran").exists()


@pytest.mark.parametrize(
    "when",
    [
        pytest.param("__import__('os').system('id') > 0", id="an import"),
        pytest.param("last.__class__.__bases__ > 1", id="a chain of attributes"),
        pytest.param("().__class__.__mro__[1] > 1", id="from a tuple"),
        pytest.param("lambda: 1 > 0", id="a lambda"),
        pytest.param("(" * 10_000 + "last" + ")" * 10_000 + " > 1", id="10,000 brackets"),
        pytest.param("not " * 10_000 + "last > 1", id="10,000 times not"),
        pytest.param("-" * 10_000 + "last > 1", id="10,000 times minus"),
        pytest.param("last ** 9 ** 9 ** 9 > 1", id="a power"),
        pytest.param("last > 9e999999999", id="an exponent"),
        pytest.param("last > " + "9" * 100_000, id="100,000 digits"),
        pytest.param("last > nan", id="not a number"),
        pytest.param("last > inf", id="infinity"),
        pytest.param("sma(1000000000) > 1", id="a period of a billion"),
        pytest.param("highest(999999999d) > 1", id="a span of a million years"),
        pytest.param("last[999999999m] > 1", id="a bar of a billion minutes"),
        pytest.param("(a+)+" * 5_000 + "!", id="what a regular expression would choke on"),
        pytest.param('"' + "a" * 100_000, id="a text without end"),
        pytest.param("last > 1\x00 or last < 1", id="a NUL"),
        pytest.param("last > 1 /* \u202e */", id="a turn of the reading order"),
        pytest.param(" or ".join(["last > 1"] * 20_000), id="20,000 conditions"),
    ],
)
def test_row_101_a_hostile_condition_is_refused_with_its_place(when: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_rules(rule_file({**GOOD, "when": when}))

    assert {fault.place for fault in refused.value.faults} == {"rules[0].when"}
    assert all(len(str(fault)) < 500 for fault in refused.value.faults)


def test_row_101_every_fault_is_listed_with_its_rule_and_nothing_is_taken_of_the_good_ones(
    tmp_path: Path,
) -> None:
    file = tmp_path / "rules.json"
    bad = {**GOOD, "name": "bad", "when": "last >"}
    file.write_bytes(rule_file(GOOD, bad, {**bad, "name": "worse", "cooldown": "soon"}))

    done = subprocess.run(
        [sys.executable, "-P", "-m", "tradeassist_desktop", "run", "--headless", "--feed", "demo", "--rules",
         str(file), "--data-dir", str(tmp_path / "data")],
        env={**os.environ, "PYTHONPATH": str(ROOT), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip

    told = done.stderr.splitlines()
    assert done.returncode == 2
    assert [line.split(str(file))[1].split(": ")[1] for line in told] == [
        "rules[1].when", "rules[2].cooldown", "rules[2].when",
    ]  # fmt: skip
    assert done.stdout == ""


def test_row_101_no_more_of_a_file_is_read_than_a_rule_file_may_have() -> None:
    command = [sys.executable, "-P", "-m", "tradeassist_desktop", "rules", "check", "/dev/zero"]

    # By a shell: to set it here, between fork and exec, ends badly where an earlier test has used gRPC.
    done = subprocess.run(
        ["sh", "-c", 'ulimit -v 2097152; exec "$@"', "sh", *command],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr == f"tradeassist: /dev/zero: larger than {MOST_BYTES // 2**20} MiB\n"


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"sound.volume": NaN}',
        b'{"__class__": 1}',
        b"\x00" * 100,
        b" " * 2_000_000,
        b"!!python/x",
    ],
    ids=["deep", "NaN", "no setting", "zeros", "2 MB", "YAML"],
)
def test_row_101_a_hostile_settings_file_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_bytes(content)

    with pytest.raises(BadInput) as refused:
        Settings(file=tmp_path / "settings.json")

    assert str(tmp_path / "settings.json") in str(refused.value)


# --- row 102: archives and names


@pytest.fixture
def archives(tmp_path: Path) -> list[Path]:
    """A zip and a tar whose members lead out of a folder: names, a link, and a bomb."""
    zipped, tarred = tmp_path / "rules.zip", tmp_path / "rules.tar.gz"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("../../escaped", "/tmp/escaped", "C:\\escaped", "CON", "a\x00b", "rules.json"):
            archive.writestr(name, rule_file(GOOD))
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bomb", b"0" * 50_000_000)
    with tarfile.open(tarred, "w:gz") as archive:
        archive.add(__file__, arcname="../../escaped")
    return [zipped, tarred]


@pytest.mark.parametrize("suffix", [".zip", ".csv", ".csv.gz", ".json", ".parquet"])
def test_row_102_no_archive_is_unpacked_whatever_it_is_called(
    archives: list[Path], suffix: str, tmp_path: Path
) -> None:
    before = {path for path in tmp_path.parent.rglob("*") if "escaped" in path.name}
    for number, archive in enumerate(archives):
        named = archive.rename(tmp_path / f"given{number}{suffix}")

        with pytest.raises(BadInput):
            list(read(named, symbol="AAPL"))
        with pytest.raises(BadInput):
            parse_rules(named.read_bytes())

    assert {path for path in tmp_path.parent.rglob("*") if "escaped" in path.name} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"given0{suffix}", f"given1{suffix}"]


def test_row_102_a_recording_that_unpacks_to_hundreds_of_times_its_size_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.csv.gz"
    with gzip.open(bomb, "wb", compresslevel=9) as file:
        file.write(b"time,symbol,last\n")
        for _ in range(10):
            file.write(b"1719928800,A,1\n" * 70_000)

    with pytest.raises(BadInput, match="unpacks to over 200 times its size"):
        for _ in read(bomb):
            pass


def test_a_recording_of_one_price_for_a_day_is_read_all_the_same(tmp_path: Path) -> None:
    quiet = tmp_path / "quiet.csv.gz"
    with gzip.open(quiet, "wb") as file:
        file.write(b"time,symbol,last\n")
        file.writelines(f"{1_719_928_800 + second},A,1\n".encode() for second in range(86_400))

    assert sum(1 for _ in read(quiet)) == 86_400


@pytest.mark.parametrize("name", ["../../outside", "/etc/hostname", "C:\\x", "CON", "a\x00b", ".."])
def test_row_102_names_in_a_folder_of_recordings_lead_nowhere_else(name: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("kept")
    folder = RecordingFolder(folder=tmp_path / "data" / "recordings")
    folder.folder.mkdir(parents=True)
    known = {"made_ns": 1, "rows": 1, "first_ns": 1, "last_ns": 1, "symbols": [], "is_own": True}
    (folder.folder / ".index.json").write_text(json.dumps({name: known}))
    recording = folder.folder / "a.csv"
    recording.write_text("time,symbol,last\n1719928800,A,1\n1719928801,A,2\n")

    listed = folder.list()
    folder.learn(listed[0])
    folder.throw_away(recording)
    folder.empty_bin()

    assert [kept.file for kept in listed] == [recording]
    assert outside.read_text() == "kept"
    assert {path.name for path in tmp_path.iterdir()} == {"outside", "data"}


def test_row_102_of_a_link_in_the_folder_only_the_link_is_deleted(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("time,symbol,last\n")
    folder = RecordingFolder(folder=tmp_path / "recordings")
    folder.folder.mkdir()
    (folder.folder / "link.csv").symlink_to(outside)

    folder.throw_away(folder.folder / "link.csv")
    folder.empty_bin()

    assert outside.exists()
    assert not (folder.folder / "link.csv").exists()
