/// <reference lib="deno.worker" />
import { serve } from "../kernel/rpc.ts";
import { sendMail } from "../mail/mod.ts";
import type { MailApi } from "./mail_api.ts";

serve<MailApi>(self as unknown as Worker, { send: sendMail });
