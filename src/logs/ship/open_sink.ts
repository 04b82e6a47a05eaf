import { VERSION } from "../../kernel/version.ts";
import type { LogSinkConfig } from "../../profile/mod.ts";
import { datadogForm, elasticForm, otlpForm, splunkForm, sumoForm } from "./http_forms.ts";
import { createHttpSink, type HttpForm } from "./http_sink.ts";
import type { FindSecret, Sink } from "./sink.ts";
import { createSyslogSink } from "./syslog_sink.ts";

/** The way to a configured collector. `ca` in the configuration is the certificates themselves. */
export function openSink(config: LogSinkConfig, findSecret: FindSecret): Sink {
  const { ca, timeout_ms: timeoutMs } = config;
  if (config.type === "syslog") {
    return createSyslogSink({ ...config, ca, timeoutMs, confirm: config.confirm === "close" });
  }
  return createHttpSink(formOf(config), {
    ca,
    timeoutMs,
    findSecret: config.secret === undefined ? undefined : findSecret,
  });
}

function formOf(config: Exclude<LogSinkConfig, { readonly type: "syslog" }>): HttpForm {
  switch (config.type) {
    case "splunk":
      return splunkForm(config);
    case "elastic":
      return elasticForm(config);
    case "datadog":
      return datadogForm(config);
    case "sumo":
      return sumoForm(config);
    case "otlp":
      return otlpForm(config, VERSION);
  }
}
