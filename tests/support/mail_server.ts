import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { makeCertificate } from "./test_certificate.ts";

/** A mail that the server took, and whom it was sent by and to as the envelope says. */
export interface TakenMail {
  readonly text: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly isSecure: boolean;
  readonly user: string | undefined;
}

export interface MailServerOptions {
  readonly tls: "implicit" | "starttls" | "none";
  /** Nobody else may send; nobody has to sign in when there is none. */
  readonly login?: { readonly user: string; readonly password: string };
  /** What a recipient is refused with, instead of taken. */
  refuse?(recipient: string): string | undefined;
  /** What a whole mail is refused with; it is told what it says. */
  refuseText?(text: string): string | undefined;
}

/** A server that speaks SMTP, with a certificate for `localhost` by an authority of its own. */
export interface TestMailServer {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  readonly taken: readonly TakenMail[];
  /** Connections that were made, whatever came of them. */
  connections(): number;
  stop(): Promise<void>;
}

export async function startMailServer(options: MailServerOptions): Promise<TestMailServer> {
  const { ca, cert, key } = await makeCertificate(["DNS:localhost"]);
  const taken: TakenMail[] = [];
  let connections = 0;
  const server = new SMTPServer({
    ...{ cert, key, secure: options.tls === "implicit", authOptional: options.login === undefined },
    disabledCommands: [
      ...options.tls === "starttls" ? [] : ["STARTTLS"],
      ...options.login ? [] : ["AUTH"],
    ],
    onAuth({ username, password }, _session, done) {
      const { login } = options;
      if (username === login?.user && password === login?.password) done(null, { user: username });
      else done(new Error(`Not the password: ${password}`));
    },
    onRcptTo({ address }, _session, done) {
      const refusal = options.refuse?.(address);
      done(refusal === undefined ? null : Object.assign(new Error(refusal), { responseCode: 550 }));
    },
    onData(stream, { envelope: { mailFrom, rcptTo }, secure, user }, done) {
      const chunks: Uint8Array[] = [];
      stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      stream.on("end", () => {
        const text = new TextDecoder().decode(new Uint8Array(chunks.flatMap((each) => [...each])));
        const refusal = options.refuseText?.(text);
        if (refusal !== undefined) {
          return done(Object.assign(new Error(refusal), { responseCode: 451 }));
        }
        taken.push({
          ...{ text, isSecure: secure, user: typeof user === "string" ? user : undefined },
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
        });
        done();
      });
    },
  });
  // Clients that do not trust the certificate end the handshake.
  server.on("error", () => {});
  server.server.on("connection", () => connections++);
  await new Promise<void>((ready) => void server.listen(0, "127.0.0.1", ready));
  return {
    ...{ port: (server.server.address() as AddressInfo).port, ca, taken },
    connections: () => connections,
    stop: () => new Promise((done) => server.close(() => done())),
  };
}
