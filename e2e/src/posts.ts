// Posts as a story needs them: one that somebody is a member of, acting for it, and its end by somebody else.
import type { Page } from 'playwright-core'
import { Account } from './api.ts'

interface Named {
  id: number
  name?: string
  code?: string
  display_name?: string
}

/** What an account is called on the screen, and its id. */
export async function personOf(url: string, name: string): Promise<{ id: number; name: string }> {
  const { account } = await (await Account.signIn(url, name)).get<{ account: { id: number; display_name: string } }>('/api/session')
  return { id: account.id, name: account.display_name }
}

/** A post at the coordination centre with one member; it is set up once. */
export async function member(url: string, name: string, post: string): Promise<{ post: number; row: number }> {
  const [security, person] = [await Account.signIn(url, 'security'), await personOf(url, name)]
  const centre = (await security.get<Named[]>('/api/offices')).find((office) => office.code === 'centre')
  const known = (await security.get<Named[]>('/api/posts')).find((one) => one.name === post)
  const made = known ?? await security.post<Named>('/api/posts', { name: post, office: centre?.id, roles: ['officer'], roster: 'none' })
  const { ids } = await security.post<{ ids: number[] }>(`/api/posts/${made.id}/rows`, { rows: [{ kind: 'member', account: person.id }] })
  return { post: made.id, row: ids[0] ?? 0 }
}

export async function endMember(url: string, row: number): Promise<void> {
  await (await Account.signIn(url, 'security')).remove(`/api/post-rows/${row}`)
}

/** Acts for a post in the session of a page, without its screens. */
export async function actFor(page: Page, post: number | undefined): Promise<void> {
  const status = await page.evaluate(async (wanted) => (await fetch('/api/session/post', { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ post: wanted ?? null }) })).status, post)
  if (status !== 200) throw new Error(`acting for post ${post} was answered ${status}`)
}
