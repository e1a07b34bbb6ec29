"""What the activities of calls take."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Scalar = str | int | float | bool | None
Output = Literal["content", "response", "raw"]


class CallModel(BaseModel):
    """A value as it crosses Temporal, in JSON."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, use_attribute_docstrings=True
    )


class UserAndPassword(CallModel):
    """Who calls, for basic and digest authentication."""

    username: str
    password: str


class Bearer(CallModel):
    """A token that is sent as it is."""

    token: str


class OAuthClient(CallModel):
    """Which program asks for a token."""

    id: str = ""
    secret: str = ""
    assertion: str = ""
    authentication: Literal["client_secret_basic", "client_secret_post", "none"] = "client_secret_post"


class TokenEndpoints(CallModel):
    """Paths of an authority; a token is asked for at the first."""

    token: str = "/oauth2/token"  # noqa: S105  a path
    revocation: str = ""
    introspection: str = ""


class TokenRequest(CallModel):
    """How a token is asked for."""

    encoding: Literal["application/x-www-form-urlencoded", "application/json"] = "application/x-www-form-urlencoded"


class OAuth(CallModel):
    """Where a token comes from, and for whom."""

    authority: str
    grant: Literal["client_credentials", "password"]
    client: OAuthClient = OAuthClient()
    scopes: list[str] = []
    audiences: list[str] = []
    username: str = ""
    password: str = ""
    endpoints: TokenEndpoints = TokenEndpoints()
    request: TokenRequest = TokenRequest()


class Authentication(CallModel):
    """One way to authenticate."""

    basic: UserAndPassword | None = None
    digest: UserAndPassword | None = None
    bearer: Bearer | None = None
    oauth2: OAuth | None = None
    oidc: OAuth | None = None


class Endpoint(CallModel):
    """Where something is."""

    uri: Annotated[str, Field(min_length=1, max_length=10_000)]
    """A URI, or a template of RFC 6570 where `variables` stand for its names."""
    variables: dict[str, Any] = {}
    """What stands for the names of the template."""
    authentication: Authentication | None = None


class HttpCall(Endpoint):
    """One request."""

    method: Annotated[str, Field(pattern=r"^[A-Z]{1,20}$")] = "GET"
    """`GET` or another one, in capitals."""
    headers: dict[str, Scalar] = {}
    """By name; one that is null is left out."""
    query: dict[str, Scalar | list[Scalar]] = {}
    """What is added to the address, by name; a list stands there once for each item."""
    body: Any = None
    """A text is sent as it is, and any other value as JSON."""
    output: Output = "content"
    """What is returned: the content, the whole response with its status and headers, or the bytes in base64."""
    redirect: bool = False
    """Whether an answer that leads elsewhere is an answer, and not an error."""
    instance: str | None = None
    """The JSON pointer of the task, for errors."""


class OpenapiCall(CallModel):
    """One operation that an OpenAPI or Swagger document describes."""

    document: Endpoint
    """Where the document is."""
    operation_id: Annotated[str, Field(min_length=1, max_length=1000)]
    """The `operationId` of the operation."""
    parameters: dict[str, Any] = {}
    """What the operation takes, by name; what is no parameter of it is its body."""
    authentication: Authentication | None = None
    output: Output = "content"
    redirect: bool = False
    instance: str | None = None
    """The JSON pointer of the task, for errors."""
