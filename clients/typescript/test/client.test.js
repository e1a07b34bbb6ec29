// What the client does with the answers of a service, which is a small server here. Each test has one of its own.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { ApiError, ExecutionError, NoServiceError, WorkerhostClient } from "workerhost";

/** Return a client of a server that answers each request with the next of the handlers, and the requests so far. */
async function serve(t, ...handlers) {
  const requests = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    requests.push({ method: request.method, url: request.url, headers: request.headers, body });
    const handler = handlers.length > 1 ? handlers.shift() : handlers[0];
    handler(response, request);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { client: new WorkerhostClient({ url: `http://127.0.0.1:${server.address().port}/` }), requests };
}

function answer(status, values, headers = {}) {
  return (response) => response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(values));
}

const busy = answer(503, { success: false, error: "too many requests", code: "busy" }, { "Retry-After": "0" });

test("a call sends its path, query and body, and returns the answer", async (t) => {
  const { client, requests } = await serve(t, answer(202, { workflowId: "a", runId: "b" }));
  assert.deepEqual(await client.startExecution("shop", { workflowType: "Order", args: ["ä"] }), { workflowId: "a", runId: "b" });
  await client.listExecutions("shop", { status: ["FAILED", "CANCELED"], startedAfter: new Date(0), cursor: undefined });
  await client.getExecution("shop", "a/b c?");
  assert.equal(requests[0].body, '{"workflowType":"Order","args":["ä"]}');
  assert.deepEqual(
    requests.map(({ method, url }) => `${method} ${url}`),
    [
      "POST /projects/shop/executions",
      "GET /projects/shop/executions?status=FAILED&status=CANCELED&startedAfter=1970-01-01T00%3A00%3A00.000Z",
      "GET /projects/shop/executions/a%2Fb%20c%3F",
    ],
  );
});

test("an id that is none never becomes another call", async (t) => {
  const { client, requests } = await serve(t, answer(200, {}));
  for (const id of ["", ".", ".."]) await assert.rejects(client.deleteProject(id), TypeError);
  assert.equal(requests.length, 0);
});

test("a refusal has the sentence, the code, the status and the details", async (t) => {
  const { client } = await serve(t, answer(422, { success: false, error: "line 3", code: "build_refused", problems: [{ line: 3 }] }));
  await assert.rejects(client.getProject("shop"), (error) => {
    assert(error instanceof ApiError);
    assert.deepEqual([error.message, error.code, error.status], ["line 3", "build_refused", 422]);
    assert.deepEqual(error.details, { problems: [{ line: 3 }] });
    return true;
  });
});

test("a busy service is asked again, as often as the client may", async (t) => {
  const { client, requests } = await serve(t, busy, busy, answer(200, { id: "shop" }));
  assert.equal((await client.getProject("shop")).id, "shop");
  assert.equal(requests.length, 3);
  const other = await serve(t, busy);
  await assert.rejects(other.client.getProject("shop"), { code: "busy", status: 503 });
  assert.equal(other.requests.length, 3);
});

test("a failure that does not say when to try again is not tried again", async (t) => {
  const { client, requests } = await serve(t, answer(503, { success: false, error: "away", code: "temporal_unavailable" }));
  await assert.rejects(client.getProject("shop"), { code: "temporal_unavailable" });
  assert.equal(requests.length, 1);
});

test("a service that is not ready is an answer", async (t) => {
  const { client } = await serve(t, answer(503, { status: "unavailable", checks: {} }));
  assert.equal((await client.getReadiness()).status, "unavailable");
});

test("an answer that does not come in time is an error, and one that is given up fails with the reason", async (t) => {
  const { client } = await serve(t, () => {});
  await assert.rejects(client.getHealth({ timeoutMs: 50 }), /does not answer in time/);
  const controller = new AbortController();
  const call = client.getHealth({ signal: controller.signal });
  controller.abort(new Error("not needed"));
  await assert.rejects(call, /not needed/);
});

test("a call that waits on purpose has that time beside its own", async (t) => {
  const { client } = await serve(t, (response) => setTimeout(() => answer(200, { status: "RUNNING" })(response), 200));
  assert.equal((await client.getExecution("shop", "a", { wait: 5 }, { timeoutMs: 50 })).status, "RUNNING");
});

test("a retry that waits can be given up", async (t) => {
  const { client } = await serve(t, answer(429, { error: "slow", code: "rate_limited" }, { "Retry-After": "60" }));
  await assert.rejects(client.getHealth({ signal: AbortSignal.timeout(100) }), { name: "TimeoutError" });
});

test("what is no workerhost, or nothing, is an error that says so", async (t) => {
  const { client } = await serve(t, (response) => response.end("<html>"));
  await assert.rejects(client.getHealth(), /is not a workerhost/);
  const nobody = new WorkerhostClient({ url: "http://127.0.0.1:9" });
  await assert.rejects(nobody.getHealth(), (error) => error instanceof NoServiceError && /is it running/.test(error.message));
});

test("all pages are iterated over, and no more of them than are asked for", async (t) => {
  const { client, requests } = await serve(
    t,
    answer(200, { executions: [{ workflowId: "a" }, { workflowId: "b" }], cursor: "next" }),
    answer(200, { executions: [{ workflowId: "c" }], cursor: null }),
    answer(200, { executions: [{ workflowId: "a" }], cursor: "next" }),
  );
  const found = [];
  for await (const each of client.iterateExecutions("shop", { limit: 2 })) found.push(each.workflowId);
  assert.deepEqual(found, ["a", "b", "c"]);
  assert.deepEqual(requests.map(({ url }) => url.split("?")[1]), ["limit=2", "limit=2&cursor=next"]);
  for await (const _ of client.iterateExecutions("shop")) break;
  assert.equal(requests.length, 3);
});

