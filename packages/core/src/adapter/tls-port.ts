import { connect } from 'node:tls'

/** How long a port has to say that it speaks TLS, milliseconds. */
const PATIENCE_MS = 1000

/**
 * Whether the port of an http:// URL speaks TLS, so that plain HTTP will never be answered there. Sends nothing but the
 * greeting of TLS.
 */
export function speaksTls(url: string): Promise<boolean> {
  const { protocol, hostname, port } = new URL(url)
  if (protocol !== 'http:') return Promise.resolve(false)
  return new Promise((resolve) => {
    const host = hostname.replace(/^\[|\]$/g, '')
    // Nothing is sent that a stranger could read: whose certificate it is does not matter here.
    const socket = connect({ host, port: Number(port || 80), rejectUnauthorized: false, timeout: PATIENCE_MS })
    const end = (answer: boolean) => {
      resolve(answer)
      socket.destroy()
    }
    socket.on('secureConnect', () => end(true))
    for (const event of ['error', 'timeout', 'close']) socket.on(event, () => end(false))
  })
}
