// Taken when the module is loaded: tests that put fake timers in their place do not mean these.
const { setImmediate, setTimeout } = globalThis

/** Lets everything else that waits for the event loop go first. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => (setImmediate === undefined ? setTimeout(resolve) : setImmediate(resolve)))
}
