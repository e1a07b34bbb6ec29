"""What it costs a start that its arguments are checked."""

import statistics
import sys
import time
import uuid
from collections.abc import Callable

import click

from measure import WARM_UP, Figure, Options, Rest

ORDER = '''
from pydantic import BaseModel, Field
from temporalio import workflow


class Item(BaseModel):
    name: str = Field(min_length=1, max_length=100)
    amount: int = Field(ge=1)
    price: float | None = None


class Address(BaseModel):
    street: str
    city: str
    country: str = "DE"


class Order(BaseModel):
    customer: str
    address: Address
    items: list[Item] = Field(max_length=100)
    note: str | None = None


@workflow.defn
class TakeOrder:
    """Takes what a product sends."""

    @workflow.run
    async def run(self, order: Order, urgent: bool = False) -> int:
        return len(order.items)
'''

ITEMS = 5

STARTS = 1000
"""Checked, and as many unchecked."""


def schema(rest: Rest, options: Options) -> list[Figure]:
    """Starts whose arguments are checked, and starts with `?unchecked=true`, in turns; the project is stopped."""
    project = f"schema-{uuid.uuid4().hex[:8]}"
    rest.put_project(project, "orders", "1", ORDER)
    address = {"street": "Main Street 1", "city": "Springfield"}
    items = [{"name": f"item {number}", "amount": number + 1, "price": 9.5} for number in range(ITEMS)]
    order = {"customer": "Ada", "address": address, "items": items}
    body = {"workflowType": "TakeOrder", "args": [order, True]}
    path = f"/projects/{project}/executions"
    checked: list[float] = []
    unchecked: list[float] = []
    sides = [(checked, path), (unchecked, f"{path}?unchecked=true")]
    count = options.count(STARTS) + WARM_UP
    with click.progressbar(range(count), label="starts, checked or not", file=sys.stderr) as progress:
        for number in progress:
            for took, address_of_call in sides if number % 2 else reversed(sides):
                began = time.perf_counter()
                rest.call("POST", address_of_call, body)
                took.append(1000 * (time.perf_counter() - began))
    p50, p50_unchecked = (statistics.median(took[WARM_UP:]) for took in (checked, unchecked))
    pairs = [one - other for one, other in zip(checked[WARM_UP:], unchecked[WARM_UP:], strict=True)]
    return [
        Figure(
            name="what the check of its arguments adds to a start, p50",
            target="1 ms",
            measured=f"{p50 - p50_unchecked:.2f} ms",
            met=p50 - p50_unchecked <= 1,
            details={
                "count": len(pairs),
                "p50": p50,
                "uncheckedP50": p50_unchecked,
                "medianOfDifferences": statistics.median(pairs),
            },
        )
    ]


SCHEMA_FIGURES: dict[str, Callable[[Rest, Options], list[Figure]]] = {"schema": schema}
