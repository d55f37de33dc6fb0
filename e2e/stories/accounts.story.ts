// Accounts: one administrator makes it, another gives it rights; its holder sets a password, adds a phone and a passkey, sees
// where they are signed in, and ends what they do not know.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { open, visit, type Watched } from '../src/browser.ts'
import { codeNow } from '../src/codes.ts'
import { password, Person } from '../src/desk.ts'
import { type Node, reserve, start } from '../src/node.ts'
import { type Key, say } from '../src/words.ts'

const own = 'tall grey heron wades'
const word = (key: Key, values: Record<string, string | number> = {}): string => say('zh', key, values)

let node: Node
let browser: Browser

beforeAll(async () => {
  // Of one role a second factor is demanded here, so that the others go on as they are.
  node = await start('demo', undefined, { port: await reserve(), configure: () => 'two_factor_roles = ["privacy"]\n' })
  browser = await open()
})
afterAll(async () => {
  await browser?.close()
  await node?.stop()
})

async function press(page: Page, key: Key, values: Record<string, string | number> = {}): Promise<void> {
  await page.getByRole('button', { name: word(key, values), exact: true }).first().click()
}

async function door(url = node.url): Promise<Watched> {
  const watched = await visit(browser, url, { language: 'zh' })
  await watched.page.goto(`${url}/sign-in`)
  return watched
}

async function enter(page: Page, name: string, secret: string): Promise<void> {
  await page.getByLabel(word('signin.name')).first().fill(name)
  await page.getByLabel(word('signin.password')).fill(secret)
  await press(page, 'signin.enter')
}

const isIn = (page: Page): Promise<void> => page.waitForURL((at) => !at.pathname.startsWith('/sign-in'))

/** A new account with a role, by the two administrators on their screens; its one-time word. */
async function made(name: string, role: Key): Promise<string> {
  const admin = await Person.signIn(browser, node.url, 'admin', 'zh')
  await admin.page.goto(`${node.url}/accounts`)
  await press(admin.page, 'accounts.new')
  const dialog = admin.page.getByRole('dialog')
  await dialog.getByLabel(word('accounts.name')).fill(name)
  await dialog.getByLabel(word('accounts.display')).fill(`王丽 ${name}`)
  const pick = dialog.getByRole('combobox').first()
  await pick.click()
  await pick.fill('centre')
  await admin.page.getByRole('option').first().click()
  await press(admin.page, 'accounts.open')
  const oneTime = (await admin.page.locator('[data-word]').textContent()) ?? ''
  expect(await admin.leave()).toEqual([])

  const security = await Person.signIn(browser, node.url, 'security', 'zh')
  await security.page.goto(`${node.url}/accounts`)
  await security.page.getByRole('searchbox').fill(name)
  await security.page.getByRole('link', { name: `王丽 ${name}` }).click()
  await security.page.getByLabel(word(role), { exact: true }).check()
  await press(security.page, 'account.roles.save')
  await security.page.getByText(word('account.saved')).waitFor()
  expect(await security.leave()).toEqual([])
  return oneTime
}

test('an account is made, given a role, and opened by its holder', async () => {
  const oneTime = await made('wang-li', 'role.duty')
  const { page, faults, context } = await door()
  await enter(page, 'wang-li', oneTime)
  await page.getByRole('heading', { name: word('signin.new.title') }).waitFor()
  await page.getByLabel(word('signin.new'), { exact: true }).fill('wang-li-2026')
  await page.getByLabel(word('signin.again')).fill('wang-li-2026')
  await press(page, 'signin.new.enter')
  await page.getByText(/密码主要由/).waitFor()
  await page.getByLabel(word('signin.new'), { exact: true }).fill(own)
  await page.getByLabel(word('signin.again')).fill(own)
  await press(page, 'signin.new.enter')
  await page.waitForURL(/\/desk/)
  expect(faults).toEqual([])
  await context.close()
})

test('a phone is added, asked for, and its recovery code opens once', async () => {
  const person = await Person.signIn(browser, node.url, 'commander', 'zh')
  const { page } = person
  await page.goto(`${node.url}/security`)
  await press(page, 'totp.setup')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('img', { name: word('totp.qr') }).waitFor()
  const secret = ((await dialog.locator('.mono').first().textContent()) ?? '').trim()
  await dialog.getByLabel(word('totp.code')).fill(codeNow(secret))
  await press(page, 'totp.confirm')
  const codes = await page.getByRole('dialog').getByRole('listitem').allTextContents()
  expect(codes).toHaveLength(10)
  await press(page, 'totp.codes.done')
  await page.getByText(word('totp.on', { n: 10 })).waitFor()
  expect(await person.leave()).toEqual([])

  const again = await door()
  await enter(again.page, 'commander', password)
  await again.page.getByLabel(word('signin.code.code'), { exact: true }).fill('000000')
  await press(again.page, 'signin.code.enter')
  await again.page.getByText(/验证码不正确/).waitFor()
  await again.page.getByLabel(word('signin.code.code'), { exact: true }).fill(codeNow(secret, 30))
  await press(again.page, 'signin.code.enter')
  await isIn(again.page)
  expect(again.faults).toEqual([])
  await again.context.close()

  const lost = await door()
  await enter(lost.page, 'commander', password)
  await lost.page.getByLabel(word('signin.code.code'), { exact: true }).fill(codes[0] ?? '')
  await press(lost.page, 'signin.code.enter')
  await isIn(lost.page)
  await lost.context.close()
})

