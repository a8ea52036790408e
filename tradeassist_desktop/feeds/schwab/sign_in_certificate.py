"""The certificate of the sign-in's callback: made on this machine, for this machine alone."""

import os
import secrets
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

LIFE: Final = timedelta(days=365)
_LEFT_AT_LEAST: Final = timedelta(days=1)
_ADDRESS: Final = "127.0.0.1"
_FILE: Final = "callback.pem"


def callback_context(folder: Path, *, now_ns: int) -> ssl.SSLContext:
    """Return what a server on 127.0.0.1 needs to speak TLS; blocks for some milliseconds.

    The key and its certificate are one file, made when there is none, when it has run out, or when
    others could have read it. The certificate is signed by itself, is no authority, and is put into
    no trust store: the browser warns of it once, and the trader goes on.

    Args:
        folder: Made with mode 0700 if it is not there.

    Raises:
        OSError: nothing can be kept there.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        folder.chmod(0o700)
    file = folder / _FILE
    now = datetime.fromtimestamp(now_ns / 1e9, UTC)
    if not _is_good(file, now):
        _make(file, now)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(file)
    return context


def _is_good(file: Path, now: datetime) -> bool:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        content = _read_own(file)
        certificate = x509.load_pem_x509_certificate(content)
        key = load_pem_private_key(content, password=None)
    except (OSError, ValueError, TypeError):
        return False
    is_pair = key.public_key() == certificate.public_key()
    starts, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return is_pair and starts <= now and now + _LEFT_AT_LEAST < ends


def _read_own(file: Path) -> bytes:
    """Read a file that nobody else could have read or put there.

    Raises:
        OSError: it is a link, belongs to another user, or is open to others.
    """
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, "rb") as source:
        if os.name == "posix":
            status = os.fstat(descriptor)
            if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
                raise PermissionError(f"{file} is open to others")
        return source.read()


def _make(file: Path, now: datetime) -> None:
    # Imported with the first sign-in: most starts need none.
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TradeAssist sign-in on this computer")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now - timedelta(hours=1) + LIFE)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(_ADDRESS))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    content = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    _write_own(file, content)


def _write_own(file: Path, content: bytes) -> None:
    """Write a file that nobody else can read at any time; what was there is replaced in one step."""
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        with os.fdopen(os.open(fresh, flags, 0o600), "wb") as target:
            target.write(content)
        fresh.replace(file)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
