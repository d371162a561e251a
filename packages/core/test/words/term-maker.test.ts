import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { finish } from '../../src/resilience/steps.js'
import { languages, loadStem } from '../../src/words/language.js'
import { TermMaker } from '../../src/words/term-maker.js'

const maker = new TermMaker()

const terms = (text: string, by = maker) => [...by.make(text).terms].sort()
const asked = (query: string) => {
  const { terms, weights } = maker.makeQuery(query)
  return Object.fromEntries(terms.map((term, i) => [term, weights[i]]))
}
/** Whether a text holds a term of the query. */
function isFound(query: string, text: string, by = maker): boolean {
  const held = new Set(by.make(text).terms)
  return by.makeQuery(query).terms.some((term) => held.has(term))
}

describe('the terms of a text', () => {
  it.each([
    ['ERR_1042', ['1042', 'err', 'err_1042']],
    ['getUserName()', ['get', 'getusername', 'name', 'user']],
    ['XMLHttpRequest', ['http', 'request', 'xml', 'xmlhttprequest']],
    ['"@scope/pkg":', ['pkg', 'scope', 'scope/pkg']],
    ['10.0.0.1', ['0', '1', '10', '10.0.0.1']],
    ['C++, C# and C.', ['and', 'c', 'c#', 'c++']],
    ['C/C++', ['c', 'c++', 'c/c++']],
    ['ada@example.com', ['ada', 'ada@example.com', 'com', 'example', 'example.com']],
    ['(v1.2.3)', ['1', '1.2.3', '2', '3', 'v', 'v1', 'v1.2.3']],
    ['src/get_name.ts', ['get', 'get_name', 'get_name.ts', 'name', 'src', 'src/get_name.ts', 'ts']],
    ['well-known', ['known', 'well', 'well-known']],
    ['utf8', ['8', 'utf', 'utf8']],
    ["l'été don’t", ['don', 'ete', 'l', 't']],
    ['__init__ .npmrc --flag; end.', ['end', 'flag', 'init', 'npmrc']],
    ['東京都に猫', ['東', '京', '都', '東京', '京都', 'に', '猫'].sort()],
    ['ｶﾞ ガ', ['ガ']],
    ['학교에', ['학', '교', '에', '학교', '교에'].sort()],
    ['ที่ดี', ['ที่', 'ดี', 'ที่ดี'].sort()],
    ['Straße STRASSE', ['strasse']],
    ['الْمَدْرَسَة المدرسه', ['المدرسه']],
    ['οδός ΟΔΟΣ', ['οδοσ']],
    ['ёлка ЕЛКА', ['елка']],
    ['हिन्दी', ['हिन्दी']],
    ['👍🏽👍', ['👍']],
    ['👩‍🚀', ['👩', '👩‍🚀', '🚀'].sort()],
    ['🇩🇪🇫🇷', ['🇩🇪', '🇫🇷']],
    ['--- *** ( ) \u0301 \uD800', []],
  ])('%s', (text, expected) => {
    expect(terms(text)).toEqual(expected)
  })

  it('are 1 to 64 units of well-formed Unicode without white space and control characters, each once', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { terms, weights } = maker.make(text)
        expect(new Set(terms).size).toBe(terms.length)
        expect(weights).toHaveLength(terms.length)
        for (const term of terms) {
          expect(term).toMatch(/^[^\s\p{Cc}]{1,64}$/u)
          expect(term.length).toBeLessThanOrEqual(64)
          expect(term.isWellFormed()).toBe(true)
        }
        for (const weight of weights) expect(weight).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })

  it('do not depend on the form of normalisation or on what is invisible', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        for (const form of ['NFC', 'NFD', 'NFKC'] as const) expect(terms(text.normalize(form))).toEqual(terms(text))
      }),
    )
    expect(terms('Donau\u00ADdampf\u2060schiff')).toEqual(['donaudampfschiff'])
  })

  it('do not depend on the case of a word', () => {
    const words = ['straße', 'façade', 'élève', 'naïve', 'øre', 'łódź', 'ψυχή', 'λόγος', 'привет', 'istanbul', 'ŉa']
    for (const word of words) expect(terms(word.toUpperCase())).toEqual(terms(word))
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zà-öø-ÿα-ωа-я]{1,20}$/), (word) => {
        expect(terms(word.toUpperCase())).toEqual(terms(word))
      }),
    )
  })

  it('keep what is longer than a term as a whole', () => {
    const signature = 'ab12'.repeat(32)
    expect(terms(signature)).toHaveLength(1)
    expect(terms(signature)).not.toEqual(terms(`${signature}c`))
    expect(terms(signature.toUpperCase())).toEqual(terms(signature))
  })

  it('do not fall apart at keys and encoded bytes', () => {
    expect(terms('aGVsbG8gd29ybGQhIHRoaXMgaXMgYSBsb25nIHRleHQ')).toHaveLength(1)
    expect(terms('3fa9c2e1b7')).toHaveLength(1)
  })
})

