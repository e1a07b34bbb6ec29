"""Settings of this plugin, from the environment variables `WORKERHOST_SAMPLES_…`."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Network = IPv4Network | IPv6Network


def _split(value: object) -> object:
    """Split a comma list into its entries; anything else stays what it is."""
    if isinstance(value, str):
        return [entry.strip() for entry in value.split(",") if entry.strip()]
    return value


class SamplesSettings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(env_prefix="WORKERHOST_SAMPLES_", frozen=True)

    artifact_directory: Path = Path(".workerhost/artifacts")
    """Where `buildPackage` puts its archives: a folder for each project."""
    allowed_networks: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_split)] = ()
    """Networks that `httpRequest` may reach although they are not public, as a comma list of CIDRs."""
