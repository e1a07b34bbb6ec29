"""What a machine gives to seal code with is found out by trying it, and what it lacks is said with what to do."""

from pathlib import Path

import pytest

from support.sealing import WITHOUT_USER_NAMESPACES, fresh_process
from workerhost.code.sealing.landlock import landlock_version
from workerhost.code.sealing.survey import MachineIsolation, require, survey
from workerhost.code.sealing.users import may_change_users
from workerhost.errors import ConfigurationError
from workerhost.words import IsolationKind

SURVEY = """
from workerhost.code.sealing.survey import survey

found = survey()
tell([found.names, found.missing])
"""


def test_every_means_is_given_or_has_a_sentence() -> None:
    found = survey()
    assert found.names == tuple(kind for kind in IsolationKind if kind in found.names)
    assert set(found.names) | set(found.missing) == set(IsolationKind)
    assert not set(found.names) & set(found.missing)
    assert IsolationKind.PROCESS in found.names
    assert (IsolationKind.LANDLOCK in found.names) == (landlock_version() > 0)
    for sentence in found.missing.values():
        assert "; " in sentence, sentence


def test_an_ordinary_user_is_told_that_others_take_root() -> None:
    if may_change_users():
        prefix = "setpriv", "--bounding-set=-setuid", "--inh-caps=-setuid"
        names, missing = fresh_process(SURVEY, prefix=prefix)
    else:
        names, missing = fresh_process(SURVEY)
    assert "user" not in names
    assert missing["user"].startswith("the service is not run by root, ")


def test_root_has_users_to_give_where_they_reach_what_they_need() -> None:
    found = survey()
    reason = found.missing.get(IsolationKind.USER, "")
    if may_change_users():
        assert not reason or reason.startswith("another user cannot reach /")
    else:
        assert reason


def test_where_mounts_of_its_own_are_refused_namespaces_are_missing_and_the_network_is_not() -> None:
    prefix = [word.replace("max_user_namespaces", "max_mnt_namespaces") for word in WITHOUT_USER_NAMESPACES]
    names, missing = fresh_process(SURVEY, prefix=prefix)
    assert "namespaces" not in names
    assert missing["namespaces"].startswith("No space left on device; allow user namespaces")
    assert ("network" in names) == (IsolationKind.NETWORK in survey().names)


def test_where_no_namespace_of_users_can_be_made_it_is_said_and_the_rest_is_given() -> None:
    names, missing = fresh_process(SURVEY, prefix=WITHOUT_USER_NAMESPACES)
    here = survey().names
    assert "namespaces" not in names
    assert missing["namespaces"].startswith("No space left on device; allow user namespaces: user.max_user_namespaces")
    assert {"process", "landlock", "seccomp"} & set(here) <= set(names)
    assert ("network" in names) == (landlock_version() >= 4 and "seccomp" in here)


def test_users_that_a_container_has_not_are_asked_for() -> None:
    _, missing = fresh_process(SURVEY, prefix=WITHOUT_USER_NAMESPACES)
    assert "the users from 2000000000 on are not there in the user namespace of this container; map" in missing["user"]


def test_what_a_container_forbids_is_named() -> None:
    forbid = "from workerhost.code.sealing.seccomp import filter_calls\nprctl(PR_SET_NO_NEW_PRIVS, 1)\nfilter_calls()\n"
    names, missing = fresh_process(forbid + SURVEY)
    assert "namespaces" not in names
    assert "and a seccomp profile of the container with unshare" in missing["namespaces"]
    assert missing["namespaces"].startswith("Operation not permitted; ")


def test_a_survey_that_cannot_be_made_gives_nothing() -> None:
    code = "import sys\nsys.executable = '/nowhere/python'\n"
    names, missing = fresh_process(code + SURVEY)
    assert names == []
    assert set(missing) == set(IsolationKind)
    assert missing["process"] == "it could not be tried: [Errno 2] No such file or directory: '/nowhere/python'"


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    code = """
import tempfile
from workerhost.code.sealing.survey import survey, surveying

tempfile.tempdir = sys.argv[1]
survey()
left = os.listdir(sys.argv[1])
try:
    with surveying():
        raise ZeroDivisionError
except ZeroDivisionError:
    tell([left, os.listdir(sys.argv[1])])
"""
    assert fresh_process(code, str(tmp_path)) == [[], []]


def test_what_is_required_and_not_given_is_named_with_what_to_do() -> None:
    found = MachineIsolation(
        (IsolationKind.PROCESS,),
        {IsolationKind.USER: "no root; run it as root", IsolationKind.SECCOMP: "no filters; use another kernel"},
    )
    require([IsolationKind.PROCESS], found)
    with pytest.raises(ConfigurationError) as caught:
        require([IsolationKind.PROCESS, IsolationKind.USER, IsolationKind.SECCOMP], found)
    assert str(caught.value) == (
        "WORKERHOST_REQUIRE_ISOLATION asks for what this machine does not give: user: no root; run it as root. "
        "seccomp: no filters; use another kernel"
    )
