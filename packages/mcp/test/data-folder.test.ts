import { describe, expect, it } from 'vitest'
import { dataFolder } from '../src/data-folder.js'

describe('the data folder', () => {
  it.each([
    ['linux', {}, '/home/ann', '/home/ann/.local/share/tandem'],
    ['linux', { XDG_DATA_HOME: '/data' }, '/home/ann', '/data/tandem'],
    ['linux', { XDG_DATA_HOME: '' }, '/home/ann', '/home/ann/.local/share/tandem'],
    ['linux', { XDG_DATA_HOME: 'relative' }, '/home/ann', '/home/ann/.local/share/tandem'],
    ['freebsd', { XDG_DATA_HOME: '/data' }, '/home/ann', '/data/tandem'],
    ['darwin', { XDG_DATA_HOME: '/data' }, '/Users/ann', '/Users/ann/Library/Application Support/tandem'],
    ['win32', { LOCALAPPDATA: 'D:\\Local' }, 'C:\\Users\\ann', 'D:\\Local\\tandem'],
    ['win32', {}, 'C:\\Users\\ann', 'C:\\Users\\ann\\AppData\\Local\\tandem'],
  ] as const)('of %s with %j below %s is %s', (platform, env, home, folder) => {
    expect(dataFolder({ platform, env, home })).toBe(folder)
  })
})
