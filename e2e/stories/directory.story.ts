// People whom a provider elsewhere knows sign in through it, once an administrator has named them; nobody else does.
import type { Browser, Page } from 'playwright-core'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { open } from '../src/browser.ts'
import { Person } from '../src/desk.ts'
import { type Node, reserve, start } from '../src/node.ts'
import { type Provider, startProvider } from '../src/provider.ts'
import { type Key, say } from '../src/words.ts'

const word = (key: Key, values: Record<string, string | number> = {}): string => say('zh', key, values)
const title = '市统一身份认证'

let node: Node
let provider: Provider
let browser: Browser

beforeAll(async () => {
  const port = await reserve()
  provider = await startProvider([`http://127.0.0.1:${port}/sign-in/through/city`])
  node = await start('demo', undefined, { port, configure: (folder) => {
    const secret = join(folder, 'city.secret')
    writeFileSync(secret, `${provider.secret}\n`)
    return `
[[sign_in_through]]
name = "city"
issuer = "${provider.issuer}"
client = "${provider.client}"
secret_file = "${secret}"
title_zh = "${title}"
title_en = "City sign-in"
`
  } })
  browser = await open()
})
afterAll(async () => {
  await browser?.close()
  await node?.stop()
  await provider?.stop()
})

/** A browser of its own that goes to the provider, signs in there under this name, and comes back. */
async function through(name: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'zh-CN' })
  const page = await context.newPage()
  await page.goto(`${node.url}/sign-in`)
  await page.getByRole('button', { name: title }).click()
  await page.waitForURL((at) => at.origin === provider.issuer)
  await page.locator('input[name=login]').fill(name)
  await page.locator('input[name=password]').fill('anything')
  await page.locator('button[type=submit]').click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL((at) => at.origin === node.url)
  return page
}

test('somebody the provider knows and nobody here named is refused in plain words', async () => {
  const page = await through('stranger')
  await page.getByText(/没有为您开通账号/).waitFor()
  expect(new URL(page.url()).search).toBe('')
  await page.context().close()
})

test('an administrator names an account, and its holder signs in through the provider and out again', async () => {
  const admin = await Person.signIn(browser, node.url, 'admin', 'zh')
  await admin.page.goto(`${node.url}/accounts`)
  await admin.page.getByRole('searchbox').fill('arbiter')
  await admin.page.locator('main a[href^="/accounts/"]').first().click()
  await admin.page.getByLabel(word('identity.login')).fill('zhao.city')
  await admin.page.getByRole('button', { name: word('identity.save') }).click()
  await admin.page.getByText(word('identity.waiting')).waitFor()

  const page = await through('zhao.city')
  await page.waitForURL((at) => !at.pathname.startsWith('/sign-in'))
  const session = await page.evaluate(async () => (await (await fetch('/api/session')).json()) as { account: { name: string } })
  expect(session.account.name).toBe('arbiter')
  await page.evaluate(async () => fetch('/api/session', { method: 'DELETE' }))
  await page.goto(`${node.url}/desk`)
  await page.getByLabel(word('signin.password')).waitFor()
  await page.context().close()

  await admin.page.reload()
  await admin.page.getByText(/最近一次/).waitFor()
  expect(await admin.leave()).toEqual([])
})

test('signing in here goes on while the provider is gone', async () => {
  await provider.stop()
  const duty = await Person.signIn(browser, node.url, 'duty', 'zh')
  expect(await duty.leave()).toEqual([])
})
