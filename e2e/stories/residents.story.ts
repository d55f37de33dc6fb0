// What people hand in that nobody hoped for: hostile words, pictures that are none, somebody else's code; no JavaScript.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { open, visit } from '../src/browser.ts'
import { Person } from '../src/desk.ts'
import { type Given, zipNamedJpg } from '../src/files.ts'
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

/** Hands a report in on the page for residents; answers with its link, its number, and what the page says. */
async function handIn(description: string, photos: Given[] | string = [], javaScript = false): Promise<{ link: string; number: string; said: string; pictures: number }> {
  const { context, page, faults } = await visit(browser, node.url, { language: 'zh', javaScript, width: 390, height: 844 })
  await page.goto(`${node.url}/report?lang=zh`)
  await page.locator('#class').selectOption('m06010')
  await page.locator('#description').fill(description)
  await page.locator('#address').fill('试验路 1 号')
  if (photos.length) await page.locator('#photo').setInputFiles(photos)
  await page.locator('button[type=submit]').last().click()
  await page.waitForURL(/\/t\//, { timeout: 120_000 })
  const number = (await page.locator('.over .mono').innerText()).trim()
  const result = { link: page.url(), number, said: await page.locator('main').innerText(), pictures: await page.locator('img[src*="/photos/"]').count() }
  expect(faults).toEqual([])
  await context.close()
  return result
}

async function drawn(name: string, bytes = 0): Promise<Given> {
  const { context, page } = await visit(browser, node.url)
  await page.goto(`${node.url}/report`)
  const made = await picture(page, name, bytes)
  await context.close()
  return made
}

test('hostile words are words', async () => {
  const words = '<script>alert(1)</script><img src=x onerror=alert(1)> 垃圾 🗑️👨‍👩‍👧 \u202Egnp.exe "\'&amp;'
  const { number, said } = await handIn(words)
  expect(said).not.toContain('&lt;')
  const duty = await Person.signIn(browser, node.url, 'duty', 'zh')
  await duty.open(number)
  await expect(duty.page.locator('main').innerText()).resolves.toContain('<script>alert(1)</script>')
  expect(await duty.page.locator('main script, main img[src=x]').count()).toBe(0)
  expect(await duty.leave()).toEqual([])
})

test('a null byte is refused with the field named, and what was typed is still there', async () => {
  const form = new FormData()
  form.set('description', '垃圾\u0000成堆')
  form.set('address', '试验路 2 号')
  const answer = await fetch(`${node.url}/report?lang=zh`, { method: 'POST', body: form, headers: { 'Accept-Language': 'zh', Origin: node.url } })
  const page = await answer.text()
  expect(answer.status).toBe(422)
  expect(page).toContain('U+0000')
  expect(page).toContain('试验路 2 号')
})

test('a zip named jpg is not kept, the report is, and both are said', async () => {
  const { said, pictures } = await handIn('照片是压缩包。', [zipNamedJpg, await drawn('good.jpg')])
  expect(said).toMatch(/JPEG/)
  expect(pictures).toBe(1)
})

test('a photo of 50 MB is refused, the report is kept', async () => {
  const path = join(node.folder, 'huge.jpg')
  writeFileSync(path, (await drawn('huge.jpg', 50 << 20)).buffer)
  const { said, pictures } = await handIn('照片太大。', path)
  expect(said).toMatch(/20 MB/)
  expect(pictures).toBe(0)
})

test('twenty photos are all kept', async () => {
  const photo = await drawn('p.jpg')
  const { pictures } = await handIn('照片很多。', Array.from({ length: 20 }, (_, n) => ({ ...photo, name: `p${n}.jpg` })))
  expect(pictures).toBe(20)
})

test('a code that is not mine shows nothing, and says the same whether it exists or not', async () => {
  const { link } = await handIn('看看别人的编号。')
  const code = new URL(link).pathname.split('/')[2] ?? ''
  const wrong = code.replace(/^./, code.startsWith('7') ? '8' : '7')
  const ask = async (of: string): Promise<[number, string]> => {
    const answer = await fetch(`${node.url}/t/${of}?lang=zh`)
    return [answer.status, (await answer.text()).replaceAll(of, '')]
  }
  const [near, far] = [await ask(wrong), await ask('00000000000000000000')]
  expect(near[0]).toBe(404)
  expect(near).toEqual(far)
})

test('with JavaScript the form tells what is known nearby, and nothing about it', async () => {
  const { context, page, faults } = await visit(browser, node.url, { language: 'en', width: 390, height: 844 })
  const near = page.locator('#near')
  const place = async (): Promise<void> => {
    await page.goto(`${node.url}/report?lang=en`)
    await page.locator('#class').selectOption('m06010')
    await page.locator('#point summary').click()
    await page.locator('#lat').fill('27.87')
    await page.locator('#lon').fill('113.33')
  }
  await place()
  await page.locator('#description').fill('A heap of rubbish, call Mr Wang on 13800000000.')
  await page.locator('button[type=submit]').last().click()
  await page.waitForURL(/\/t\//)
  await place()
  await near.waitFor({ state: 'visible' })
  expect(await near.innerText()).not.toMatch(/Wang|1380|heap|AL\d/)
  expect(faults).toEqual([])
  await context.close()
})
