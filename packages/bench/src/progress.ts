import { SingleBar } from 'cli-progress'

/** How often a line is written where there is no terminal, milliseconds. */
const LINE_EVERY_MS = 5000

export interface Progress {
  /** Begins a step, and ends the one before. */
  begin(title: string, total: number, unit: string): void
  /** How much of the step is done. */
  update(done: number): void
  /** Writes a line for people between two steps. */
  say(line: string): void
  end(): void
}

export const silentProgress: Progress = { begin() {}, update() {}, say() {}, end() {} }

export interface ProgressStream {
  readonly isTTY?: boolean | undefined
  write(text: string): unknown
}

/**
 * Shows how far a run is, its rate and the time left: as a bar on a terminal, elsewhere as a line every few seconds.
 * On standard error, as standard output is the result's.
 */
export function createProgress(stream: NodeJS.WriteStream | ProgressStream = process.stderr): Progress {
  return stream.isTTY === true ? progressBar(stream as NodeJS.WriteStream) : progressLines(stream)
}

function progressBar(stream: NodeJS.WriteStream): Progress {
  let bar: SingleBar | undefined
  let step: Step | undefined
  const end = (): void => {
    bar?.stop()
    bar = undefined
  }
  return {
    begin(title, total, unit) {
      end()
      step = newStep(title, total, unit)
      bar = new SingleBar({
        stream,
        format: '{title} {bar} {percentage}% {text}',
        barsize: 24,
        clearOnComplete: true,
        hideCursor: false,
        fps: 5,
      })
      bar.start(total, 0, { title, text: '' })
    },
    update(done) {
      if (step !== undefined) bar?.update(done, { text: describe(step, done) })
    },
    say(line) {
      end()
      stream.write(`${line}\n`)
    },
    end,
  }
}

function progressLines(stream: ProgressStream): Progress {
  let step: Step | undefined
  let toldAt = 0
  return {
    begin(title, total, unit) {
      step = newStep(title, total, unit)
      toldAt = step.startedAt
      stream.write(`${title} …\n`)
    },
    update(done) {
      const now = performance.now()
      if (step === undefined || now - toldAt < LINE_EVERY_MS) return
      toldAt = now
      stream.write(`${step.title}: ${Math.floor((100 * done) / step.total)} %, ${describe(step, done)}\n`)
    },
    say(line) {
      stream.write(`${line}\n`)
    },
    end() {
      step = undefined
    },
  }
}

interface Step {
  readonly title: string
  readonly total: number
  readonly unit: string
  readonly startedAt: number
}

function newStep(title: string, total: number, unit: string): Step {
  return { title, total: Math.max(1, total), unit, startedAt: performance.now() }
}

/** `420 of 1,000 documents, 83/s, 7 s left`; a step whose unit is seconds has no rate. */
function describe({ total, unit, startedAt }: Step, done: number): string {
  const perSecond = (done * 1000) / Math.max(1, performance.now() - startedAt)
  const count = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 })
  const rate = unit === 's' ? [] : [`${count(perSecond)}/s`]
  const left = done > 0 ? [`${duration((total - done) / perSecond)} left`] : []
  return [`${count(done)} of ${count(total)} ${unit}`, ...rate, ...left].join(', ')
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
