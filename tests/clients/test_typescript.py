"""The TypeScript client: what its package holds, and what programs do with it on a live service."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from configparser import ConfigParser
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from support import GREETING, GREETING_ACTIVITIES
from support.documentation import ROOT, blocks
from workerhost import Client
from workerhost.cli.serving.samples import run_samples, sample_projects

PACKAGE = ROOT / "clients/typescript"
README = (PACKAGE / "README.md").read_text(encoding="utf-8")
DEFAULT_URL = "http://127.0.0.1:3011"

CONFIGURATION = {
    "compilerOptions": {
        "target": "ES2022",
        "lib": ["ES2022", "DOM"],
        "types": [],
        "module": "NodeNext",
        "strict": True,
        "exactOptionalPropertyTypes": True,
        "noEmitOnError": True,
    }
}
"""Of somebody who wants to know everything that the types say; those of the package are checked, too."""

Program = Callable[[str], str]
"""Checks a program, runs it, and returns what it prints."""


def _run(*command: str | Path, folder: Path) -> str:
    """Run a command of node, and return what it prints."""
    found = shutil.which(command[0])
    assert found, f"{command[0]} is missing; the dependency group `typescript` of pyproject.toml brings it"
    quiet = {"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false"}
    done = subprocess.run(
        [found, *command[1:]],
        cwd=folder,
        env={**os.environ, **quiet},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as somebody has it who has just cloned the repository and built it."""
    folder = tmp_path_factory.mktemp("package") / "typescript"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("node_modules", "dist"))
    _run("npm", "ci", folder=folder)
    _run("npm", "run", "build", folder=folder)
    return folder


