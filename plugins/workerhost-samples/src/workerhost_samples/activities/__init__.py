"""The seven activities."""

from collections.abc import Callable, Sequence
from typing import Any

from workerhost_samples.activities.build_package import PackageBuilder
from workerhost_samples.activities.http_request import HttpRequester
from workerhost_samples.activities.log_message import log_message
from workerhost_samples.activities.sample_activity import sample_activity
from workerhost_samples.activities.transform_data import transform_data
from workerhost_samples.activities.validate_data import validate_data
from workerhost_samples.activities.wait_for import wait_for
from workerhost_samples.settings import SamplesSettings


def sample_activities(settings: SamplesSettings) -> Sequence[Callable[..., Any]]:
    """Return the activities, those with settings bound to `settings`."""
    return [
        sample_activity,
        PackageBuilder(settings.artifact_directory).build_package,
        HttpRequester(settings.allowed_networks).http_request,
        transform_data,
        wait_for,
        log_message,
        validate_data,
    ]
