import {
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
  type TestServer,
} from "./mcp_gateway.ts";

/** A test with a gateway of its own before these servers. */
export function gatewayTest(
  name: string,
  servers: Readonly<Record<string, TestServer>>,
  work: (gateway: TestGateway) => Promise<void>,
  options: Pick<TestGatewayOptions, "listener" | "policies"> = {},
): void {
  Deno.test(name, async () => {
    const gateway = await startTestGateway({ servers, ...options });
    try {
      await work(gateway);
    } finally {
      await gateway.stop();
    }
  });
}
