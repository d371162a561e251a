import { readdir, readFile } from 'node:fs/promises'
import { shell } from './shell.js'
import { style } from './style.js'

export interface PageFile {
  readonly type: string
  readonly content: string | Buffer
}

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><g fill="none" stroke="#4a90d9" stroke-width="2"><circle cx="5" cy="11" r="3.5"/><circle cx="11" cy="5" r="3.5"/></g></svg>`

/** What the page is made of, by path: its scripts are the modules of the folder `page`, as they were compiled. */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const folder = new URL('./page/', import.meta.url)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.js'))
  const scripts = names.map(
    async (name): Promise<[string, PageFile]> => [
      `/page/${name}`,
      { type: 'text/javascript; charset=utf-8', content: await readFile(new URL(name, folder)) },
    ],
  )
  return new Map<string, PageFile>([
    ['/', { type: 'text/html; charset=utf-8', content: shell }],
    ['/style.css', { type: 'text/css; charset=utf-8', content: style }],
    ['/icon.svg', { type: 'image/svg+xml', content: icon }],
    ...(await Promise.all(scripts)),
  ])
}
