import type { ExecutionInfo } from "./generated.js";

/** The service refuses a call; the message is its sentence. */
export class ApiError extends Error {
  override name = "ApiError";

  /**
   * @param message the sentence, for people.
   * @param code a stable name of the reason, for programs.
   * @param status the HTTP status.
   * @param details what else the answer holds, by key.
   */
  constructor(
    message: string,
    readonly code: string,
    readonly status: number,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** No workerhost answers, or not in time. */
export class NoServiceError extends ApiError {
  override name = "NoServiceError";

  constructor(message: string, cause?: unknown) {
    super(message, "no_service", 503);
    this.cause = cause;
  }
}

/** An execution that did not complete: it ended otherwise, or still runs when the time is over. */
export class ExecutionError extends Error {
  override name = "ExecutionError";
  readonly code = "execution_not_completed";

  /** @param execution as it is now; its `error` says what happened, its `stuck` why it does not go on. */
  constructor(readonly execution: ExecutionInfo) {
    const reason = execution.error ?? execution.stuck?.reason;
    super(`execution ${execution.workflowId} is ${execution.status}${reason ? `: ${reason}` : ""}`);
  }
}
