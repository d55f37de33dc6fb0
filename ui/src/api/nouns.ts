// The one place from which screens take the server's types. When the contract's source changes, only this file does.
export type {
  Account, BulkBody, BulkDone, CaseDetail, CaseEvent, CasePage, CasePatch, CasePhoto, CaseQuery, CaseReport, CaseSummary,
  Cell, Certainty, Channel, Class, Cluster, Contact, Counts, Datum, Fault, Heat, Import, MapPage, Mapping, MoveBody, MoveOffer, Named,
  Nearby, NewReport, Office, Phase, Priority, Problem, Procedure, Profile, ProfileColumn, QuarantinedRow, Repeats, ReportDone, Rule,
  RuleSet, RuleTrial, Session, TimelineEntry, Trial, Upload,
} from './contract';

type Swap<V, W> = V extends null | undefined ? V : W;
/** What a call returns, with the fixed-length lists (points, boxes, pairs) that the client's types flatten restored. */
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
