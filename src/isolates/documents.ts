/// <reference lib="deno.worker" />
import { getJsonDocument } from "../egress/mod.ts";
import { serve } from "../kernel/rpc.ts";
import type { DocumentApi } from "./documents_api.ts";

serve<DocumentApi>(self as unknown as Worker, { get: getJsonDocument });
