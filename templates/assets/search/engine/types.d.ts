/** Shapes shared by the search scripts; read by the type checker only. */

export interface Row {
  number: number;
  id: string;
  kind: string;
  url: string;
  title: string;
  subtitle: string;
  /** Code of the district; empty for what concerns the whole province. */
  district: string;
  districtName: string;
  township: string;
  /** Field name and text: township, district and owner; all but values once `whole`. */
  texts: [string, string][];
  whole: boolean;
  date: string;
  fine: number | null;
  rate: number | null;
  facets: Record<string, string>;
  /** The text beside title and subtitle that holds the query, if one is needed to explain the hit. */
  match: string;
}

export interface Count { value: string; label: string; count: number; }

export interface Request {
  q?: string;
  /** Chosen labels by facet: any of a facet's, all of the facets. */
  filters?: Record<string, string[]>;
  sort?: string;
  page?: number;
  size?: number;
  /** Facets to count; all when not given. Some need another file. */
  counts?: string[];
}

export interface Found {
  total: number;
  rows: Row[];
  facets: Record<string, Count[]>;
  parts: string[];
  /** The parts that the query was read as when as written it found nothing. */
  readAs: string[] | null;
  exact: Row | null;
  numbers: number[];
}

export interface Engine {
  search(request: Request): Promise<Found>;
  /** Near forms of a query that found nothing. */
  findNear(parts: string[]): Promise<{ q: string; total: number }[]>;
  readRows(numbers: number[]): Promise<Row[]>;
  fold(text: string): string;
  findMarks(text: string, parts: string[]): [number, number][];
  kindTitle(kind: string): string;
}

export interface Huanjing {
  checksum(text: string): number;
  load(name: string): Promise<any>;
  loadEngine(): Promise<Engine>;
  element(name: string, attributes?: Record<string, string>, ...children: (Node | string)[]): HTMLElement;
  resolve(url: string, district?: string): string;
  highlight(text: string, parts: string[], engine: Engine): DocumentFragment;
  shard(name: string, sum: number, text: string): void;
  engine?: Engine;
}
