// Makes the data file of @tandemstore/embed-local. See README.md.
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { embedTokens, tokenizer, writeStaticModel } from '@tandemstore/embed-local/make'
import { carryOver, timesSeen } from './carry-over.ts'
import { chooseTexts } from './choose-texts.ts'
import { agreement, type EmbedOne, evaluate, readBeir, titlesAndBodies } from './evaluate.ts'
import { fetchSources, readSources } from './fetch-sources.ts'
import { fitRows } from './fit.ts'
import { principalProjection } from './project.ts'
import { quantize } from './quantize.ts'
import { readPassages } from './read-texts.ts'
import { startRows } from './start-rows.ts'
import { openTeacher } from './teacher.ts'
import { frequentWords, isText, teacherTokens } from './vocabulary.ts'

const root = resolve(import.meta.dirname, '../../..')
const say = (line: string) => process.stderr.write(`${line}\n`)

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    sources: { type: 'string', default: join(import.meta.dirname, '../sources.json') },
    cache: { type: 'string', default: join(root, '.cache/static-model') },
    out: { type: 'string', default: join(root, 'packages/embed-local') },
    texts: { type: 'string', default: '27648' },
    words: { type: 'string', default: '1000' },
    epochs: { type: 'string', default: '6' },
    rate: { type: 'string', default: '0.4' },
    dimensions: { type: 'string', default: '256' },
    judged: { type: 'string' },
  },
})
if (values.model === undefined) throw new Error('--model takes the folder of the model to learn from')
const dimensions = Number(values.dimensions)
const settings = {
  texts: Number(values.texts),
  words: Number(values.words),
  epochs: Number(values.epochs),
  rate: Number(values.rate),
}

// What is read
const sources = await readSources(values.sources)
const packages = []
for (const source of await fetchSources(sources, join(values.cache, 'sources'))) {
  packages.push({ id: source.id, name: source.name, passages: await readPassages(source) })
}
const taught = chooseTexts(packages.filter(({ name }) => !sources.heldOut.includes(name)))
const texts = taught.slice(0, settings.texts)
say(`${packages.length} packages, ${taught.length} texts, of which ${texts.length} are taken`)

// What the teacher says of it
const teacher = await openTeacher(values.model, join(values.cache, 'teacher'))
const tokens = await teacherTokens(values.model)
const plain = tokens.map((token) => token.replace(/^##/, ''))
const ofTokens = await teacher.embed(plain)
const ofTexts = await teacher.embed(texts, (done) => say(`${done} of ${texts.length} texts`))
await teacher.close()

// Every eighth block is kept for the figures
const isHeldOut = (i: number) => Math.floor(i / 1024) % 8 === 7
const width = teacher.dimensions
const rowsWhere = (keep: (i: number) => boolean) => {
  const places = texts.map((_, i) => i).filter(keep)
  const vectors = new Float32Array(places.length * width)
  for (const [i, place] of places.entries())
    vectors.set(ofTexts.subarray(place * width, (place + 1) * width), i * width)
  return { texts: places.map((place) => texts[place]), vectors }
}
const lessons = rowsWhere((i) => !isHeldOut(i))
const heldOut = rowsWhere(isHeldOut)

const projection = principalProjection(lessons.vectors, width, dimensions)
const vocabulary = tokens.filter(isText)
const words = frequentWords(taught, vocabulary, settings.words)
const start = startRows(tokens, projection.apply(ofTokens, false), words, dimensions)
const whole = [...vocabulary, ...words]
const { encode } = tokenizer(whole)
const encoded = {
  texts: lessons.texts.map((text) => Int32Array.from(encode(text).filter((token) => token >= 0))),
  targets: projection.apply(lessons.vectors, true),
  dimensions,
}
const onEpoch = (epoch: number, cosine: number) => say(`epoch ${epoch + 1}: cosine ${cosine.toFixed(4)}`)
const first = start.slice()
fitRows(first, encoded, { ...settings, epochs: Math.ceil(settings.epochs / 2), onEpoch })
const rows = carryOver(start, first, timesSeen(encoded.texts, whole.length), dimensions)
fitRows(rows, encoded, { ...settings, onEpoch })

const name = `static-${basename(values.model)}`
const model = quantize(name, whole, rows, dimensions)
const bytes = writeStaticModel(model)
const zero = new Float32Array(dimensions)
const embed: EmbedOne = (text) => embedTokens(encode(text), model, dimensions) ?? zero

// What it has come to
const blocks = Array.from({ length: Math.min(2048, heldOut.texts.length) }, (_, i) => i)
const figures = {
  ...Object.fromEntries(
    packages
      .filter(({ name }) => sources.heldOut.includes(name))
      .map(({ name, passages }) => [`titles of ${name}`, evaluate(titlesAndBodies(passages), embed)]),
  ),
  'nearest neighbours shared with the teacher': agreement(
    blocks.map((i) => heldOut.texts[i]),
    embed,
    blocks.map((i) => heldOut.vectors.subarray(i * width, (i + 1) * width)),
  ),
  ...(values.judged === undefined ? {} : { [basename(values.judged)]: evaluate(await readBeir(values.judged), embed) }),
}
const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex')
const manifest = {
  name,
  revision: model.revision,
  bytes: bytes.length,
  sha256: sha256(bytes),
  rows: whole.length,
  dimensions,
  teacher: {
    name: basename(values.model),
    'onnx/model_quantized.onnx': sha256(await readFile(join(values.model, 'onnx/model_quantized.onnx'))),
    'tokenizer.json': sha256(await readFile(join(values.model, 'tokenizer.json'))),
  },
  settings,
  texts: sha256(JSON.stringify(texts)),
  packages: packages.map(({ id, passages }) => ({
    id,
    passages: passages.length,
    sha256: sha256(JSON.stringify(passages)),
  })),
  heldOut: sources.heldOut,
  figures,
}
await writeFile(join(values.out, 'data/static-model.bin'), bytes)
await writeFile(join(values.out, 'data/static-model.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
say(JSON.stringify(figures, undefined, 2))
await writeFile(
  join(values.out, 'src/identity.ts'),
  `/** What the data file of this package is. Written by scripts/static-model. */
export const identity = { name: '${name}', revision: '${model.revision}', dimensions: ${dimensions} } as const
`,
)
say(`${name} ${model.revision}: ${bytes.length} bytes`)
