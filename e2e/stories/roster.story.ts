// A post held on shift only: the security administrator sets it up and names a member, the supervisor of its office writes a
// shift, the member acts for it and works a case; when the shift is ended, their screen says so and the case is closed to them.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Account } from '../src/api.ts'
import { type Language, open } from '../src/browser.ts'
import { Person } from '../src/desk.ts'
import { type Node, start } from '../src/node.ts'
import { personOf } from '../src/posts.ts'
import { type Key, say } from '../src/words.ts'

let node: Node
let browser: Browser

beforeAll(async () => {
  node = await start('demo')
  browser = await open()
})
afterAll(async () => {
  await browser?.close()
  await node?.stop()
})

type Word = (key: Key, values?: Record<string, string | number>) => string
const press = async (page: Page, word: string): Promise<void> => page.getByRole('button', { name: word, exact: true }).first().click()

/** One of a list that is found by typing. */
async function pick(page: Page, label: string, typed: string): Promise<void> {
  const box = page.getByRole('dialog').getByRole('combobox', { name: label })
  await box.click()
  await box.fill(typed)
  await page.getByRole('option', { name: typed }).or(page.getByRole('option')).first().click()
}

/** Sets the post up and names its member, on the screens of the security administrator; its address. */
async function setUp(language: Language, word: Word, post: string, member: string): Promise<string> {
  const { page, leave } = await entered('security', language)
  await page.goto(`${node.url}/posts`)
  await press(page, word('post.new'))
  await page.getByLabel(word('post.name')).fill(post)
  await pick(page, word('accounts.office'), 'centre')
  await page.getByLabel(word('role.duty'), { exact: true }).check()
  await page.getByRole('radio', { name: word('roster.binding') }).check()
  await press(page, word('do.save'))
  await page.getByRole('heading', { name: post }).waitFor()
  await press(page, word('post.member.add'))
  await pick(page, word('person.pick'), member)
  await press(page, word('post.member.add.now'))
  await page.getByRole('button', { name: word('row.end.one', { name: member }) }).waitFor()
  const address = page.url()
  expect(await leave()).toEqual([])
  return address
}

/** Puts the member on a shift that has begun, as the supervisor does; the page stays open. */
async function writeShift(language: Language, word: Word, address: string, member: string): Promise<Entered> {
  const supervisor = await entered('supervisor', language)
  const { page } = supervisor
  await page.goto(address)
  await page.getByText(word('week.gaps', { n: 1 }), { exact: true }).waitFor()
  await press(page, word('week.other'))
  const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone: 'Asia/Shanghai' }).format(Date.now())
  await page.getByLabel(word('week.begin')).fill(`${hour}:00`)
  await page.getByLabel(word('week.hours')).fill('4')
  // Days that are over offer nothing: the first place is today's.
  await page.getByRole('row', { name: member }).locator('button.add').first().click()
  await press(page, word('week.save'))
  await page.getByText(word('week.saved', { n: 1 }), { exact: true }).waitFor()
  return supervisor
}

interface Entered {
  page: Page
  leave: () => Promise<string[]>
}
async function entered(name: string, language: Language): Promise<Entered> {
  const person = await Person.signIn(browser, node.url, name, language)
  return { page: person.page, leave: () => person.leave() }
}

test.each(['zh', 'en'] as const)('a shift is written, worked and ended, in %s', async (language) => {
  const word: Word = (key, values) => say(language, key, values)
  const holder = await personOf(node.url, 'officer-water')
  const clerk = await Account.signIn(node.url, 'clerk')
  const { number } = await clerk.report({ class: 'c01001', description: `井盖松动。Loose cover, ${language}.`, address: '示范路 8 号', point: [113.2, 27.9], datum: 'wgs84', error_m: 15 })

  // A name of its own, also on a node that is running already.
  const post = `${language === 'zh' ? '夜间联络岗' : 'Night desk'} ${number}`
  const address = await setUp(language, word, post, holder.name)
  const supervisor = await writeShift(language, word, address, holder.name)

  const { page, leave } = await entered('officer-water', language)
  await page.goto(`${node.url}/cases/${number}`)
  await page.getByRole('alert').first().waitFor()
  await page.locator('header .me').click()
  await page.getByRole('menuitem', { name: post }).click()
  await page.getByText(word('acting.as', { post })).first().waitFor()
  await page.goto(`${node.url}/cases/${number}`)
  await page.getByRole('heading', { name: word('case.timeline') }).waitFor()
  const note = page.getByLabel(word('note.label'))
  await note.fill('已电话核实 / called back')
  await press(page, word('note.add'))
  await page.getByText('已电话核实 / called back').waitFor()
  await note.fill('还没写完 / half a sentence')
  await page.getByText(word('live.on'), { exact: true }).waitFor()

  await supervisor.page.locator('button.shift').first().click()
  await press(supervisor.page, word('row.shift.end'))
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('heading', { name: word('ended.title', { post }) }).waitFor({ timeout: 5_000 })
  await page.keyboard.press('Escape')
  expect(await dialog.count(), 'nothing but a choice closes it').toBe(1)
  expect(await page.locator('input[maxlength="2000"]').inputValue(), 'typed text stays').toBe('还没写完 / half a sentence')

  // The program's own parts may still come in while the page is idle; data may not.
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.waitForTimeout(3_000)
  expect(asked.filter((path) => path.startsWith('/api/') && !path.startsWith('/api/session')), 'nothing is asked for meanwhile').toEqual([])
  await press(page, word('ended.self'))
  await page.getByRole('alert').first().waitFor()
  expect(await page.getByText('已电话核实 / called back').count(), 'what the post saw is gone').toBe(0)
  await page.getByText(word('live.on'), { exact: true }).waitFor()
  await page.goto(`${node.url}/cases/${number}`)
  await page.getByRole('alert').first().waitFor()
  expect(await leave()).toEqual([])
  expect(await supervisor.leave()).toEqual([])
})
