import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Ended, run, runJson, temporaryFolder } from '../run.js'

interface Listed {
  documents: { namespace: string[]; key: string }[]
}

describe('importing what is no export', () => {
  let folder: string
  const put = (name: string, content: string) => writeFile(join(folder, name), content)
  const load = (...args: string[]): Promise<Ended> => run(['import', ...args, '--db', 'new.db', '--json'], { folder })
  const names = async () =>
    (await runJson<Listed>(['ls', '-r', '--db', 'new.db'], { folder })).documents.map(
      ({ namespace, key }) => `${namespace.join('/')} ${key}`,
    )
  const get = (namespace: string, key: string) =>
    runJson<{ value: object; parts: object[] }>(['get', namespace, key, '--parts', '--db', 'new.db'], { folder })

  beforeEach(async () => {
    folder = await temporaryFolder()
  })

  test('only a line feed ends a line of JSON', async () => {
    await put('notes.jsonl', '{"id":"a","text":"one\u2028two\u2029three\u0085four"}\r\n{"id":"b","text":"plain"}')
    expect((await load('notes.jsonl', '--text-field', 'text')).code).toBe(0)
    expect(await names()).toEqual(['notes a', 'notes b'])
    expect((await get('notes', 'a')).value).toMatchObject({ text: 'one\u2028two\u2029three\u0085four' })
  })

  test('the last of several lines of one document stays', async () => {
    const line = (id: string, text: string) => `${JSON.stringify({ id, text })}\n`
    const ids = Array.from({ length: 400 }, (_, i) => `k${i}`)
    const long = 'lorem ipsum '.repeat(1500)
    const before = ids.map((id) => line(id, `old ${long}`))
    const between = ids.map((id) => line(`other ${id}`, 'short'))
    await put('notes.jsonl', [...before, ...between, ...ids.map((id) => line(id, 'new'))].join(''))
    expect((await load('notes.jsonl', '--text-field', 'text')).code).toBe(0)
    const { stdout } = await run(['export', '--db', 'new.db'], { folder })
    expect(stdout.match(/"text":"new"/g)).toHaveLength(ids.length)
    expect(stdout).not.toContain('"old ')
  })

  test('lines of JSON: keys from a field, texts from another, bad lines told by number', async () => {
    await put(
      'notes.jsonl',
      '\uFEFF{"id":7,"text":"green tea"}\r\n\n{"text":"no id"}\n{"id":"x"}\nnot JSON\n[1]\n{"id":{},"text":"t"}\n{"id":"last","text":"bicycle"}',
    )
    const { code, stdout, stderr } = await load('notes.jsonl', '--text-field', 'text', '--namespace', 'me/notes')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ written: 3, failed: 4, problems: [] })
    expect(stderr.split('\n').slice(0, 4)).toEqual([
      'line 4: expected a text in "text"',
      'line 5: this is not a JSON object',
      'line 6: this is not a JSON object',
      'line 7: expected a text or a number in "id"',
    ])
    expect(await names()).toEqual(['me/notes 3', 'me/notes 7', 'me/notes last'])
    expect((await get('me/notes', '7')).parts).toMatchObject([{ field: 'text', text: 'green tea' }])
  })

  test('CSV and TSV: quotes, commas, line ends and umlauts in fields; wrong rows name the file', async () => {
    await put('list.csv', 'sku,name,text\na1,"Tea, green","two\nlines, ""quoted"""\nä2,Größe,x\n')
    expect((await load('list.csv', '--text-field', 'text', '--key-field', 'sku')).code).toBe(0)
    expect(await names()).toEqual(['list a1', 'list ä2'])
    expect((await get('list', 'a1')).value).toEqual({ sku: 'a1', name: 'Tea, green', text: 'two\nlines, "quoted"' })
    await put('list.tsv', 'id\ttext\n1\tone\n')
    expect((await load('list.tsv')).code).toBe(0)
    await put('bad.csv', 'id,text\na,one\nb,two,three\nc,four\n')
    const bad = await load('bad.csv')
    expect(bad.code).toBe(1)
    expect(JSON.parse(bad.stdout)).toMatchObject({ written: 2, failed: 1 })
    expect(bad.stderr).toContain('row 2: expected 2 columns, as the first row has, not 3')
    await put('open.csv', 'id,text\na,"one\n')
    expect(await load('open.csv')).toMatchObject({ code: 2, stderr: expect.stringContaining('open.csv') })
  })

  test('a folder of Markdown: folders are labels, front matter is fields, title and text are found', async () => {
    await mkdir(join(folder, 'docs/guide'), { recursive: true })
    await mkdir(join(folder, 'docs/.hidden'))
    await put('docs/tea.md', '---\ntags: [hot]\ndate: 2024-01-02\n---\n# Green tea\n\nSteep for two minutes.\n')
    await put('docs/guide/bike.mdx', 'The bicycle.')
    await put('docs/guide/titled.md', '---\r\ntitle: From the front\r\n---\r\n# Other\r\n')
    await put('docs/.hidden/x.md', 'hidden')
    await put('docs/picture.png', 'no text')
    await put('docs/broken.md', '---\n{ broken: [\n---\ntext')
    const { code, stdout, stderr } = await load('docs')
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'file 1: broken.md: the front matter is not YAML\n' })
    expect(JSON.parse(stdout)).toMatchObject({ written: 3, failed: 1 })
    expect(await names()).toEqual(['docs tea.md', 'docs/guide bike.mdx', 'docs/guide titled.md'])
    const { value, parts } = await get('docs', 'tea.md')
    const text = '# Green tea\n\nSteep for two minutes.'
    expect(value).toEqual({ tags: ['hot'], date: '2024-01-02', title: 'Green tea', text })
    expect(parts).toMatchObject([{ field: 'title' }, { field: 'text', text }])
    expect((await get('docs/guide', 'titled.md')).value).toMatchObject({ title: 'From the front' })
  })

  test('a second import changes what changed; --skip-existing leaves what is there', async () => {
    await put('a.jsonl', '{"id":"1","text":"old"}\n')
    await load('a.jsonl', '--namespace', 'n')
    await put('b.jsonl', '{"id":"1","text":"new"}\n{"id":"2","text":"two"}\n')
    expect(JSON.parse((await load('b.jsonl', '--namespace', 'n', '--skip-existing')).stdout)).toMatchObject({
      written: 1,
      skipped: 1,
      failed: 0,
    })
    expect((await get('n', '1')).value).toMatchObject({ text: 'old' })
    await load('b.jsonl', '--namespace', 'n')
    expect((await get('n', '1')).value).toMatchObject({ text: 'new' })
  })

  test('what is not there, or of a wrong shape, is said in a sentence', async () => {
    expect(await load('none.jsonl')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no such file'),
    })
    expect((await load('none.jsonl', '--format', 'xml')).code).toBe(2)
    await put(
      'all.jsonl',
      `${JSON.stringify({ $tandem: { format: 1, collection: 'notes', prefix: [] } })}\n{"namespace":[],"key":"k","value":{}}\n{"namespace":["a"],"key":5,"value":{}}\n{"namespace":["a"],"key":"k","value":{"t":1},"createdAt":"soon"}\n{"namespace":["a"],"key":"good","value":{"t":"x"}}\n{"$tandem":{"documents":4}}\n`,
    )
    const { code, stdout, stderr } = await load('all.jsonl')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ written: 1, failed: 3, problems: [] })
    expect(stderr).toContain('line 2: INVALID_ARGUMENT: namespace: expected at least one label')
    expect(stderr).toContain('line 4: "createdAt" is no time')
  })

  test('words come with --keywords, to what is new and to what was there', async () => {
    await put('notes.jsonl', '{"id":"a","text":"stops with ERR_1042"}\n')
    await put('more.jsonl', '{"id":"b","text":"stops with ERR_1043"}\n')
    const found = async (code: string) =>
      (await runJson<object[]>(['search', code, '--mode', 'keyword', '--limit', '1', '--db', 'new.db'], { folder }))
        .length
    await load('notes.jsonl', '--text-field', 'text')
    const refused = await run(['search', 'ERR_1042', '--mode', 'keyword', '--db', 'new.db'], { folder })
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('tandem verify --repair --keywords') })
    await load('more.jsonl', '--text-field', 'text', '--keywords')
    expect(await found('1043')).toBe(1)
    expect(await found('1042')).toBe(0)
    expect((await run(['verify', '--repair', '--keywords', '--db', 'new.db'], { folder })).code).toBe(0)
    expect(await found('1042')).toBe(1)
    await run(['export', '--vectors', '-o', 'all.jsonl', '--db', 'new.db'], { folder })
    await run(['import', 'notes.jsonl', '--text-field', 'text', '--db', 'plain.db'], { folder })
    await run(['export', '--vectors', '-o', 'plain.out', '--db', 'plain.db'], { folder })
    await run(['import', 'plain.out', '--format', 'jsonl', '--keywords', '--db', 'again.db'], { folder })
    const again = ['search', 'ERR_1042', '--mode', 'keyword', '--db', 'again.db']
    expect(await runJson<object[]>(again, { folder })).toHaveLength(1)
  })
})
