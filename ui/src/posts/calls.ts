// What the screens of posts ask of the server, typed from its own description.
import { api, got } from '../api/client';
import type { HeldPost } from '../api/nouns';
import type { components } from '../api/schema';

type Schemas = components['schemas'];
export type Post = Schemas['Post'];
export type PostRow = Schemas['PostRow'];
export type NewPost = Schemas['NewPost'];
export type PostChange = Schemas['PostChange'];
export type NewRow = Schemas['NewRow'];
export type Roster = Schemas['Roster'];
export type AccountName = Schemas['AccountName'];
/** From one instant to just before another. */
export interface Span {
  from: string;
  until: string;
}

const of = (id: number): { params: { path: { id: number } } } => ({ params: { path: { id } } });

export const ROSTERS: readonly Roster[] = ['none', 'kept', 'binding'];
export const listPosts = (): Promise<Post[]> => got(api.GET('/api/posts', { params: { query: {} } }));
export const readPost = (id: number, span?: Span): Promise<Post> => got(api.GET('/api/posts/{id}', { params: { path: { id }, query: span ? { from: span.from, until: span.until } : {} } }));
export const createPost = (body: NewPost): Promise<Post> => got(api.POST('/api/posts', { body }));
export const changePost = (id: number, body: PostChange): Promise<Post> => got(api.PATCH('/api/posts/{id}', { ...of(id), body }));
export const addRows = (id: number, rows: NewRow[]): Promise<{ ids: number[] }> => got(api.POST('/api/posts/{id}/rows', { ...of(id), body: { rows } }));
export const endRow = (id: number): Promise<unknown> => got(api.DELETE('/api/post-rows/{id}', of(id)));
export const listOwnPosts = (): Promise<HeldPost[]> => got(api.GET('/api/session/posts'));
/** Everybody, or the people of one office. */
export const listPeople = (office?: number): Promise<AccountName[]> => got(api.GET('/api/accounts', { params: { query: office === undefined ? {} : { office: String(office) } } }));
