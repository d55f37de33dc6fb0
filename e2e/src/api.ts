// Setting a scene through the API, as somebody with an account: what a story starts from, never what it is about.
import { password } from './desk.ts'

export interface CaseLine {
  id: number
  number: string
  version: number
  state: string
}
export interface CaseFull extends CaseLine {
  photos: { id: number }[]
  moves: { code: string; allowed: boolean }[]
  timeline: { kind: string }[]
  description: string
  report_list: { id: number }[]
}

export class Account {
  private constructor(
    private readonly url: string,
    private readonly cookie: string,
  ) {}

  static async signIn(url: string, name: string): Promise<Account> {
    const answer = await fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: url },
      body: JSON.stringify({ name, password }),
    })
    if (!answer.ok) throw new Error(`${name} cannot sign in: ${await answer.text()}`)
    const cookie = answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')
    return new Account(url, cookie)
  }

  private async call<T>(method: string, path: string, body?: unknown, more: Record<string, string> = {}): Promise<T> {
    const headers = { Cookie: this.cookie, Origin: this.url, 'Accept-Language': 'en', 'Content-Type': 'application/json', ...more }
    const answer = await fetch(`${this.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (answer.status === 204 ? undefined : await answer.json()) as T
  }

  async get<T>(path: string): Promise<T> {
    return this.call<T>('GET', path)
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>('POST', path, body)
  }

  async remove(path: string): Promise<void> {
    await this.call<undefined>('DELETE', path)
  }

  async case(key: string | number): Promise<CaseFull> {
    return this.get<CaseFull>(`/api/cases/${key}`)
  }

  /** Makes a move on the case as it is now. */
  async move(key: string | number, move: string, given: object = {}): Promise<CaseFull> {
    const { id, version } = await this.case(key)
    return this.call<CaseFull>('POST', `/api/cases/${id}/moves`, { move, ...given }, { 'If-Match': `"v${version}"` })
  }

  /** Writes a report down as the hotline does. */
  async report(given: object): Promise<{ case: number; number: string; tracking_code: string }> {
    return this.post('/api/reports', { channel: 'hotline', ...given })
  }
}
