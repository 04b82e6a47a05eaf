import { ensurePartitions, forgetWindows } from "../../audit/mod.ts";
import { checkDurability } from "../../db/mod.ts";
import { forgetAnswers, forgetOverSignIns } from "../../identity/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { forgetOverGrants, forgetUnusedClients } from "../../oauth/mod.ts";
import type { JobContext, JobResult } from "../job.ts";

export async function durabilityCheck({ sql }: JobContext): Promise<JobResult> {
  const weak = await checkDurability(sql);
  if (weak.length === 0) return { message: "What is confirmed is durable" };
  const list = weak.map(({ setting, value, where }) => `${setting} = ${value} (${where})`);
  throw new AppError(
    "unavailable",
    `The database may forget what it confirmed: ${list.join(", ")}`,
  );
}

export async function auditPartitions({ sql }: JobContext): Promise<JobResult> {
  await ensurePartitions(sql);
  return { message: "The months to come have their partitions" };
}

export async function limitWindows({ sql }: JobContext): Promise<JobResult> {
  await forgetWindows(sql);
  return { message: "Windows that are over are gone" };
}

export async function signIns({ sql }: JobContext): Promise<JobResult> {
  await forgetOverSignIns(sql);
  return { message: "What counted no more for signing in is gone" };
}

export async function grants({ sql }: JobContext): Promise<JobResult> {
  await forgetOverGrants(sql);
  return { message: "Grants that are over are gone" };
}

export async function unusedClients({ sql }: JobContext): Promise<JobResult> {
  await forgetUnusedClients(sql);
  return { message: "Clients that nobody let in are gone" };
}

export async function apiAnswers({ sql }: JobContext): Promise<JobResult> {
  const processed = await forgetAnswers(sql);
  return { message: `Forgot ${processed} answers`, processed };
}
