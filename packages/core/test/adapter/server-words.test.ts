import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serverWords } from '../../src/adapter/server-words.js'

const secret = 'My secret is "tea", and\nthat I drink it — daily, at five, in the garden.'

describe('what a server says', () => {
  it('is kept where it repeats nothing', () => {
    expect(serverWords('400 no such model: the team', ['tea', 'mod', 'model x'])).toBe('400 no such model: the team')
  })

  it('loses the texts that were sent, plain and as JSON', () => {
    expect(serverWords(`bad: ${secret}!`, [secret])).toBe('bad: [text]!')
    expect(serverWords(JSON.stringify({ detail: [{ input: secret }] }), [secret])).toBe(
      '{"detail":[{"input":"[text]"}]}',
    )
    expect(serverWords(`${secret}, again ${secret}`, ['other', secret])).toBe('[text], again [text]')
    expect(serverWords("input 'rosebud' is refused, rosebuds are not", ['rosebud'])).toBe(
      "input '[text]' is refused, rosebuds are not",
    )
  })

  it('loses texts that the server has shortened', () => {
    const words = `input_value='${secret.slice(0, 25)}...${secret.slice(-24)}', input_type=str`
    expect(serverWords(words, [secret])).toBe("input_value='[text]...[text]', input_type=str")
  })

  it('is bounded, also where it repeats a long text', () => {
    expect(serverWords('x'.repeat(1_000_000), [])).toHaveLength(300)
    expect(serverWords(`bad: ${'ab '.repeat(500_000)}`, ['ab '.repeat(500_000)])).toBe('bad: [text]')
    expect(serverWords(`${'x'.repeat(298)}\u{1f600}y`, []).isWellFormed()).toBe(true)
  })

  it('never shows a text of 16 letters or more, wherever it stands', () => {
    const text = fc.string({ minLength: 16, maxLength: 60, unit: fc.constantFrom('a', 'b', '"', ' ', '\n', 'é') })
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), fc.array(fc.string()), (texts, between) => {
        const words = texts.map((each, i) => `${between[i] ?? ''}${i % 2 === 0 ? each : JSON.stringify(each)}`).join()
        const kept = serverWords(words, texts)
        for (const each of texts) expect(kept).not.toContain(each)
      }),
    )
  })
})
