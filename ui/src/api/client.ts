// Speaks HTTP with the server. Must not know any screen: it returns data or throws a `Refusal` that says what happened.
import createClient from 'openapi-fetch';
import type { Exact, Photo, Problem, Upload } from './nouns';
import type { paths } from './schema';

/** The server said no, or could not be reached. */
export class Refusal extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = 'Refusal';
    this.problem = problem;
  }
  get code(): string {
    return this.problem.code;
  }
  get status(): number {
    return this.problem.status;
  }
  /** The message for one field, where the server named fields. */
  field(name: string): string | undefined {
    return this.problem.fields?.find((f) => f.field === name)?.message;
  }
}

export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin' });
/** The language of the page is the language the server answers in. */
const lang = (): string => document.documentElement.lang;
/** After so long without a touch, what a screen fetches is its own doing, and does not keep the session from ending. */
const ATTENDED_MS = 60_000;
let touchedAt = Date.now();
for (const kind of ['pointerdown', 'keydown', 'wheel', 'touchstart']) addEventListener(kind, () => { touchedAt = Date.now(); }, { passive: true, capture: true });
/** The post that the session acts for has ended: until the person has chosen another, calls are answered here. */
let isPaused = false;
/** What goes on meanwhile: the session's own calls, and signing out. */
const OWN = /^\/api\/session(\/|$)/;
export function pauseCalls(on: boolean): void {
  isPaused = on;
}
api.use({
  onRequest({ request }) {
    if (isPaused && !OWN.test(new URL(request.url).pathname)) return Response.json({ title: 'post.ended', status: 403, code: 'post.ended' }, { status: 403 });
    request.headers.set('Accept-Language', lang());
    if (Date.now() - touchedAt > ATTENDED_MS) request.headers.set('X-Anlan-Unattended', '1');
    return request;
  },
});

/** Called when the server no longer knows us; set by the session. */
let lostSession: () => void = () => {};
export function onLostSession(run: () => void): void {
  lostSession = run;
}
/** The stream said that the session has ended. */
export function sessionEnded(): void {
  lostSession();
}

/** Called when the post has ended that the session acts for, or the stream was refused, which may be why; set by the session. */
let lostPost: () => void = () => {};
export function onLostPost(run: () => void): void {
  lostPost = run;
}
/** The stream said that the post has ended, or was refused outright. */
export function postEnded(): void {
  lostPost();
}

function problemOf(body: unknown, response: Response): Problem {
  if (body && typeof body === 'object' && 'title' in body) {
    const given = body as Partial<Problem>;
    return {
      type: given.type ?? 'about:blank',
      title: given.title ?? response.statusText,
      status: given.status ?? response.status,
      detail: given.detail ?? '',
      code: given.code ?? `http.${response.status}`,
      ...(given.fields ? { fields: given.fields } : {}),
      ...(given.kept ? { kept: given.kept } : {}),
    };
  }
  return { type: 'about:blank', title: response.statusText || String(response.status), status: response.status, detail: '', code: `http.${response.status}` };
}

function unreachable(cause: unknown): never {
  if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
  throw new Refusal({ type: 'about:blank', title: 'unreachable', status: 0, detail: '', code: 'net.unreachable' });
}

function refuse(body: unknown, response: Response): never {
  const refusal = new Refusal(problemOf(body, response));
  if (response.status === 401 && refusal.code !== 'session.wrong') lostSession();
  if (refusal.code === 'post.ended' && !isPaused) lostPost();
  throw refusal;
}

/** The data of a call, or a thrown `Refusal`. */
export async function ask<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<Exact<T>> {
  const answer = await call.catch(unreachable);
  if (!answer.response.ok) refuse(answer.error, answer.response);
  return answer.data as Exact<T>;
}

/** As `ask`, for answers without points and boxes, which need none of the stricter shapes. */
export async function got<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  return (await ask(call)) as T;
}

/** `If-Match` for a version. */
export function ifMatch(version: number): { 'If-Match': string } {
  return { 'If-Match': `"v${version}"` };
}

/** Whether an error is only our own cancelling. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Photos go as multipart, several at once. */
export async function sendPhotos(id: number, shows: string, photos: readonly File[]): Promise<Photo[]> {
  const form = new FormData();
  for (const photo of photos) form.append('photo', photo, photo.name);
  const response = await fetch(`/api/cases/${id}/photos?shows=${shows}`, { method: 'POST', body: form, headers: { 'Accept-Language': lang() } }).catch(unreachable);
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) refuse(body, response);
  return body as Photo[];
}

/** A file goes raw, with progress; `fetch` cannot report how much was sent. */
export function sendFile(file: File, onprogress: (share: number) => void, signal?: AbortSignal): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/uploads');
    request.setRequestHeader('X-File-Name', encodeURIComponent(file.name));
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('Accept-Language', lang());
    request.upload.addEventListener('progress', (event) => onprogress(event.total ? event.loaded / event.total : 0));
    request.addEventListener('load', () => {
      let body: unknown;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        body = undefined;
      }
      if (request.status >= 200 && request.status < 300) resolve(body as Upload);
      else reject(new Refusal(problemOf(body, new Response(null, { status: request.status || 500, statusText: request.statusText }))));
    });
    request.addEventListener('error', () => reject(new Refusal({ type: 'about:blank', title: 'unreachable', status: 0, detail: '', code: 'net.unreachable' })));
    request.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
    signal?.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