@pytest.fixture(scope="module")
def programs(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs that use the package as npm publishes it."""
    folder = tmp_path_factory.mktemp("programs")
    [packed] = json.loads(_run("npm", "pack", "--json", "--ignore-scripts", folder=package))
    (folder / "package.json").write_text('{"name": "programs", "type": "module", "private": true}')
    (folder / "tsconfig.json").write_text(json.dumps(CONFIGURATION))
    _run("npm", "install", "--prefer-offline", package / packed["filename"], folder=folder)
    return folder


@pytest.fixture
def program(programs: Path, package: Path, service_url: str) -> Program:
    def run(text: str) -> str:
        (programs / "program.ts").write_text(text.replace(DEFAULT_URL, service_url), encoding="utf-8")
        compiled = programs / "program.js"
        compiled.unlink(missing_ok=True)
        _run("node", package / "node_modules/typescript/bin/tsc", folder=programs)
        return _run("node", compiled, folder=programs)

    return run


def test_the_package_s_own_tests_pass(package: Path) -> None:
    assert re.search(r"^\S pass \d\d", _run("npm", "test", folder=package), re.MULTILINE)


def test_only_what_is_built_is_published(package: Path) -> None:
    [packed] = json.loads(_run("npm", "pack", "--dry-run", "--json", "--ignore-scripts", folder=package))
    modules = [path.stem for path in (PACKAGE / "src").glob("*.ts")]
    built = {f"dist/{module}.{kind}" for module in modules for kind in ("js", "d.ts")}
    assert {each["path"] for each in packed["files"]} == {"LICENSE", "README.md", "package.json", *built}
    assert packed["unpackedSize"] < 300_000


def test_the_package_says_the_same_as_the_service_s_distribution_and_names_no_machine() -> None:
    described: Mapping[str, Any] = json.loads((PACKAGE / "package.json").read_text())
    metadata = ConfigParser()
    metadata.read(ROOT / "setup.cfg")
    for key in ("name", "version", "license"):
        assert described[key] == metadata["metadata"][key]
    assert (PACKAGE / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    lock = json.loads((PACKAGE / "package-lock.json").read_text())
    assert [name for name, each in lock["packages"].items() if "resolved" in each or each.get("hasInstallScript")] == []
    assert lock["version"] == described["version"]


@pytest.mark.samples
def test_the_examples_of_its_page_do_what_the_page_says(program: Program, client: Client) -> None:
    assert run_samples(client, sample_projects())
    shown = re.findall(r"^```ts\n(.*?)```\n\n```text\n(.*?)```$", README, re.MULTILINE | re.DOTALL)
    assert len(shown) == README.count("```ts\n") == 2
    for example, printed in shown:
        found = program(example)
        assert fnmatchcase(found, printed.replace("…", "*")), found


def test_the_example_of_the_page_about_using_it_follows_an_order(
    program: Program, client: Client, tmp_path: Path, project_id: str
) -> None:
    for block in blocks("docs/use.md"):
        if block.language in ("python", "ts"):
            path = tmp_path / block.file[0]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
    shutil.rmtree(tmp_path / "shop/shout")
    client.deploy(project_id, tmp_path / "shop")
    example = (tmp_path / "orders.ts").read_text().replace('"shop"', f'"{project_id}"')
    here = f'new WorkerhostClient({{ url: "{DEFAULT_URL}" }})'
    assert program(example.replace("new WorkerhostClient()", here)) == "A lamp is reserved\n"


def test_a_program_publishes_starts_lists_pages_and_is_told_what_is_wrong(program: Program, project_id: str) -> None:
    code = json.dumps({"workflowCode": GREETING, "activitiesCode": GREETING_ACTIVITIES})
    printed = program(f"""
import {{ ApiError, type ExecutionInfo, ExecutionError, hasEnded, WorkerhostClient }} from "workerhost";

const client = new WorkerhostClient({{ url: "{DEFAULT_URL}" }});
const project = "{project_id}";
await client.putProject(project, {{ name: "The shop", settings: {{ maxConcurrentActivities: 5 }} }});
const published = await client.putWorkflow(project, "greeting", {{ version: "1", ...{code} }});
await client.startWorker({{ projectId: project }}, {{ timeout: 25 }});
const ids: string[] = [];
for (const name of ["Ada", "Bob", "Eve"]) {{
  const begun = await client.startExecution(project, {{ workflowType: "Greeting", args: [name], memo: {{ name }} }});
  ids.push(begun.workflowId);
}}
const first: string = ids[0]!;
console.log((await client.waitForEnd(project, first, {{ timeoutMs: 200 }})).status);
await client.signalExecution(project, first, {{ name: "say", args: ["bye"] }});
const ended: ExecutionInfo = await client.waitForEnd(project, first);
console.log(hasEnded(ended), ended.status, ended.result, ended.memo, ended.buildId === published.buildId);
let found: string[] = [];
while (found.length < 3) {{
  found = [];
  const query = {{ limit: 1, workflowType: "Greeting" }};
  for await (const each of client.iterateExecutions(project, query)) found.push(each.workflowId);
}}
console.log(JSON.stringify(found) === JSON.stringify([...ids].reverse()));
console.log((await client.countExecutions(project, {{ status: ["FAILED"], startedAfter: new Date(0) }})).count);
await client.terminateExecution(project, ids[1]!, {{ reason: "ordered twice" }});
const told = async (call: Promise<unknown>) => {{
  try {{
    console.log("not refused", await call);
  }} catch (error) {{
    if (error instanceof ApiError) console.log(error.status, error.code, Object.keys(error.details).join());
    else console.log(error instanceof ExecutionError ? error.execution.status : String(error));
  }}
}};
await told(client.getExecution(project, "nobody"));
await told(client.startExecution("nobody", {{ workflowType: "Greeting" }}));
await told(client.putWorkflow(project, "greeting", {{ version: "2", workflowCode: "x = (" }}));
await told(client.run(project, "Greeting", ["Ada"], {{ timeoutMs: 100 }}));
await told(client.getExecution(project, first, {{}}, {{ signal: AbortSignal.abort("not needed") }}));
await told(client.deleteProject(".."));
""")
    assert printed.splitlines() == [
        "RUNNING",
        "true COMPLETED [ 'MARK', 'Ada from MARK', 'bye from MARK' ] { name: 'Ada' } true",
        "true",
        "0",
        "404 execution_not_found ",
        "404 project_not_found ",
        "422 build_refused problems",
        "RUNNING",
        "not needed",
        'TypeError: ".." cannot be an id or a name',
    ]


def test_a_program_watches_a_run_until_its_end_and_goes_on_after_what_it_has_seen(
    program: Program, project_id: str
) -> None:
    code = json.dumps({"workflowCode": GREETING, "activitiesCode": GREETING_ACTIVITIES})
    printed = program(f"""
import {{ ApiError, WorkerhostClient, type WatchEvent, type WatchOptions }} from "workerhost";

const client = new WorkerhostClient({{ url: "{DEFAULT_URL}" }});
const project = "{project_id}";
await client.putProject(project);
await client.putWorkflow(project, "greeting", {{ version: "1", ...{code} }});
await client.startWorker({{ projectId: project }});
const {{ workflowId }} = await client.startExecution(project, {{ workflowType: "Greeting", args: ["Ada"] }});

// What an event says, where it is an end: what lies before that is told as often as it is seen.
const said = (event: WatchEvent) => {{
  if (event.type === "status") return event.execution.status === "RUNNING" ? [] : [event.execution.status];
  return event.step.status === "completed" ? [event.step.kind + " " + JSON.stringify(event.step.input)] : [];
}};
const watched = async (options: WatchOptions = {{}}) => {{
  const ends: string[] = [];
  for await (const event of client.watch(project, workflowId, options)) ends.push(...said(event));
  return ends.join(", ");
}};

let seen = "";
for await (const event of client.watch(project, workflowId)) {{
  if (said(event).length === 0) continue;
  console.log("seen:", ...said(event));
  seen = event.id;
  break;
}}
const whole = watched();
const rest = watched({{ lastEventId: seen }});
await client.signalExecution(project, workflowId, {{ name: "say", args: ["bye"] }});
console.log("whole:", await whole);
console.log("rest:", await rest);
console.log("afterwards:", await watched());
console.log("rest of it:", await watched({{ lastEventId: seen }}));
for (const [id, lastEventId] of [["nobody", ""], [workflowId, "never"]] as const) {{
  try {{
    for await (const event of client.watch(project, id, {{ lastEventId }})) console.log("not refused", event);
  }} catch (error) {{
    if (!(error instanceof ApiError)) throw error;
    console.log(error.status, error.code, error.message);
  }}
}}
""")
    rest = 'signal ["bye"], activity ["bye"], COMPLETED'
    assert printed.splitlines() == [
        'seen: activity ["Ada"]',
        f'whole: activity ["Ada"], {rest}',
        f"rest: {rest}",
        f'afterwards: activity ["Ada"], {rest}',
        f"rest of it: {rest}",
        f"404 execution_not_found project {project_id} has no execution with the workflow id nobody",
        "400 invalid_request Last-Event-ID is not the id of an event of this stream",
    ]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ('client.startExecution("shop", { args: [] })', "Property 'workflowType' is missing"),
        ('client.startExecution("shop", { workflowType: "Order", colour: 1 })', "'colour' does not exist"),
        ('client.listExecutions("shop", { status: ["DONE"] })', "is not assignable to type 'ExecutionStatus'"),
        ('(await client.getExecution("shop", "a")).colour', "Property 'colour' does not exist"),
        ("client.getProject()", "Expected 1-2 arguments"),
    ],
)
def test_a_program_that_does_not_fit_the_api_does_not_compile(program: Program, call: str, problem: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(problem)):
        program(f'import {{ WorkerhostClient }} from "workerhost";\nconst client = new WorkerhostClient();\n{call};\n')
