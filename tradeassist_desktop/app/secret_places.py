"""Where this installation keeps its secrets."""

from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.secrets.os_keyring import KeyringKeeper
from tradeassist_desktop.secrets.store import SecretStore


def secret_store(launch: Launch) -> SecretStore:
    """Return the store of the folder this run works in: its keyring entries, then the environment."""
    service = "tradeassist" if launch.places.is_default else f"tradeassist:{launch.places.data}"
    return SecretStore(
        keepers=(KeyringKeeper(service=service), EnvironmentKeeper(environment=launch.environment)),
        mask=launch.mask.learn,
    )
