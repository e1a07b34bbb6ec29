"""The control API as the command line uses it: answers as values, errors as sentences."""

from typing import Any

import httpx

from workerhost.errors import WorkerhostError

DEFAULT_URL = "http://127.0.0.1:3011"
SECONDS = 60.0


class RestError(WorkerhostError):
    """The service answered with an error, or not at all."""

    code = "rest_error"


class RestApi:
    """A connection to one service. Belongs to the thread that made it; a context manager."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._client = httpx.Client(base_url=self.url, timeout=SECONDS, trust_env=False)

    def __enter__(self) -> "RestApi":
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer's JSON.

        Raises:
            RestError: the service does not answer, or answers with an error; the message is its sentence.
        """
        try:
            answer = self._client.request(method, path, json=body)
            values = answer.json()
        except httpx.HTTPError as error:
            raise RestError(f"no workerhost answers at {self.url} ({error}); is it running?") from error
        except ValueError as error:
            raise RestError(f"what answers at {self.url} is not a workerhost") from error
        if answer.is_error or not isinstance(values, dict):
            sentence = values.get("error") if isinstance(values, dict) else None
            raise RestError(str(sentence or f"{method} {path} was answered with {answer.status_code}"))
        return values
