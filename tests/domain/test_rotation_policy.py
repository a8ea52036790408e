import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rotation_policy import RotationPolicy, parse_policy
from tradeassist_desktop.domain.setting import from_text
from tradeassist_desktop.domain.settings import setting

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        pytest.param("off", RotationPolicy(), id="never"),
        pytest.param("30d", RotationPolicy(every_ns=30 * DAY_NS), id="an interval"),
        pytest.param("every 365d", RotationPolicy(every_ns=365 * DAY_NS), id="an interval in words"),
        pytest.param("before 2h", RotationPolicy(before_ns=2 * HOUR_NS), id="before it runs out"),
        pytest.param(
            "30d before 2h",
            RotationPolicy(every_ns=30 * DAY_NS, before_ns=2 * HOUR_NS),
            id="whichever is first",
        ),
        pytest.param(
            "every 30d with my-package",
            RotationPolicy(every_ns=30 * DAY_NS, rotator="my-package"),
            id="with an installed rotator",
        ),
        pytest.param(
            "before 2h with vault.smtp",
            RotationPolicy(before_ns=2 * HOUR_NS, rotator="vault.smtp"),
            id="before it runs out, with one",
        ),
    ],
)
def test_a_policy_is_read_as_it_is_written(text: str, policy: RotationPolicy) -> None:
    assert parse_policy(text) == policy
    assert parse_policy(str(policy)) == policy


@pytest.mark.parametrize(
    "text",
    [
        "",
        "never",
        "30",
        "0d",
        "before",
        "with x",
        "30d with",
        "30d with a b",
        "30d with ../x",
        "3651d",
        "30d 2h",
    ],
)
def test_what_is_no_policy_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected off, 90d, before 2h, or 30d with mypackage"):
        parse_policy(text)


def test_a_setting_takes_a_policy_and_nothing_else() -> None:
    spec = setting("rotate.slack.bot")

    assert from_text(spec, "before 1h") == "before 1h"
    with pytest.raises(BadInput, match=r"rotate\.slack\.bot: expected off, 90d"):
        from_text(spec, "soon")


@pytest.mark.parametrize(
    ("text", "expires_ns", "due_ns"),
    [
        pytest.param("off", 100 * DAY_NS, None, id="never"),
        pytest.param("30d", None, 40 * DAY_NS, id="so long after the last time"),
        pytest.param("before 2h", None, None, id="no end is known"),
        pytest.param("before 2h", 20 * DAY_NS, 20 * DAY_NS - 2 * HOUR_NS, id="so long before its end"),
        pytest.param("30d before 1d", 20 * DAY_NS, 19 * DAY_NS, id="its end comes first"),
        pytest.param("5d before 1d", 20 * DAY_NS, 15 * DAY_NS, id="the interval comes first"),
    ],
)
def test_a_secret_is_due_by_its_policy(text: str, expires_ns: int | None, due_ns: int | None) -> None:
    assert parse_policy(text).due_ns(since_ns=10 * DAY_NS, expires_ns=expires_ns) == due_ns
