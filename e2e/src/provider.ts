// A real provider of sign-ins (OpenID Connect), run inside the story: people sign in there by their name alone.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** As much of the package as is used here; it brings no types of its own. */
interface Library {
  Provider: new (issuer: string, configuration: object) => { callback(): (request: unknown, response: unknown) => void }
}

export interface Provider {
  issuer: string
  client: string
  secret: string
  stop(): Promise<void>
}

/** Starts one that sends browsers back to these addresses. */
export async function startProvider(back: string[]): Promise<Provider> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { Provider } = (await import('oidc-provider' as string)) as Library
  const [client, secret] = ['anlan', 'a secret of the story']
  const provider = new Provider(issuer, {
    clients: [{ client_id: client, client_secret: secret, redirect_uris: back, grant_types: ['authorization_code'], response_types: ['code'] }],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    cookies: { keys: ['story'] },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
  })
  server.on('request', provider.callback())
  const stop = (): Promise<void> =>
    new Promise((done) => {
      server.closeAllConnections()
      server.close(() => done())
    })
  return { issuer, client, secret, stop }
}
