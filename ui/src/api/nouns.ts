// The server's nouns under the server's names, from the generated description. Screens take types from here only.
import type { components, operations } from './schema';

type Schemas = components['schemas'];
export type Account = Schemas['Account'];
export type Arrival = Schemas['Arrival'];
export type BulkMove = Schemas['BulkMove'];
export type BulkMoved = Schemas['BulkMoved'];
export type CaseDetail = Schemas['CaseDetail'];
export type CaseEdit = Schemas['CaseEdit'];
export type CaseMoved = Schemas['CaseMoved'];
export type CasePage = Schemas['CasePage'];
export type CaseSummary = Schemas['CaseSummary'];
export type Cell = Schemas['Cell'];
export type Channel = Schemas['Channel'];
export type Class = Schemas['Class'];
export type Cluster = Schemas['Cluster'];
export type Clusters = Schemas['Clusters'];
export type Contact = Schemas['Contact'];
export type Counts = Schemas['Counts'];
export type Datum = Schemas['Datum'];
export type DirectoryGroup = Schemas['DirectoryGroup'];
export type Enrolled = Schemas['Enrolled'];
export type Enrolment = Schemas['Enrolment'];
export type Happening = Schemas['Happening'];
export type Heat = Schemas['Heat'];
export type HeldPost = Schemas['HeldPost'];
export type Import = Schemas['Import'];
export type Lock = Schemas['Lock'];
export type Likeness = Schemas['Likeness'];
export type MachineKeys = Schemas['MachineKeys'];
export type Mapping = Schemas['Mapping'];
export type MoveOffer = Schemas['MoveOffer'];
export type MoveRequest = Schemas['MoveRequest'];
export type Named = Schemas['Named'];
export type NewReport = Schemas['NewReport'];
export type NextStep = Schemas['NextStep'];
export type Office = Schemas['Office'];
export type OneTimeWord = Schemas['OneTimeWord'];
export type Passkey = Schemas['Passkey'];
export type Phase = Schemas['Phase'];
export type Photo = Schemas['Photo'];
export type Priority = Schemas['Priority'];
export type Problem = Schemas['Problem'];
export type Procedure = Schemas['Procedure'];
export type Provider = Schemas['Provider'];
/** Its fields are pairs of header and value. */
export type QuarantinedRow = Exact<Schemas['QuarantinedRow']>;
export type ReportTaken = Schemas['ReportTaken'];
export type Role = Schemas['Role'];
export type RowFault = Schemas['RowFault'];
export type RuleSet = Schemas['RuleSet'];
export type SecondStep = Schemas['SecondStep'];
export type SecuredAccount = Schemas['SecuredAccount'];
export type RulesTried = Schemas['RulesTried'];
export type Session = Schemas['Session'];
export type SessionLine = Schemas['SessionLine'];
export type Upload = Schemas['Upload'];
/** A rule as screens hold it: every list is there, even when it is empty. */
export type Rule = Required<Schemas['Rule']>;
/** What narrows a list of cases; where the page begins and how long it is are the list's own. */
export type CaseQuery = Omit<NonNullable<operations['list_cases']['parameters']['query']>, 'sort' | 'limit' | 'cursor'>;

type Swap<V, W> = V extends null | undefined ? V : W;
/** What a call returns, with the lists of fixed length (points, boxes, pairs) restored that the client's types flatten. */
export type Exact<T> = T extends readonly (infer E)[]
  ? Exact<E>[]
  : T extends object
    ? {
        [K in keyof T]: K extends 'point' | 'center'
          ? Swap<T[K], [number, number]>
          : K extends 'bbox'
            ? Swap<T[K], [number, number, number, number]>
            : K extends 'fields'
              ? Swap<T[K], [string, string][]>
              : Exact<T[K]>;
      }
    : T;
