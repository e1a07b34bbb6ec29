"""Lines of the log about publishes: what came of each, and where it came from."""

import logging
from collections.abc import Callable, Sequence

from flask import request

from workerhost.errors import WorkerhostError
from workerhost.runtime.deployments.publisher import Publication

log = logging.getLogger(__name__)

LONGEST_AGENT = 100
"""Characters of what a client says it is."""

MOST_PROBLEMS = 5
"""How many reasons of a refusal a line has."""


def logged(project_id: str, versions: Sequence[str], publish: Callable[[], Publication]) -> Publication:
    """Publish, and write what came of it.

    Args:
        project_id: whose code it is.
        versions: what is published, as `name version`.
        publish: does it.

    Raises:
        WorkerhostError: of `publish`.
    """
    fields = {"project": project_id, "workflows": list(versions), **_origin()}
    named = ", ".join(versions) + (" is" if len(versions) == 1 else " are")
    try:
        done = publish()
    except WorkerhostError as error:
        reasons = [str(each) for each in getattr(error, "problems", ())][:MOST_PROBLEMS]
        more = {"code": error.code, "problems": reasons or None}
        log.warning("project %s: %s not published: %s", project_id, named, error, extra={**fields, **more})
        raise
    how: dict[str, object] = {"build": done.build_id, "changed": done.has_changed}
    if done.ramp is not None:
        how["ramp_percent"] = done.ramp.percent
    if done.unconfirmed_hosts:
        how["unconfirmed_hosts"] = list(done.unconfirmed_hosts)
    log.info("project %s: %s published%s", project_id, named, _how(done), extra={**fields, **how})
    return done


def _how(done: Publication) -> str:
    if done.ramp is not None and done.ramp.build == done.build_id:
        return f" for {done.ramp.percent:g}% of new runs, as build {done.build_id}"
    return f" as build {done.build_id}" + ("" if done.has_changed else ", which was current already")


def _origin() -> dict[str, object]:
    agent = request.headers.get("User-Agent", "")
    return {"remote": request.remote_addr, "agent": agent[:LONGEST_AGENT] or None}
