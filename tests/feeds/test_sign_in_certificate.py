"""Row 100 of the faults: what the callback's key and certificate may not be."""

import os
import ssl
import stat
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.schwab.sign_in_certificate import callback_context

NOW_NS = 1_800_000_000 * NS_PER_SECOND
DAY_NS = 24 * 3600 * NS_PER_SECOND


def made_in(folder: Path, now_ns: int = NOW_NS) -> bytes:
    callback_context(folder, now_ns=now_ns)
    return (folder / "callback.pem").read_bytes()


def certificate(content: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(content)


def test_row_100_the_key_is_for_this_user_alone_from_its_creation(tmp_path: Path) -> None:
    folder = tmp_path / "sign-in"
    before = os.umask(0)  # the most open there is
    try:
        made_in(folder)
    finally:
        os.umask(before)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [(file.name, stat.S_IMODE(file.stat().st_mode)) for file in folder.iterdir()] == [
        ("callback.pem", 0o600)
    ]


def test_row_100_the_certificate_is_for_loopback_alone_and_no_authority(tmp_path: Path) -> None:
    content = made_in(tmp_path / "sign-in")

    found = certificate(content).extensions
    names = found.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [x509.IPAddress(ip_address("127.0.0.1"))]
    constraints = found.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.value.ca, constraints.critical) == (False, True)
    key = load_pem_private_key(content, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"


def test_row_100_the_certificate_lives_a_year_at_most(tmp_path: Path) -> None:
    found = certificate(made_in(tmp_path / "sign-in"))

    now = datetime.fromtimestamp(NOW_NS / 1e9, UTC)
    assert found.not_valid_before_utc <= now < found.not_valid_after_utc
    assert found.not_valid_after_utc - found.not_valid_before_utc <= timedelta(days=365)


def test_row_100_each_installation_has_a_key_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    here, there = made_in(tmp_path / "here"), made_in(tmp_path / "there")

    assert here != there
    assert made_in(tmp_path / "here") == here


def test_row_100_a_certificate_that_has_run_out_is_made_anew(tmp_path: Path) -> None:
    old = made_in(tmp_path / "sign-in")

    fresh = made_in(tmp_path / "sign-in", NOW_NS + 365 * DAY_NS)

    assert fresh != old
    assert certificate(fresh).not_valid_after_utc > certificate(old).not_valid_after_utc
    assert len(list((tmp_path / "sign-in").iterdir())) == 1


def test_row_100_a_key_that_others_could_read_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "sign-in"
    old = made_in(folder)
    (folder / "callback.pem").chmod(0o644)

    fresh = made_in(folder)

    assert fresh != old
    assert stat.S_IMODE((folder / "callback.pem").stat().st_mode) == 0o600


def test_row_100_a_link_is_not_followed(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "sign-in", tmp_path / "elsewhere.pem"
    elsewhere.write_bytes(made_in(tmp_path / "other"))
    elsewhere.chmod(0o600)
    folder.mkdir()
    (folder / "callback.pem").symlink_to(elsewhere)
    before = elsewhere.read_bytes()

    made_in(folder)

    assert not (folder / "callback.pem").is_symlink()
    assert elsewhere.read_bytes() == before
    assert (folder / "callback.pem").read_bytes() != before


@pytest.mark.parametrize("content", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\n"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "sign-in"
    folder.mkdir(mode=0o700)
    (folder / "callback.pem").write_bytes(content)
    (folder / "callback.pem").chmod(0o600)

    assert isinstance(callback_context(folder, now_ns=NOW_NS), ssl.SSLContext)


def test_row_100_nothing_is_put_into_a_trust_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()

    made_in(tmp_path / "sign-in")

    assert list((tmp_path / "home").iterdir()) == []
