"""Builds what the Settings dock knows of credentials."""

import random

from tradeassist_desktop.app.building import Services
from tradeassist_desktop.app.ground import Ground
from tradeassist_desktop.app.telling_channels import tell_channels
from tradeassist_desktop.channels import CHANNELS
from tradeassist_desktop.services.credentials.credentials import Credentials
from tradeassist_desktop.services.credentials.google_cloud import GoogleCloud
from tradeassist_desktop.services.credentials.trying import Trying


def credentials_of(ground: Ground, services: Services) -> Credentials:
    """Return the service of a desk."""
    login = ground.sources.login
    sign_in = None if login is None else login.sign_in
    return Credentials(
        secrets=ground.secrets,
        rotation=services.rotation,
        audit=services.audit.book,
        trail=ground.audit,
        trying=Trying(
            secrets=ground.secrets,
            settings=ground.settings,
            channel_setup=services.channel_setup,
            kinds=CHANNELS,
            sign_in=sign_in,
        ),
        sign_in=sign_in,
        on_changed=lambda secret: tell_channels(ground.bus, secret),
        access=ground.access,
        bus=ground.bus,
        clock=ground.clock,
    )


def google_cloud_of(ground: Ground) -> GoogleCloud:
    """Return what sets Secret Manager up for a desk."""
    return GoogleCloud(
        secrets=ground.secrets,
        settings=ground.settings,
        trail=ground.audit,
        access=ground.access,
        clock=ground.clock,
        rng=random.Random(),
    )
