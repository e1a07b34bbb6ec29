"""A project whose workflows and activities have types of many kinds."""

from typing import Any

from support.refusals import refused
from workerhost.testing import Api

ORDERS = '''
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field
from temporalio import workflow
from temporalio.common import RawValue


class Item(BaseModel):
    name: str = Field(pattern=r"^(a+)+$")
    amount: int = Field(ge=1)


class OrderInput(BaseModel):
    customer: str
    items: list[Item] = []


@dataclass
class Receipt:
    total: float
    paid: bool = False


@workflow.defn
class Order:
    """Takes an order.

    And more than that.
    """

    def __init__(self) -> None:
        self.is_closed = False

    @workflow.run
    async def run(self, order: OrderInput) -> Receipt:
        await workflow.wait_condition(lambda: self.is_closed)
        return Receipt(len(order.items))

    @workflow.signal
    def close(self, reason: str, code: int = 0) -> None:
        """Close it."""
        self.is_closed = True

    @workflow.query
    def total(self) -> float:
        return 1.5

    @workflow.update(name="add-item")
    async def add(self, item: Item) -> int:
        return item.amount


@workflow.defn
class Anything:
    @workflow.run
    async def run(self, value) -> str:
        return type(value).__name__


@workflow.defn
class Open:
    def __init__(self) -> None:
        self.got: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: len(self.got) > 0)
        return self.got

    @workflow.signal(dynamic=True)
    def any_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self.got.append(name)
'''
SHOP_ACTIVITIES = '''
from temporalio import activity


@activity.defn
def charge(customer: str, amount: float, currency: str = "EUR") -> bool:
    """Charge a customer."""
    return True


@activity.defn(name="sampleActivity")
def mine(number: int) -> str:
    """Take the place of a plugin's activity."""
    return ""
'''


def deploy_shop(api: Api, project_id: str) -> str:
    """Deploy and start a project that takes orders, and return its path."""
    body = {"version": "1", "workflowCode": ORDERS, "activitiesCode": SHOP_ACTIVITIES}
    api.deploy(project_id, "my-orders", body)
    return f"/projects/{project_id}"


def misfit(api: Api, path: str, body: Any, *parts: str) -> None:
    """Check that the call is refused since arguments do not fit, with these parts in its sentence."""
    assert refused(api, "POST", path, body, 400, *parts)["code"] == "invalid_arguments"
