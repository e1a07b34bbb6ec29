"""Requests that a web page of somebody else makes a browser send are refused, and change nothing."""

from support.refusals import dump
from workerhost.runtime.service import Service
from workerhost.testing import Api

FOREIGN = [
    ({"Host": "evil.example"}, "foreign_host"),
    ({"Host": "evil.example:3011", "Origin": "http://evil.example:3011"}, "foreign_host"),
    ({"Origin": "http://evil.example"}, "foreign_origin"),
    ({"Origin": "null"}, "foreign_origin"),
    ({"Sec-Fetch-Site": "cross-site"}, "foreign_origin"),
]


def test_a_page_of_somebody_else_changes_nothing(api: Api, service: Service) -> None:
    api.put("/projects/shop")
    before = dump(service)
    for headers, code in FOREIGN:
        for method, path in (("PUT", "/projects/new"), ("POST", "/workers/stop"), ("DELETE", "/projects/shop")):
            answer = api.client.open(path, method=method, json={}, headers=headers)
            assert answer.status_code == 403, headers
            assert (answer.get_json()["success"], answer.get_json()["code"]) == (False, code)
    assert dump(service) == before


def test_under_a_foreign_name_nothing_is_read_either(api: Api) -> None:
    for path in ("/health", "/projects", "/nothing"):
        answer = api.client.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "foreign_host")


def test_a_page_of_the_service_itself_is_answered(api: Api) -> None:
    headers = {"Host": "localhost:3011", "Origin": "http://localhost:3011", "Sec-Fetch-Site": "same-origin"}
    assert api.client.put("/projects/shop", json={}, headers=headers).status_code == 201
