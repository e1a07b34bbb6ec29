"""What a request shows to be let in."""

from typing import Any

import httpx

from workerhost_drawings.activities.exchange import CallError, Request, exchange
from workerhost_drawings.activities.models import Authentication, OAuth


async def authorized(client: httpx.AsyncClient, policy: Authentication | None) -> httpx.Auth | None:
    """Return what lets a request in; a token of OAuth 2 is asked for first.

    Raises:
        CallError: there is no token.
    """
    if policy is None:
        return None
    if policy.basic:
        return httpx.BasicAuth(policy.basic.username, policy.basic.password)
    if policy.digest:
        return httpx.DigestAuth(policy.digest.username, policy.digest.password)
    token = policy.bearer.token if policy.bearer else await _token_of(client, policy)
    return _Token(token) if token else None


async def _token_of(client: httpx.AsyncClient, policy: Authentication) -> str | None:
    if policy.oauth2:
        endpoint = policy.oauth2.authority.rstrip("/") + "/" + policy.oauth2.endpoints.token.lstrip("/")
        return await _token(client, policy.oauth2, endpoint)
    return await _token(client, policy.oidc, await _endpoint_of(client, policy.oidc)) if policy.oidc else None


class _Token(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


async def _endpoint_of(client: httpx.AsyncClient, policy: OAuth) -> str:
    uri = policy.authority.rstrip("/") + "/.well-known/openid-configuration"
    content = (await exchange(client, Request("GET", uri))).content
    endpoint = content.get("token_endpoint") if isinstance(content, dict) else None
    if not isinstance(endpoint, str):
        raise CallError("authentication", f"{uri} names no token_endpoint")
    return endpoint


async def _token(client: httpx.AsyncClient, policy: OAuth, endpoint: str) -> str:
    fields = {"grant_type": policy.grant, "scope": " ".join(policy.scopes), "audience": " ".join(policy.audiences)}
    if policy.grant == "password":
        fields |= {"username": policy.username, "password": policy.password}
    auth = None
    if policy.client.authentication == "client_secret_basic":
        auth = httpx.BasicAuth(policy.client.id, policy.client.secret)
    else:
        secret = policy.client.secret if policy.client.authentication == "client_secret_post" else ""
        fields |= {"client_id": policy.client.id, "client_secret": secret}
    if policy.client.assertion:
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        fields |= {"client_assertion": policy.client.assertion, "client_assertion_type": kind}
    body = {name: value for name, value in fields.items() if value}
    try:
        answer = await exchange(
            client, Request("POST", endpoint, {"content-type": policy.request.encoding}, (), body, auth)
        )
    except CallError as error:
        raise CallError("authentication", f"there is no token: {error}", error.status) from None
    token = answer.content.get("access_token") if isinstance(answer.content, dict) else None
    if not isinstance(token, str):
        raise CallError("authentication", f"the answer of {endpoint} holds no access_token")
    return token
