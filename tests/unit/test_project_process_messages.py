"""What comes from a project process is messages of a bounded size and rate, or the process is ended."""

import os
import time

import pytest

from workerhost.code.project_process.messages import MOST_BYTES, Decoder, Kind, NonsenseError, encode
from workerhost.runtime.processes.deaths import FIRST_DELAY, FREE_DEATHS, LONGEST_DELAY, Deaths
from workerhost.runtime.processes.paced_reader import PacedReader


def test_messages_are_put_together_from_whatever_pieces_they_come_in() -> None:
    data = encode(Kind.DONE, 7, b"answer") + encode(Kind.HEARTBEAT, 8, b"") + encode(Kind.FAILED, 9, b"x" * 1000, b"y")
    decoder = Decoder()
    found = [message for byte in data for message in decoder.feed(bytes([byte]))]
    assert [(each.kind, each.number, each.parts) for each in found] == [
        (Kind.DONE, 7, (b"answer",)),
        (Kind.HEARTBEAT, 8, (b"",)),
        (Kind.FAILED, 9, (b"x" * 1000, b"y")),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 64,
        encode(Kind.DONE, 1, bytes(MOST_BYTES + 1))[:13],
        b"\0\0\0\4" + bytes([200]) + bytes(8) + b"\0\0\0\0",
        b"\0\0\0\4" + bytes([Kind.DONE]) + bytes(8) + b"\0\0\0\5",
        b"\0\0\0\3" + bytes([Kind.DONE]) + bytes(8) + b"\0\0\0",
    ],
)
def test_what_is_no_message_is_refused_before_it_is_kept(data: bytes) -> None:
    with pytest.raises(NonsenseError):
        Decoder().feed(data)


def test_who_writes_more_than_may_be_read_in_a_second_waits_and_others_do_not() -> None:
    (busy, busy_end), (quiet, quiet_end) = os.pipe(), os.pipe()
    reader = PacedReader({busy: 100, quiet: 100})
    os.write(busy_end, b"x" * 1000)
    began, read = time.monotonic(), 0
    while read < 250:
        for descriptor in reader.wait():
            if descriptor == quiet:
                os.read(quiet, 10)
                reader.take(quiet, 1)
                assert time.monotonic() - began < 1
            else:
                reader.take(busy, len(data := os.read(busy, 50)))
                if read == 0:
                    os.write(quiet_end, b"beside")
                read += len(data)
    assert time.monotonic() - began >= 2
    for each in (busy, busy_end, quiet, quiet_end):
        os.close(each)


def test_each_death_beyond_a_few_doubles_the_delay_until_somebody_asks() -> None:
    deaths = Deaths()
    for _ in range(FREE_DEATHS):
        deaths.note("exit code 3", ["activity crash"])
        assert deaths.delay() == 0
        assert deaths.trouble() is None
    delays = []
    for _ in range(8):
        deaths.note("exit code 3", ["activity crash"])
        delays.append(round(deaths.delay()))
    assert delays == [min(LONGEST_DELAY, FIRST_DELAY * 2**number) for number in range(8)]
    assert "worker died 10 times in 2 minutes: exit code 3 in activity crash; it is tried again at" in str(
        deaths.trouble()
    )
    deaths.forgive()
    assert deaths.delay() == 0
    assert deaths.trouble() is None
