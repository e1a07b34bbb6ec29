import { joined, sleep } from "./connection.js";
import { ApiError, NoServiceError } from "./errors.js";
import type { ListLogsQuery, LogLineInfo } from "./generated.js";
import { messages, type Open } from "./watching.js";

const SILENT_MS = 60_000;
const RECONNECTS = 10;
/** Before a stream is opened again; twice as long each time that it fails. */
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

export interface FollowOptions extends Omit<ListLogsQuery, "before" | "cursor" | "follow"> {
  /** Ends the stream: the iteration then fails with the reason of the signal. */
  signal?: AbortSignal | undefined;
  /** How often in a row a lost connection is tried again that cannot be made; 10 where it is left out. */
  reconnects?: number | undefined;
}

/** Yield the lines of one log as they come, over as many connections as it takes. */
export async function* followedLines(
  open: Open,
  options: Pick<FollowOptions, "signal" | "reconnects">,
): AsyncGenerator<LogLineInfo, void, undefined> {
  const place: Place = { lastEventId: "", failures: 0, wasOpen: false };
  for (;;) {
    try {
      yield* oneConnection(open, options.signal, place);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof ApiError || error instanceof SyntaxError) throw error;
      const reconnects = place.wasOpen ? (options.reconnects ?? RECONNECTS) : 0;
      if (place.failures >= reconnects) {
        throw error instanceof NoServiceError ? error : new NoServiceError("the stream of the log was cut", error);
      }
    }
    await sleep(Math.min(PAUSE_MS * 2 ** place.failures, LONGEST_PAUSE_MS), options.signal);
    place.failures += 1;
  }
}

interface Place {
  lastEventId: string;
  failures: number;
  wasOpen: boolean;
}

async function* oneConnection(
  open: Open,
  signal: AbortSignal | undefined,
  place: Place,
): AsyncGenerator<LogLineInfo, void, undefined> {
  const lost = new AbortController();
  let silence: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => lost.abort(), SILENT_MS);
  };
  heard();
  try {
    const headers: Record<string, string> = place.lastEventId ? { "Last-Event-ID": place.lastEventId } : {};
    const body = await open(headers, joined(signal, lost.signal));
    place.failures = 0;
    place.wasOpen = true;
    if (!body) return;
    for await (const message of messages(body, heard, () => undefined)) {
      place.lastEventId = message.id ?? place.lastEventId;
      if (message.event === "line") yield JSON.parse(message.data) as LogLineInfo;
    }
  } finally {
    clearTimeout(silence);
  }
}
