"""A workflow of many modules, which reaches one of the whole project."""

from typing import Any

from workerhost.testing import Api

ORDER = """
from datetime import timedelta

from temporalio import workflow

from ..money import Currency
from .activities import load
from .models import Order, Status
from .rules import limit
from .rules.prices import price


@workflow.defn(name="Order")
class OrderWorkflow:
    @workflow.run
    async def run(self, article: str) -> list[object]:
        order = await workflow.execute_activity(load, article, start_to_close_timeout=timedelta(seconds=10))
        is_same = order == Order(article, Status.OPEN) and order.status is Status.OPEN
        sent = await workflow.execute_activity("send", order, start_to_close_timeout=timedelta(seconds=10))
        return [is_same, price(order), limit(), Currency.EURO.value, sent]
"""
ACTIVITIES = """
from temporalio import activity

from .models import Order, Status


@activity.defn
def load(article: str) -> Order:
    return Order(article, Status.OPEN)
"""
MODELS = """
from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    OPEN = "open"


@dataclass
class Order:
    article: str
    status: Status
"""
MODULES = {
    "models": MODELS,
    "mail": """
import socket

from temporalio import activity

from .models import Order


@activity.defn
def send(order: Order) -> str:
    return f"sent {order.article}"
""",
    "rules.__init__": "from .limits import LIMIT\n\n\ndef limit() -> int:\n    return LIMIT\n",
    "rules.limits": "LIMIT = 7\n",
    "rules.prices": "from ...money import amount\nfrom ..models import Order\n\n\ndef price(order: Order) -> str:\n"
    "    return f'{order.article} for {amount()}'\n",
    "..money": "from enum import Enum\n\n\nclass Currency(Enum):\n    EURO = 'EUR'\n\n\ndef amount() -> str:\n"
    "    return '3 EUR'\n",
}
OTHER = """
from temporalio import workflow

from ..money import amount


@workflow.defn
class Other:
    @workflow.run
    async def run(self) -> str:
        return amount()
"""


def order(version: str = "1", **changed: str) -> dict[str, Any]:
    """Return the body of a publish; `changed` are other sources, with `__` for a dot in the name."""
    modules = MODULES | {name.replace("__", "."): source for name, source in changed.items()}
    return {"version": version, "workflowCode": ORDER, "activitiesCode": ACTIVITIES, "modules": modules}


def publish(api: Api, project_id: str, body: dict[str, Any], name: str = "order", expect: int = 200) -> Any:
    return api.put(f"/projects/{project_id}/workflows/{name}", body, expect)
