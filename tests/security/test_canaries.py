"""The search for secrets finds them in every shape it claims to."""

import base64
import gzip
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.security.canaries import Canaries, files_under


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(lambda secret: secret, id="raw"),
        pytest.param(lambda secret: secret[:12], id="first 12"),
        pytest.param(lambda secret: quote(secret, safe=""), id="URL-encoded"),
        pytest.param(lambda secret: base64.b64encode(secret.encode()).decode(), id="base64"),
        pytest.param(lambda secret: base64.b64encode(f"u:{secret}".encode()).decode(), id="base64 at 2"),
        pytest.param(lambda secret: base64.b64encode(f"user{secret}z".encode()).decode(), id="base64 at 1"),
    ],
)
def test_a_secret_is_found_in_any_file_in_any_shape(shape, tmp_path: Path) -> None:
    canaries = Canaries()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "plain").write_text(f"before {shape(canaries['smtp password'])} after")
    (tmp_path / "packed.gz").write_bytes(gzip.compress(shape(canaries["app secret"]).encode()))

    found = canaries.found_in(files_under(tmp_path))

    assert {line.split(": ")[1].split(",")[0] for line in found} == {"smtp password", "app secret"}


def test_eleven_letters_are_not_called_a_secret(tmp_path: Path) -> None:
    canaries = Canaries()

    assert canaries.found_in({"place": canaries["app secret"][:11].encode()}) == []
