/** One row a key: brand, time zone, grace days, signing keys … as JSON. */
export interface SettingTable {
  key: string;
  value: string;
}

/** When a process last took a recurring job: among several, one runs it. */
export interface JobTurnTable {
  job: string;
  taken_at: string;
}
