"""The control API for Python, blocking and asynchronous.

::

    from workerhost import Client

    with Client("http://127.0.0.1:3011") as client:
        client.deploy("shop", "projects/shop")
        print(client.run("shop", "Order", "A kettle"))
"""

from workerhost.client.asynchronous import AsyncClient
from workerhost.client.calls import Ramp, Smoke
from workerhost.client.errors import ApiError, ExecutionError, NoServiceError
from workerhost.client.sync import Client

__all__ = ["ApiError", "AsyncClient", "Client", "ExecutionError", "NoServiceError", "Ramp", "Smoke"]
