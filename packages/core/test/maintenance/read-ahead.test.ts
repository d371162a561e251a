import { expect, test } from 'vitest'
import { forEachPage } from '../../src/maintenance/read-ahead.js'

const nextOf = (page: number): number | undefined => (page === 3 ? undefined : page + 1)

test('visits the pages in order, the next being read meanwhile', async () => {
  const events: string[] = []
  await forEachPage(
    async (cursor: number | undefined) => {
      events.push(`read ${cursor ?? 1}`)
      return cursor ?? 1
    },
    nextOf,
    async (page) => {
      events.push(`visit ${page}`)
    },
  )
  expect(events).toEqual(['read 1', 'read 2', 'visit 1', 'read 3', 'visit 2', 'visit 3'])
})

test('fails with what fails first, be it a page or a visit', async () => {
  const failing = (at: number) => async (cursor: number | undefined) => {
    if ((cursor ?? 1) === at) throw new Error(`page ${at}`)
    return cursor ?? 1
  }
  const visited: number[] = []
  const visit = async (page: number): Promise<void> => {
    visited.push(page)
  }
  await expect(forEachPage(failing(1), nextOf, visit)).rejects.toThrow('page 1')
  await expect(forEachPage(failing(3), nextOf, visit)).rejects.toThrow('page 3')
  expect(visited).toEqual([1, 2])
  const refused = forEachPage(failing(2), nextOf, async () => {
    throw new Error('visit')
  })
  await expect(refused).rejects.toThrow('visit')
})
