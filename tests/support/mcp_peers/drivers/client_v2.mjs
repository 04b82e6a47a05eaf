// Runs the official client of the SDK's second line through the steps on standard input, in the era that is
// asked for: `mode` is "legacy", "auto" or a revision.
import { load, play } from "./play.mjs";

const { Client, StreamableHTTPClientTransport } = await load("@modelcontextprotocol/client");

await play(({ url, headers, mode }, { asked, heard, answer }) => {
  const client = new Client({ name: "sdk-v2", version: "1" }, {
    capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
    versionNegotiation: { mode: mode === "legacy" || mode === "auto" ? mode : { pin: mode } },
  });
  for (const method of ["elicitation/create", "sampling/createMessage", "roots/list"]) {
    client.setRequestHandler(method, ({ params }) => {
      if (method !== "roots/list") asked.push(params);
      return answer(method);
    });
  }
  client.fallbackNotificationHandler = (notification) => void heard.push(notification);
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  return {
    connect: () => client.connect(transport),
    about: () => ({
      version: client.getNegotiatedProtocolVersion(),
      session: transport.sessionId !== undefined,
      server: client.getServerVersion(),
      capabilities: client.getServerCapabilities(),
    }),
    request: (method, params, options) => call(client, method, params, options),
    close: () => client.close(),
  };
});

/** By the client's own functions where there is one: only they go all rounds of a call that needs input. */
function call(client, method, params, options) {
  switch (method) {
    case "tools/call":
      return client.callTool(params, options);
    case "prompts/get":
      return client.getPrompt(params, options);
    case "resources/read":
      return client.readResource(params, options);
    default:
      return client.request({ method, params }, options);
  }
}
