export { WorkerhostClient, type RunOptions } from "./client.js";
export type { CallOptions, ClientOptions } from "./connection.js";
export { ApiError, ExecutionError, NoServiceError } from "./errors.js";
export type * from "./generated.js";
export { type FollowOptions } from "./following.js";
export { hasEnded, type WatchEvent, type WatchOptions } from "./watching.js";