describe('a query', () => {
  it('weighs a whole like a word, and its parts together like one', () => {
    expect(asked('find ERR_1042')).toEqual({ find: 1, err_1042: 1, err: 0.5, '1042': 0.5 })
    expect(asked('cat cat')).toEqual({ cat: 2 })
    expect(asked('?!')).toEqual({})
  })

  it('finds a text by any of its words', () => {
    const samples = {
      english: 'The quick brown fox jumps over the lazy dog.',
      german: 'Die Donaudampfschifffahrtsgesellschaft grüßt über Straßen und Brücken.',
      arabic: 'اللغة العربية جميلة وأحب القراءة في المدرسة',
      hebrew: 'שָׁלוֹם עולם',
      hindi: 'मैं हिन्दी में किताब पढ़ता हूँ',
      russian: 'Съешь ещё этих мягких французских булок',
      greek: 'Ο γρήγορος σκύλος τρέχει στους δρόμους',
      vietnamese: 'Tiếng Việt có nhiều dấu thanh',
      turkish: 'İstanbul ışıkları güzel',
    }
    for (const sample of Object.values(samples)) {
      for (const word of sample.split(/[\s.]+/).filter((each) => each !== '')) {
        expect(isFound(word, sample), word).toBe(true)
        expect(isFound(word.toUpperCase(), sample), word).toBe(true)
      }
    }
    const unspaced: [string, string[]][] = [
      ['我喜欢在北京的图书馆看书，猫也喜欢', ['我', '北京', '图书馆', '看书', '猫', '喜欢']],
      ['東京都に住んでいる猫はコンピュータが好きです', ['東京', '東京都', '猫', 'コンピュータ', '住んで', '好き']],
      ['저는 학교에서 한국어를 공부합니다', ['학교', '한국어', '공부', '저는', '학교에서']],
      ['ฉันชอบอ่านหนังสือที่กรุงเทพมหานคร', ['ฉัน', 'อ่าน', 'หนังสือ', 'กรุงเทพ', 'ที่']],
      ['great 🎉 news 👩‍🚀', ['🎉', '👩‍🚀', '🚀']],
    ]
    for (const [text, words] of unspaced) for (const word of words) expect(isFound(word, text), word).toBe(true)
  })

  it('finds any text with a word by that text', () => {
    fc.assert(
      fc.property(anyText, anyText, (text, other) => {
        fc.pre(maker.make(text).terms.length > 0)
        expect(isFound(text, `${other} ${text} ${other}`)).toBe(true)
      }),
    )
  })

  it('asks for terms that a text of it has', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const held = new Set(maker.make(text).terms)
        for (const term of maker.makeQuery(text).terms) expect(held).toContain(term)
      }),
    )
  })
})

describe('stems', () => {
  it('join the forms of a word', async () => {
    const english = await TermMaker.for('english')
    expect(terms('Connections connected CONNECTING', english)).toEqual(['connect'])
    const german = await TermMaker.for('german')
    expect(terms('Häuser Hauses', german)).toEqual(['haus'])
    expect(terms('Straße STRASSE', german)).toEqual(['strass'])
    const arabic = await TermMaker.for('arabic')
    expect(isFound('مدرسة', 'ذهبت إلى المدرسة', arabic)).toBe(true)
  })

  it('leave identifiers and numbers alone', async () => {
    const english = await TermMaker.for('english')
    expect(terms('errors_1042', english)).toEqual(['1042', 'error', 'errors_1042'])
  })

  it('find a name that is written without capitals', async () => {
    const english = await TermMaker.for('english')
    expect(isFound('getusername', 'call getUserName here', english)).toBe(true)
  })

  it.each(languages)('of %s make terms of any text', async (language) => {
    const stem = await loadStem(language)
    const stemming = new TermMaker(stem)
    fc.assert(
      fc.property(anyText, (text) => {
        const { terms } = stemming.make(text)
        for (const term of terms) expect(term).toMatch(/^[^\s\p{Cc}]{1,64}$/u)
        if (terms.length > 0) expect(isFound(text, text, stemming)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })
})

describe('the steps', () => {
  const pauses = (text: string) => [...maker.steps(text)].length

  it.each([
    ['words', 'some words and ERR_1042, '],
    ['no spaces', 'a'],
    ['punctuation', '-'],
    ['joined words', 'a.b/'],
    ['Chinese', '東京都に'],
    ['pictures', '👩‍🚀🇩🇪'],
    ['marks', '\u0301\u0323'],
    ['lone surrogates', '\uD800'],
  ])('are in proportion to a text of %s', (_, unit) => {
    const text = unit.repeat(32_768)
    const once = pauses(text)
    expect(once).toBeGreaterThanOrEqual(Math.floor(text.length / 8192) - 1)
    expect(once).toBeLessThanOrEqual(text.length / 2048)
    expect(pauses(text.repeat(8))).toBeLessThanOrEqual(9 * once + 8)
  })

  it('give what is given at once', () => {
    const text = 'tell getUserName about 東京都. '.repeat(5000)
    expect(finish(maker.steps(text))).toEqual(new TermMaker().make(text))
  })

  it('leave no more marks on a letter than text has', () => {
    const [term] = maker.make(`क${'\u093C\u0952'.repeat(100_000)}`).terms
    expect(term?.length).toBeLessThanOrEqual(64)
  })
})

describe('weights', () => {
  const weightOf = (term: string, text: string) => {
    const { terms, weights } = maker.make(text)
    return weights[terms.indexOf(term)] as number
  }

  it('grow with occurrences, ever more slowly, and shrink with length', () => {
    const once = weightOf('cat', 'cat a b c')
    const twice = weightOf('cat', 'cat cat a b')
    const thrice = weightOf('cat', 'cat cat cat a')
    expect(twice).toBeGreaterThan(once)
    expect(thrice - twice).toBeLessThan(twice - once)
    expect(weightOf('cat', 'cat a b c d e f')).toBeLessThan(once)
  })

  it('are those of BM25', () => {
    // 2 of 128 words: 2 × 2.2 ÷ (2 + 1.2 × (0.25 + 0.75 × 128 ÷ 128)).
    expect(weightOf('cat', `cat cat ${'dog '.repeat(126)}`)).toBeCloseTo(1.375, 10)
  })
})

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.string({
    unit: fc.constantFrom(...'aBc1_-./@:+# \u0301\u200D猫かガ학ที้👍👩🚀🇩🇪ßİıσςéال\u064E\uD800\t'),
    maxLength: 60,
  }),
)
