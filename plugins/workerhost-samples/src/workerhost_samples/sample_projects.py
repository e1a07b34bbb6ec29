"""The project `samples`: the test workflows under `projects/`, and the runs that try them."""

from importlib.resources import files

from workerhost import SampleProject, SampleRun, WorkflowCode

VERSION = "1.0.0"
"""The version that both workflows are deployed as; raised when their code changes."""


def samples_project() -> SampleProject:
    """Return the project with both test workflows, its code read from this package."""
    return SampleProject(
        id="samples",
        workflows=(_workflow("simple-test-workflow"), _workflow("test-sample-activities")),
        runs=(
            SampleRun(
                "simpleTestWorkflow",
                ("Hello from test client!",),
                expected="Processed: Hello from test client!",
            ),
            SampleRun(
                "testSampleActivities",
                ({"testMessage": "Hello from test client!"},),
                expected={
                    "sampleResult": "Processed: Hello from test client!",
                    "transformResult": "HELLO WORLD",
                    "validationResult": {"valid": True, "errors": []},
                },
            ),
        ),
    )


def _workflow(name: str) -> WorkflowCode:
    folder = files("workerhost_samples").joinpath("projects", "samples", name.replace("-", "_"))
    source = folder.joinpath("workflow.py")
    return WorkflowCode(name=name, version=VERSION, workflow_code=source.read_text(encoding="utf-8"))
