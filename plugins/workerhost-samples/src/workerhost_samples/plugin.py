"""What this plugin gives to workerhost."""

from collections.abc import Sequence

from workerhost import ActivitySet, SampleProject, hookimpl
from workerhost_samples.activities import sample_activities
from workerhost_samples.sample_projects import samples_project
from workerhost_samples.settings import SamplesSettings


@hookimpl
def workerhost_register_activity_sets() -> Sequence[ActivitySet]:
    """Return the seven activities, set up from the environment."""
    return [ActivitySet("samples", sample_activities(SamplesSettings()))]


@hookimpl
def workerhost_register_sample_projects() -> Sequence[SampleProject]:
    """Return the project `samples` with both test workflows."""
    return [samples_project()]
