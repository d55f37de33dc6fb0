// The unfinished report, photos included, kept on this device until it is sent. IndexedDB, because photos do not fit elsewhere.
import type { Channel, Datum } from '../api/nouns';

export interface Draft {
  key: string;
  class: string;
  title: string;
  description: string;
  address: string;
  point: [number, number] | undefined;
  datum: Datum;
  errorM: number | undefined;
  name: string;
  phone: string;
  email: string;
  isAboutOffice: boolean;
  aboutOffice: string;
  channel: Channel;
  photos: File[];
}

export function emptyDraft(channel: Channel): Draft {
  return {
    key: crypto.randomUUID(), class: '', title: '', description: '', address: '', point: undefined, datum: 'wgs84', errorM: undefined,
    name: '', phone: '', email: '', isAboutOffice: false, aboutOffice: '', channel, photos: [],
  };
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('anlan', 1);
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore('drafts'));
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('indexedDB')));
  });
}

async function run<T>(mode: IDBTransactionMode, action: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const request = action(db.transaction('drafts', mode).objectStore('drafts'));
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(request.error ?? new Error('indexedDB')));
    });
  } finally {
    db.close();
  }
}

export const readDraft = (owner: number): Promise<Draft | undefined> => run('readonly', (store) => store.get(`new ${owner}`) as IDBRequest<Draft | undefined>);
export const keepDraft = (owner: number, draft: Draft): Promise<unknown> => run('readwrite', (store) => store.put(draft, `new ${owner}`));
export const dropDraft = (owner: number): Promise<unknown> => run('readwrite', (store) => store.delete(`new ${owner}`));

/** Whether anything was typed that would be missed. */
export function isTouched(draft: Draft): boolean {
  return !!(draft.class || draft.title || draft.description || draft.address || draft.point || draft.name || draft.phone || draft.email || draft.photos.length);
}
