// Runs the official client of the SDK's first line (2025 era) through the steps on standard input.
import { load, play } from "./play.mjs";

const { Client } = await load("@modelcontextprotocol/sdk/client/index.js");
const { StreamableHTTPClientTransport } = await load(
  "@modelcontextprotocol/sdk/client/streamableHttp.js",
);
const types = await load("@modelcontextprotocol/sdk/types.js");

await play(({ url, headers }, { asked, heard, answer }) => {
  const client = new Client({ name: "sdk-v1", version: "1" }, {
    capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
  });
  client.setRequestHandler(types.ElicitRequestSchema, ({ params }) => {
    asked.push(params);
    return answer("elicitation/create");
  });
  client.setRequestHandler(types.CreateMessageRequestSchema, ({ params }) => {
    asked.push(params);
    return answer("sampling/createMessage");
  });
  client.setRequestHandler(types.ListRootsRequestSchema, () => answer("roots/list"));
  client.fallbackNotificationHandler = (notification) => void heard.push(notification);
  client.setNotificationHandler(
    types.LoggingMessageNotificationSchema,
    (notification) => void heard.push(notification),
  );
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  return {
    connect: () => client.connect(transport),
    about: () => ({
      version: transport.protocolVersion,
      session: transport.sessionId !== undefined,
      server: client.getServerVersion(),
      capabilities: client.getServerCapabilities(),
    }),
    request: (method, params, options) =>
      client.request({ method, params }, types.ResultSchema, options),
    close: async () => {
      await transport.terminateSession().catch(() => {});
      await client.close();
    },
  };
});
