/** What a backup holds, before its rows. */
export interface Manifest {
  /** RFC 3339; all rows are of this moment. */
  readonly taken_at: string;
  /** What the database said of itself. */
  readonly server: string;
  /** The migrations that made its tables, in order. */
  readonly migrations: readonly {
    readonly version: number;
    readonly name: string;
    readonly checksum: string;
  }[];
  readonly tables: readonly TableFacts[];
  /** Parts of tables that no migration makes, such as the audit's months. */
  readonly partitions: readonly PartitionFacts[];
  readonly sequences: readonly SequenceFacts[];
}

export interface TableFacts {
  readonly name: string;
  /** Columns whose values are stored, in order; not those that the server computes. */
  readonly columns: readonly string[];
}

export interface PartitionFacts {
  readonly name: string;
  readonly parent: string;
  /** `FOR VALUES …` or `DEFAULT`, as the server writes it. */
  readonly bound: string;
}

export interface SequenceFacts {
  readonly name: string;
  /** A decimal number. */
  readonly value: string;
  readonly is_called: boolean;
}
