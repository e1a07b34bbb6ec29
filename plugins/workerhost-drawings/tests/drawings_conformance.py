"""What the conformance test kit of Open Workflow has around it: the hosts that it names, and runs of its documents."""

import base64
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

from workerhost.testing import Api, unique_id

ROOT = Path(__file__).resolve().parents[3]
FEATURES = ROOT.parent / "shared/graphs/open-workflow-ctk"
"""Where the kit is, as it was published."""
SCENARIOS = 21
HOSTS = ("petstore.swagger.io", "httpbin.org")
"""What its documents call."""

_PETS = [{"id": number, "name": f"pet {number}", "status": "available"} for number in (1, 2, 3)]
_DESCRIPTION = {
    "swagger": "2.0",
    "host": "petstore.swagger.io",
    "basePath": "/v2",
    "schemes": ["https", "http"],
    "paths": {
        "/pet/findByStatus": {
            "get": {
                "operationId": "findPetsByStatus",
                "parameters": [
                    {"name": "status", "in": "query", "required": True, "type": "array", "collectionFormat": "multi"}
                ],
            }
        },
        "/pet/{petId}": {
            "get": {
                "operationId": "getPetById",
                "parameters": [{"name": "petId", "in": "path", "required": True, "type": "integer"}],
            }
        },
    },
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, content = self._answer(self.path)
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, path: str) -> tuple[int, Any]:
        if path == "/v2/swagger.json":
            return 200, _DESCRIPTION
        if match := re.fullmatch(r"/v2/pet/findByStatus\?status=(\w+)", path):
            return 200, [each for each in _PETS if each["status"] == match[1]]
        if match := re.fullmatch(r"/v2/pet/([0-9]+)", path):
            found = [each for each in _PETS if each["id"] == int(match[1])]
            return (200, found[0]) if found else (404, {"message": "Pet not found"})
        if match := re.fullmatch(r"/basic-auth/([^/]+)/([^/]+)", path):
            wanted = "Basic " + base64.b64encode(f"{match[1]}:{match[2]}".encode()).decode()
            is_in = self.headers.get("Authorization") == wanted
            return (200, {"authenticated": True, "user": match[1]}) if is_in else (401, {})
        return 404, {"message": "null for uri"}

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def stand_in(folder: Path) -> Iterator[tuple[int, Path]]:
    """Answer as the kit's hosts do, over TLS on 127.0.0.1; give the port, and the file of the authority to trust."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(context)
    trusted = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_port, trusted
        finally:
            server.shutdown()
            thread.join()


class Kit:
    """Publishes and runs one document in a project of its own.

    Args:
        api: of a service that reaches the stand-in.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        self.project = unique_id("kit")
        self.input: tuple[Any, ...] = ()
        self._document = ""
        self._workflow = "drawn"
        self.run = ""
        self.outcome: Any = None

    def define(self, document: str) -> None:
        """Publish a document, as it stands."""
        source = {"format": "open-workflow", "document": document}
        self.api.put(f"/projects/{self.project}")
        self.api.put(f"/projects/{self.project}/workflows/{self._workflow}", {"version": "1", "source": source})
        self.api.post("/workers/start", {"projectId": self.project})

    def execute(self) -> None:
        """Run it to its end."""
        self.run = self.api.begin(self.project, self._workflow, *self.input)
        self.outcome = self.api.outcome(self.project, self.run)

    @property
    def output(self) -> Any:
        """The result of a run that has completed."""
        assert self.outcome["status"] == "COMPLETED", self.outcome
        return self.outcome["result"]

    def member(self, path: str) -> Any:
        """Return a property of the output, by its path; KeyError where there is none."""
        value = self.output
        for part in path.split("."):
            value = value[part]
        return value

    def order(self) -> list[str]:
        """Return the names of the tasks in the order in which they ran."""
        path = f"/projects/{self.project}/executions/{self.run}/query"
        passed = self.api.post(path, {"name": "workerhost:nodes"})["result"]
        return [str(each["node"]).rpartition("/")[2] for each in passed]
