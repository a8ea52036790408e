import json
import logging
import stat
from pathlib import Path

import pytest

from tradeassist_desktop import logs

LIBRARIES = (
    "httpx", "httpcore.http11", "google.cloud", "grpc", "urllib3.connectionpool", "sqlalchemy.engine",
    "alembic", "slack_sdk.web", "aiosmtplib", "aiohttp.client", "websockets", "keyring.backend",
    "secretstorage", "asyncio",
)  # fmt: skip


def lines(mask: logs.SecretMask, *records: logging.LogRecord) -> list[dict[str, object]]:
    formatter = logs.JsonLines(mask=mask)
    return [json.loads(formatter.format(record)) for record in records]


def record(text: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("tradeassist", logging.INFO, __file__, 1, text, (), None)
    made.__dict__.update(extra)
    return made


def test_known_secrets_and_what_looks_like_a_token_never_reach_a_log() -> None:
    mask = logs.SecretMask()
    mask.learn(["canary-secret"])

    (entry,) = lines(
        mask,
        record(
            "posted canary-secret",
            header="Bearer abcdefgh1234",
            url="https://h/cb?code=C0.secretcode%40&x=1",
            t="I0.abcdefghij@",
        ),
    )

    text = json.dumps(entry)
    assert all(word not in text for word in ("canary", "abcdefgh", "secretcode"))
    assert "x=1" in text


def test_tokens_of_a_day_push_each_other_out_and_no_lasting_secret() -> None:
    mask = logs.SecretMask()
    mask.learn(["canary-secret"])
    tokens = [f"token-number-{number:02}" for number in range(48)]  # one each half an hour
    for token in tokens:
        mask.learn_passing([token])

    masked = [
        mask(f"got {word}") == "got •••" for word in ("canary-secret", tokens[-1], tokens[-32], tokens[0])
    ]

    assert masked == [True, True, True, False]


def test_a_secret_that_is_used_again_and_again_is_not_forgotten_for_newer_ones() -> None:
    mask = logs.SecretMask()
    for number in range(3_000):
        mask.learn(["canary-secret", f"rotated-{number}"])

    assert mask("canary-secret rotated-2999 rotated-0") == "••• ••• rotated-0"


def test_a_hostile_symbol_cannot_forge_a_line() -> None:
    formatter = logs.JsonLines(mask=logs.SecretMask())

    line = formatter.format(
        record("subscribed", symbol='A\n{"level": "error"}\x1b[31m\u202e' + "x" * 1_000_000)
    )

    assert "\n" not in line and "\x1b" not in line and "\u202e" not in line
    assert len(line) < 10_000


def test_a_traceback_is_masked_too() -> None:
    mask = logs.SecretMask()
    mask.learn(["canary-secret"])
    try:
        raise ValueError("token canary-secret refused")
    except ValueError as error:
        failed = logging.LogRecord(
            "t", logging.ERROR, __file__, 1, "failed", (), (type(error), error, error.__traceback__)
        )

    (entry,) = lines(mask, failed)

    assert "canary" not in json.dumps(entry)
    assert "ValueError" in str(entry["traceback"])


def test_row_50_libraries_are_heard_from_warnings_on_whatever_their_loggers_are_set_to(
    tmp_path: Path, logging_restored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.start(file=tmp_path / "log", as_json=True, mask=logs.SecretMask())
    for name in LIBRARIES:
        library = logging.getLogger(name)
        # Google's client takes its logger from ours unless that was set before, as the program does.
        monkeypatch.setattr(logging.getLogger(name.partition(".")[0]), "propagate", True)
        level = library.level
        library.setLevel(logging.DEBUG)
        library.debug("GET https://hook/path", extra={"httpRequest": "canary"})
        library.info("GET https://hook/path")
        library.warning("slow", extra={"httpResponse": {"body": "canary"}})
        library.setLevel(level)

    written = (tmp_path / "log").read_text()

    assert [json.loads(line)["event"] for line in written.splitlines()] == ["slow"] * len(LIBRARIES)
    assert "canary" not in written


def test_row_50_libraries_are_not_told_by_the_environment_to_write_past_the_log() -> None:
    environment = {
        "GOOGLE_SDK_PYTHON_LOGGING_SCOPE": "google",
        "GRPC_TRACE": "all",
        "GRPC_VERBOSITY": "DEBUG",
        "PYTHONASYNCIODEBUG": "1",
        "SSLKEYLOGFILE": "/tmp/keys",
        "HOME": "/home/me",
    }

    logs.quieten_libraries(environment)

    assert environment == {"GRPC_VERBOSITY": "NONE", "HOME": "/home/me"}


def test_the_log_is_for_this_user_alone(tmp_path: Path, logging_restored: None) -> None:
    logs.start(file=tmp_path / "log", as_json=True, mask=logs.SecretMask())
    logging.getLogger("tradeassist_desktop").info("started")

    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600


def test_row_50_a_log_that_cannot_be_written_says_so_once_and_quotes_nothing(
    tmp_path: Path, logging_restored: None, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log").mkdir()
    logs.start(file=tmp_path / "log", as_json=False, mask=logs.SecretMask())

    for _ in range(2):
        logging.getLogger("tradeassist_desktop").info("kept %s", "canary-secret")

    said = capfd.readouterr().err
    assert said.count("cannot be written") == 1
    assert "canary" not in said


def test_row_110_a_line_for_people_moves_no_cursor_and_turns_no_text() -> None:
    formatter = logs.LinesForPeople(mask=logs.SecretMask())
    hostile = "A\n\x1b[2J\u202e" + "x" * 1_000_000

    line = formatter.format(record(f"subscribed {hostile}", symbol=hostile))

    assert line.isprintable()
    assert "\\x1b[2J" in line and "\\u202e" in line
    assert len(line) < 2_000


def test_row_110_a_value_s_name_is_masked_as_its_value_is() -> None:
    mask = logs.SecretMask()
    mask.learn(["canary-secret"])

    (entry,) = lines(mask, record("headers", **{"canary-secret": 1}))

    assert "canary" not in json.dumps(entry)


def test_row_50_what_logging_itself_stumbles_over_is_written_masked() -> None:
    mask = logs.SecretMask()
    mask.learn(["canary-secret"])
    wrong = logging.LogRecord("tradeassist", logging.INFO, __file__, 1, "a %d canary-secret", ("b",), None)

    (entry,) = lines(mask, wrong)

    assert entry["event"] == "a %d •••"


def test_row_50_what_an_error_came_from_and_its_notes_are_masked() -> None:
    mask = logs.SecretMask()
    mask.learn(["canary-secret"])
    try:
        try:
            raise ValueError("canary-secret refused")
        except ValueError as cause:
            cause.add_note("asked with canary-secret")
            raise RuntimeError("no token: canary-secret") from cause
    except RuntimeError as error:
        failed = logging.LogRecord(
            "tradeassist", logging.ERROR, __file__, 1, "failed", (), (type(error), error, error.__traceback__)
        )

    (entry,) = lines(mask, failed)

    assert str(entry["traceback"]).count("\nValueError: ••• refused") == 1
    assert "canary" not in json.dumps(entry)


def test_row_50_a_secret_in_pieces_in_a_container_or_as_bytes_is_masked() -> None:
    secret = "canary-0123456789-of-many-pieces"
    mask = logs.SecretMask()
    mask.learn([secret])

    (entry,) = lines(
        mask,
        record(
            f"read {secret[:14]}…",
            first=secret[:16],
            second=secret[16:],
            nested={"headers": [("Authorization", secret)]},
            raw=secret.encode(),
        ),
    )

    assert entry["event"] == "read •••…"
    assert (entry["first"], entry["second"]) == ("•••", "•••")
    assert all(piece not in json.dumps(entry) for piece in ("canary", "0123456789", "many-pieces"))
