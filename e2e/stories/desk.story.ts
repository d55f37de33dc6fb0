// What happens at the desk besides the life of one case: keys, a second officer, news, merging, rules, files.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Account, type CaseLine } from '../src/api.ts'
import { open } from '../src/browser.ts'
import { Person } from '../src/desk.ts'
import { twoFaults } from '../src/files.ts'
import { type Node, start } from '../src/node.ts'
import { say } from '../src/words.ts'

let node: Node
let browser: Browser
let clerk: Account
let duty: Account

beforeAll(async () => {
  node = await start('demo')
  browser = await open()
  clerk = await Account.signIn(node.url, 'clerk')
  duty = await Account.signIn(node.url, 'duty')
})
afterAll(async () => {
  await browser?.close()
  await node?.stop()
})

const zh = (key: Parameters<typeof say>[1], values = {}): string => say('zh', key, values)
let calls = 0
/** A new report far from all others, unless it is said to be near the one before. */
async function call(description: string, isNear = false): Promise<{ id: number; number: string; code: string }> {
  if (!isNear) calls += 1
  const point = [113.05 + calls * 0.01, 27.84]
  const taken = await clerk.report({ class: 'm06010', description, address: `试验路 ${calls} 号`, point, datum: 'wgs84', error_m: 10 })
  return { id: taken.case, number: taken.number, code: taken.tracking_code }
}
const chosen = (page: Page): Promise<string> => page.locator('.queue [role=option][aria-selected=true] .mono').first().innerText()

async function atDesk(who: string, work: (person: Person) => Promise<void>): Promise<void> {
  const person = await Person.signIn(browser, node.url, who, 'zh')
  await work(person)
  expect(await person.leave()).toEqual([])
}

describe('the keyboard alone', () => {
  test('triages a queue', async () => {
    await atDesk('duty', async ({ page, url }) => {
      await page.goto(`${url}/desk`)
      await page.locator('.queue [role=option]').first().waitFor()
      const first = await chosen(page)
      await page.keyboard.press('j')
      await page.keyboard.press('j')
      await page.keyboard.press('k')
      const second = await chosen(page)
      expect(second).not.toBe(first)
      await page.keyboard.press('Enter')
      await page.waitForURL(new RegExp(`/cases/${second}$`))
      await page.getByRole('heading', { name: zh('case.timeline') }).waitFor()
      await page.keyboard.press('e')
      const dialog = page.getByRole('dialog')
      await dialog.waitFor()
      await dialog.locator('textarea').fill('请抓紧。')
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      await page.keyboard.press('g')
      await page.keyboard.press('q')
      await page.waitForURL(/\/desk/)
      // The desk is as it was left.
      await expect.poll(() => chosen(page)).toBe(second)
      await page.keyboard.press('g')
      await page.keyboard.press('m')
      await page.waitForURL(/map=full/)
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: zh('help.title') }).waitFor()
      await page.keyboard.press('Escape')
      await page.keyboard.press('c')
      await page.waitForURL(/\/new$/)
    })
  })

  test('says a move in the command bar', async () => {
    const { number } = await call('绿化带内垃圾成堆，请清理。')
    await atDesk('duty', async ({ page, url, procedure }) => {
      await page.goto(`${url}/desk`)
      await page.locator('.queue [role=option]').first().waitFor()
      await page.keyboard.press('Control+k')
      const accept = procedure.moves.find((move) => move.code === 'accept')?.name_zh ?? ''
      await page.getByRole('combobox', { name: zh('command.title') }).fill(`${accept} ${number}`)
      await page.keyboard.press('Enter')
      await page.getByText(zh('move.done', { number, move: accept })).first().waitFor()
    })
    expect((await duty.case(number)).state).toBe('file')
  })

  test('is left alone by single keys once they are switched off', async () => {
    await atDesk('duty', async ({ page, url }) => {
      await page.goto(`${url}/settings`)
      await page.getByLabel(zh('settings.keys.single')).uncheck()
      await page.locator('h1').click()
      await page.keyboard.press('c')
      await page.keyboard.press('?')
      expect(new URL(page.url()).pathname).toBe('/settings')
      expect(await page.getByRole('dialog').count()).toBe(0)
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').waitFor()
    })
  })
})

describe('two officers', () => {
  test('move the same case at once: one wins, the other is told who did what and keeps what was written', async () => {
    const { number } = await call('路边堆放建筑垃圾。')
    const first = await Person.signIn(browser, node.url, 'duty', 'zh')
    const second = await Person.signIn(browser, node.url, 'duty-2', 'zh')
    await Promise.all([first.open(number), second.open(number)])
    const label = second.move('send_verify')
    await second.page.getByRole('button', { name: label, exact: true }).first().click()
    const dialog = second.page.getByRole('dialog')
    await dialog.locator('textarea').fill('请到现场看一下。')
    await first.make('accept')
    await dialog.getByRole('button', { name: label, exact: true }).click()
    const told = dialog.getByRole('alert')
    await told.waitFor()
    const words = await told.innerText()
    expect(words).toContain('值班员1号席')
    expect(words).toContain(first.move('accept'))
    expect(await dialog.locator('textarea').inputValue()).toBe('请到现场看一下。')
    expect(await first.leave()).toEqual([])
    expect(await second.leave()).toEqual([])
    const now = await duty.case(number)
    expect(now.state).toBe('file')
    expect(now.timeline.filter((entry) => entry.kind === 'case_moved')).toHaveLength(1)
  })
})

