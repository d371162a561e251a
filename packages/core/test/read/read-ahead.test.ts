import { expect, test } from 'vitest'
import { readAhead } from '../../src/read/read-ahead.js'

const nextOf = (page: number): number | undefined => (page === 3 ? undefined : page + 1)

test('gives the pages in order, the next being read meanwhile', async () => {
  const events: string[] = []
  const read = async (place: number | undefined): Promise<number> => {
    events.push(`read ${place ?? 1}`)
    return place ?? 1
  }
  for await (const page of readAhead(read, nextOf)) events.push(`visit ${page}`)
  expect(events).toEqual(['read 1', 'read 2', 'visit 1', 'read 3', 'visit 2', 'visit 3'])
})

test('fails with what fails first, be it a page or a visit', async () => {
  const failing = (at: number) => async (place: number | undefined) => {
    if ((place ?? 1) === at) throw new Error(`page ${at}`)
    return place ?? 1
  }
  const visit = async (at: number, visited: number[]): Promise<void> => {
    for await (const page of readAhead(failing(at), nextOf)) {
      visited.push(page)
      if (at === 2) throw new Error('visit')
    }
  }
  const visited: number[] = []
  await expect(visit(1, visited)).rejects.toThrow('page 1')
  await expect(visit(3, visited)).rejects.toThrow('page 3')
  expect(visited).toEqual([1, 2])
  // The page that is read meanwhile fails unheard.
  await expect(visit(2, visited)).rejects.toThrow('visit')
})
