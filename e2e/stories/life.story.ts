// A resident's report through verification, routing, two returns, arbitration, handling, rework, closing, rating and
// reopening, in both languages, every step on a screen.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findings, type Language, open, visit } from '../src/browser.ts'
import { Person } from '../src/desk.ts'
import { type Node, start } from '../src/node.ts'
import { picture } from '../src/pictures.ts'

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

async function report(language: Language): Promise<{ link: string; number: string; faults: string[] }> {
  const watched = await visit(browser, node.url, { language, javaScript: false, width: 390, height: 844 })
  const { page } = watched
  await page.goto(`${node.url}/report?lang=${language}`)
  await page.locator('#class').selectOption('m06010')
  await page.locator('#description').fill(language === 'zh' ? '路口垃圾成堆，几天没人清。' : 'A heap of rubbish at the corner for days.')
  await page.locator('#address').fill('12')
  await page.locator('button[type=submit]').last().click()
  await page.waitForURL(/\/t\//)
  const number = (await page.locator('.over .mono').innerText()).trim()
  expect(number).toMatch(/^AL\d\d-\d{6}$/)
  const link = page.url()
  await watched.context.close()
  return { link, number, faults: watched.faults }
}

async function as(name: string, language: Language, number: string, work: (person: Person) => Promise<void>): Promise<void> {
  const person = await Person.signIn(browser, node.url, name, language)
  await person.open(number)
  await work(person)
  expect(await person.leave()).toEqual([])
}

describe.each(['zh', 'en'] as const)('the life of a case, in %s', (language) => {
  test('from a resident’s form to its reopening', async () => {
    const { link, number, faults } = await report(language)
    expect(faults).toEqual([])
    const water = language === 'zh' ? '水务' : 'Water'
    await as('duty', language, number, async (duty) => {
      await duty.make('accept')
      await duty.make('file')
    })
    for (let time = 0; time < 2; time++) {
      await as('duty', language, number, async (duty) => duty.make('dispatch', { office: water }))
      await as('officer-water', language, number, async (officer) =>
        officer.make('return', { reason: 'not_our_duty', rule: '3.2', note: 'not ours' }),
      )
    }
    await as('duty', language, number, async (duty) => {
      await expect(duty.page.getByRole('button', { name: duty.move('dispatch'), exact: true }).count()).resolves.toBe(0)
      await duty.make('ask_arbiter', { note: 'two returns' })
    })
    await as('arbiter', language, number, async (arbiter) => arbiter.make('arbitrate_redirect', { office: water, note: 'water it is' }))
    await as('officer-water', language, number, async (officer) => {
      await expect(officer.page.getByRole('button', { name: officer.move('return'), exact: true }).count()).resolves.toBe(0)
      await officer.make('take')
      const file = await picture(officer.page, 'after.jpg')
      const chooser = officer.page.locator('input[type=file]').last()
      await chooser.setInputFiles(file)
      await officer.page.locator('img[src*="/api/photos/"]').first().waitFor()
      await officer.make('finish', { note: 'cleared' })
    })
    await as('duty', language, number, async (duty) => duty.make('rework', { reason: 'not_done', note: 'still some left' }))
    await as('officer-water', language, number, async (officer) => officer.make('finish', { note: 'all cleared' }))
    await as('duty', language, number, async (duty) => duty.make('check_pass', { reason: 'fixed', note: 'seen clean' }))
    await rateAndReopen(link, language)
    await as('duty', language, number, async (duty) => {
      await duty.page.getByRole('button', { name: duty.move('dispatch'), exact: true }).or(duty.page.getByText(duty.move('dispatch'))).first().waitFor()
      expect(await findings(duty.page)).toEqual([])
    })
  })
})

async function rateAndReopen(link: string, language: Language): Promise<void> {
  const watched = await visit(browser, node.url, { language, javaScript: false, width: 390, height: 844 })
  const { page } = watched
  await page.goto(link)
  await page.locator('input[name=stars][value="2"]').check({ force: true })
  await page.locator('input[name=is_fixed][value=false]').check({ force: true })
  await page.locator('#comment').fill('the heap is back')
  await page.locator('form[action$="/rate"] button').click()
  await page.waitForURL(/\/t\//)
  await page.locator('#note').fill('please come again')
  await page.locator('form[action$="/reopen"] button').click()
  await page.waitForURL(/\/t\//)
  expect(await page.locator('form[action$="/reopen"]').count()).toBe(0)
  expect(watched.faults).toEqual([])
  await watched.context.close()
}
