"""Makes the SDK's replayer from what a worker would be made with."""

import inspect
from typing import Any

from temporalio.runtime import Runtime
from temporalio.worker import Interceptor, Plugin, Replayer, WorkerConfig


def make_replayer(config: WorkerConfig, runtime: Runtime) -> Replayer:
    """Return a replayer that runs workflows as a worker with this config would.

    Arguments that a replayer does not have, for example `activities` and `task_queue`, are passed over. Data converter,
    interceptors and plugins of the client count too, since a worker takes them from there and a replayer has no client.
    What plugins have changed in the client is left to them, since they change the replayer in the same way.

    Args:
        config: arguments of `temporalio.worker.Worker`.
        runtime: that the replayer runs on.
    """
    known = inspect.signature(Replayer).parameters
    arguments: dict[str, Any] = {name: value for name, value in config.items() if name in known}
    client = config["client"].config()
    client_interceptors = [each for each in client["interceptors"] if isinstance(each, Interceptor)]
    client_plugins = [each for each in client["plugins"] if isinstance(each, Plugin)]
    arguments |= {
        "namespace": client["namespace"],
        "data_converter": client["data_converter"],
        "header_codec_behavior": client["header_codec_behavior"],
        "interceptors": [*client_interceptors, *config["interceptors"]],
        "plugins": [*client_plugins, *config["plugins"]],
        "runtime": runtime,
    }
    return Replayer(**arguments)
