import {
  InMemoryTransport,
  type JSONRPCMessage,
  type McpServer,
} from "@modelcontextprotocol/server";
import type { McpCaller } from "./exchange.ts";
import type { OpenWire } from "./upstream.ts";

/** Makes a server that runs in the gateway itself, for one caller. */
export type BuiltinFactory = (caller: McpCaller) => McpServer;

/** The way to such a server. It has no more than the caller and what its factory was given. */
export function builtinWire(make: BuiltinFactory, caller: McpCaller): OpenWire {
  return async (listener) => {
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    const server = make(caller);
    ours.onmessage = (message) => listener({ kind: "message", message, bytes: 0, redacted: [] });
    ours.onclose = () =>
      listener({ kind: "closed", code: "exited", reason: "The server closed the line" });
    await Promise.all([server.connect(theirs), ours.start()]);
    return {
      confinement: "none",
      line: {
        send: (message) => void ours.send(message as JSONRPCMessage),
        close: () => void server.close(),
      },
    };
  };
}
