"""The activities of a shop. What each does is known to a server, which says when it can be done."""

import asyncio
import json
import urllib.request
from typing import Any

from pydantic import BaseModel
from temporalio import activity

SHOP = "http://127.0.0.1:0"


class Mail(BaseModel):
    to: str
    text: str


class Order(BaseModel):
    order: str
    amount: int | None = None


class Outcome(BaseModel):
    outcome: str


class Piece(BaseModel):
    piece: int


class Parcel(BaseModel):
    carrier: str
    parcel: str


@activity.defn(name="sendMail")
async def send_mail(mail: Mail) -> str:
    await _tell(mail.text)
    return mail.text


@activity.defn(name="reviewOrder")
async def review_order(order: Order) -> Outcome:
    await _tell(f"review {order.order}")
    return Outcome(outcome=f"reviewed at {order.amount}")


@activity.defn(name="acceptOrder")
async def accept_order(order: Order) -> Outcome:
    await _tell(f"accept {order.order}")
    return Outcome(outcome="accepted")


@activity.defn(name="packPiece")
async def pack_piece(piece: Piece) -> str:
    await _tell(f"piece {piece.piece}")
    return f"piece {piece.piece}"


@activity.defn(name="callCarrier")
async def call_carrier(parcel: Parcel) -> str:
    await _tell(parcel.carrier)
    return f"{parcel.parcel} by {parcel.carrier}"


async def _tell(what: str) -> None:
    info = activity.info()
    body = json.dumps({"run": info.workflow_id, "attempt": info.attempt, "what": what})
    await asyncio.to_thread(_post, body.encode())


def _post(body: bytes) -> Any:
    with urllib.request.urlopen(SHOP, body, timeout=30) as answer:
        return json.load(answer)
