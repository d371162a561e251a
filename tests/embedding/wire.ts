import { setTimeout as wait } from 'node:timers/promises'
import { type OpenAIOptions, openai } from '@tandemstore/embed-openai'
import type { EmbeddingFault, EmbeddingServer } from '@tandemstore/testkit/services'
import OpenAI from 'openai'

/** One HTTP request, and what came back. */
export interface Sent {
  readonly texts: readonly string[]
  /** Of a whole answer; absent while there is none. */
  status?: number
}

/** What goes over HTTP between the official client and the server. */
export interface Wire {
  readonly sent: readonly Sent[]
  /** Most requests under way at the same time. */
  readonly mostInFlight: number
  /** How often each text came back with a vector. */
  embedded(): ReadonlyMap<string, number>
  /** An embedder whose requests go over this wire. */
  openai(options: Omit<OpenAIOptions, 'client' | 'apiKey' | 'baseURL'>): ReturnType<typeof openai>
}

/** @param latencyMs what every request takes besides the server's work. */
export function tapWire(server: EmbeddingServer, { latencyMs = 0 } = {}): Wire {
  const sent: Sent[] = []
  let inFlight = 0
  let mostInFlight = 0
  const tapped = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const one: Sent = { texts: JSON.parse(String(init.body)).input }
    sent.push(one)
    inFlight += 1
    mostInFlight = Math.max(mostInFlight, inFlight)
    try {
      if (latencyMs > 0) await wait(latencyMs, undefined, init.signal ? { signal: init.signal } : {})
      const response = await fetch(url, init)
      const body = await response.arrayBuffer()
      one.status = response.status
      return new Response(body, response)
    } finally {
      inFlight -= 1
    }
  }
  const client = new OpenAI({ apiKey: server.apiKey, baseURL: server.openAIUrl, maxRetries: 0, fetch: tapped })
  return {
    sent,
    get mostInFlight() {
      return mostInFlight
    },
    embedded() {
      const times = new Map<string, number>()
      for (const { texts, status } of sent) {
        if (status === 200) for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1)
      }
      return times
    },
    openai: (options) => openai({ ...options, client }),
  }
}

/** Of so many requests a tenth told to wait 200 ms, a twentieth failing and a hundredth hanging: exactly so many, shuffled by a seed. */
export function roughWeather(requests: number, random: () => number): (EmbeddingFault | undefined)[] {
  const tooMany: EmbeddingFault = { kind: 'error', status: 429, headers: { 'retry-after-ms': '200' } }
  const faults: (EmbeddingFault | undefined)[] = Array.from({ length: requests }, (_, i) => {
    const share = i / requests
    if (share < 0.1) return tooMany
    if (share < 0.15) return { kind: 'error', status: 500 }
    return share < 0.16 ? { kind: 'hang' } : undefined
  })
  for (let i = faults.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1))
    ;[faults[i], faults[j]] = [faults[j], faults[i]]
  }
  return faults
}
