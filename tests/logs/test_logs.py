import json
import logging

from tradeassist_desktop import logs


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