test('a second factor is set up where a role demands it, before anything opens', async () => {
  const { page, faults, context } = await door()
  await enter(page, 'privacy', password)
  await page.getByRole('heading', { name: word('enrol.title') }).waitFor()
  await page.goto(`${node.url}/reviews`)
  await page.waitForURL(/\/sign-in/)
  await enter(page, 'privacy', password)
  await press(page, 'totp.title')
  await page.getByRole('img', { name: word('totp.qr') }).waitFor()
  const secret = ((await page.locator('.mono').first().textContent()) ?? '').trim()
  await page.getByLabel(word('totp.code')).fill('000000')
  await press(page, 'signin.code.enter')
  await page.getByText(/验证码不正确/).waitFor()
  await page.getByLabel(word('totp.code')).fill(codeNow(secret))
  await press(page, 'signin.code.enter')
  await page.getByRole('heading', { name: word('totp.codes.title') }).waitFor()
  expect(await page.getByRole('listitem').count()).toBe(10)
  await press(page, 'enrol.enter')
  await isIn(page)
  expect(faults).toEqual([])
  await context.close()

  const again = await door()
  await enter(again.page, 'privacy', password)
  await again.page.getByLabel(word('signin.code.code'), { exact: true }).fill(codeNow(secret, 30))
  await press(again.page, 'signin.code.enter')
  await isIn(again.page)
  await again.context.close()
})

test('a session that is ended from elsewhere is gone from its screen', async () => {
  const here = await Person.signIn(browser, node.url, 'supervisor', 'zh')
  const there = await Person.signIn(browser, node.url, 'supervisor', 'zh')
  await there.page.getByText(word('live.on')).waitFor()
  await here.page.goto(`${node.url}/security`)
  await here.page.getByRole('button', { name: /结束此会话/ }).click()
  await here.page.getByText(word('security.ended.one')).waitFor()
  await there.page.waitForURL(/\/sign-in/, { timeout: 5_000 })
  expect(await here.leave()).toEqual([])
  expect(await there.leave()).toEqual([])
})

test('a lock is seen and cleared', async () => {
  for (let tries = 0; tries < 6; tries++) {
    await fetch(`${node.url}/api/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: node.url },
      body: JSON.stringify({ name: 'arbiter', password: `wrong ${tries}` }),
    })
  }
  const security = await Person.signIn(browser, node.url, 'security', 'zh')
  await security.page.goto(`${node.url}/accounts`)
  await security.page.getByRole('button', { name: word('locks.clear.one', { who: '仲裁员' }) }).click()
  await security.page.getByText(word('locks.cleared')).waitFor()
  expect(await security.leave()).toEqual([])
})

test('a passkey signs in without a password, until it is taken away', async () => {
  // Passkeys belong to a host name, never to an address.
  const url = node.url.replace('127.0.0.1', 'localhost')
  const watched = await door(url)
  const { page, context, faults } = watched
  const cdp = await context.newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  })
  await enter(page, 'steward', password)
  await isIn(page)
  await page.goto(`${url}/security`)
  await press(page, 'passkey.add')
  await page.getByLabel(word('passkey.name')).fill('值班台电脑')
  await press(page, 'passkey.go')
  await page.getByText(word('passkey.done')).waitFor()
  const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId })
  expect(credentials).toHaveLength(1)

  const signOut = async (): Promise<void> => {
    await page.goto(`${url}/settings`)
    await press(page, 'me.signout')
    await page.waitForURL(/\/sign-in/)
  }
  await signOut()
  await press(page, 'signin.passkey')
  await isIn(page)
  await page.getByRole('button', { name: /数据管理员/ }).waitFor()

  // A key that its holder did not unlock is none.
  await signOut()
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
  await press(page, 'signin.passkey')
  await page.getByRole('button', { name: word('signin.passkey') }).and(page.locator(':enabled')).waitFor()
  expect(page.url()).toContain('/sign-in')
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
  await press(page, 'signin.passkey')
  await isIn(page)

  await page.goto(`${url}/security`)
  await press(page, 'passkey.remove.one', { name: '值班台电脑' })
  await page.getByRole('dialog').getByRole('button', { name: word('passkey.remove'), exact: true }).click()
  await page.getByText(word('passkey.gone')).waitFor()
  await signOut()
  await press(page, 'signin.passkey')
  await page.getByText(/通行密钥未通过验证/).waitFor()
  expect(faults).toEqual([])
  await context.close()
})
