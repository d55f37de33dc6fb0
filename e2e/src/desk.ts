// What people do on the staff's screens, told by role and by the server's own names for things.
import type { Browser, Page } from 'playwright-core'
import { type Language, visit, type Watched } from './browser.ts'

export const password = 'anlan-demo-2026'

interface Named {
  code: string
  name_zh: string
  name_en: string
}

export interface Procedure {
  states: Named[]
  moves: Named[]
  reasons: Record<string, Named[]>
}

/** Somebody signed in, on a page of their own. */
export class Person {
  private constructor(
    readonly watched: Watched,
    readonly url: string,
    readonly language: Language,
    readonly procedure: Procedure,
  ) {}

  get page(): Page {
    return this.watched.page
  }

  static async signIn(browser: Browser, url: string, name: string, language: Language): Promise<Person> {
    const watched = await visit(browser, url, { language })
    const { page } = watched
    await page.goto(`${url}/sign-in`)
    const words = language === 'zh' ? { name: '账号', password: '密码', enter: '登录' } : { name: 'Account', password: 'Password', enter: 'Sign in' }
    await page.getByLabel(words.name).first().fill(name)
    await page.getByLabel(words.password).fill(password)
    await page.getByRole('button', { name: words.enter, exact: true }).click()
    await page.waitForURL((at) => !at.pathname.startsWith('/sign-in'))
    const procedure = await page.evaluate(async () => (await (await fetch('/api/procedure')).json()) as Procedure)
    return new Person(watched, url, language, procedure)
  }

  named(thing: Named): string {
    return this.language === 'zh' ? thing.name_zh : thing.name_en
  }

  move(code: string): string {
    const found = this.procedure.moves.find((move) => move.code === code)
    if (found === undefined) throw new Error(`the procedure has no move ${code}`)
    return this.named(found)
  }

  async open(number: string): Promise<void> {
    await this.page.goto(`${this.url}/cases/${number}`)
    await this.page.getByText(number).first().waitFor()
  }

  /** Makes a move on the open case as a person does: button, dialog, send. */
  async make(code: string, given: { reason?: string; rule?: string; office?: string; note?: string } = {}): Promise<void> {
    const { page } = this
    const label = this.move(code)
    await this.press(label)
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    if (given.office !== undefined) {
      const pick = dialog.getByRole('combobox').first()
      await pick.click()
      await pick.fill(given.office)
      await page.getByRole('option').first().click()
    }
    if (given.reason !== undefined) await dialog.locator('select').selectOption(given.reason)
    if (given.rule !== undefined) await dialog.locator('input.input:not([role=combobox])').fill(given.rule)
    if (given.note !== undefined) await dialog.locator('textarea').fill(given.note)
    await dialog.getByRole('button', { name: label, exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
  }

  /** Presses a button of the open case; where it is not there, says what is. */
  private async press(label: string): Promise<void> {
    const button = this.page.getByRole('button', { name: label, exact: true }).first()
    await button.click().catch(async (cause: unknown) => {
      throw new Error(`no button ${label} on: ${(await this.page.locator('main').innerText()).slice(0, 900)}`, { cause })
    })
  }

  async leave(): Promise<string[]> {
    const { faults } = this.watched
    await this.watched.context.close()
    return faults
  }
}
