import { type Projection, principalComponents } from './pca.js'

export interface ProjectionRequest {
  readonly rows: Float32Array
  readonly dimensions: number
}

/** Off the page's own thread, which would stand still for a second. */
addEventListener('message', ({ data }: MessageEvent<ProjectionRequest>) => {
  const projection: Projection = principalComponents(data.rows, data.dimensions)
  postMessage(projection)
})
