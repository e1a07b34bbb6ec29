"""What this plugin gives to workerhost.

Every command of workerhost imports this module, and few of them need what it stands for: so each hook imports what it
needs itself.
"""

from collections.abc import Sequence

from workerhost import ActivitySet, SampleProject, hookimpl


@hookimpl
def workerhost_register_activity_sets() -> Sequence[ActivitySet]:
    """Return the seven activities, set up from the environment."""
    from workerhost_samples.activities import sample_activities  # noqa: PLC0415
    from workerhost_samples.settings import SamplesSettings  # noqa: PLC0415

    return [ActivitySet("samples", sample_activities(SamplesSettings()))]


@hookimpl
def workerhost_register_sample_projects() -> Sequence[SampleProject]:
    """Return the project `samples` with both test workflows."""
    from workerhost_samples.sample_projects import samples_project  # noqa: PLC0415

    return [samples_project()]