test("a run that does not complete is an error with the execution", async (t) => {
  const failed = { workflowId: "a", status: "FAILED", error: "it is out of stock" };
  const { client } = await serve(t, answer(202, { workflowId: "a", runId: "b" }), answer(200, failed));
  await assert.rejects(client.run("shop", "Order"), (error) => {
    assert(error instanceof ExecutionError);
    assert.equal(error.message, "execution a is FAILED: it is out of stock");
    assert.equal(error.execution.status, "FAILED");
    return true;
  });
});

const STREAM = { "Content-Type": "text/event-stream" };
const event = (id, type, values) => `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(values)}\n\n`;
const begin = "retry: 10\n\n";

/** A stream that is sent whole, and then ends or is cut. */
const stream = (text, isCut) => (response) => {
  response.writeHead(200, STREAM);
  response.write(text, () => (isCut ? response.destroy() : response.end()));
};

async function collect(events) {
  const found = [];
  for await (const each of events) found.push(each);
  return found;
}

test("a watched execution shows its steps and states until it has ended, over connections that are cut", async (t) => {
  const { client, requests } = await serve(
    t,
    stream(begin + event(1, "status", { status: "RUNNING" }) + event(2, "step", { id: "1", name: "reserve" }), true),
    busy,
    answer(502, {}),
    stream(": still there\n\n" + event(3, "other", {}) + event(4, "step", { id: "2", name: "send ä" }), false),
    stream(event(5, "status", { status: "COMPLETED" }), false),
  );
  const found = await collect(client.watch("shop", "a"));
  assert.deepEqual(
    found.map((each) => [each.id, each.type === "step" ? each.step.name : each.execution.status]),
    [["1", "RUNNING"], ["2", "reserve"], ["4", "send ä"], ["5", "COMPLETED"]],
  );
  assert.deepEqual(requests.map(({ headers }) => headers["last-event-id"]), [undefined, "2", "2", "2", "4"]);
  assert.equal(requests[0].url, "/projects/shop/executions/a/events");
  assert.equal(requests[0].headers.accept, "text/event-stream");
});

test("an event that comes in pieces is one event", async (t) => {
  const whole = Buffer.from(event(1, "status", { status: "COMPLETED", result: "ä€" }));
  const { client } = await serve(t, async (response) => {
    response.writeHead(200, STREAM);
    for (const byte of whole) await new Promise((resolve) => response.write(Buffer.of(byte), resolve));
    response.end();
  });
  assert.deepEqual((await collect(client.watch("shop", "a"))).map((each) => each.execution.result), ["ä€"]);
});

test("a run that continued as new is watched on, until a stream has nothing more", async (t) => {
  const { client, requests } = await serve(
    t,
    stream(begin + event(1, "status", { status: "CONTINUED_AS_NEW" }), false),
    stream("", false),
  );
  assert.equal((await collect(client.watch("shop", "a"))).length, 1);
  assert.equal(requests.length, 2);
});

test("a stream that the service has nothing more for ends", async (t) => {
  const { client } = await serve(t, (response) => response.writeHead(204).end());
  assert.deepEqual(await collect(client.watch("shop", "a", { lastEventId: "7" })), []);
});

test("a connection that has gone silent is made again", async (t) => {
  const { client, requests } = await serve(
    t,
    (response) => response.writeHead(200, STREAM).write(begin + event(1, "step", { id: "1" })),
    stream(event(2, "status", { status: "FAILED" }), false),
  );
  assert.equal((await collect(client.watch("shop", "a", { silentMs: 100 }))).length, 2);
  assert.equal(requests[1].headers["last-event-id"], "1");
});

test("a watch that is refused is an error, and so is one that no service takes up again", async (t) => {
  const refused = await serve(t, answer(404, { error: "no such execution", code: "execution_not_found" }));
  await assert.rejects(collect(refused.client.watch("shop", "a")), { code: "execution_not_found", status: 404 });
  const gone = await serve(t, stream(begin + event(1, "step", { id: "1" }), true), answer(503, {}));
  await assert.rejects(collect(gone.client.watch("shop", "a", { reconnects: 2 })), { code: "no_service" });
  assert.equal(gone.requests.length, 3);
});

test("a watch that cannot begin is an error at once, with the service's sentence where there is one", async (t) => {
  const full = await serve(t, answer(503, { error: "300 watch already", code: "too_many_watchers" }));
  await assert.rejects(collect(full.client.watch("shop", "a")), { code: "no_service", message: "300 watch already" });
  const proxy = await serve(t, (response) => response.writeHead(502).end("<html>"));
  await assert.rejects(collect(proxy.client.watch("shop", "a")), /answers with 502$/);
  assert.equal(full.requests.length + proxy.requests.length, 2);
});

test("one who stops watching is gone from the service at once", async (t) => {
  let closed;
  const gone = new Promise((resolve) => (closed = resolve));
  const { client } = await serve(t, (response, request) => {
    request.socket.on("close", closed);
    response.writeHead(200, STREAM).write(event(1, "step", { id: "1" }));
  });
  for await (const _ of client.watch("shop", "a")) break;
  await gone;
  const controller = new AbortController();
  const events = client.watch("shop", "a", { signal: controller.signal });
  await events.next();
  controller.abort(new Error("enough"));
  await assert.rejects(events.next(), /enough/);
});
