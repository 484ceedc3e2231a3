/** A value as a query writes it; instants are epoch ms, spans of time ms. */
export interface Literal {
  readonly type: 'string' | 'number' | 'bool' | 'datetime' | 'timespan';
  readonly value: string | number | boolean;
}

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | {
      readonly kind: 'compare';
      readonly column: string;
      /** Such as `==`, `contains`, `!has`, `in`, `between`. */
      readonly comparison: string;
      /** One, the two ends of `between`, or the list of `in`. */
      readonly values: readonly Literal[];
    };

/** `count()`, or the least or greatest value of a column; missing values are passed over. */
export interface Aggregate {
  readonly name: string;
  readonly of: 'count' | 'min' | 'max';
  /** Empty for `count`. */
  readonly column: string;
}

export type Operator =
  | { readonly kind: 'where'; readonly condition: Condition }
  | { readonly kind: 'take'; readonly count: number }
  | { readonly kind: 'count' }
  | { readonly kind: 'project'; readonly columns: readonly string[] }
  | {
      readonly kind: 'summarize';
      readonly aggregates: readonly Aggregate[];
      readonly by: readonly string[];
    }
  | {
      readonly kind: 'order';
      readonly keys: readonly { readonly column: string; readonly descending: boolean }[];
    };

/** A query of the small part of KQL that is served here: one table and what is done with its rows. */
export interface Query {
  readonly table: string;
  readonly operators: readonly Operator[];
}
