import { SingleBar } from 'cli-progress'
import { count, duration } from './format.js'

/** How often a line is written where there is no terminal, milliseconds. */
const LINE_EVERY_MS = 5000

export interface Progress {
  /** `share`: how much of all is done, from 0 to 1; undefined where that is not known. */
  update(done: number, share?: number): void
  end(): void
}

/** Shows on standard error how many documents are done, at what rate, and the time that is left. */
export function startProgress(title: string): Progress {
  const startedAt = performance.now()
  const text = (done: number, share: number | undefined): string => {
    const seconds = (performance.now() - startedAt) / 1000
    const rate = `${count(done)} documents, ${count(Math.round(done / Math.max(seconds, 0.001)))}/s`
    return share === undefined || share === 0 ? rate : `${rate}, ${duration(seconds / share - seconds)} left`
  }
  if (process.stderr.isTTY !== true) return lines(title, startedAt, text)
  const format = `${title} {bar} {percentage}% {text}`
  const bar = new SingleBar({
    format,
    barsize: 24,
    clearOnComplete: true,
    hideCursor: false,
    fps: 5,
    autopadding: true,
  })
  bar.start(1000, 0, { text: '' })
  return {
    update: (done, share) => bar.update(Math.round((share ?? 0) * 1000), { text: text(done, share) }),
    end: () => bar.stop(),
  }
}

function lines(title: string, startedAt: number, text: (done: number, share: number | undefined) => string): Progress {
  let toldAt = startedAt
  return {
    update(done, share) {
      if (performance.now() - toldAt < LINE_EVERY_MS) return
      toldAt = performance.now()
      const percent = share === undefined ? '' : ` ${Math.floor(share * 100)} %,`
      process.stderr.write(`${title}:${percent} ${text(done, share)}\n`)
    },
    end() {},
  }
}
