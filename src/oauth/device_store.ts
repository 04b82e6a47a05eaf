import type { Sql } from "../db/mod.ts";
import type { Client } from "./client.ts";

/** A device that waits for a person elsewhere (RFC 8628). */
export interface StoredDevice {
  readonly deviceHash: Uint8Array;
  /** Letters only, as stored. */
  readonly userCode: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly clientKind: Client["kind"];
  readonly clientUri: string | null;
  readonly issuer: string;
  readonly resource: string;
  readonly server: string;
  readonly scopes: readonly string[];
  readonly state: "waiting" | "allowed" | "denied";
  readonly userId: string | null;
  readonly browserSession: string | null;
  readonly authTime: Date | null;
  readonly intervalS: number;
  readonly expiresAt: Date;
}

/** A device that begins to wait. */
export type NewDevice = Omit<
  StoredDevice,
  "state" | "userId" | "browserSession" | "authTime" | "intervalS"
>;

/** False when the user code is taken. */
export async function insertDevice(sql: Sql, d: NewDevice): Promise<boolean> {
  const { count } = await sql`
    insert into oauth_device_codes (device_hash, user_code, client_id, client_name, client_kind, client_uri,
                                    issuer, resource, server, scopes, expires_at)
    values (${d.deviceHash}, ${d.userCode}, ${d.clientId}, ${d.clientName}, ${d.clientKind}, ${d.clientUri},
            ${d.issuer}, ${d.resource}, ${d.server}, ${[...d.scopes]}, ${d.expiresAt})
    on conflict (user_code) do nothing
  `;
  return count === 1;
}

/** The device that shows this code and waits for an answer. */
export async function findWaitingDevice(
  sql: Sql,
  userCode: string,
): Promise<StoredDevice | undefined> {
  const [device] = await sql<StoredDevice[]>`
    select * from oauth_device_codes
     where user_code = ${userCode} and state = 'waiting' and expires_at > clock_timestamp()
  `;
  return device;
}

/** How a device that asks stands. */
export interface DevicePoll extends StoredDevice {
  readonly expired: boolean;
  /** It asked before its interval was over: the interval grows. */
  readonly tooSoon: boolean;
}

/** Notes that the device asks, and answers how it stands. */
export async function pollDevice(
  sql: Sql,
  deviceHash: Uint8Array,
): Promise<DevicePoll | undefined> {
  const [poll] = await sql<DevicePoll[]>`
    with before as (select * from oauth_device_codes where device_hash = ${deviceHash} for update)
    update oauth_device_codes d
       set polled_at = clock_timestamp(),
           interval_s = d.interval_s + case when before.polled_at > clock_timestamp()
             - make_interval(secs => before.interval_s) then 5 else 0 end
      from before where d.device_hash = before.device_hash
    returning d.*, d.expires_at <= clock_timestamp() as expired, d.interval_s > before.interval_s as too_soon
  `;
  return poll;
}

/** Takes an answered device out, for who comes first. */
export async function takeDevice(
  sql: Sql,
  deviceHash: Uint8Array,
): Promise<StoredDevice | undefined> {
  const [device] = await sql<StoredDevice[]>`
    delete from oauth_device_codes
     where device_hash = ${deviceHash} and state <> 'waiting' and expires_at > clock_timestamp()
    returning *
  `;
  return device;
}
