"""A process with the filter of system calls cannot ask the kernel for what it has no use for, and works as before."""

import errno
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import textwrap

import pytest

from support.sealing import HARNESS, fresh_process
from workerhost.code.sealing import seccomp

FILTERED = """
import ctypes
from workerhost.code.sealing.seccomp import NOT_THERE, REFUSED, filter_calls

prctl(PR_SET_NO_NEW_PRIVS, 1)
filter_calls()
column = 0 if os.uname().machine == "x86_64" else 1
libc = ctypes.CDLL(None, use_errno=True)

def call(number, *arguments):
    result = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    return errno.errorcode[ctypes.get_errno()] if result < 0 else result
"""


def filtered(code: str, *arguments: str) -> object:
    return fresh_process(FILTERED + textwrap.dedent(code), *arguments)


def test_calls_that_project_code_has_no_use_for_are_refused() -> None:
    # With arguments that no kernel takes.
    answers = filtered("tell({name: call(each[column], *[-1] * 6) for name, each in REFUSED.items() if each[column]})")
    assert isinstance(answers, dict)
    assert {"mount", "ptrace", "bpf", "unshare", "setns", "keyctl", "reboot", "init_module"} <= set(answers)
    assert set(answers.values()) == {"EPERM"}


def test_calls_that_libraries_do_without_seem_not_to_be_there() -> None:
    answers = filtered("tell({name: call(each[column], *[-1] * 6) for name, each in NOT_THERE.items()})")
    assert answers == dict.fromkeys(seccomp.NOT_THERE, "ENOSYS")


@pytest.mark.parametrize("flag", [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])
def test_no_process_is_started_in_namespaces_of_its_own(flag: int) -> None:
    code = f"tell(call((56, 220)[column], {flag} | 17, 0, 0, 0, 0))"
    assert filtered(code) == "EPERM"


def test_only_the_ordinary_personality_is_taken() -> None:
    code = "tell([call((135, 92)[column], each) for each in (0xFFFFFFFF, 0, 0x0040000, 0x0400000, 8)])"
    assert filtered(code) == [0, 0, "EPERM", "EPERM", "EPERM"]


def test_sockets_are_local_or_of_tcp() -> None:
    kinds = {
        "local": (socket.AF_UNIX, socket.SOCK_SEQPACKET, 0),
        "tcp": (socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK, 0),
        "tcp 6": (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP),
        "addresses of the machine": (socket.AF_NETLINK, socket.SOCK_RAW, 0),
        "udp": (socket.AF_INET, socket.SOCK_DGRAM, 0),
        "raw": (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
        "multipath tcp": (socket.AF_INET, socket.SOCK_STREAM, 262),
        "firewall": (socket.AF_NETLINK, socket.SOCK_RAW, 12),
        "packets": (socket.AF_PACKET, socket.SOCK_RAW, 0),
        "cryptography": (38, socket.SOCK_SEQPACKET, 0),
        "virtual machines": (40, socket.SOCK_STREAM, 0),
    }
    code = "import socket\nkinds = json.loads(sys.argv[1])\n"
    code += "tell({name: attempt(lambda: socket.socket(*kind)) for name, kind in kinds.items()})"
    answers = filtered(code, json.dumps(kinds))
    assert isinstance(answers, dict)
    assert [name for name, answer in answers.items() if answer == "done"] == list(kinds)[:4]
    assert {answers[name] for name in ("udp", "raw", "multipath tcp")} == {"EPERM"}
    assert {answers[name] for name in list(kinds)[7:]} == {"EAFNOSUPPORT"}


@pytest.mark.parametrize(
    "code",
    [
        "import threading; thread = threading.Thread(target=print); thread.start(); thread.join()",
        "import subprocess; assert subprocess.run(['true'], check=True, close_fds=True).returncode == 0",
        "import os; os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
        "import os; assert os.system('true') == 0",
        "import asyncio; asyncio.run(asyncio.to_thread(print))",
        "import multiprocessing as m\n    with m.get_context('fork').Pool(1) as p: assert p.map(abs, [-1]) == [1]",
        "import multiprocessing as m\n    with m.get_context('spawn').Pool(1) as p: assert p.map(abs, [-1]) == [1]",
        "import concurrent.futures as f\n    with f.ProcessPoolExecutor(1) as p: assert p.submit(abs, 1).result()",
        "import ssl; ssl.create_default_context()",
        "import sqlite3; assert sqlite3.connect('').execute('select 1').fetchone() == (1,)",
        "import socket; assert socket.getaddrinfo('127.0.0.1', 80)[0][4] == ('127.0.0.1', 80)",
        "import socket; assert socket.if_nameindex()",
        "import httpx; httpx.Client().close()",
        "import pydantic; pydantic.create_model('A', a=(int, 1))()",
        "import temporalio.client, temporalio.worker; import temporalio.runtime as r; r.Runtime.default()",
        "import time, uuid, decimal, zoneinfo, secrets, mmap; mmap.mmap(-1, 4096).close(); uuid.uuid1()",
    ],
)
def test_python_works_as_before(code: str) -> None:
    code = f"if __name__ == '__main__':\n    {code}"
    assert filtered(f"import os\nexec({code!r})\ntell('works')") == "works"


def test_a_connection_on_the_machine_is_made_as_before() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = "import socket\nsocket.create_connection(('127.0.0.1', int(sys.argv[1])), 5).close()\ntell('connected')"
        assert filtered(code, str(server.getsockname()[1])) == "connected"


def test_programs_that_it_starts_keep_the_filter() -> None:
    code = (
        "import subprocess\ntell(subprocess.run(['unshare', '--user', 'true'], capture_output=True, text=True).stderr)"
    )
    assert "Operation not permitted" in str(filtered(code))


def machine_code(code: bytes) -> str:
    """Return Python code that runs machine code."""
    return f"""
import mmap

memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
memory.write({code!r})
tell(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))())
"""


X86_64 = platform.machine() == "x86_64"
GETPID_OF_32_BITS = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"
"""`mov eax, 20; int 0x80; ret`"""


def test_calls_of_another_machine_end_the_process() -> None:
    if X86_64:
        code = HARNESS + FILTERED + machine_code(GETPID_OF_32_BITS)
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
        assert ended.returncode == -signal.SIGSYS, ended
        assert filtered("tell(call(0x40000000 | 39))") == "EPERM"
    else:
        assert filtered("tell(call(0x40000000 | 39))") == "ENOSYS"


def test_a_machine_without_a_list_of_calls_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    names = os.uname()
    monkeypatch.setattr(os, "uname", lambda: os.uname_result((*names[:4], "riscv64")))
    with pytest.raises(OSError, match="there is no list of system calls for riscv64") as caught:
        seccomp.filter_calls()
    assert caught.value.errno == errno.EOPNOTSUPP
