"""What Temporal says against a schedule, as sentences about what was asked for."""

import re

from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import InvalidRequestError
from workerhost.runtime.schedules.definition import ScheduleDefinition
from workerhost.runtime.temporal.rpc_failures import request_refused

_INVALID = "Invalid schedule spec: "
_UNKNOWN_ZONE = re.compile(r"unknown time zone (.*)")
_CONFLICT = "conflicting timezone"


def refusal_of(error: RPCError, wanted: ScheduleDefinition | None) -> InvalidRequestError | None:
    """Return the refusal as a sentence, or None where the error is no refusal of what was asked for.

    Args:
        error: as the SDK raised it.
        wanted: the schedule that was asked for, if that was it.
    """
    if error.status not in (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION):
        return None
    said = error.message.removeprefix(_INVALID)
    if wanted is not None and (zone := _UNKNOWN_ZONE.fullmatch(said)):
        return InvalidRequestError(
            f"{_place_of_zone(wanted, zone[1])}: Temporal knows no time zone {zone[1]}; it takes names of the IANA "
            "database, as Europe/Berlin"
        )
    if wanted is not None and said.startswith(_CONFLICT):
        return InvalidRequestError(
            "cron and timeZone name several time zones, and a schedule has one; name it in timeZone alone"
        )
    return request_refused(said)


def _place_of_zone(wanted: ScheduleDefinition, zone: str) -> str:
    if wanted.time_zone != zone:
        for index, text in enumerate(wanted.cron):
            if f"TZ={zone}" in text:
                return f"cron.{index}"
    return "timeZone"
