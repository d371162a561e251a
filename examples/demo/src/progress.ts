import { type Options, SingleBar } from 'cli-progress'

export interface Progress {
  update(done: number): void
  stop(): void
}

const LINE_EVERY_MS = 5000
/** The first few tell nothing about the speed. */
const FIRST_ESTIMATE = 32

/** A bar on a terminal, a line now and then elsewhere. Goes to standard error: answers alone are on standard output. */
export function showProgress(total: number, stream: NodeJS.WriteStream = process.stderr): Progress {
  const started = performance.now()
  const speed = (done: number) => {
    const elapsed = performance.now() - started
    return {
      rate: ((done / elapsed) * 1000).toFixed(1),
      left: done < FIRST_ESTIMATE ? '…' : timeLeft(((total - done) * elapsed) / done),
    }
  }
  return stream.isTTY ? bar(total, stream, speed) : lines(total, stream, speed)
}

type Speed = (done: number) => { readonly rate: string; readonly left: string }

function bar(total: number, stream: NodeJS.WriteStream, speed: Speed): Progress {
  const options: Options = {
    stream,
    format: '{bar} {value}/{total} sections, {rate}/s, {left} left',
    barsize: 30,
    // Leaves the terminal as it is: a second Ctrl-C ends the program without a chance to set it right again.
    hideCursor: false,
    linewrap: true,
  }
  const single = new SingleBar(options)
  single.start(total, 0, speed(0))
  return {
    update: (done) => single.update(done, speed(done)),
    stop: () => single.stop(),
  }
}

function lines(total: number, stream: NodeJS.WriteStream, speed: Speed): Progress {
  let latest = 0
  let last: number | undefined
  let scheduled: NodeJS.Immediate | undefined
  const print = () => {
    scheduled = undefined
    const now = performance.now()
    if (last !== undefined && now - last < LINE_EVERY_MS && latest < total) return
    last = now
    const { rate, left } = speed(latest)
    stream.write(`${latest}/${total} sections, ${rate}/s, ${left} left\n`)
  }
  return {
    update(done) {
      latest = done
      // Sections come in batches: the line is for the end of one.
      scheduled ??= setImmediate(print)
    },
    stop() {
      if (scheduled === undefined) return
      clearImmediate(scheduled)
      print()
    },
  }
}

function timeLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
