"""The control API for Python, blocking and asynchronous.

::

    from workerhost import Client

    with Client("http://127.0.0.1:3011") as client:
        client.deploy("shop", "projects/shop")
        print(client.run("shop", "Order", "A kettle"))

What the calls return is in `workerhost.answers`.
"""

from workerhost.client._async.client import AsyncClient
from workerhost.client._sync.client import Client
from workerhost.client.errors import ApiError, ExecutionError, NoServiceError
from workerhost.model import Ramp, Smoke

__all__ = ["ApiError", "AsyncClient", "Client", "ExecutionError", "NoServiceError", "Ramp", "Smoke"]
