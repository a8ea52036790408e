"""Service accounts: their key files, and whether a request was signed with one of these keys."""

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from google.auth import jwt
from google.auth.exceptions import GoogleAuthError

from tests.secret_manager.refusals import SERVICE
from tests.secret_manager.vault import PROJECT

EMAIL = f"desk@{PROJECT}.iam.gserviceaccount.com"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class Accounts:
    """Knows the keys it made; ``forget()`` is what deleting them in the console does."""

    def __init__(self) -> None:
        self._public: dict[str, bytes] = {}

    def write_key_file(self, file: Path) -> str:
        """Write a new key as the console hands it out; return the private key's text."""
        key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        key_id = f"{len(self._public) + 1:040x}"
        self._public[key_id] = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        document = {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": key_id,
            "private_key": text,
            "client_email": EMAIL,
            "client_id": "104729104729104729104",
            # Nobody is there: a client that asks for a token instead of signing one itself fails.
            "token_uri": "https://127.0.0.1:1/token",
            "universe_domain": "googleapis.com",
        }
        file.write_text(json.dumps(document, indent=2))
        file.chmod(0o600)
        return text

    def forget(self) -> None:
        self._public.clear()

    def accepts(self, authorization: str) -> bool:
        """Whether an ``authorization`` was signed with a known key, for this service, and in time."""
        try:
            claims = jwt.decode(authorization.removeprefix("Bearer "), certs=dict(self._public))
        except (GoogleAuthError, ValueError):
            return False
        is_meant = _SCOPE in str(claims.get("scope", "")).split() or SERVICE in str(claims.get("aud", ""))
        return is_meant and claims["iss"] == claims["sub"] == EMAIL
