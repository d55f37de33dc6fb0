// Pictures drawn by the browser itself, so that no file of anybody's lies in the repository.
import type { Page } from 'playwright-core'
import type { Given } from './files.ts'

/** A grey picture; `bytes` of it, padded behind its end as some cameras do. */
export async function picture(page: Page, name: string, bytes = 0): Promise<Given> {
  const base64 = await page.evaluate(() => {
    const canvas = document.createElement('canvas')
    canvas.width = 320
    canvas.height = 240
    const draw = canvas.getContext('2d')
    if (draw) {
      draw.fillStyle = '#667'
      draw.fillRect(0, 0, 320, 240)
    }
    return canvas.toDataURL('image/jpeg').split(',')[1] ?? ''
  })
  const drawn = Buffer.from(base64, 'base64')
  const padding = Buffer.alloc(Math.max(0, bytes - drawn.length))
  return { name, mimeType: 'image/jpeg', buffer: Buffer.concat([drawn, padding]) }
}
