// The browser's side of passkeys. The server's options and the answers pass through in WebAuthn's own JSON form.
import { api, ask } from '../api/client';
import type { Enrolled } from '../api/nouns';
import { session } from '../app/session.svelte';

/** An object that only browser and server look into. */
type Sealed = Record<string, never>;

/** Whether this browser speaks WebAuthn in its JSON form. */
export function canUsePasskeys(): boolean {
  return typeof PublicKeyCredential === 'function' && 'parseCreationOptionsFromJSON' in PublicKeyCredential;
}

function answerOf(credential: Credential | null): Sealed {
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException('no credential', 'AbortError');
  return credential.toJSON() as unknown as Sealed;
}

/** The person said no, or the device did for them: nothing to tell. */
export function isDeclined(error: unknown): boolean {
  return error instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(error.name);
}

/** Makes a passkey as the server asks. */
async function make(options: Sealed): Promise<Sealed> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as unknown as PublicKeyCredentialCreationOptionsJSON);
  return answerOf(await navigator.credentials.create({ publicKey }));
}

export async function registerPasskey(name: string): Promise<void> {
  const { options } = await ask(api.POST('/api/passkeys/asked'));
  await ask(api.POST('/api/passkeys', { body: { name, credential: await make(options) } }));
}

/** The same on the way in, where a second factor is demanded. */
export async function enrolPasskey(name: string): Promise<Enrolled> {
  const { options } = await ask(api.POST('/api/session/enrolment/passkey/asked'));
  return ask(api.POST('/api/session/enrolment/passkey', { body: { name, credential: await make(options) } }));
}

export async function signInWithPasskey(): Promise<void> {
  const { options } = await ask(api.POST('/api/session/passkey/asked'));
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as unknown as PublicKeyCredentialRequestOptionsJSON);
  const credential = answerOf(await navigator.credentials.get({ publicKey }));
  await session.answerPasskey(credential);
}
