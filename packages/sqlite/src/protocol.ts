import type { StoreErrorCode } from '@tandemstore/core/adapter'
import type { operations } from './operations.js'

type Operations = typeof operations
export type OperationName = keyof Operations
export type OperationArgs<K extends OperationName> = Parameters<Operations[K]['run']>[1]
export type OperationResult<K extends OperationName> = ReturnType<Operations[K]['run']>

/** From the main thread to the worker. An abort takes back a request that has not begun. */
export type ToWorker =
  | { readonly type: 'request'; readonly id: number; readonly name: OperationName; readonly args: unknown }
  | { readonly type: 'abort'; readonly id: number }

/** From the worker to the main thread. */
export type FromWorker =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: WireError }

/** An error in a form that crosses threads. */
export interface WireError {
  /** `FAILED`: KV_FAILED or INDEX_FAILED, whichever port was called. */
  readonly code: StoreErrorCode | 'FAILED'
  readonly message: string
  readonly retryable?: boolean | undefined
  readonly field?: string | undefined
  readonly namespace?: readonly string[] | undefined
  readonly key?: string | undefined
  readonly cause?: {
    readonly message: string
    readonly stack?: string | undefined
    readonly errcode?: number | undefined
  }
}