describe('news', () => {
  test('is told above the queue and moves nothing under the cursor', async () => {
    await atDesk('duty', async ({ page, url }) => {
      await page.goto(`${url}/desk?class=m06010&sort=-opened`)
      await page.locator('.queue [role=option]').first().waitFor()
      const order = (): Promise<string[]> => page.locator('.queue [role=option] .mono').allInnerTexts()
      const [before, cursor] = [await order(), await chosen(page)]
      const { number } = await call('河边倾倒垃圾。')
      const bar = page.locator('.queue .fresh')
      await bar.waitFor()
      expect(await order()).toEqual(before)
      expect(await chosen(page)).toBe(cursor)
      await bar.click()
      await expect.poll(order).toContain(number)
      expect(await bar.count()).toBe(0)
    })
  })
})

describe('the same thing twice', () => {
  test('becomes one case, and two again', async () => {
    const one = await call('小区门口垃圾满溢。')
    const two = await call('门口垃圾桶满了没人收。', true)
    await atDesk('duty', async (person) => {
      const { page } = person
      await person.open(two.number)
      await page.getByRole('listitem').filter({ hasText: one.number }).getByRole('button', { name: zh('merge.into'), exact: true }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: zh('merge.into'), exact: true }).click()
      await dialog.waitFor({ state: 'detached' })
      await person.open(one.number)
      await page.locator('input[type=checkbox][aria-label]').nth(1).check()
      await page.getByRole('button', { name: zh('split.do', { n: 1 }) }).click()
      await page.getByText(zh('split.done'), { exact: true }).first().waitFor()
    })
    expect((await duty.case(one.number)).report_list).toHaveLength(1)
    expect((await duty.case(two.number)).report_list).toHaveLength(0)
    // Whoever reported the second one still reaches it by the same link.
    expect((await fetch(`${node.url}/t/${two.code}?lang=zh`)).status).toBe(200)
  })
})

describe('a rule set', () => {
  test('is tried on past cases before it goes live', async () => {
    const before = await duty.get<{ version: number }>('/api/rules')
    await atDesk('steward', async ({ page, url }) => {
      await page.goto(`${url}/rules`)
      await page.locator('.fallback').waitFor()
      const publish = page.getByRole('button', { name: zh('rules.publish'), exact: true })
      await page.getByRole('button', { name: zh('rules.add'), exact: true }).click()
      const dialog = page.getByRole('dialog')
      await dialog.locator('input.input').first().fill('试验规则')
      await dialog.getByLabel(zh('rules.keyword.field')).fill('绝不会出现的词')
      const office = dialog.getByRole('combobox').last()
      await office.click()
      await office.fill('水务')
      await page.getByRole('option').first().click()
      await dialog.getByRole('button', { name: zh('do.keep'), exact: true }).click()
      await dialog.waitFor({ state: 'detached' })
      expect(await publish.isEnabled()).toBe(false)
      await page.getByRole('button', { name: zh('rules.try'), exact: true }).click()
      await page.getByText(zh('rules.hits'), { exact: true }).waitFor({ timeout: 60_000 })
      await publish.click()
      await page.getByRole('dialog').getByRole('button', { name: zh('rules.publish'), exact: true }).click()
      await page.getByText(zh('rules.version', { version: String(before.version + 1) }), { exact: true }).waitFor()
    })
    expect((await duty.get<{ version: number }>('/api/rules')).version).toBe(before.version + 1)
  })
})

describe('a file of another system', () => {
  async function hand(page: Page, url: string, name: string): Promise<number> {
    await page.goto(`${url}/imports`)
    await page.locator('input[type=file]').setInputFiles(twoFaults(name, mark))
    await page.getByLabel(zh('imports.mapping')).selectOption('anlan')
    await page.getByLabel(zh('place.datum')).selectOption('wgs84')
    await page.getByRole('button', { name: zh('imports.start'), exact: true }).click()
    await page.waitForURL(/\/imports\/\d+$/)
    await page.getByText(zh('import.done'), { exact: true }).first().waitFor({ timeout: 60_000 })
    return Number(new URL(page.url()).pathname.split('/').pop())
  }
  /** Ids of this run alone. */
  const mark = `M${Date.now()}`
  interface Run {
    rows: number
    imported: number
    known: number
    quarantined: number
  }

  test('goes in, keeps bad rows back, is mended and replayed, and changes nothing the second time', async () => {
    const steward = await Account.signIn(node.url, 'steward')
    await atDesk('steward', async ({ page, url }) => {
      const id = await hand(page, url, 'first.csv')
      expect(await steward.get<Run>(`/api/imports/${id}`)).toMatchObject({ rows: 4, imported: 2, known: 0, quarantined: 2 })
      await page.getByRole('cell', { name: '2026-13-45', exact: false }).first().waitFor()
      await page.getByRole('button', { name: zh('quarantine.mend'), exact: true }).first().click()
      await page.getByLabel('上报时间').fill('2026-03-04 08:00:00')
      await page.getByRole('button', { name: zh('do.save'), exact: true }).click()
      await page.getByRole('button', { name: zh('quarantine.replay'), exact: true }).click()
      await expect.poll(async () => (await steward.get<Run>(`/api/imports/${id}`)).imported, { timeout: 60_000 }).toBe(3)
      const again = await hand(page, url, 'second.csv')
      expect(await steward.get<Run>(`/api/imports/${again}`)).toMatchObject({ rows: 4, imported: 0, known: 2, quarantined: 2 })
    })
    const found = await duty.get<{ items: CaseLine[] }>('/api/cases?source=backlog&sort=-updated&limit=50')
    expect(new Set(found.items.map((item) => item.number)).size).toBeGreaterThanOrEqual(3)
  })
})
