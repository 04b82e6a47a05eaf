/** The data of server-sent events, one text each; comments, names and ids of events are left out. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const pending: string[] = [];
  let rest = "";
  for await (const bytes of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + bytes).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data:")) pending.push(line.slice(5).replace(/^ /, ""));
      if (line === "" && pending.length > 0) yield pending.splice(0).join("\n");
    }
  }
}
