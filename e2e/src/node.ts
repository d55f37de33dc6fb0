// Starts the built program on a free port with a folder of its own, and stops it. It never touches a node it did not start.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** The program under test: `ANLAN_BIN`, or the newest build in the target folder. */
export function program(): string {
  const target = process.env['CARGO_TARGET_DIR'] ?? join(root, 'target')
  const candidates = [process.env['ANLAN_BIN'], join(target, 'demo/anlan'), join(target, 'debug/anlan'), join(target, 'release/anlan')]
  const found = candidates.find((path) => path !== undefined && existsSync(path))
  if (found === undefined) throw new Error('there is no built program: run `cargo build -p anlan` or set ANLAN_BIN')
  return found
}

/** A port that is free now. */
export async function reserve(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address !== null && typeof address === 'object' ? done(address.port) : fail(new Error('no port'))))
    })
  })
}

export interface Node {
  url: string
  folder: string
  output(): string
  stop(): Promise<void>
}

/** Runs a command of the program to its end. */
export function command(folder: string, args: string[], input = ''): string {
  const done = spawnSync(program(), ['--data', folder, ...args], { input, encoding: 'utf8', maxBuffer: 64 << 20 })
  if (done.status !== 0) throw new Error(`anlan ${args.join(' ')} ended with ${done.status}: ${done.stderr}`)
  return done.stdout
}

/** The demo node somebody runs already, named in `ANLAN_DEMO_URL`: for working on stories without seeding each time. */
function running(): Node | undefined {
  const url = process.env['ANLAN_DEMO_URL']
  if (!url) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'anlan-e2e-'))
  return { url: url.replace(/\/$/, ''), folder, output: () => '', stop: async () => rmSync(folder, { recursive: true, force: true }) }
}

/** What a node is told beside the usual. */
interface Told {
  port: number
  /** Its configuration; what it needs beside may be put into the folder. */
  configure(folder: string): string
}

/** Starts a node: the seeded demo county, or an empty one. */
export async function start(kind: 'demo' | 'serve' = 'demo', folder?: string, told?: Told): Promise<Node> {
  const known = kind === 'demo' && folder === undefined && told === undefined ? running() : undefined
  if (known) return known
  const data = folder ?? mkdtempSync(join(tmpdir(), 'anlan-e2e-'))
  const port = told?.port ?? (await reserve())
  const url = `http://127.0.0.1:${port}`
  const args = ['--data', data, kind, '--listen', `127.0.0.1:${port}`, '--ui', join(root, 'ui/dist')]
  if (told) {
    const file = `${data}.toml`
    writeFileSync(file, told.configure(data))
    args.unshift('--config', file)
  }
  const child = spawn(program(), args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await ready(url, child, () => output)
  const stop = async (): Promise<void> => {
    await end(child)
    if (folder === undefined) rmSync(data, { recursive: true, force: true })
    rmSync(`${data}.toml`, { force: true })
  }
  return { url, folder: data, output: () => output, stop }
}

async function ready(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}: ${output()}`)
    const answer = await fetch(`${url}/healthz`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((go) => setTimeout(go, 100))
  }
  await end(child)
  throw new Error(`the program did not answer within five minutes: ${output()}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(late)
}
