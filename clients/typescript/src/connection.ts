import { ApiError, NoServiceError } from "./errors.js";

const DEFAULT_URL = "http://127.0.0.1:3011";
/** Publishing code takes the longest: it is checked, loaded, and followed by all hosts. */
const ANSWER_MS = 120_000;
const RETRIES = 2;
/** Statuses with which a service says that it has done nothing about a call. */
const BUSY = [429, 503];

export interface ClientOptions {
  /** Address of the service, perhaps with a path; `http://127.0.0.1:3011` where it is left out. */
  url?: string;
  /** Sent with each call, for example to a proxy that asks for a password. */
  headers?: Record<string, string>;
  /** Milliseconds that any answer may take, beyond what a call waits for on purpose; 120,000 where it is left out. */
  timeoutMs?: number;
  /** How often a call is sent again that the service refuses with 429 or 503 and `Retry-After`; 2 where it is left out. */
  retries?: number;
  /** Used in place of the global `fetch`. */
  fetch?: typeof globalThis.fetch;
}

export interface CallOptions {
  /** Ends the call: it then fails with the reason of the signal. */
  signal?: AbortSignal | undefined;
  /** In place of that of the client. */
  timeoutMs?: number | undefined;
}

/** What a call sends. */
export interface Call {
  method: string;
  /** The parts of the path between slashes. */
  path: string[];
  query?: object;
  body?: object;
  /** Statuses beside 200 to 299 whose body is an answer. */
  answers?: number[];
}

/** Makes calls. The calls by name are in the class that builds on this one. */
export class Connection {
  readonly url: string;
  readonly #headers: Record<string, string>;
  readonly #timeoutMs: number;
  readonly #retries: number;
  readonly #fetch: typeof globalThis.fetch;

  constructor(options: ClientOptions = {}) {
    this.url = (options.url ?? DEFAULT_URL).replace(/\/+$/, "");
    this.#headers = options.headers ?? {};
    this.#timeoutMs = options.timeoutMs ?? ANSWER_MS;
    this.#retries = options.retries ?? RETRIES;
    this.#fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
  }

  /** Make a call and return its answer. */
  protected async request<T>(call: Call, options: CallOptions = {}): Promise<T> {
    const timeoutMs = (options.timeoutMs ?? this.#timeoutMs) + waited(call);
    for (let retriesLeft = this.#retries; ; retriesLeft -= 1) {
      const signal = joined(options.signal, AbortSignal.timeout(timeoutMs));
      const response = await this.open(call, signal, options.signal);
      const text = await this.#complete(response.text(), options.signal);
      const values = parsed(text);
      if (response.ok || call.answers?.includes(response.status)) {
        if (values === undefined) throw this.#stranger();
        return values as T;
      }
      const pauseMs = pauseBeforeRetry(response);
      if (pauseMs === undefined || pauseMs > timeoutMs || retriesLeft <= 0) throw this.#refusal(call, response, values);
      await sleep(pauseMs, options.signal);
    }
  }

  /** Iterate over the items of all pages. */
  protected async *pages<P extends { cursor?: string | null }, T>(
    read: (cursor: string | undefined) => Promise<P>,
    items: (page: P) => T[],
  ): AsyncGenerator<T, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await read(cursor);
      yield* items(page);
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Send a call and return the response, whatever its status.
   *
   * @param signal ends it, also the reading of the body.
   * @param own the part of that signal that is the caller's, whose reason the call fails with.
   */
  protected open(call: Call, signal: AbortSignal, own?: AbortSignal, headers: Record<string, string> = {}): Promise<Response> {
    const url = `${this.url}/${call.path.map(encoded).join("/")}${asQuery(call.query)}`;
    const sent: Record<string, string> = { Accept: "application/json", ...this.#headers, ...headers };
    const request: RequestInit = { method: call.method, headers: sent, signal };
    if (call.body !== undefined) {
      request.body = JSON.stringify(call.body);
      sent["Content-Type"] = "application/json";
    }
    return this.#complete(this.#fetch(url, request), own);
  }

  /** Return the error of a response that is none of the answers. */
  protected async refusal(call: Call, response: Response, own?: AbortSignal): Promise<ApiError> {
    return this.#refusal(call, response, parsed(await this.#complete(response.text(), own)));
  }

  /** Wait for a part of an exchange; what goes wrong becomes an error of ours, except for the caller's own signal. */
  async #complete<T>(part: Promise<T>, own?: AbortSignal): Promise<T> {
    try {
      return await part;
    } catch (error) {
      own?.throwIfAborted();
      if (error instanceof Error && error.name === "TimeoutError") {
        throw new NoServiceError(`the workerhost at ${this.url} does not answer in time`, error);
      }
      throw new NoServiceError(`no workerhost answers at ${this.url} (${reasonOf(error)}); is it running?`, error);
    }
  }

  #refusal(call: Call, response: Response, values: unknown): ApiError {
    if (typeof values !== "object" || values === null) return this.#stranger();
    const { success: _, error, code, ...details } = values as Record<string, unknown>;
    const sentence = error ?? `${call.method} /${call.path.join("/")} was answered with ${response.status}`;
    return new ApiError(String(sentence), String(code ?? "http_error"), response.status, details);
  }

  #stranger(): NoServiceError {
    return new NoServiceError(`what answers at ${this.url} is not a workerhost`);
  }
}

/** Return a signal that is aborted with the first of those that are there. */
export function joined(...signals: (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((each) => each !== undefined));
}

/** Wait, unless the signal ends it; then its reason is thrown. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    };
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(done, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Return the milliseconds after which the service wants to be asked again, if it says so. */
export function pauseBeforeRetry(response: Response): number | undefined {
  const seconds = response.headers.get("Retry-After") ?? "";
  return BUSY.includes(response.status) && /^\d{1,5}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

/** Return the milliseconds that the service is asked to wait for something. */
function waited(call: Call): number {
  const { wait, timeout } = (call.query ?? {}) as { wait?: unknown; timeout?: unknown };
  const seconds = Number(wait ?? timeout ?? 0);
  return seconds > 0 ? seconds * 1000 : 0;
}

/** Return a part of a path. `.` and `..` would make another call of it, whichever way they are written. */
function encoded(segment: string): string {
  if (/^\.{0,2}$/.test(segment)) throw new TypeError(`${JSON.stringify(segment)} cannot be an id or a name`);
  return encodeURIComponent(segment);
}

function asQuery(query: object = {}): string {
  const made = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null) made.append(name, each instanceof Date ? each.toISOString() : String(each));
    }
  }
  return made.size > 0 ? `?${made}` : "";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.cause.name : error.message;
}
