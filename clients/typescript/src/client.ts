import { type Call, type CallOptions, pauseBeforeRetry, sleep } from "./connection.js";
import { ExecutionError, NoServiceError } from "./errors.js";
import { followedLines, type FollowOptions } from "./following.js";
import { Calls, type ExecutionBody, type ExecutionInfo, type LogLineInfo } from "./generated.js";
import { hasEnded, Watch, type WatchEvent, type WatchOptions } from "./watching.js";

/** How long one call waits for an end: proxies often cut what is silent for a minute. */
const WAIT_SECONDS = 20;
const END_MS = 60_000;
/** Statuses of a service, or of a proxy in front of it, that may work again in a moment. */
const PASSING = [429, 502, 503, 504];

export interface RunOptions extends Omit<ExecutionBody, "workflowType" | "args" | "signal" | "update"> {
  /** Milliseconds to wait for the end; 60,000 where it is left out. */
  timeoutMs?: number | undefined;
  /** Ends the waiting, not the execution. */
  signal?: AbortSignal | undefined;
}

/**
 * The control API of one service.
 *
 * Every call fails with an `ApiError` where the service refuses it, and with a `NoServiceError` where none answers in
 * time.
 */
export class WorkerhostClient extends Calls {
  /** Run a workflow and return its result; an `ExecutionError` says that it did not complete. */
  async run<T = unknown>(projectId: string, workflowType: string, args: unknown[] = [], options: RunOptions = {}): Promise<T> {
    const { timeoutMs, signal, ...how } = options;
    const begun = await this.startExecution(projectId, { ...how, workflowType, args }, {}, { signal });
    const ended = await this.waitForEnd(projectId, begun.workflowId, { timeoutMs, signal });
    if (ended.status !== "COMPLETED") throw new ExecutionError(ended);
    return ended.result as T;
  }

  /** Wait until the execution has ended, at most `timeoutMs` (60,000 where it is left out), and return it as it is then. */
  async waitForEnd(projectId: string, workflowId: string, options: CallOptions = {}): Promise<ExecutionInfo> {
    const deadline = Date.now() + (options.timeoutMs ?? END_MS);
    for (;;) {
      const left = Math.max(0, (deadline - Date.now()) / 1000);
      const query = { wait: Math.min(left, WAIT_SECONDS) };
      const found = await this.getExecution(projectId, workflowId, query, { signal: options.signal });
      if (hasEnded(found) || Date.now() >= deadline) return found;
    }
  }

  /**
   * Iterate over what the execution does, from its first step on, until it has ended.
   *
   * A connection that is lost is made again, and goes on after the last event. Where the first one cannot be made, that
   * is an error at once.
   */
  watch(projectId: string, workflowId: string, options: WatchOptions = {}): AsyncGenerator<WatchEvent, void, undefined> {
    const call = { method: "GET", path: ["projects", projectId, "executions", workflowId, "events"] };
    return new Watch((headers, signal) => this.#stream(call, headers, signal, options.signal), options).events();
  }

  /**
   * Iterate over the newest lines of the project's log in their order, and then over new ones as they come, without an
   * end.
   *
   * A connection that is lost is made again, and goes on after the last line. Where the first one cannot be made, that is
   * an error at once.
   */
  followLogs(projectId: string, options: FollowOptions = {}): AsyncGenerator<LogLineInfo, void, undefined> {
    const { signal, reconnects, ...which } = options;
    const call = { method: "GET", path: ["projects", projectId, "logs"], query: { ...which, follow: true } };
    return followedLines((headers, end) => this.#stream(call, headers, end, signal), { signal, reconnects });
  }

  async #stream(call: Call, headers: Record<string, string>, signal: AbortSignal, own?: AbortSignal) {
    const response = await this.open(call, signal, own, { Accept: "text/event-stream", ...headers });
    if (response.status === 204) return undefined; // the way of event streams to say that nothing more comes
    if (response.ok && response.body) return response.body;
    if (!PASSING.includes(response.status)) throw await this.refusal(call, response, own);
    const refusal = await this.refusal(call, response, own);
    await sleep(pauseBeforeRetry(response) ?? 0, own);
    const isProxy = refusal instanceof NoServiceError; // or something else that does not speak as a workerhost
    throw new NoServiceError(isProxy ? `the workerhost at ${this.url} answers with ${response.status}` : refusal.message);
  }
}
