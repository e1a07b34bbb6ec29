import { createParser, type EventSourceMessage } from "eventsource-parser";
import { joined, sleep } from "./connection.js";
import { ApiError, NoServiceError } from "./errors.js";
import type { ExecutionInfo, StepInfo } from "./generated.js";

const SILENT_MS = 60_000;
const RECONNECTS = 10;
/** Before a stream is opened again, unless the service says otherwise; twice as long each time that it fails. */
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** What a watched execution did: a step as it is now, or the execution as it is now. */
export type WatchEvent = {
  /** Where another stream goes on: `client.watch(…, { lastEventId: id })`. */
  id: string;
} & ({ type: "step"; step: StepInfo } | { type: "status"; execution: ExecutionInfo });

export interface WatchOptions {
  /** Ends the stream: the iteration then fails with the reason of the signal. */
  signal?: AbortSignal | undefined;
  /** Where to go on; everything from the first step on where it is left out. */
  lastEventId?: string | undefined;
  /** Milliseconds of silence after which the connection counts as lost; 60,000 where it is left out. */
  silentMs?: number | undefined;
  /** How often in a row a lost connection is tried again that cannot be made; 10 where it is left out. */
  reconnects?: number | undefined;
}

/** Whether nothing more comes of that workflow id. One that continued as new has a run that goes on. */
export function hasEnded(execution: Pick<ExecutionInfo, "status">): boolean {
  return execution.status !== "RUNNING" && execution.status !== "CONTINUED_AS_NEW";
}

/**
 * Opens a stream and returns what it holds, or nothing where nothing more comes.
 *
 * A `NoServiceError` means that it may work again in a moment; every other error is final.
 */
export type Open = (headers: Record<string, string>, signal: AbortSignal) => Promise<ReadableStream<Uint8Array> | undefined>;

/** The events of one execution, over as many connections as it takes. */
export class Watch {
  #lastEventId: string | undefined;
  #last: ExecutionInfo | undefined;
  #pauseMs = PAUSE_MS;
  #failures = 0;
  #wasOpen = false;
  #isAtEnd = false;

  constructor(
    readonly open: Open,
    readonly options: WatchOptions,
  ) {
    this.#lastEventId = options.lastEventId;
  }

  /** Yield all events until the execution has ended. */
  async *events(): AsyncGenerator<WatchEvent, void, undefined> {
    for (;;) {
      let count = 0;
      let problem: NoServiceError | undefined;
      try {
        for await (const event of this.#connection()) {
          count += 1;
          yield event;
        }
      } catch (error) {
        problem = this.#passing(error);
      }
      if (this.#isOver(problem === undefined && count === 0)) return;
      const reconnects = this.#wasOpen ? (this.options.reconnects ?? RECONNECTS) : 0;
      if (problem && this.#failures >= reconnects) throw problem;
      await sleep(Math.min(this.#pauseMs * 2 ** this.#failures, LONGEST_PAUSE_MS), this.options.signal);
      this.#failures += 1;
    }
  }

  /** Yield the events of one connection. */
  async *#connection(): AsyncGenerator<WatchEvent, void, undefined> {
    const lost = new AbortController();
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => lost.abort(), this.options.silentMs ?? SILENT_MS);
    };
    heard();
    try {
      const headers: Record<string, string> = this.#lastEventId ? { "Last-Event-ID": this.#lastEventId } : {};
      const body = await this.open(headers, joined(this.options.signal, lost.signal));
      this.#failures = 0;
      this.#wasOpen = true;
      if (body) yield* this.#read(body, heard);
      else this.#isAtEnd = true;
    } finally {
      clearTimeout(silence);
    }
  }

  async *#read(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<WatchEvent, void, undefined> {
    for await (const message of messages(body, heard, (ms) => (this.#pauseMs = ms))) {
      this.#lastEventId = message.id ?? this.#lastEventId;
      const event = asEvent(message, this.#lastEventId ?? "");
      if (event?.type === "status") this.#last = event.execution;
      if (event) yield event;
    }
  }

  /** Return what a later connection may get over; throw everything else. */
  #passing(error: unknown): NoServiceError {
    this.options.signal?.throwIfAborted();
    if (error instanceof NoServiceError) return error;
    if (error instanceof ApiError || error instanceof SyntaxError) throw error;
    return new NoServiceError("the stream of the execution was cut", error);
  }

  /** Tell whether nothing more comes; after a run that continued as new, a stream that ends with nothing says so. */
  #isOver(wasEmpty: boolean): boolean {
    if (this.#isAtEnd) return true;
    return this.#last !== undefined && (hasEnded(this.#last) || (wasEmpty && this.#last.status !== "RUNNING"));
  }
}

/** Yield the messages of a stream, and return when it ends. */
export async function* messages(
  body: ReadableStream<Uint8Array>,
  heard: () => void,
  onRetry: (ms: number) => void,
): AsyncGenerator<EventSourceMessage, void, undefined> {
  const waiting: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => waiting.push(event), onRetry });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      parser.feed(decoder.decode(value, { stream: true }));
      yield* waiting.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined); // or the connection of one who stops listening stays open
  }
}

/** Return what a message says, or nothing where a newer service says more than this version knows. */
function asEvent(message: EventSourceMessage, id: string): WatchEvent | undefined {
  if (message.event === "step") return { type: "step", id, step: JSON.parse(message.data) as StepInfo };
  if (message.event === "status") return { type: "status", id, execution: JSON.parse(message.data) as ExecutionInfo };
  return undefined;
}
