// What the access review asks of the server, typed from its own description.
import { api, got, ifMatch } from '../api/client';
import type { components } from '../api/schema';

type Schemas = components['schemas'];
export type Review = Schemas['ReviewSummary'];
export type ReviewDetail = Schemas['ReviewDetail'];
export type ReviewPage = Schemas['ReviewPage'];
export type ReviewState = Schemas['ReviewState'];
export type ReviewDay = Schemas['ReviewDay'];
export type ReviewLook = Schemas['ReviewLook'];
export type ClearReason = Schemas['ClearReason'];
export type Decision = Schemas['ReviewDecision'];

export const listReviews = (states: readonly ReviewState[], cursor?: string): Promise<ReviewPage> =>
  got(api.GET('/api/reviews', { params: { query: { ...(states.length ? { state: states.join(',') } : {}), ...(cursor ? { cursor } : {}) } } }));
export const readReview = (id: number): Promise<ReviewDetail> => got(api.GET('/api/reviews/{id}', { params: { path: { id } } }));
export const decide = (review: Review, body: Decision): Promise<ReviewDetail> =>
  got(api.POST('/api/reviews/{id}/moves', { params: { path: { id: review.id }, header: ifMatch(review.version) }, body }));
