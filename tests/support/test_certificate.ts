/** A certificate for names of this host, signed by an authority of its own. Made with openssl. */
export interface TestCertificate {
  /** PEM of the authority. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** @param names Subject alternative names: `DNS:docs.test`, `IP:127.0.0.1`. */
export async function makeCertificate(names: readonly string[]): Promise<TestCertificate> {
  const folder = await Deno.makeTempDir({ prefix: "spgov-tls-" });
  const at = (name: string) => `${folder}/${name}`;
  try {
    const authority = ["-keyout", at("ca.key"), "-out", at("ca.pem"), "-days", "2"];
    await openssl(
      ...["req", "-x509", ...CURVE, ...authority, "-subj", "/CN=test authority"],
      ...["-addext", "basicConstraints=critical,CA:TRUE"],
    );
    const request = ["-keyout", at("key.pem"), "-out", at("request.pem")];
    await openssl("req", ...CURVE, ...request, "-subj", "/CN=test");
    await Deno.writeTextFile(
      at("extensions"),
      `subjectAltName=${names.join(",")}\nbasicConstraints=CA:FALSE\n`,
    );
    await openssl(
      ...["x509", "-req", "-in", at("request.pem"), "-CA", at("ca.pem"), "-CAkey", at("ca.key")],
      ...["-CAcreateserial", "-days", "2", "-extfile", at("extensions"), "-out", at("cert.pem")],
    );
    const [ca, cert, key] = await Promise.all(
      ["ca.pem", "cert.pem", "key.pem"].map((name) => Deno.readTextFile(at(name))),
    );
    return { ca: ca ?? "", cert: cert ?? "", key: key ?? "" };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function openssl(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args, stderr: "piped" }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
