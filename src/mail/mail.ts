/** A server of mail, and as whom to sign in there. */
export interface MailServer {
  /** The name that its certificate has to be for. */
  readonly host: string;
  readonly port: number;
  readonly tls: "implicit" | "starttls";
  readonly login?: { readonly user: string; readonly password: string };
  /** PEM of authorities that count instead of the usual ones. */
  readonly ca?: string;
  /** What we call ourselves there. */
  readonly clientName: string;
  readonly timeoutMs: number;
}

/** A server whose name was looked up: IP addresses, tried in this order. */
export interface MailRoute extends MailServer {
  readonly addresses: readonly string[];
}

export interface MailAddress {
  readonly name: string;
  readonly address: string;
}

/** A mail of plain text to one recipient. */
export interface Mail {
  readonly from: MailAddress;
  readonly to: MailAddress;
  readonly subject: string;
  readonly text: string;
}

/** Whether the server took a mail over for delivery; that it arrives, no server promises. */
export type MailOutcome = { readonly accepted: true } | {
  readonly accepted: false;
  /** Never holds a credential or anything of the mail's text. */
  readonly reason: string;
  /** Whether the same may be accepted later. */
  readonly isTransient: boolean;
};
